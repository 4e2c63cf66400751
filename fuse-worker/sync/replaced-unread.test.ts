import { constants, readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { silentLog } from '../runtime/log.ts'
import { ConflictDrive } from '../testing/conflict-drive.ts'
import { storeFailure } from '../testing/failing-store.ts'
import { writeFile } from '../testing/local-drive.ts'

let on: ConflictDrive
beforeEach(() => {
  on = new ConflictDrive()
})
afterEach(() => on.end())

async function recovered(): Promise<string[]> {
  const { conflicts } = on.drive
  const paths = await Promise.all(conflicts.recoveredFiles().map(({ id }) => conflicts.recoveredPreview(id)))
  return paths.map(({ path }) => readFileSync(path, 'utf8')).sort()
}

/** As `echo … > file` does. */
async function save(key: string, text: string): Promise<void> {
  const handle = await on.operations.open(`/${key}`, constants.O_WRONLY | constants.O_TRUNC)
  await on.operations.write(handle, Buffer.from(text), 0)
  await on.close(handle)
}

/** Read by a program here, and then replaced by another client, as the drive has seen by now. */
async function replacedByOthers(key: string): Promise<void> {
  await on.shared(key, 'first')
  await on.list()
  on.bucket.putForeign(key, 'theirs')
  await on.list()
}

describe('a version of another client that no program here has read', () => {
  beforeEach(() => replacedByOthers('a'))

  test('is among the recovered files when a save that truncates replaces it', async () => {
    await save('a', 'mine')
    expect(await on.upload()).toEqual([])
    expect(on.text('a')).toBe('mine')
    expect(await recovered()).toEqual(['theirs'])
    expect(on.drive.conflicts.recoveredFiles()[0]).toMatchObject({ path: 'a', side: 'theirs' })
  })

  test('is when another file is renamed over it, one from the bucket as well', async () => {
    await writeFile(on.operations, '/a.new', 'mine')
    await on.operations.rename('/a.new', '/a')
    expect(await on.upload()).toEqual([])
    await replacedByOthers('b')
    await on.operations.rename('/a', '/b')
    expect(await on.upload()).toEqual([])
    expect(on.text('b')).toBe('mine')
    expect(await recovered()).toEqual(['theirs', 'theirs'])
  })

  test('is when the file is deleted', async () => {
    await on.operations.unlink('/a')
    expect(await on.upload()).toEqual([])
    expect(on.text('a')).toBeUndefined()
    expect(await recovered()).toEqual(['theirs'])
  })

  test('is after a restart, too, and a second save does not keep it again', async () => {
    await on.restart()
    await save('a', 'mine')
    expect(await on.upload()).toEqual([])
    await save('a', 'mine again')
    expect(await on.upload()).toEqual([])
    expect(await recovered()).toEqual(['theirs'])
  })

  test('stays in the bucket until it is kept', async () => {
    on.script.on('get', { kind: 'fails', error: storeFailure('retry') }, { times: 2 })
    await save('a', 'mine')
    await on.clock.advance(3_000)
    expect(on.text('a')).toBe('theirs')
    expect(await on.upload()).toEqual([])
    expect(on.text('a')).toBe('mine')
    expect(await recovered()).toEqual(['theirs'])
  })

  test('is when the file that replaces it is deleted while it is being kept', async () => {
    await writeFile(on.operations, '/a.new', 'mine')
    await on.operations.rename('/a.new', '/a')
    const errors = vi.spyOn(silentLog, 'error')
    on.script.on('get', { kind: 'hangs' }, { times: 1 })
    await on.clock.advance(5_000)
    expect(on.script.calls('get')).toContain('a')
    await on.operations.unlink('/a')
    on.script.release()
    expect(await on.upload()).toEqual([])
    expect(errors.mock.calls).toEqual([])
    errors.mockRestore()
    expect(on.text('a')).toBeUndefined()
    expect(await recovered()).toEqual(['theirs'])
  })

  test('is a conflict, as ever, when the bucket has gone on from it meanwhile', async () => {
    await save('a', 'mine')
    on.bucket.putForeign('a', 'theirs, too')
    expect(await on.upload()).toEqual(['put a conflict'])
    expect(on.text('a')).toBe('theirs, too')
  })

  test('is not kept where it lives on: renamed, or with other attributes', async () => {
    await on.operations.chmod('/a', 0o600)
    expect(await on.upload()).toEqual([])
    await replacedByOthers('b')
    await on.operations.rename('/b', '/c')
    expect(await on.upload()).toEqual([])
    expect([on.text('a'), on.text('b'), on.text('c')]).toEqual(['theirs', undefined, 'theirs'])
    expect(await recovered()).toEqual([])
  })
})

test('a version that came under a new name of a known folder is kept as well', async () => {
  await on.list()
  on.bucket.putForeign('new', 'theirs')
  await on.list()
  await save('new', 'mine')
  expect(await on.upload()).toEqual([])
  expect(await recovered()).toEqual(['theirs'])
})

describe('is replaced without more', () => {
  test('what a program here has read', async () => {
    await replacedByOthers('a')
    expect(await on.read('a')).toBe('theirs')
    await save('a', 'mine')
    expect(await on.upload()).toEqual([])
    expect(await recovered()).toEqual([])
  })

  test('what was there when the folder was first looked at', async () => {
    on.bucket.putForeign('a', 'theirs')
    await on.list()
    await save('a', 'mine')
    expect(await on.upload()).toEqual([])
    expect(await recovered()).toEqual([])
  })

  test('what was written here', async () => {
    await writeFile(on.operations, '/a', 'mine')
    expect(await on.upload()).toEqual([])
    await on.list()
    await save('a', 'mine again')
    expect(await on.upload()).toEqual([])
    expect(await recovered()).toEqual([])
  })
})
