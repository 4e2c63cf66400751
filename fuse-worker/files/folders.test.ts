import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FileQuery, FileWindow } from '../../contracts/file.ts'
import type { LocalDrive } from '../drive.ts'
import { createFailingStore, storeFailure, type FaultScript } from '../testing/failing-store.ts'
import { caller, drained, openTestDrive, readFile, scratchDirectory, writeFile } from '../testing/local-drive.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { createMemoryStore, type MemoryStore } from '../testing/memory-store.ts'

let clock: ManualClock
let bucket: MemoryStore
let script: FaultScript
let drive: LocalDrive
let scratch: ReturnType<typeof scratchDirectory>
let told: string[]

beforeEach(() => {
  scratch = scratchDirectory()
  clock = new ManualClock()
  bucket = createMemoryStore({ now: () => clock.now(), pageSize: 1_000 })
  const failing = createFailingStore(bucket)
  script = failing.script
  told = []
  drive = openTestDrive({
    store: failing.store,
    clock,
    cacheDirectory: scratch.path,
    onFiles: (folders) => told.push(...folders),
  })
})
afterEach(async () => {
  await drive.close()
  scratch.remove()
})

const byName = { sort: 'name', isDescending: false, from: 0, count: 100 } as const

const list = (path = '', query: Partial<FileQuery> = {}): Promise<FileWindow> =>
  drive.files.folders.list({ path, ...byName, ...query })

/** What is shown once the bucket has answered. */
async function settled(path = '', query: Partial<FileQuery> = {}): Promise<FileWindow> {
  for (let step = 0; step < 200; step++) {
    const window = await list(path, query)
    if (window.listing.state !== 'fetching') return window
    await clock.advance(10)
  }
  throw new Error('the listing does not end')
}

const names = ({ entries }: FileWindow): string[] => entries.map(({ name }) => name)
const badgeAt = async (path: string, name: string): Promise<string | undefined> =>
  (await settled(path)).entries.find((entry) => entry.name === name)?.badge

describe('a folder in the window', () => {
  test('that was never listed is shown as far as it is known, and told of when the bucket has answered', async () => {
    bucket.putForeign('a', 'x')
    expect((await list()).listing).toEqual({ state: 'fetching', isFirst: true })
    await clock.advance(1_000)
    expect(told).toContain('')
    expect(await list()).toMatchObject({
      total: 1,
      listing: { state: 'known' },
      entries: [{ name: 'a', kind: 'file' }],
    })
  })

  test('has its folders first, names as people sort them, and sizes and times either way', async () => {
    for (const [name, size] of [
      ['file 10', 1],
      ['File 9', 3],
      ['b', 2],
      ['Älter', 2],
    ] as const)
      bucket.putForeign(name, 'x'.repeat(size))
    for (const name of ['z', 'Folder 2', 'folder 10']) bucket.putForeign(`${name}/in`, 'x')
    expect(names(await settled())).toEqual(['Folder 2', 'folder 10', 'z', 'Älter', 'b', 'File 9', 'file 10'])
    expect(names(await list('', { isDescending: true }))).toEqual([
      'z',
      'folder 10',
      'Folder 2',
      'file 10',
      'File 9',
      'b',
      'Älter',
    ])
    expect(names(await list('', { sort: 'size', isDescending: true })).slice(3)).toEqual([
      'File 9',
      'Älter',
      'b',
      'file 10',
    ])
    expect(names(await list('', { sort: 'size' })).slice(3)).toEqual(['file 10', 'Älter', 'b', 'File 9'])
  })

  test('that is large is shown before it is sorted, and told of when it is', async () => {
    for (let index = 0; index < 5_200; index++) bucket.putForeign(`in/file ${index}`, 'x')
    bucket.putForeign('in/z/below', 'x')
    await settled('in')
    await drive.close()
    drive = openTestDrive({
      ...{ store: bucket, clock, cacheDirectory: scratch.path },
      onFiles: (folders) => told.push(...folders),
    })
    const first = await list('in', { count: 4 })
    expect(first).toMatchObject({ total: 5_201, isSorting: true })
    expect(names(first)).toEqual(['z', 'file 0', 'file 1', 'file 10'])
    expect(names(await list('in', { from: 5_199, count: 4 }))).toEqual(['file 998', 'file 999'])
    told.length = 0
    await expect.poll(() => clock.advance(300).then(() => told)).toContain('in')
    const sorted = await list('in', { count: 4 })
    expect(sorted.isSorting).toBeUndefined()
    expect(sorted.revision).not.toBe(first.revision)
    expect(names(sorted)).toEqual(['z', 'file 0', 'file 1', 'file 2'])
    const bySize = await list('in', { sort: 'size', isDescending: true, from: 5_199, count: 4 })
    expect(names(bySize)).toEqual(['file 5198', 'file 5199'])
  })

  test('is read in windows, and follows files that come, go and change their place', async () => {
    for (let index = 0; index < 300; index++) bucket.putForeign(`in/file ${index}`, 'x')
    const before = await settled('in', { from: 290, count: 20 })
    expect(before.total).toBe(300)
    expect(names(before)).toEqual(Array.from({ length: 10 }, (_, index) => `file ${290 + index}`))
    await writeFile(drive.operations, '/in/file 291b', 'new')
    await drive.operations.unlink('/in/file 295')
    await drive.operations.rename('/in/file 299', '/in/a first one')
    await clock.advance(1_000)
    expect(told).toContain('in')
    const after = await list('in', { from: 288, count: 20 })
    expect(after.revision).not.toBe(before.revision)
    expect(names(after)).toEqual(
      ['287', '288', '289', '290', '291', '291b', '292', '293', '294', '296', '297', '298'].map((n) => `file ${n}`),
    )
    expect(names(await list('in', { count: 1 }))).toEqual(['a first one'])
  })

  test('shows the same after many changes at once as one that is listed anew', async () => {
    for (let index = 0; index < 50; index++) bucket.putForeign(`in/file ${index}`, 'x')
    await settled('in')
    for (let index = 0; index < 900; index++)
      await drive.operations.mkdir(`/in/folder ${(index * 617) % 900}`, 0o755, caller)
    const window = await list('in', { from: 0, count: 1_000 })
    expect(names(window).slice(0, 900)).toEqual(Array.from({ length: 900 }, (_, index) => `folder ${index}`))
    expect(window.total).toBe(950)
  })

  test('that the bucket cannot be asked about shows what is known, and says so', async () => {
    bucket.putForeign('a', 'x')
    await settled()
    for (const call of ['list', 'head', 'get'] as const)
      script.on(call, { kind: 'fails', error: storeFailure('offline') })
    await clock.advance(60_000)
    await list()
    await clock.advance(1_000)
    expect(await list()).toMatchObject({ total: 1, listing: { state: 'unreachable', isFirst: false } })
  })

  test('that is not there, or is a file, is refused in words', async () => {
    bucket.putForeign('a', 'x')
    await settled()
    await expect(list('nothing')).rejects.toMatchObject({ problem: { code: 'not-found' } })
    await expect(list('a')).rejects.toMatchObject({ problem: { code: 'invalid-input' } })
  })

  test('is told of only while somebody looks at it', async () => {
    await settled()
    await clock.advance(5 * 60_000)
    await list('')
    await clock.advance(5 * 60_000)
    bucket.putForeign('elsewhere/x', 'x')
    await settled('elsewhere')
    await clock.advance(1_000)
    told.length = 0
    await writeFile(drive.operations, '/new', 'x')
    await clock.advance(1_000)
    expect(told).not.toContain('')
  })
})

describe('the state of a file', () => {
  test('goes from waiting over uploading to cached, and its folder shows it from above', async () => {
    await drive.operations.mkdir('/docs', 0o755, caller)
    await drained(drive, clock)
    await settled('')
    await writeFile(drive.operations, '/docs/plan', 'text')
    expect(await badgeAt('docs', 'plan')).toBe('waiting')
    expect(await badgeAt('', 'docs')).toBe('waiting')
    told.length = 0
    await drained(drive, clock)
    await clock.advance(1_000)
    expect(told).toEqual(expect.arrayContaining(['', 'docs']))
    expect(await badgeAt('docs', 'plan')).toBe('cached')
    expect(await badgeAt('', 'docs')).toBeUndefined()
  })

  test('online only until it is read; then it is cached, and the window is told', async () => {
    bucket.putForeign('a', 'content')
    expect(await badgeAt('', 'a')).toBe('online-only')
    told.length = 0
    expect(await readFile(drive.operations, '/a')).toBe('content')
    await clock.advance(1_000)
    expect(told).toContain('')
    const [entry] = (await list()).entries
    expect(entry).toMatchObject({ badge: 'cached', cachedBytes: 7, sizeBytes: 7 })
  })

  test('one that is kept offline is pinned at once; below a kept folder it says where that can be ended', async () => {
    bucket.putForeign('docs/plan', 'x')
    await settled('docs')
    await drive.files.pins.add('docs')
    expect((await settled('')).entries).toMatchObject([{ name: 'docs', badge: 'pinned', kept: 'itself' }])
    expect((await settled('docs')).entries).toMatchObject([{ name: 'plan', badge: 'pinned', kept: 'with-folder' }])
  })

  test('a change that is refused is blocked, with the reason and its transfer', async () => {
    script.on('put', { kind: 'fails', error: storeFailure('blocked', 'Not allowed.') })
    await drive.operations.mkdir('/docs', 0o755, caller)
    await writeFile(drive.operations, '/docs/plan', 'text')
    for (let step = 0; step < 100 && (await badgeAt('docs', 'plan')) !== 'blocked'; step++) await clock.advance(200)
    const [entry] = (await list('docs')).entries
    expect(entry).toMatchObject({ badge: 'blocked', problem: { message: 'Not allowed.' } })
    expect(drive.transfers().map(({ id }) => id)).toContain(entry?.transferId)
    expect((await list('')).entries).toMatchObject([{ name: 'docs', badge: 'blocked' }])
  })

  test('junk never leaves this computer', async () => {
    await writeFile(drive.operations, '/.DS_Store', 'x')
    expect(await badgeAt('', '.DS_Store')).toBe('local-only')
  })
})

describe('a folder of several pages, listed for the first time', () => {
  const nameAt = (index: number): string => `f${String(index).padStart(4, '0')}`

  beforeEach(() => {
    for (let index = 0; index < 2_500; index++) bucket.putForeign(`many/${nameAt(index)}`, 'x')
  })

  async function shows(total: number): Promise<FileWindow> {
    for (let step = 0; step < 200; step++) {
      const window = await list('many')
      if (window.total === total) return window
      await clock.advance(10)
    }
    throw new Error(`${total} rows never came`)
  }

  test('shows the rows of the pages that have come, and a program waits for all of them', async () => {
    script.on('list', { kind: 'hangs' }, { key: 'many/', nth: 3 })
    await settled()
    const read = { isDone: false }
    const names = Promise.resolve(drive.operations.readdir('/many')).finally(() => (read.isDone = true))
    // One is kept back: the next page may tell that there is a folder of its name, too.
    const window = await shows(999)
    expect(window.listing).toEqual({ state: 'fetching', isFirst: true })
    expect(window.entries[0]?.name).toBe(nameAt(0))
    await clock.advance(1_000)
    expect(told).toContain('many')
    expect(read.isDone).toBe(false)
    script.release()
    expect((await clock.until(names, 60_000)).length).toBe(2_500)
    expect(await settled('many')).toMatchObject({ total: 2_500, listing: { state: 'known' } })
  })

  test('keeps what came when the bucket stops answering, says so, and a program gets no part of it', async () => {
    script.on('list', { kind: 'fails', error: storeFailure('retry') }, { key: 'many/', nth: 3 })
    await settled()
    const failed = await settled('many')
    expect(failed).toMatchObject({ total: 999, listing: { state: 'unreachable', isFirst: true } })
    script.on('list', { kind: 'fails', error: storeFailure('retry') }, { key: 'many/' })
    const read = Promise.resolve(drive.operations.readdir('/many')).catch((error: unknown) => error)
    expect(await clock.until(read, 60_000)).toMatchObject({ errno: 'EIO' })
    expect((await list('many')).total).toBe(999)
  })
})
