/** What programs rely on in files: content, sizes, open flags, and files that go while they are open. */
import { describe, expect, test } from 'vitest'
import { expectErrno, patternBytes, readAll, readText, writeAll, type FsUnderTest } from '../fs-under-test.ts'
import { coldContent, unlinkedContent } from './other-clients.suite.ts'

const chunkBytes = 8 * 1024 * 1024

export function filesSuite(on: () => FsUnderTest): void {
  describe('content', () => {
    test('what was written is read back, before and after it is in the bucket, and the object has the same bytes', async () => {
      const content = patternBytes(100_003)
      await on().mkdir('/content')
      await writeAll(on(), '/content/a', content)
      expect((await readAll(on(), '/content/a')).equals(content)).toBe(true)
      expect(await on().upload()).toBe(0)
      expect((await on().bucket.get('content/a'))?.equals(content)).toBe(true)
      expect((await readAll(on(), '/content/a')).equals(content)).toBe(true)
    })

    test('an empty file is an object of no bytes', async () => {
      await on().mkdir('/empty')
      await writeAll(on(), '/empty/a', '')
      expect(await on().upload()).toBe(0)
      expect((await on().bucket.get('empty/a'))?.length).toBe(0)
      expect(await readText(on(), '/empty/a')).toBe('')
    })

    test('a write past the end leaves zeros between', async () => {
      const file = await on().open('/sparse', 'w+')
      await file.write('a', 0)
      await file.write('z', 300_000)
      expect((await file.stat()).size).toBe(300_001)
      expect((await file.read(10, 0)).toString('hex')).toBe('61000000000000000000')
      await file.close()
      await on().upload()
      const content = await on().bucket.get('sparse')
      expect(content?.length).toBe(300_001)
      expect(content?.subarray(1, 300_000).every((byte) => byte === 0)).toBe(true)
    })

    test('a read past the end gives nothing, one across it what is there', async () => {
      await writeAll(on(), '/ends', 'abc')
      const file = await on().open('/ends', 'r')
      expect((await file.read(10, 1)).toString()).toBe('bc')
      expect((await file.read(10, 3)).length).toBe(0)
      expect((await file.read(10, 100)).length).toBe(0)
      await file.close()
    })

    test('two writers of one file see each other at once', async () => {
      const one = await on().open('/shared', 'w+')
      const other = await on().open('/shared', 'r+')
      await one.write('aaaa', 0)
      await other.write('bb', 1)
      expect((await one.read(10, 0)).toString()).toBe('abba')
      await one.close()
      expect((await other.read(10, 0)).toString()).toBe('abba')
      await other.close()
    })

    test('a file is still the same after a restart that left it in the queue', async () => {
      await writeAll(on(), '/queued', 'kept')
      const before = await on().stat('/queued')
      await on().restart()
      expect(await readText(on(), '/queued')).toBe('kept')
      const after = await on().stat('/queued')
      expect({ ino: after.ino, mtimeMs: after.mtimeMs }).toEqual({ ino: before.ino, mtimeMs: before.mtimeMs })
      expect(await on().upload()).toBe(0)
      expect((await on().bucket.get('queued'))?.toString()).toBe('kept')
    })

    test('nothing a program can see changes because an upload finished', async () => {
      await writeAll(on(), '/visible', 'abc')
      const before = await on().stat('/visible')
      expect(await on().upload()).toBe(0)
      expect(await on().stat('/visible')).toEqual(before)
    })
  })

  describe('truncate', () => {
    test('cuts and grows, and what grows is zeros, never what was there before', async () => {
      await writeAll(on(), '/cut', 'abcdefgh')
      await on().upload()
      await on().truncate('/cut', 3)
      await on().truncate('/cut', 6)
      expect((await readAll(on(), '/cut')).toString('hex')).toBe('616263000000')
      await on().upload()
      expect((await on().bucket.get('cut'))?.toString('hex')).toBe('616263000000')
    })

    test('through an open file', async () => {
      const file = await on().open('/fcut', 'w+')
      await file.write('abcdefgh', 0)
      await file.truncate(2)
      expect((await file.stat()).size).toBe(2)
      await file.write('z', 4)
      await file.close()
      expect((await readAll(on(), '/fcut')).toString('hex')).toBe('616200007a')
    })

    test('of a folder is EISDIR, of nothing ENOENT', async () => {
      await on().mkdir('/cutdir')
      await expectErrno(on().truncate('/cutdir', 0), 'EISDIR')
      await expectErrno(on().truncate('/cutnothing', 0), 'ENOENT')
    })
  })

  describe('open', () => {
    test('O_EXCL refuses a name that is taken', async () => {
      await writeAll(on(), '/taken', 'x')
      await expectErrno(on().open('/taken', 'wx'), 'EEXIST')
      await (await on().open('/free', 'wx')).close()
      await expectErrno(on().open('/free', 'wx'), 'EEXIST')
    })

    test('O_TRUNC empties, O_APPEND adds at the end wherever that is by then', async () => {
      await writeAll(on(), '/log', 'long content')
      await writeAll(on(), '/log', 'one ')
      const [first, second] = [await on().open('/log', 'a'), await on().open('/log', 'a')]
      await first.write('two ')
      await second.write('three ')
      await first.write('four')
      await first.close()
      await second.close()
      expect(await readText(on(), '/log')).toBe('one two three four')
    })

    test('of what is not there is ENOENT, below a file ENOTDIR, of a folder for writing EISDIR', async () => {
      await writeAll(on(), '/plain', 'x')
      await on().mkdir('/folder')
      await expectErrno(on().open('/nothing', 'r'), 'ENOENT')
      await expectErrno(on().open('/nothing/deeper', 'w'), 'ENOENT')
      await expectErrno(on().open('/plain/below', 'r'), 'ENOTDIR')
      await expectErrno(on().open('/folder', 'r+'), 'EISDIR')
    })

    test('for reading only refuses to write', async () => {
      await writeAll(on(), '/readable', 'x')
      const file = await on().open('/readable', 'r')
      await expectErrno(file.write('y', 0), 'EBADF')
      await file.close()
    })
  })

  describe('open files outlive their names', () => {
    test('unlinked: read and written to the end, and nothing of it reaches the bucket', async () => {
      await on().mkdir('/gone')
      await writeAll(on(), '/gone/a', 'before')
      const file = await on().open('/gone/a', 'r+')
      await on().unlink('/gone/a')
      expect(await on().readdir('/gone')).toEqual([])
      await file.write(' and after', 6)
      expect((await file.read(100, 0)).toString()).toBe('before and after')
      expect((await file.stat()).size).toBe(16)
      expect(await on().upload()).toBe(0)
      await file.close()
      expect(await on().upload()).toBe(0)
      expect(await on().bucket.keys('gone/')).toEqual(['gone/'])
    })

    test('unlinked when only the bucket had its bytes', async () => {
      const file = await on().open('/seeded/unlinked/a', 'r')
      await on().unlink('/seeded/unlinked/a')
      await on().upload()
      expect((await file.read(1_000, 200_000)).equals(unlinkedContent.subarray(200_000, 201_000))).toBe(true)
      await file.close()
      await on().upload()
      expect(await on().bucket.get('seeded/unlinked/a')).toBeUndefined()
    })

    test('renamed while it is written: everything arrives under the new name', async () => {
      const file = await on().open('/moving', 'w')
      await file.write('one ', 0)
      await on().rename('/moving', '/moved')
      await file.write('two', 4)
      await file.close()
      expect(await readText(on(), '/moved')).toBe('one two')
      await on().upload()
      expect((await on().bucket.get('moved'))?.toString()).toBe('one two')
      expect(await on().bucket.get('moving')).toBeUndefined()
    })

    test('replaced by a rename: who has it open keeps the old content', async () => {
      await writeAll(on(), '/target', 'old content')
      await on().upload()
      const file = await on().open('/target', 'r')
      await writeAll(on(), '/source', 'new')
      await on().rename('/source', '/target')
      expect((await file.read(100, 0)).toString()).toBe('old content')
      expect(await readText(on(), '/target')).toBe('new')
      await file.close()
      await on().upload()
      expect((await on().bucket.get('target'))?.toString()).toBe('new')
      expect(await on().bucket.get('source')).toBeUndefined()
    })
  })

  describe('large files', () => {
    test('of several chunks: written, changed in the middle, cut, grown, and the same in the bucket each time', async () => {
      const content = patternBytes(2 * chunkBytes + 12_345)
      await writeAll(on(), '/large', content)
      expect(await on().upload()).toBe(0)
      expect((await on().bucket.get('large'))?.equals(content)).toBe(true)

      const change = patternBytes(70_000, 7)
      const at = chunkBytes - 35_000
      const file = await on().open('/large', 'r+')
      await file.write(change, at)
      await file.close()
      change.copy(content, at)
      expect(await on().upload()).toBe(0)
      expect((await on().bucket.get('large'))?.equals(content)).toBe(true)

      await on().truncate('/large', chunkBytes + 10)
      await on().truncate('/large', chunkBytes + 50)
      const cut = Buffer.concat([content.subarray(0, chunkBytes + 10), Buffer.alloc(40)])
      expect((await readAll(on(), '/large')).equals(cut)).toBe(true)
      expect(await on().upload()).toBe(0)
      expect((await on().bucket.get('large'))?.equals(cut)).toBe(true)
    })

    test('read at random from the bucket', async () => {
      const file = await on().open('/seeded/cold/large', 'r')
      for (const offset of [chunkBytes - 10, 17, chunkBytes + 400_000, 4_000_001]) {
        const piece = await file.read(5_000, offset)
        expect(piece.equals(coldContent.subarray(offset, offset + 5_000)), `at ${offset}`).toBe(true)
      }
      await file.close()
    })
  })
}
