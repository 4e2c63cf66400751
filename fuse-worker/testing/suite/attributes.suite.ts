/** Modes, owners, times and extended attributes: kept, and carried by the object. */
import { describe, expect, test } from 'vitest'
import { expectErrno, readText, writeAll, type FsUnderTest } from '../fs-under-test.ts'

export function attributesSuite(on: () => FsUnderTest): void {
  describe('attributes', () => {
    // Only root gives files away.
    const isRoot = process.getuid?.() === 0
    const [given, givenGroup] = isRoot ? [1234, 2345] : [process.getuid?.() ?? 0, process.getgid?.() ?? 0]

    test('mode, owner and times are kept over upload and restart, and stand in the object as s3fs writes them', async () => {
      await writeAll(on(), '/attr', 'x')
      await on().chmod('/attr', 0o640)
      await on().chown('/attr', given, givenGroup)
      await on().utimes('/attr', 1_500_000_000_000, 1_600_000_000_250)
      const check = async (): Promise<void> => {
        const { mode, uid, gid, mtimeMs } = await on().stat('/attr')
        expect({ mode, uid, gid, mtimeMs: Math.round(mtimeMs) }).toEqual({
          mode: 0o640,
          uid: given,
          gid: givenGroup,
          mtimeMs: 1_600_000_000_250,
        })
      }
      await check()
      expect(await on().upload()).toBe(0)
      await check()
      await on().restart()
      await check()
      const metadata = await on().bucket.metadata('attr')
      expect(metadata).toMatchObject({ mode: String(0o100640), uid: String(given), gid: String(givenGroup) })
      expect(Number(metadata?.['mtime'])).toBeCloseTo(1_600_000_000.25, 3)
    })

    test('a change of mode alone leaves the content as it is, here and in the bucket', async () => {
      await writeAll(on(), '/modeonly', 'content')
      await on().upload()
      await on().chmod('/modeonly', 0o755)
      expect(await on().upload()).toBe(0)
      expect((await on().bucket.get('modeonly'))?.toString()).toBe('content')
      expect((await on().bucket.metadata('modeonly'))?.['mode']).toBe(String(0o100755))
      expect(await readText(on(), '/modeonly')).toBe('content')
    })

    test('of a folder too', async () => {
      await on().mkdir('/attrdir', 0o750)
      expect((await on().stat('/attrdir')).mode).toBe(0o750)
      await on().chmod('/attrdir', 0o700)
      expect(await on().upload()).toBe(0)
      expect((await on().bucket.metadata('attrdir/'))?.['mode']).toBe(String(0o040700))
    })

    test('a write moves mtime on, a read does not', async () => {
      await writeAll(on(), '/times', 'x')
      await on().utimes('/times', 1_500_000_000_000, 1_500_000_000_000)
      await readText(on(), '/times')
      expect((await on().stat('/times')).mtimeMs).toBe(1_500_000_000_000)
      await writeAll(on(), '/times', 'y')
      expect((await on().stat('/times')).mtimeMs).toBeGreaterThan(1_600_000_000_000)
    })

    test('links: one of a file, two and one for each folder in it of a folder', async () => {
      await on().mkdir('/nlink')
      await on().mkdir('/nlink/a')
      await writeAll(on(), '/nlink/f', 'x')
      expect((await on().stat('/nlink')).nlink).toBe(3)
      expect((await on().stat('/nlink/f')).nlink).toBe(1)
    })

    test('of nothing are ENOENT', async () => {
      await expectErrno(on().chmod('/noattr', 0o600), 'ENOENT')
      await expectErrno(on().utimes('/noattr', 0, 0), 'ENOENT')
      await expectErrno(on().chown('/noattr', 1, 1), 'ENOENT')
    })

    test('statfs tells of a disk with room', async () => {
      const { blocks, bfree, bsize } = await on().statfs('/')
      expect(blocks * bsize).toBeGreaterThan(0)
      expect(bfree).toBeGreaterThan(0)
      expect(bfree).toBeLessThanOrEqual(blocks)
    })
  })

  describe('extended attributes', () => {
    test('are set, listed, replaced, removed, and kept over a restart', async (context) => {
      const { xattrs } = on()
      if (xattrs === undefined) return context.skip()
      await writeAll(on(), '/xattr', 'x')
      await xattrs.set('/xattr', 'user.one', Buffer.from([0, 1, 255]))
      await xattrs.set('/xattr', 'user.two', Buffer.from('zwei'), 'create')
      await expectErrno(xattrs.set('/xattr', 'user.two', Buffer.from('x'), 'create'), 'EEXIST')
      await expectErrno(xattrs.set('/xattr', 'user.three', Buffer.from('x'), 'replace'), 'ENODATA')
      await xattrs.set('/xattr', 'user.two', Buffer.from('deux'), 'replace')
      expect((await xattrs.list('/xattr')).sort()).toEqual(['user.one', 'user.two'])
      expect(await on().upload()).toBe(0)
      await on().restart()
      expect(await xattrs.get('/xattr', 'user.one')).toEqual(Buffer.from([0, 1, 255]))
      expect((await xattrs.get('/xattr', 'user.two')).toString()).toBe('deux')
      await xattrs.remove('/xattr', 'user.one')
      await expectErrno(xattrs.get('/xattr', 'user.one'), 'ENODATA')
      await expectErrno(xattrs.remove('/xattr', 'user.one'), 'ENODATA')
      expect(await xattrs.list('/xattr')).toEqual(['user.two'])
      expect(await on().upload()).toBe(0)
    })

    test('more than an object’s metadata has room for is ENOSPC, and changes nothing', async (context) => {
      const { xattrs } = on()
      if (xattrs === undefined) return context.skip()
      await writeAll(on(), '/xattrfull', 'x')
      await expectErrno(xattrs.set('/xattrfull', 'user.big', Buffer.alloc(4_000, 1)), 'ENOSPC')
      expect(await xattrs.list('/xattrfull')).toEqual([])
      expect(await on().upload()).toBe(0)
    })
  })
}
