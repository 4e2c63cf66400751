/** A conflict holds back only its own file, which can be read, written, renamed and deleted like any other. */
import { constants } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ConflictDrive } from '../testing/conflict-drive.ts'
import { writeFile } from '../testing/local-drive.ts'

let on: ConflictDrive
beforeEach(() => {
  on = new ConflictDrive()
})
afterEach(() => on.end())

async function conflictAt(key: string): Promise<void> {
  await on.shared(key, 'base')
  await on.edit(key, 'mine')
  on.bucket.putForeign(key, 'theirs')
  expect(await on.upload()).toContain(`put ${key} conflict`)
}

describe('a file in conflict', () => {
  test('is read and written on, and later changes ride with it', async () => {
    await conflictAt('a')
    await on.edit('a', 'mine, later')
    await on.operations.chmod('/a', 0o600)
    expect(await on.upload()).toEqual(['put a conflict'])
    expect(await on.read('a')).toBe('mine, later')
    expect(on.text('a')).toBe('theirs')
  })

  test('renamed away, mine goes under the new name and theirs shows under the old', async () => {
    await conflictAt('a')
    await on.operations.rename('/a', '/b')
    expect(await on.upload()).toEqual([])
    expect(on.text('a')).toBe('theirs')
    expect(on.text('b')).toBe('mine')
    expect(await on.list()).toEqual(['a', 'b'])
    expect(await on.read('a')).toBe('theirs')
  })

  test('made by both and renamed away, neither is lost', async () => {
    await writeFile(on.operations, '/a', 'mine')
    on.bucket.putForeign('a', 'theirs')
    expect(await on.upload()).toEqual(['put a conflict'])
    await on.operations.rename('/a', '/b')
    expect(await on.upload()).toEqual([])
    expect([on.text('a'), on.text('b')]).toEqual(['theirs', 'mine'])
  })

  test('deleted, theirs shows up', async () => {
    await conflictAt('a')
    await on.operations.unlink('/a')
    expect(await on.upload()).toEqual([])
    expect(on.text('a')).toBe('theirs')
    expect(await on.list()).toEqual(['a'])
    expect(await on.read('a')).toBe('theirs')
  })

  test('goes with its folder: mine under the new name, theirs under the old', async () => {
    await conflictAt('old/a')
    await on.operations.rename('/old', '/new')
    expect(await on.upload()).toEqual([])
    expect(on.text('new/a')).toBe('mine')
    expect(on.text('old/a')).toBe('theirs')
  })

  test('replaced by another file that is saved over it, that one is in conflict in its place', async () => {
    await conflictAt('a')
    await writeFile(on.operations, '/other', 'other')
    await on.operations.rename('/other', '/a')
    expect(await on.upload()).toEqual(['put a conflict'])
    expect(on.text('a')).toBe('theirs')
    expect(await on.read('a')).toBe('other')
  })

  test('is closed and synced at once; where the bucket’s word was asked for, with ESTALE', async () => {
    await conflictAt('a')
    await on.edit('a', 'more')
    await on.end()
    on = new ConflictDrive('strict')
    await on.shared('a', 'base')
    const handle = await on.operations.open('/a', constants.O_RDWR)
    await on.operations.write(handle, Buffer.from('mine'), 0)
    on.bucket.putForeign('a', 'theirs')
    await expect(on.clock.until(Promise.resolve(on.operations.flush(handle)), 10_000)).rejects.toMatchObject({
      errno: 'ESTALE',
    })
    await expect(on.operations.fsync(handle, false)).rejects.toMatchObject({ errno: 'ESTALE' })
    await on.operations.release(handle)
    expect(await on.read('a')).toBe('mine')
  })

  test('that is not whole here is read with ESTALE where theirs has replaced it, never with zeros', async () => {
    on.bucket.putForeign('a', Buffer.alloc(3_000_000, 'x'))
    await on.list()
    await on.edit('a', 'mine', 2_000_000)
    on.bucket.putForeign('a', 'theirs')
    expect(await on.upload()).toEqual(['put a conflict'])
    const handle = await on.operations.open('/a', constants.O_RDONLY)
    const buffer = Buffer.alloc(100)
    await expect(Promise.resolve(on.operations.read(handle, buffer, 0))).rejects.toMatchObject({ errno: 'ESTALE' })
    expect(await on.operations.read(handle, buffer.subarray(0, 4), 2_000_000)).toBe(4)
    expect(buffer.toString('utf8', 0, 4)).toBe('mine')
    await on.operations.release(handle)
  })
})

describe('nothing else waits for it', () => {
  test('a new file under the name that a conflicting rename came from is uploaded', async () => {
    await on.shared('a', 'mine')
    await on.operations.rename('/a', '/b')
    on.bucket.putForeign('b', 'theirs')
    await writeFile(on.operations, '/a', 'another file')
    expect(await on.upload()).toEqual(['put b conflict'])
    expect(on.text('a')).toBe('another file')
    expect(on.text('b')).toBe('theirs')
    expect(await on.read('b')).toBe('mine')
  })

  test('a file renamed while one of its conflicts waits goes on without it', async () => {
    await conflictAt('a')
    await writeFile(on.operations, '/free', 'x')
    await on.operations.rename('/free', '/moved')
    expect(await on.upload()).toEqual(['put a conflict'])
    expect(on.text('moved')).toBe('x')
  })

  test('uploading everything ends when only it and the deletion of its old name are left', async () => {
    await on.shared('a', 'mine')
    await on.operations.rename('/a', '/b')
    on.bucket.putForeign('b', 'theirs')
    await on.upload()
    const before = on.clock.now()
    expect(await on.clock.until(on.drive.uploader.drain(600_000), 700_000)).toBe(2)
    expect(on.clock.now() - before).toBeLessThan(5_000)
  })

  test('a pinned folder is not asked for again and again', async () => {
    on.bucket.putForeign('folder/a', Buffer.alloc(3_000_000, 'x'))
    await on.list('/folder')
    await on.edit('folder/a', 'mine', 2_000_000)
    on.bucket.putForeign('folder/a', 'theirs')
    expect(await on.upload()).toEqual(['put folder/a conflict'])
    await on.drive.pins.add('/folder')
    await on.clock.advance(1_000)
    const before = on.script.calls('get').length
    await on.clock.advance(30_000)
    expect(on.script.calls('get').length - before).toBeLessThanOrEqual(1)
  })
})
