/** Names: creating, removing, moving them, and which no path or key can hold. */
import { describe, expect, test } from 'vitest'
import { expectErrno, patternBytes, readAll, readText, writeAll, type FsUnderTest } from '../fs-under-test.ts'

export function namesSuite(on: () => FsUnderTest): void {
  describe('folders', () => {
    test('are made, listed and removed, and stand in the bucket as empty objects', async () => {
      await on().mkdir('/m')
      await on().mkdir('/m/n')
      expect(await on().readdir('/m')).toEqual(['n'])
      await on().upload()
      expect(await on().bucket.keys('m/')).toEqual(['m/', 'm/n/'])
      await on().rmdir('/m/n')
      expect(await on().readdir('/m')).toEqual([])
      await on().upload()
      expect(await on().bucket.keys('m/')).toEqual(['m/'])
    })

    test('wrong uses have their errno', async () => {
      await on().mkdir('/w')
      await writeAll(on(), '/w/f', 'x')
      await expectErrno(on().mkdir('/w'), 'EEXIST')
      await expectErrno(on().mkdir('/w/f'), 'EEXIST')
      await expectErrno(on().mkdir('/w/none/x'), 'ENOENT')
      await expectErrno(on().mkdir('/w/f/x'), 'ENOTDIR')
      await expectErrno(on().rmdir('/w'), 'ENOTEMPTY')
      await expectErrno(on().rmdir('/w/f'), 'ENOTDIR')
      await expectErrno(on().rmdir('/w/none'), 'ENOENT')
      await expectErrno(on().unlink('/w'), 'EISDIR')
      await expectErrno(on().unlink('/w/none'), 'ENOENT')
      await expectErrno(on().readdir('/w/none'), 'ENOENT')
      await expectErrno(on().stat('/w/f/x'), 'ENOTDIR')
    })

    test('made and removed before anything is uploaded leave nothing behind', async () => {
      await on().mkdir('/brief')
      await writeAll(on(), '/brief/a', 'x')
      await on().unlink('/brief/a')
      await on().rmdir('/brief')
      await on().upload()
      expect(await on().bucket.keys('brief')).toEqual([])
    })
  })

  describe('rename', () => {
    test('of a file in the bucket moves its object', async () => {
      await writeAll(on(), '/r1', 'content')
      await on().upload()
      await on().rename('/r1', '/r2')
      await expectErrno(on().stat('/r1'), 'ENOENT')
      expect(await readText(on(), '/r2')).toBe('content')
      await on().upload()
      expect(await on().bucket.keys('r1')).toEqual([])
      expect((await on().bucket.get('r2'))?.toString()).toBe('content')
    })

    test('onto an existing file replaces it, with the inode of the one that came', async () => {
      await writeAll(on(), '/s1', 'new')
      await writeAll(on(), '/s2', 'old')
      await on().upload()
      const { ino } = await on().stat('/s1')
      await on().rename('/s1', '/s2')
      expect((await on().stat('/s2')).ino).toBe(ino)
      expect(await readText(on(), '/s2')).toBe('new')
      await on().upload()
      expect((await on().bucket.get('s2'))?.toString()).toBe('new')
      expect(await on().bucket.get('s1')).toBeUndefined()
    })

    test('of a folder takes open files and queued uploads along', async () => {
      await on().mkdir('/t1')
      await on().mkdir('/t1/sub')
      await writeAll(on(), '/t1/uploaded', 'one')
      await on().upload()
      await writeAll(on(), '/t1/sub/queued', 'two')
      const open = await on().open('/t1/open', 'w')
      await open.write('thr', 0)
      await on().rename('/t1', '/t2')
      await open.write('ee', 3)
      await open.close()
      expect(await on().readdir('/t2')).toEqual(['open', 'sub', 'uploaded'])
      await on().upload()
      expect(await on().bucket.keys('t1')).toEqual([])
      expect(await on().bucket.keys('t2')).toEqual(['t2/', 't2/open', 't2/sub/', 't2/sub/queued', 't2/uploaded'])
      expect((await on().bucket.get('t2/open'))?.toString()).toBe('three')
      expect((await on().bucket.get('t2/sub/queued'))?.toString()).toBe('two')
      expect((await on().bucket.get('t2/uploaded'))?.toString()).toBe('one')
    })

    test('two names swap by way of a third', async () => {
      await writeAll(on(), '/u1', 'one')
      await writeAll(on(), '/u2', 'two')
      await on().upload()
      await on().rename('/u1', '/u3')
      await on().rename('/u2', '/u1')
      await on().rename('/u3', '/u2')
      await on().upload()
      expect((await on().bucket.get('u1'))?.toString()).toBe('two')
      expect((await on().bucket.get('u2'))?.toString()).toBe('one')
      expect(await on().bucket.get('u3')).toBeUndefined()
      expect([await readText(on(), '/u1'), await readText(on(), '/u2')]).toEqual(['two', 'one'])
    })

    test('wrong uses have their errno', async () => {
      await on().mkdir('/v')
      await on().mkdir('/v/full')
      await on().mkdir('/v/empty')
      await writeAll(on(), '/v/full/f', 'x')
      await writeAll(on(), '/v/f', 'x')
      await expectErrno(on().rename('/v/none', '/v/x'), 'ENOENT')
      await expectErrno(on().rename('/v/f', '/v/none/x'), 'ENOENT')
      await expectErrno(on().rename('/v/f', '/v/empty'), 'EISDIR')
      await expectErrno(on().rename('/v/empty', '/v/f'), 'ENOTDIR')
      await expectErrno(on().rename('/v/empty', '/v/full'), 'ENOTEMPTY')
      await expectErrno(on().rename('/v/full', '/v/full/below'), 'EINVAL')
      await on().rename('/v/f', '/v/f')
      await on().rename('/v/full', '/v/empty')
      expect(await on().readdir('/v')).toEqual(['empty', 'f'])
    })

    test('a link that is more than one name is refused with EPERM', async () => {
      await writeAll(on(), '/hard', 'x')
      await expectErrno(on().link('/hard', '/harder'), 'EPERM')
    })
  })

  describe('symbolic links', () => {
    test('keep their target, to the byte, in the bucket too', async () => {
      await on().mkdir('/links')
      await on().symlink('../somewhere/ü', '/links/l')
      expect(await on().readlink('/links/l')).toBe('../somewhere/ü')
      expect((await on().stat('/links/l')).kind).toBe('symlink')
      await on().upload()
      expect((await on().bucket.get('links/l'))?.toString()).toBe('../somewhere/ü')
      await on().rename('/links/l', '/links/m')
      expect(await on().readlink('/links/m')).toBe('../somewhere/ü')
      await on().upload()
      expect(await on().bucket.keys('links/')).toEqual(['links/', 'links/m'])
      await expectErrno(on().symlink('x', '/links/m'), 'EEXIST')
      await on().unlink('/links/m')
      await expectErrno(on().readlink('/links/m'), 'ENOENT')
      await writeAll(on(), '/links/file', 'x')
      await expectErrno(on().readlink('/links/file'), 'EINVAL')
    })
  })

  describe('how long and how odd', () => {
    test('a name of 255 bytes is fine, one of 256 is ENAMETOOLONG', async () => {
      const longest = `${'ü'.repeat(127)}x`
      await writeAll(on(), `/${longest}`, 'long')
      expect(await readText(on(), `/${longest}`)).toBe('long')
      await on().upload()
      expect((await on().bucket.get(longest))?.toString()).toBe('long')
      await expectErrno(on().open(`/${longest}y`, 'w'), 'ENAMETOOLONG')
      await expectErrno(on().mkdir(`/${'a'.repeat(256)}`), 'ENAMETOOLONG')
      await expectErrno(on().rename(`/${longest}`, `/${'a'.repeat(256)}`), 'ENAMETOOLONG')
    })

    test('a key over 1,024 bytes is ENAMETOOLONG, also when a renamed folder would make one', async () => {
      const part = 'p'.repeat(200)
      let path = ''
      for (let depth = 0; depth < 4; depth++) await on().mkdir((path += `/${part}`))
      await writeAll(on(), `${path}/${'q'.repeat(200)}`, 'deep')
      await expectErrno(on().open(`${path}/${'q'.repeat(230)}`, 'w'), 'ENAMETOOLONG')
      await expectErrno(on().rename(`/${part}`, `/${'r'.repeat(255)}`), 'ENAMETOOLONG')
      expect(await on().upload()).toBe(0)
      expect(await readText(on(), `${path}/${'q'.repeat(200)}`)).toBe('deep')
    })

    test('a decomposed and a composed spelling are one file', async () => {
      const [composed, decomposed] = ['caf\u00e9', 'cafe\u0301']
      await on().mkdir('/nf')
      await writeAll(on(), `/nf/${composed}`, 'one')
      expect(await readText(on(), `/nf/${decomposed}`)).toBe('one')
      await expectErrno(on().open(`/nf/${decomposed}`, 'wx'), 'EEXIST')
      expect((await on().readdir('/nf')).length).toBe(1)
    })

    test('spaces, quotes, percent signs, plus, newline and emoji are names like others', async () => {
      await on().mkdir('/odd')
      const names = ['a b', '100%', 'a+b', '"q"', "it's", 'new\nline', '😀', '%41', 'a\\b', '~', '#x?y&z']
      for (const name of names) await writeAll(on(), `/odd/${name}`, name)
      expect(await on().readdir('/odd')).toEqual([...names].sort())
      expect(await on().upload()).toBe(0)
      expect(new Set(await on().bucket.keys('odd/'))).toEqual(new Set(['odd/', ...names.map((name) => `odd/${name}`)]))
      for (const name of names) expect(await readText(on(), `/odd/${name}`)).toBe(name)
    })
  })

  describe('ways of saving', () => {
    const content = patternBytes(20_000, 5)
    const saves: Record<string, (path: string) => Promise<void>> = {
      'vim: the old file becomes a backup, the new one takes its name': async (path) => {
        await writeAll(on(), `${path}.4913`, '')
        await on().unlink(`${path}.4913`)
        await on().rename(path, `${path}~`)
        await writeAll(on(), path, content)
        await on().unlink(`${path}~`)
      },
      'gedit: written beside it and renamed over it': async (path) => {
        const temporary = `${path.slice(0, path.lastIndexOf('/'))}/.goutputstream-ABC123`
        const file = await on().open(temporary, 'wx')
        await file.write(content, 0)
        await file.sync()
        await file.close()
        await on().rename(temporary, path)
      },
      'LibreOffice: a lock file, a temporary file, and a rename': async (path) => {
        const folder = path.slice(0, path.lastIndexOf('/'))
        await writeAll(on(), `${folder}/.~lock.doc.odt#`, 'me')
        await writeAll(on(), `${folder}/lu12345.tmp`, content)
        await on().rename(`${folder}/lu12345.tmp`, path)
        await on().unlink(`${folder}/.~lock.doc.odt#`)
      },
      'in place: emptied and written again': async (path) => writeAll(on(), path, content),
    }
    for (const [index, [title, save]] of Object.entries(saves).entries()) {
      test(`${title}: one upload, nothing stray`, async () => {
        const folder = `/save${index}`
        await on().mkdir(folder)
        await writeAll(on(), `${folder}/doc.odt`, 'old')
        await on().upload()
        const key = `save${index}/doc.odt`
        const before = on().bucket.writesOf(key)
        await save(`${folder}/doc.odt`)
        expect(await on().upload()).toBe(0)
        expect((await on().bucket.get(key))?.equals(content)).toBe(true)
        expect(await on().bucket.keys(`save${index}/`)).toEqual([`save${index}/`, key])
        expect((await readAll(on(), `${folder}/doc.odt`)).equals(content)).toBe(true)
        if (before !== undefined) expect((on().bucket.writesOf(key) ?? 0) - before).toBe(1)
      })
    }
  })
}
