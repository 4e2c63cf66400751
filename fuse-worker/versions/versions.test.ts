import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LocalDrive } from '../drive.ts'
import { createFailingStore, storeFailure, type FaultScript } from '../testing/failing-store.ts'
import { drained, openTestDrive, readFile, scratchDirectory, writeFile } from '../testing/local-drive.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { createMemoryStore, type MemoryStore } from '../testing/memory-store.ts'

let scratch: ReturnType<typeof scratchDirectory>
let clock: ManualClock
let memory: MemoryStore
let script: FaultScript
let drive: LocalDrive

function begin(
  options: { isVersioned?: boolean; isReadOnly?: boolean; mountpoint?: string; prefix?: string } = {},
): void {
  const { isVersioned = true, ...more } = options
  memory = createMemoryStore({ now: () => clock.now(), pageSize: 3, isVersioned })
  const failing = createFailingStore(memory)
  script = failing.script
  drive = openTestDrive({ store: failing.store, clock, cacheDirectory: join(scratch.path, 'cache'), ...more })
}

beforeEach(() => {
  scratch = scratchDirectory()
  clock = new ManualClock()
})

afterEach(async () => {
  await drive.close()
  scratch.remove()
})

/** Each a second after the one before. */
async function putEach(key: string, ...contents: string[]): Promise<void> {
  for (const content of contents) {
    memory.putForeign(key, content, { metadata: { mode: '33216', mtime: '1000.5', 'made-by': 'other' } })
    await clock.advance(1_000)
  }
}

const idsOf = async (path: string) => (await drive.versions.list(path)).versions.map(({ versionId }) => versionId)
const currentOf = async (path: string) =>
  (await drive.versions.list(path)).versions.find(({ isCurrent, kind }) => isCurrent && kind === 'content')?.etag
const problemOf = async (promise: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await promise.then(() => undefined).catch((thrown: unknown) => thrown)
  return (error as { problem?: unknown } | undefined)?.problem
}

describe('the history of a file', () => {
  it('is listed newest first, over pages, without keys that only begin like it', async () => {
    begin()
    await putEach('a', '1', '22', '333', '4444', '5')
    memory.deleteForeign('a')
    await putEach('a', 'six')
    await putEach('ab', 'other')
    const { isVersioned, versions, isTruncated } = await drive.versions.list('a')
    expect({ isVersioned, isTruncated }).toEqual({ isVersioned: true, isTruncated: false })
    expect(versions.map(({ kind, sizeBytes }) => (kind === 'deleted' ? 'x' : sizeBytes))).toEqual([
      3,
      'x',
      1,
      4,
      3,
      2,
      1,
    ])
    expect(versions.filter(({ isCurrent }) => isCurrent)).toEqual([versions[0]])
  })

  it('of a bucket that was never versioned is none, and says so', async () => {
    begin({ isVersioned: false })
    await putEach('a', '1')
    expect(await drive.versions.list('a')).toEqual({ isVersioned: false, versions: [], isTruncated: false })
    expect(await drive.versions.deleted('', undefined)).toEqual({ isVersioned: false, files: [] })
  })

  it('of a service that does not know the question is none', async () => {
    begin()
    await putEach('a', '1')
    const unknown = storeFailure('invalid')
    Object.assign(unknown.problem, { detail: 'ListObjectVersions · HTTP 501 · NotImplemented' })
    script.on('listVersions', { kind: 'fails', error: unknown })
    expect((await drive.versions.list('a')).isVersioned).toBe(false)
  })

  it('is asked for under the key that the object has, when its folder was renamed and nothing is sent yet', async () => {
    begin()
    await putEach('old/a', '1', '2')
    await drive.operations.readdir('/old')
    script.on('copy', { kind: 'fails', error: storeFailure('retry') })
    await drive.operations.rename('/old', '/new')
    expect(await idsOf('new/a')).toHaveLength(2)
  })

  it('of a folder, a file that is only here, and nothing at all is refused in words', async () => {
    begin()
    await putEach('folder/a', '1')
    await writeFile(drive.operations, '/.DS_Store', 'junk')
    expect(await problemOf(drive.versions.list('folder'))).toMatchObject({ message: expect.stringContaining('folder') })
    expect(await problemOf(drive.versions.list('.DS_Store'))).toMatchObject({
      message: expect.stringContaining('this computer only'),
    })
    expect(await drive.versions.list('no/such')).toMatchObject({ versions: [] })
  })

  it('follows keys that no path can hold, and names too long for one', async () => {
    begin()
    const long = 'n'.repeat(300)
    for (const key of ['a//b', '../c', `dir/${long}`, 'foo', 'foo/x']) await putEach(key, '1', '2')
    for (const path of ['a/⟦empty⟧/b', '⟦2E2E⟧/c', 'foo⟦object⟧', 'foo/x']) expect(await idsOf(path)).toHaveLength(2)
    memory.deleteForeign(`dir/${long}`)
    const { files } = await drive.versions.deleted('dir', undefined)
    expect(files).toHaveLength(1)
    expect(await drive.versions.undelete(files)).toMatchObject([{ outcome: 'restored' }])
    expect(memory.peek(`dir/${long}`)?.toString()).toBe('2')
  })
})

describe('restoring', () => {
  beforeEach(() => begin())

  it('puts the old content and its attributes back, here at once, and keeps what it replaced', async () => {
    await putEach('dir/a', 'one', 'second')
    expect(await readFile(drive.operations, '/dir/a')).toBe('second')
    const [, old] = await idsOf('dir/a')
    expect(await drive.versions.restore({ path: 'dir/a', versionId: old! }, await currentOf('dir/a'))).toBe('restored')
    expect(await readFile(drive.operations, '/dir/a')).toBe('one')
    expect(await drive.operations.getattr('/dir/a')).toMatchObject({ mode: 0o100700, mtimeMs: 1000.5e3, size: 3 })
    expect((await memory.head('dir/a'))?.metadata).toMatchObject({ 'made-by': 'other' })
    expect(await idsOf('dir/a')).toHaveLength(3)
    expect(memory.openUploads()).toEqual([])
  })

  it('does nothing when the file has another version than the person saw', async () => {
    await putEach('a', 'one', 'second')
    const [, old] = await idsOf('a')
    const seen = await currentOf('a')
    await putEach('a', 'third')
    expect(await drive.versions.restore({ path: 'a', versionId: old! }, seen)).toBe('moved-on')
    expect(memory.peek('a')?.toString()).toBe('third')
  })

  it('does nothing when another client writes while the server copies', async () => {
    await putEach('a', 'one', 'second')
    const [, old] = await idsOf('a')
    script.on('completeMultipartUpload', { kind: 'hangs' })
    const restored = drive.versions.restore({ path: 'a', versionId: old! }, await currentOf('a'))
    await clock.until(
      until(() => script.hanging() === 1),
      1_000,
    )
    memory.putForeign('a', 'third')
    script.release()
    expect(await restored).toBe('moved-on')
    expect(memory.peek('a')?.toString()).toBe('third')
    await clock.until(
      until(() => memory.openUploads().length === 0),
      5_000,
    )
  })

  it('is done once when the answer is lost', async () => {
    await putEach('a', 'one', 'second')
    const [, old] = await idsOf('a')
    script.on('completeMultipartUpload', { kind: 'loses-reply', error: storeFailure('retry') }, { nth: 1 })
    expect(await drive.versions.restore({ path: 'a', versionId: old! }, await currentOf('a'))).toBe('restored')
    expect(memory.peek('a')?.toString()).toBe('one')
    expect(await idsOf('a')).toHaveLength(3)
  })

  it('says that nothing is lost when it fails, and leaves no parts behind', async () => {
    await putEach('a', 'one', 'second')
    const [, old] = await idsOf('a')
    script.on('completeMultipartUpload', { kind: 'fails', error: storeFailure('blocked') })
    const restored = drive.versions.restore({ path: 'a', versionId: old! }, await currentOf('a'))
    expect(await problemOf(restored)).toMatchObject({
      code: 'access-denied',
      consequence: expect.stringContaining('Every version is still in the bucket'),
    })
    await clock.until(
      until(() => memory.openUploads().length === 0),
      5_000,
    )
  })

  it('of an empty version, of a link and of the current version works', async () => {
    await putEach('a', '', 'second')
    memory.putForeign('l', 'target', { metadata: { mode: String(0o120777) } })
    memory.putForeign('l', 'a file now')
    const [current, old] = await idsOf('a')
    expect(await drive.versions.restore({ path: 'a', versionId: current! }, await currentOf('a'))).toBe('restored')
    expect(await idsOf('a')).toHaveLength(2)
    expect(await drive.versions.restore({ path: 'a', versionId: old! }, await currentOf('a'))).toBe('restored')
    expect(await readFile(drive.operations, '/a')).toBe('')
    expect(await readFile(drive.operations, '/l')).toBe('a file now')
    const [, link] = await idsOf('l')
    expect(await drive.versions.restore({ path: 'l', versionId: link! }, await currentOf('l'))).toBe('restored')
    expect(await drive.operations.readlink('/l')).toBe('target')
  })

  it('is refused while a program has the file open for writing, and while a change waits', async () => {
    await putEach('a', 'one', 'second')
    const [, old] = await idsOf('a')
    const of = { path: 'a', versionId: old! }
    const seen = await currentOf('a')
    await drive.operations.getattr('/a')
    const handle = await drive.operations.open('/a', 2)
    expect(await problemOf(drive.versions.restore(of, seen))).toMatchObject({
      code: 'drive-busy',
      message: expect.stringContaining('open for writing'),
    })
    await drive.operations.write(handle, Buffer.from('mine'), 0)
    await drive.operations.flush(handle)
    await drive.operations.release(handle)
    expect(await problemOf(drive.versions.restore(of, seen))).toMatchObject({
      code: 'drive-busy',
      message: expect.stringContaining('not in the bucket yet'),
    })
    await drained(drive, clock)
    expect(memory.peek('a')?.toString()).toBe('minend')
    expect(await drive.versions.restore(of, await currentOf('a'))).toBe('restored')
    expect(await readFile(drive.operations, '/a')).toBe('one')
  })

  it('is refused while the file has a conflict, which it leaves alone', async () => {
    await putEach('a', 'one', 'second')
    const [, old] = await idsOf('a')
    await drive.operations.getattr('/a')
    const handle = await drive.operations.open('/a', 2)
    await drive.operations.write(handle, Buffer.from('mine!!'), 0)
    memory.putForeign('a', 'theirs')
    await drive.operations.flush(handle)
    await drive.operations.release(handle)
    await clock.until(until(hasConflict), 60_000)
    const restored = drive.versions.restore({ path: 'a', versionId: old! }, await currentOf('a'))
    expect(await problemOf(restored)).toMatchObject({ code: 'conflict', message: expect.stringContaining('conflict') })
    expect(memory.peek('a')?.toString()).toBe('theirs')
    expect(await readFile(drive.operations, '/a')).toBe('mine!!')
  })

  it('a change made here while the server copies becomes a conflict, and neither version is lost', async () => {
    await putEach('a', 'one', 'second')
    expect(await readFile(drive.operations, '/a')).toBe('second')
    const [, old] = await idsOf('a')
    script.on('completeMultipartUpload', { kind: 'hangs' })
    const restored = drive.versions.restore({ path: 'a', versionId: old! }, await currentOf('a'))
    await clock.until(
      until(() => script.hanging() === 1),
      1_000,
    )
    const handle = await drive.operations.open('/a', 2)
    await drive.operations.write(handle, Buffer.from('mine'), 0)
    await drive.operations.flush(handle)
    await drive.operations.release(handle)
    script.release()
    expect(await restored).toBe('restored')
    await clock.until(until(hasConflict), 60_000)
    expect(memory.peek('a')?.toString()).toBe('one')
    expect(await readFile(drive.operations, '/a')).toBe('minend')
  })

  it('a file open for reading goes on with what it was opened on', async () => {
    await putEach('a', 'one', 'second')
    expect(await readFile(drive.operations, '/a')).toBe('second')
    const handle = await drive.operations.open('/a', 0)
    const [, old] = await idsOf('a')
    await drive.versions.restore({ path: 'a', versionId: old! }, await currentOf('a'))
    const buffer = Buffer.alloc(6)
    expect(await drive.operations.read(handle, buffer, 0)).toBe(6)
    expect(buffer.toString()).toBe('second')
    await drive.operations.release(handle)
    expect(await readFile(drive.operations, '/a')).toBe('one')
  })

  it('of a version that is gone says so', async () => {
    await putEach('a', 'one')
    expect(
      await problemOf(drive.versions.restore({ path: 'a', versionId: 'v99' }, await currentOf('a'))),
    ).toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('not in the bucket any more'),
    })
  })
})

describe('a version that was replaced while it is in use', () => {
  const large = (letter: string): Buffer => Buffer.alloc(12 * 1024 * 1024, letter)
  const readAt = async (handle: number, position: number): Promise<string> => {
    const buffer = Buffer.alloc(4)
    await drive.operations.read(handle, buffer, position)
    return buffer.toString()
  }

  it('is read on, also where it is not in the cache, after it was replaced and after it was deleted', async () => {
    begin()
    memory.putForeign('a', large('o'))
    await drive.operations.getattr('/a')
    const handle = await drive.operations.open('/a', 0)
    memory.putForeign('a', large('n'))
    expect(await readAt(handle, 0)).toBe('oooo')
    memory.deleteForeign('a')
    expect(await readAt(handle, 11 * 1024 * 1024)).toBe('oooo')
    await drive.operations.release(handle)
  })

  it('completes what was changed here in part, so that both sides of the conflict are whole', async () => {
    begin()
    memory.putForeign('a', large('o'))
    await drive.operations.getattr('/a')
    const handle = await drive.operations.open('/a', 2)
    await drive.operations.write(handle, Buffer.from('mine'), 0)
    memory.putForeign('a', 'theirs')
    await drive.operations.flush(handle)
    await drive.operations.release(handle)
    await clock.until(until(hasConflict), 60_000)
    const mine = await readFile(drive.operations, '/a')
    expect(mine.length).toBe(12 * 1024 * 1024)
    expect([mine.slice(0, 8), mine.at(-1)]).toEqual(['mineoooo', 'o'])
    expect(memory.peek('a')?.toString()).toBe('theirs')
  })

  it('is gone where the bucket keeps no history, which is asked once', async () => {
    begin({ isVersioned: false })
    memory.putForeign('a', large('o'))
    await drive.operations.getattr('/a')
    const handle = await drive.operations.open('/a', 0)
    memory.putForeign('a', large('n'))
    for (let tries = 0; tries < 3; tries++)
      await expect(readAt(handle, tries * 4 * 1024 * 1024)).rejects.toMatchObject({ errno: 'ESTALE' })
    expect(script.calls('versioning')).toHaveLength(1)
    await drive.operations.release(handle)
  })
})

describe('a version whose HEAD is refused', () => {
  it('is gone when the history does not have it, and refused when it has', async () => {
    begin()
    await putEach('a', 'one', 'second')
    const seen = await currentOf('a')
    const [, old] = await idsOf('a')
    script.on('headVersion', { kind: 'fails', error: storeFailure('blocked') })
    expect(await problemOf(drive.versions.restore({ path: 'a', versionId: 'nonsense' }, seen))).toMatchObject({
      code: 'not-found',
    })
    expect(await problemOf(drive.versions.restore({ path: 'a', versionId: old! }, seen))).toMatchObject({
      code: 'access-denied',
    })
  })
})

describe('deleted files', () => {
  it('of a folder and below it are found, page by page, and only those', async () => {
    begin({ prefix: 'p/' })
    await putEach('p/a', '1', '2', '3')
    await putEach('p/dir/b', '1', '2', '3', '4', '5')
    await putEach('p/dir/deep/c', 'last')
    await putEach('p/kept', '1', '2')
    await putEach('p/dir/', '')
    await putEach('elsewhere', 'x')
    for (const key of ['p/a', 'p/dir/b', 'p/dir/deep/c', 'p/dir/', 'elsewhere']) memory.deleteForeign(key)
    memory.deleteForeign('p/dir/b')
    const { files } = await drive.versions.deleted('', undefined)
    expect(files.map(({ path, sizeBytes }) => [path, sizeBytes])).toEqual([
      ['a', 1],
      ['dir/b', 1],
      ['dir/deep/c', 4],
    ])
    expect((await drive.versions.deleted('dir/deep', undefined)).files.map(({ path }) => path)).toEqual(['dir/deep/c'])
  })

  it('are all found when a search goes on from where it stopped, wherever that is', async () => {
    begin()
    for (let index = 10; index < 60; index++) {
      await putEach(`f${index}`, 'old', 'new')
      memory.deleteForeign(`f${index}`)
    }
    // A long history of deletions, over several searches, before there is any content.
    memory.putForeign('g', 'far below')
    for (let count = 0; count < 100; count++) {
      memory.deleteForeign('g')
      if (count === 0) await clock.advance(1_000)
    }
    const paths: string[] = []
    let after: string | undefined
    let searches = 0
    do {
      const page = await drive.versions.deleted('', after)
      paths.push(...page.files.map(({ path }) => path))
      after = page.more
      searches++
    } while (after !== undefined)
    expect(paths).toEqual([...Array.from({ length: 50 }, (_, index) => `f${index + 10}`), 'g'])
    expect(searches).toBeGreaterThan(1)
  })

  it('come back with their folder, here at once', async () => {
    begin()
    await putEach('dir/deep/a', 'old', 'last')
    expect(await readFile(drive.operations, '/dir/deep/a')).toBe('last')
    await drive.operations.unlink('/dir/deep/a')
    await drive.operations.rmdir('/dir/deep')
    await drive.operations.rmdir('/dir')
    await drained(drive, clock)
    expect(memory.keys()).toEqual([])
    expect(await drive.operations.readdir('/')).toEqual([])
    const { files } = await drive.versions.deleted('', undefined)
    expect(files.map(({ path }) => path)).toEqual(['dir/deep/a'])
    expect(await drive.versions.undelete(files)).toEqual([{ path: 'dir/deep/a', outcome: 'restored' }])
    expect(await drive.operations.readdir('/')).toEqual(['dir'])
    expect(await readFile(drive.operations, '/dir/deep/a')).toBe('last')
    expect((await drive.versions.deleted('', undefined)).files).toEqual([])
  })

  it('whose name exists again stay as they are, here or in the bucket', async () => {
    begin()
    await putEach('here', 'old')
    await putEach('there', 'old')
    memory.deleteForeign('here')
    memory.deleteForeign('there')
    const { files } = await drive.versions.deleted('', undefined)
    await writeFile(drive.operations, '/here', 'new')
    await drive.operations.readdir('/')
    await putEach('there', 'new')
    expect(await drive.versions.undelete(files)).toEqual([
      { path: 'here', outcome: 'exists' },
      { path: 'there', outcome: 'exists' },
    ])
    await drained(drive, clock)
    expect(memory.peek('here')?.toString()).toBe('new')
    expect(memory.peek('there')?.toString()).toBe('new')
  })

  it('fail one by one, in words', async () => {
    begin()
    await putEach('a', 'old')
    await putEach('b', 'old')
    memory.deleteForeign('a')
    memory.deleteForeign('b')
    const { files } = await drive.versions.deleted('', undefined)
    script.on('createMultipartUpload', { kind: 'fails', error: storeFailure('blocked') }, { key: 'a' })
    expect(await drive.versions.undelete(files)).toMatchObject([
      { path: 'a', outcome: 'failed', problem: { code: 'access-denied' } },
      { path: 'b', outcome: 'restored' },
    ])
  })

  it('are not brought back on a read-only drive', async () => {
    begin({ isReadOnly: true })
    await putEach('a', 'old')
    memory.deleteForeign('a')
    const { files } = await drive.versions.deleted('', undefined)
    expect(await drive.versions.undelete(files)).toMatchObject([
      { outcome: 'failed', problem: { message: expect.stringContaining('read-only') } },
    ])
  })
})

describe('a version as a file of this computer', () => {
  it('is a read-only preview under its own name, fetched once', async () => {
    begin()
    await putEach('dir/report.txt', 'one', 'second')
    const [, old] = await idsOf('dir/report.txt')
    const of = { path: 'dir/report.txt', versionId: old! }
    const first = await drive.versions.preview(of)
    expect(first).toMatchObject({ path: expect.stringMatching(/\/report\.txt$/), sizeBytes: 3 })
    expect(readFileSync(first.path, 'utf8')).toBe('one')
    expect(statSync(first.path).mode & 0o777).toBe(0o400)
    expect(await drive.versions.preview(of)).toEqual(first)
    expect(script.calls('get')).toHaveLength(1)
    expect(await problemOf(drive.versions.preview({ ...of, versionId: (await idsOf(of.path))[0]! }, 5))).toMatchObject({
      code: 'file-too-large',
    })
    expect(script.calls('get')).toHaveLength(1)
  })

  it('is saved whole or not at all, with its time, and never on the drive itself', async () => {
    const folder = join(scratch.path, 'saved')
    const mountpoint = join(scratch.path, 'mount')
    mkdirSync(folder)
    begin({ mountpoint })
    await putEach('a', 'one', 'second')
    const [, old] = await idsOf('a')
    const of = { path: 'a', versionId: old! }
    script.on('get', { kind: 'breaks-off', afterBytes: 2, error: storeFailure('retry') }, { nth: 1 })
    expect(await problemOf(drive.versions.save(of, join(folder, 'a')))).toMatchObject({ code: 'server-error' })
    expect(readdirSync(folder)).toEqual([])
    await drive.versions.save(of, join(folder, 'a'))
    expect(readdirSync(folder)).toEqual(['a'])
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('one')
    expect(statSync(join(folder, 'a')).mtimeMs).toBe(1000.5e3)
    for (const target of [join(mountpoint, 'x'), 'relative', join(folder, 'missing', 'x')])
      expect(await problemOf(drive.versions.save(of, target))).toMatchObject({ code: 'invalid-input' })
  })

  it('is shown as a transfer while it is saved, and can be called back', async () => {
    begin()
    await putEach('a', 'one')
    const [version] = await idsOf('a')
    script.on('get', { kind: 'hangs' })
    const saved = problemOf(drive.versions.save({ path: 'a', versionId: version! }, join(scratch.path, 'a')))
    await clock.until(
      until(() => script.hanging() === 1),
      1_000,
    )
    const [transfer] = drive.transfers()
    expect(transfer).toMatchObject({ kind: 'download', path: 'a', status: { state: 'running' } })
    drive.versions.cancelSave(transfer!.id)
    expect(await saved).toMatchObject({ code: 'cancelled' })
    expect(drive.transfers()).toEqual([])
  })
})

const hasConflict = (): boolean => [...drive.journal.operations()].some(({ status }) => status.state === 'conflict')

/** Turns until it is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
}
