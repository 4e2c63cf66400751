/** Changes of two clients to one file, as the drive meets them when it writes: each decision of the table, as it happens. */
import { constants } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ConflictDrive } from '../testing/conflict-drive.ts'
import { caller, writeFile } from '../testing/local-drive.ts'

let on: ConflictDrive
beforeEach(() => {
  on = new ConflictDrive()
})
afterEach(() => on.end())

describe('both wrote it', () => {
  test('an edit here and another one there is a conflict with both versions kept', async () => {
    await on.shared('a', 'base')
    const theirs = on.bucket.putForeign('a', 'theirs')
    await on.edit('a', 'mine')
    expect(await on.upload()).toEqual(['put a conflict'])
    expect(on.conflict('a')).toMatchObject({
      theirs: { etag: theirs.etag, sizeBytes: 6 },
      problem: { code: 'conflict', message: '“a” was edited here and by another client.' },
    })
    expect(on.text('a')).toBe('theirs')
    expect(await on.read('a')).toBe('mine')
  })

  test('an edit here and a deletion there is a conflict, and nothing comes back by itself', async () => {
    await on.shared('a', 'base')
    await on.edit('a', 'mine')
    on.bucket.deleteForeign('a')
    expect(await on.upload()).toEqual(['put a conflict'])
    expect(on.conflict('a').theirs).toBeUndefined()
    expect(on.conflict('a').problem.message).toBe('“a” was edited here and deleted by another client.')
    expect(on.bucket.keys()).toEqual([])
    expect(await on.read('a')).toBe('mine')
  })

  test('an edit here of what became a folder there is a conflict like that with a deletion', async () => {
    await on.shared('a', 'base')
    await on.edit('a', 'mine')
    on.bucket.deleteForeign('a')
    on.bucket.putForeign('a/inside', 'x')
    expect(await on.upload()).toEqual(['put a conflict'])
    expect(on.conflict('a').theirs).toBeUndefined()
    expect(await on.read('a')).toBe('mine')
  })

  test('one name made by both at once is a conflict', async () => {
    await writeFile(on.operations, '/a', 'mine')
    on.bucket.putForeign('a', 'theirs')
    expect(await on.upload()).toEqual(['put a conflict'])
    expect(on.conflict('a').problem.message).toBe('“a” was created here and by another client.')
    expect(on.text('a')).toBe('theirs')
  })

  test('a save by rename meets the edit like any other', async () => {
    await on.shared('a', 'base')
    await writeFile(on.operations, '/a.new', 'mine')
    await on.operations.rename('/a.new', '/a')
    on.bucket.putForeign('a', 'theirs')
    expect(await on.upload()).toEqual(['put a conflict'])
    expect(on.text('a')).toBe('theirs')
    expect(await on.read('a')).toBe('mine')
  })

  test('a large file whose parts are all sent finds it at the completion', async () => {
    const base = Buffer.alloc(20 * 1024 * 1024, 'base')
    await on.shared('a', base)
    await on.edit('a', 'mine')
    on.script.on('completeMultipartUpload', { kind: 'hangs' })
    for (let tries = 0; on.script.hanging() === 0 && tries < 500; tries++) await on.clock.advance(100)
    expect(on.script.hanging()).toBe(1)
    on.bucket.putForeign('a', 'theirs')
    on.script.release()
    expect(await on.upload()).toEqual(['put a conflict'])
    expect(on.text('a')).toBe('theirs')
  })

  test('found while nothing was written, what the bucket held in between is nobody’s question', async () => {
    await on.shared('a', 'base')
    await on.edit('a', 'mine')
    on.bucket.putForeign('a', 'between')
    on.bucket.putForeign('a', 'base')
    expect(await on.upload()).toEqual([])
    expect(on.text('a')).toBe('mine')
  })
})

describe('the same content on both sides is no conflict', () => {
  test('edited the same way, in one piece', async () => {
    await on.shared('a', 'base')
    on.bucket.putForeign('a', 'same')
    await on.edit('a', 'same')
    expect(await on.upload()).toEqual([])
    await on.edit('a', 'more')
    expect(await on.upload()).toEqual([])
    expect(on.text('a')).toBe('more')
  })

  test('made by both', async () => {
    await writeFile(on.operations, '/a', 'same')
    await writeFile(on.operations, '/empty', '')
    const theirs = on.bucket.putForeign('a', 'same', { metadata: { mode: String(0o100600) } })
    on.bucket.putForeign('empty', '')
    expect(await on.upload()).toEqual([])
    expect((await on.bucket.head('a'))?.etag).toBe(theirs.etag)
    expect((await on.operations.getattr('/a')).mode & 0o777).toBe(0o600)
    expect(on.drive.space().unsyncedBytes).toBe(0)
  })

  test('uploaded in parts there, where the ETag says nothing of the bytes', async () => {
    await on.shared('a', 'base')
    const id = await on.bucket.createMultipartUpload('a', { metadata: {} })
    const part = await on.bucket.uploadPart('a', id, 1, Buffer.from('same'))
    await on.bucket.completeMultipartUpload('a', id, [part], undefined)
    await on.edit('a', 'same')
    expect(await on.upload()).toEqual([])
    expect((await on.bucket.head('a'))?.etag).toMatch(/-1"$/)
  })

  test('but not where only the size is the same', async () => {
    await on.shared('a', 'base')
    const id = await on.bucket.createMultipartUpload('a', { metadata: {} })
    const part = await on.bucket.uploadPart('a', id, 1, Buffer.from('MINE'))
    await on.bucket.completeMultipartUpload('a', id, [part], undefined)
    await on.edit('a', 'mine')
    expect(await on.upload()).toEqual(['put a conflict'])
  })

  test('nor where it is a link there', async () => {
    await writeFile(on.operations, '/a', 'target')
    on.bucket.putForeign('a', 'target', { metadata: { mode: String(0o120777) } })
    expect(await on.upload()).toEqual(['put a conflict'])
  })

  test('a link made by both with one target, and a folder made by both', async () => {
    await on.operations.symlink('target', '/link', caller)
    await on.operations.mkdir('/folder', 0o755, caller)
    on.bucket.putForeign('link', 'target', { metadata: { mode: String(0o120777) } })
    on.bucket.putForeign('folder/', '')
    expect(await on.upload()).toEqual([])
    expect(await on.operations.readlink('/link')).toBe('target')
  })

  test('renamed to the same name by both', async () => {
    await on.shared('a', 'base')
    await on.operations.rename('/a', '/b')
    on.bucket.putForeign('b', 'base')
    on.bucket.deleteForeign('a')
    expect(await on.upload()).toEqual([])
    expect(on.bucket.keys()).toEqual(['b'])
    expect(await on.list()).toEqual(['b'])
    expect(await on.read('b')).toBe('base')
  })
})

describe('attributes', () => {
  test('changed here of a file that was edited there: theirs is taken', async () => {
    await on.shared('a', 'base')
    await on.operations.chmod('/a', 0o600)
    on.bucket.putForeign('a', 'theirs, longer')
    expect(await on.upload()).toEqual([])
    expect(on.text('a')).toBe('theirs, longer')
    expect(await on.read('a')).toBe('theirs, longer')
  })

  test('changed here of a file that was deleted there: it is gone', async () => {
    await on.shared('a', 'base')
    await on.operations.chmod('/a', 0o600)
    on.bucket.deleteForeign('a')
    expect(await on.upload()).toEqual([])
    expect(on.bucket.keys()).toEqual([])
    expect(await on.list()).toEqual([])
  })

  test('changed on both sides, where a copy gave the same bytes another ETag: no conflict', async () => {
    const id = await on.bucket.createMultipartUpload('a', { metadata: {} })
    const part = await on.bucket.uploadPart('a', id, 1, Buffer.from('bytes'))
    await on.bucket.completeMultipartUpload('a', id, [part], undefined)
    expect(await on.read('a')).toBe('bytes')
    await on.operations.chmod('/a', 0o600)
    on.bucket.putForeign('a', 'bytes', { metadata: { theirs: 'kept' } })
    expect(await on.upload()).toEqual([])
    expect((await on.bucket.head('a'))?.metadata['mode']).toBe(String(0o100600))
    expect(await on.read('a')).toBe('bytes')
  })

  test('of a folder whose own object was deleted there: it has one again', async () => {
    await on.operations.mkdir('/folder', 0o755, caller)
    await writeFile(on.operations, '/folder/file', 'x')
    await on.upload()
    await on.operations.chmod('/folder', 0o700)
    on.bucket.deleteForeign('folder/')
    expect(await on.upload()).toEqual([])
    expect(on.bucket.keys()).toEqual(['folder/', 'folder/file'])
  })

  test('a file open for writing is not replaced under its program', async () => {
    await on.shared('a', 'base')
    const handle = await on.operations.open('/a', constants.O_RDWR)
    await on.operations.chmod('/a', 0o600)
    on.bucket.putForeign('a', 'theirs')
    await on.clock.advance(5_000)
    expect(on.left()).toEqual(['put a waiting'])
    const buffer = Buffer.alloc(10)
    expect(buffer.toString('utf8', 0, await on.operations.read(handle, buffer, 0))).toBe('base')
    await on.close(handle)
    expect(await on.upload()).toEqual([])
    expect(await on.read('a')).toBe('theirs')
  })
})

describe('deleted here', () => {
  test('and edited there: theirs stays and shows up again', async () => {
    await on.shared('a', 'base')
    await on.operations.unlink('/a')
    on.bucket.putForeign('a', 'theirs')
    expect(await on.upload()).toEqual([])
    expect(on.text('a')).toBe('theirs')
    expect(await on.list()).toEqual(['a'])
    expect(await on.read('a')).toBe('theirs')
  })

  test('and there: there is nothing to do', async () => {
    await on.shared('a', 'base')
    await on.operations.unlink('/a')
    on.bucket.deleteForeign('a')
    expect(await on.upload()).toEqual([])
    expect(on.bucket.keys()).toEqual([])
  })
})

describe('renamed here, unedited', () => {
  test('and edited there: their version is what moves', async () => {
    await on.shared('a', 'base')
    await on.operations.rename('/a', '/b')
    on.bucket.putForeign('a', 'theirs')
    expect(await on.upload()).toEqual([])
    expect(on.bucket.keys()).toEqual(['b'])
    expect(on.text('b')).toBe('theirs')
    expect(await on.read('b')).toBe('theirs')
  })

  test('and deleted there: it is gone', async () => {
    await on.shared('a', 'base')
    await on.operations.rename('/a', '/b')
    on.bucket.deleteForeign('a')
    expect(await on.upload()).toEqual([])
    expect(on.bucket.keys()).toEqual([])
    expect(await on.list()).toEqual([])
  })

  test('with its folder, and edited inside the folder there: the edit moves along', async () => {
    await on.shared('old/a', 'base')
    await on.operations.rename('/old', '/new')
    on.bucket.putForeign('old/a', 'theirs')
    expect(await on.upload()).toEqual([])
    expect(on.bucket.keys()).toEqual(['new/a'])
    expect(on.text('new/a')).toBe('theirs')
  })

  test('and edited inside the folder that the other side renamed: mine is a conflict, theirs is at the new name', async () => {
    await on.shared('old/a', 'base')
    await on.edit('old/a', 'mine')
    on.bucket.putForeign('new/a', 'base')
    on.bucket.deleteForeign('old/a')
    expect(await on.upload()).toEqual(['put old/a conflict'])
    expect(await on.read('old/a')).toBe('mine')
    expect(on.text('new/a')).toBe('base')
  })

  test('and open for writing: it waits for the program, and goes with what that wrote', async () => {
    await on.shared('a', 'base')
    const handle = await on.operations.open('/a', constants.O_RDWR)
    await on.operations.rename('/a', '/b')
    on.bucket.putForeign('a', 'theirs')
    await on.clock.advance(5_000)
    expect(on.left()).toContain('put b waiting')
    await on.operations.write(handle, Buffer.from('mine'), 0)
    await on.close(handle)
    expect(await on.upload()).toEqual([])
    expect(on.text('b')).toBe('mine')
    expect(on.text('a')).toBe('theirs')
  })

  test('to a name that was taken there meanwhile is a conflict, and the old object stays as long', async () => {
    await on.shared('a', 'mine')
    await on.operations.rename('/a', '/b')
    on.bucket.putForeign('b', 'theirs')
    expect(await on.upload()).toEqual(['delete a queued', 'put b conflict'])
    expect(on.bucket.keys()).toEqual(['a', 'b'])
    expect(await on.read('b')).toBe('mine')
  })
})

describe('renamed and edited here', () => {
  test('and edited there: mine goes to the new name, theirs stays under the old', async () => {
    await on.shared('a', 'base')
    await on.operations.rename('/a', '/b')
    await on.edit('b', 'mine')
    on.bucket.putForeign('a', 'theirs')
    expect(await on.upload()).toEqual([])
    expect(on.text('a')).toBe('theirs')
    expect(on.text('b')).toBe('mine')
    expect(await on.list()).toEqual(['a', 'b'])
  })

  test('and deleted there: mine goes to the new name', async () => {
    await on.shared('a', 'base')
    await on.edit('a', 'mine')
    await on.operations.rename('/a', '/b')
    on.bucket.deleteForeign('a')
    expect(await on.upload()).toEqual([])
    expect(on.bucket.keys()).toEqual(['b'])
    expect(on.text('b')).toBe('mine')
  })

  test('a large one, of which the server was to copy most, is sent whole from here', async () => {
    await on.shared('a', Buffer.alloc(20 * 1024 * 1024, 'base'))
    await on.operations.rename('/a', '/b')
    await on.edit('b', 'mine')
    on.bucket.putForeign('a', 'theirs')
    expect(await on.upload()).toEqual([])
    expect(on.bucket.peek('b')?.length).toBe(20 * 1024 * 1024)
    expect(on.text('b')?.slice(0, 8)).toBe('minebase')
    expect(on.text('a')).toBe('theirs')
  })

  test('without having been here whole: what is gone is said, never made up, and saving it whole heals it', async () => {
    on.bucket.putForeign('a', Buffer.alloc(100_000, 'base'))
    await on.list()
    await on.operations.rename('/a', '/b')
    await on.edit('b', 'mine')
    on.bucket.putForeign('a', 'theirs')
    expect(await on.upload()).toEqual(['put b blocked'])
    expect(on.put('b').status).toMatchObject({ problem: { message: expect.stringContaining('parts of it') as string } })
    expect(on.text('a')).toBe('theirs')
    expect(await on.list()).toEqual(['a', 'b'])
    const handle = await on.operations.open('/b', constants.O_RDONLY)
    const buffer = Buffer.alloc(4)
    expect(await on.operations.read(handle, buffer, 0)).toBe(4)
    expect(buffer.toString()).toBe('mine')
    await expect(Promise.resolve().then(() => on.operations.read(handle, buffer, 50_000))).rejects.toMatchObject({
      errno: 'EIO',
    })
    await on.operations.release(handle)
    await on.operations.truncate('/b', 0)
    await on.edit('b', 'all of it')
    on.drive.uploader.retryBlocked()
    expect(await on.upload()).toEqual([])
    expect(on.text('b')).toBe('all of it')
  })
})
