/** The process that serves the drive dies: what a program was told is kept is kept, and reaches the bucket. */
import { describe, expect, test } from 'vitest'
import { expectErrno, patternBytes, readAll, readText, writeAll, type FsUnderTest } from '../fs-under-test.ts'

export function deathsSuite(on: () => FsUnderTest): void {
  describe('the death of the process that serves the drive', () => {
    test('takes nothing of what was closed, made, renamed or removed before', async () => {
      await on().mkdir('/death')
      await writeAll(on(), '/death/uploaded', 'in the bucket')
      await writeAll(on(), '/death/removed', 'x')
      await on().upload()
      const content = patternBytes(200_000, 21)
      await writeAll(on(), '/death/closed', content)
      await writeAll(on(), '/death/first', 'renamed')
      await on().rename('/death/first', '/death/second')
      await on().rename('/death/uploaded', '/death/moved')
      await on().unlink('/death/removed')
      await on().chmod('/death/closed', 0o600)
      await on().symlink('closed', '/death/link')
      const { ino, mtimeMs } = await on().stat('/death/closed')

      await on().crash()

      expect(await on().readdir('/death')).toEqual(['closed', 'link', 'moved', 'second'])
      expect((await readAll(on(), '/death/closed')).equals(content)).toBe(true)
      expect(await on().stat('/death/closed')).toMatchObject({ ino, mtimeMs, mode: 0o600, size: content.length })
      expect(await readText(on(), '/death/second')).toBe('renamed')
      expect(await readText(on(), '/death/moved')).toBe('in the bucket')
      expect(await on().readlink('/death/link')).toBe('closed')
      await expectErrno(on().stat('/death/removed'), 'ENOENT')
      expect(await on().upload()).toBe(0)
      expect(await on().bucket.keys('death/')).toEqual([
        'death/',
        'death/closed',
        'death/link',
        'death/moved',
        'death/second',
      ])
      expect((await on().bucket.get('death/closed'))?.equals(content)).toBe(true)
    })

    test('takes nothing of what fsync answered for, of a file still open', async () => {
      const file = await on().open('/death-open', 'w')
      await file.write('synced', 0)
      await file.sync()
      await on().crash()
      await file.close().catch(() => undefined)
      expect((await readText(on(), '/death-open')).slice(0, 6)).toBe('synced')
      expect(await on().upload()).toBe(0)
      expect((await on().bucket.get('death-open'))?.toString().slice(0, 6)).toBe('synced')
    })

    test('takes away files that were unlinked while they were open', async () => {
      await writeAll(on(), '/death-unlinked', 'x')
      await on().upload()
      const file = await on().open('/death-unlinked', 'r+')
      await on().unlink('/death-unlinked')
      await file.write('more', 0)
      await on().crash()
      await file.close().catch(() => undefined)
      await expectErrno(on().stat('/death-unlinked'), 'ENOENT')
      expect(await on().upload()).toBe(0)
      expect(await on().bucket.get('death-unlinked')).toBeUndefined()
      expect((await on().readdir('/')).filter((name) => name.startsWith('.fuse_hidden'))).toEqual([])
    })

    test('in the middle of a large upload leaves no torn object', async () => {
      const content = patternBytes(2 * 8 * 1024 * 1024 + 77, 31)
      await writeAll(on(), '/death-large', content)
      const sent = on()
        .upload()
        .catch(() => -1)
      await on().crash()
      await sent
      const seen = await on().bucket.get('death-large')
      expect(seen === undefined || seen.equals(content)).toBe(true)
      expect((await readAll(on(), '/death-large')).equals(content)).toBe(true)
      expect(await on().upload()).toBe(0)
      expect((await on().bucket.get('death-large'))?.equals(content)).toBe(true)
    })
  })
}
