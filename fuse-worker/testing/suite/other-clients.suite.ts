/** What other clients put into the bucket, before and while it is mounted: all of it shows, and none of it is overwritten unseen. */
import { describe, expect, test } from 'vitest'
import {
  expectErrno,
  patternBytes,
  readAll,
  readText,
  writeAll,
  type FsUnderTest,
  type Seed,
} from '../fs-under-test.ts'

const longSegment = 'l'.repeat(300)
const plain = patternBytes(50_000, 9)
/** Files that only the bucket has: other parts of the suite use them. */
export const unlinkedContent = patternBytes(300_000)
export const coldContent = patternBytes(8 * 1024 * 1024 + 500_000, 3)

export const seedOfOtherClients: Seed = async (bucket) => {
  const objects: Record<string, string | Buffer> = {
    'seeded/plain.bin': plain,
    'seeded/deep/er/file': 'implied',
    'seeded/odd//b': 'empty segment',
    'seeded/odd/./c': 'dot',
    'seeded/odd/../d': 'dot dot',
    'seeded/odd/both': 'object and folder',
    'seeded/odd/both/inside': 'inside',
    'seeded/odd/marked/': 'a marker with a body',
    'seeded/odd/new\nline': 'newline',
    [`seeded/odd/${longSegment}`]: 'long',
    'seeded/nf/cafe\u0301': 'decomposed',
    'seeded/nf/caf\u00e9': 'composed',
    'seeded/emptied/only': 'x',
    'seeded/remove/a': 'x',
    'seeded/remove/sub/b': 'x',
    'seeded/open/cold': plain,
    'seeded/unlinked/a': unlinkedContent,
    'seeded/cold/large': coldContent,
    'watched/changing': 'first version',
    'watched/going': 'still here',
    'watched/contested': 'base',
    'watched/opened': 'the version the editor opened',
  }
  for (const [key, body] of Object.entries(objects)) await bucket.put(key, body)
  await bucket.put('seeded/link', 'deep/er/file', { metadata: { mode: String(0o120777) } })
  await bucket.put('seeded/dated', 'x', {
    metadata: { mtime: '1500000000.125', mode: String(0o100600), uid: '7', gid: '8', color: 'green' },
    contentType: 'text/x-special',
  })
}

export function otherClientsSuite(on: () => FsUnderTest): void {
  describe('objects of other clients', () => {
    test('are files; folders are implied by keys', async () => {
      expect(await on().readdir('/seeded')).toContain('deep')
      expect((await on().stat('/seeded/deep/er')).kind).toBe('directory')
      expect(await readText(on(), '/seeded/deep/er/file')).toBe('implied')
      expect((await readAll(on(), '/seeded/plain.bin')).equals(plain)).toBe(true)
    })

    test('carry mode, owner and mtime as s3fs and rclone write them, and symbolic links', async () => {
      // After a listing an object's own metadata comes behind, and only that tells whether a small one is a link.
      const stored = { mode: 0o600, uid: 7, gid: 8, mtimeMs: 1_500_000_000_125 }
      await on().eventually(async () => expect(await on().stat('/seeded/dated')).toMatchObject(stored))
      await on().eventually(async () => expect((await on().stat('/seeded/link')).kind).toBe('symlink'))
      expect(await on().readlink('/seeded/link')).toBe('deep/er/file')
    })

    test('keep what we do not know of through a rename here', async () => {
      await on().rename('/seeded/dated', '/seeded/redated')
      expect(await on().upload()).toBe(0)
      expect(await on().bucket.metadata('seeded/redated')).toMatchObject({ color: 'green', uid: '7' })
      expect(await on().bucket.get('seeded/dated')).toBeUndefined()
    })

    test('whose keys no path can hold can be read, renamed and removed', async () => {
      const names = await on().readdir('/seeded/odd')
      const [empty, dot, dots, twin] = ['⟦empty⟧', '⟦2E⟧', '⟦2E2E⟧', 'both⟦object⟧']
      expect(names).toEqual(expect.arrayContaining([empty, dot, dots, 'both', twin, 'marked', 'new\nline']))
      expect(await readText(on(), `/seeded/odd/${empty}/b`)).toBe('empty segment')
      expect(await readText(on(), `/seeded/odd/${dot}/c`)).toBe('dot')
      expect(await readText(on(), `/seeded/odd/${dots}/d`)).toBe('dot dot')
      expect(await readText(on(), `/seeded/odd/${twin}`)).toBe('object and folder')
      expect(await readText(on(), '/seeded/odd/both/inside')).toBe('inside')
      expect(await readText(on(), `/seeded/odd/marked/${empty}`)).toBe('a marker with a body')
      const long = names.find((name) => name.startsWith('llll'))
      expect(Buffer.byteLength(long ?? '')).toBeLessThanOrEqual(255)
      expect(await readText(on(), `/seeded/odd/${long}`)).toBe('long')

      await on().rename(`/seeded/odd/${long}`, '/seeded/odd/short')
      await on().rename(`/seeded/odd/${twin}`, '/seeded/odd/single')
      await on().rename(`/seeded/odd/${empty}/b`, '/seeded/odd/b')
      await on().unlink(`/seeded/odd/${dot}/c`)
      await on().unlink(`/seeded/odd/marked/${empty}`)
      expect(await on().upload()).toBe(0)
      expect((await on().bucket.get('seeded/odd/short'))?.toString()).toBe('long')
      expect((await on().bucket.get('seeded/odd/single'))?.toString()).toBe('object and folder')
      expect((await on().bucket.get('seeded/odd/b'))?.toString()).toBe('empty segment')
      for (const key of [`seeded/odd/${longSegment}`, 'seeded/odd/both', 'seeded/odd//b', 'seeded/odd/./c']) {
        expect(await on().bucket.get(key), key).toBeUndefined()
      }
      expect((await on().bucket.get('seeded/odd/both/inside'))?.toString()).toBe('inside')
    })

    test('that differ only in composition are both shown and both readable', async () => {
      expect((await on().readdir('/seeded/nf')).length).toBe(2)
      expect(await readText(on(), '/seeded/nf/cafe\u0301')).toBe('decomposed')
      expect(await readText(on(), '/seeded/nf/caf\u00e9')).toBe('composed')
    })

    test('a folder they implied stays when its last file goes, until it is removed', async () => {
      await on().unlink('/seeded/emptied/only')
      expect(await on().readdir('/seeded/emptied')).toEqual([])
      expect(await on().upload()).toBe(0)
      expect(await on().bucket.keys('seeded/emptied')).toEqual(['seeded/emptied/'])
      expect((await on().stat('/seeded/emptied')).kind).toBe('directory')
      await on().rmdir('/seeded/emptied')
      expect(await on().upload()).toBe(0)
      expect(await on().bucket.keys('seeded/emptied')).toEqual([])
    })

    test('a tree of theirs is removed from the bottom up', async () => {
      await expectErrno(on().rmdir('/seeded/remove'), 'ENOTEMPTY')
      await on().unlink('/seeded/remove/sub/b')
      await on().rmdir('/seeded/remove/sub')
      await on().unlink('/seeded/remove/a')
      await on().rmdir('/seeded/remove')
      expect(await on().upload()).toBe(0)
      expect(await on().bucket.keys('seeded/remove')).toEqual([])
    })

    test('a change in the middle of one that is not here keeps the rest of it', async () => {
      const file = await on().open('/seeded/open/cold', 'r+')
      await file.write('CHANGED', 20_000)
      await file.close()
      expect(await on().upload()).toBe(0)
      const wanted = Buffer.from(plain)
      wanted.write('CHANGED', 20_000)
      expect((await on().bucket.get('seeded/open/cold'))?.equals(wanted)).toBe(true)
    })
  })

  describe('changes of other clients', () => {
    test('are seen once what was known has expired: changed, removed, new', async () => {
      expect(await readText(on(), '/watched/changing')).toBe('first version')
      expect(await readText(on(), '/watched/going')).toBe('still here')
      await on().bucket.put('watched/changing', 'second version, longer')
      await on().bucket.delete('watched/going')
      await on().bucket.put('watched/arriving', 'hello')
      await on().eventually(async () => {
        expect(await on().readdir('/watched')).toEqual(['arriving', 'changing', 'contested', 'opened'])
        expect(await readText(on(), '/watched/changing')).toBe('second version, longer')
      })
      expect((await on().stat('/watched/changing')).size).toBe(22)
      expect(await readText(on(), '/watched/arriving')).toBe('hello')
      await expectErrno(on().open('/watched/going', 'r'), 'ENOENT')
    })

    test('to a file changed here are a conflict: both versions are kept, and neither is overwritten', async () => {
      expect(await readText(on(), '/watched/contested')).toBe('base')
      const file = await on().open('/watched/contested', 'r+')
      await on().bucket.put('watched/contested', 'theirs')
      await file.write('mine', 0)
      await file.close()
      expect(await on().upload()).toBe(1)
      expect((await on().bucket.get('watched/contested'))?.toString()).toBe('theirs')
      expect(await readText(on(), '/watched/contested')).toBe('mine')
      await on().unlink('/watched/contested')
      expect(await on().upload()).toBe(0)
      expect((await on().bucket.get('watched/contested'))?.toString()).toBe('theirs')
    })

    test('to a file that is open here are not overwritten by what is written to the version opened', async () => {
      const file = await on().open('/watched/opened', 'r+')
      expect((await file.read(100, 0)).toString()).toBe('the version the editor opened')
      await on().bucket.put('watched/opened', 'a later version by somebody else')
      await on().bucket.put('watched/signal', 'x')
      await on().eventually(async () => expect(await on().readdir('/watched')).toContain('signal'))
      await file.write('THE', 0)
      expect((await file.read(100, 0)).toString()).toBe('THE version the editor opened')
      await file.close()
      expect(await on().upload()).toBe(1)
      expect((await on().bucket.get('watched/opened'))?.toString()).toBe('a later version by somebody else')
      await on().rename('/watched/opened', '/watched/rescued')
      expect(await on().upload()).toBe(0)
      expect((await on().bucket.get('watched/rescued'))?.toString()).toBe('THE version the editor opened')
      expect((await on().bucket.get('watched/opened'))?.toString()).toBe('a later version by somebody else')
    })

    test('a new name taken by both at once is a conflict, not a replacement', async () => {
      await on().readdir('/watched')
      await on().bucket.put('watched/both', 'theirs')
      await writeAll(on(), '/watched/both', 'mine').catch(() => undefined)
      await on().upload()
      expect((await on().bucket.get('watched/both'))?.toString()).toBe('theirs')
      await on().unlink('/watched/both')
      await on().upload()
    })
  })
}
