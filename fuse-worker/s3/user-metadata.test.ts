import { describe, expect, it } from 'vitest'
import { contentTypeFor } from './content-type.ts'
import { attributesFromMetadata, metadataFromAttributes, metadataSizeBytes } from './user-metadata.ts'

const read = (metadata: Record<string, string>, rest: { sizeBytes?: number; contentType?: string } = {}) =>
  attributesFromMetadata({ metadata, sizeBytes: 6, ...rest })

describe('attributes in user metadata', () => {
  it('reads a file as s3fs writes it', () => {
    const attributes = read({
      atime: '981173106.789123000',
      ctime: '1795239956',
      gid: '1001',
      mode: '33184',
      mtime: '981173106.789123000',
      uid: '1000',
      xattr: '%7B%22user.gr%C3%BC%C3%9F%22%3A%22eA%3D%3D%22%2C%22user.test%22%3A%22d/9ydA%3D%3D%22%7D',
    })
    expect(attributes).toEqual({
      mtimeMs: 981173106789.123,
      mode: 0o100640,
      uid: 1000,
      gid: 1001,
      isSymlink: false,
      isDirectory: false,
      xattrs: { 'user.grüß': Buffer.from('x'), 'user.test': Buffer.from('w\xffrt', 'latin1') },
      foreign: {},
    })
  })

  it('reads a file as rclone writes it, with its octal mode', () => {
    const plain = read({ mtime: '981173106.789123456' })
    expect(plain).toEqual({ mtimeMs: 981173106789.123, isSymlink: false, isDirectory: false, foreign: {} })
    const full = { mode: '100644', mtime: '1.5', btime: '2026-11-21T05:45:56Z', atime: '2001-02-03T04:05:06Z' }
    expect(read(full)).toMatchObject({ mode: 0o100644, mtimeMs: 1500, foreign: { btime: '2026-11-21T05:45:56Z' } })
  })

  it.each([
    ['33188', 0o100644],
    ['100644', 0o100644],
    ['41471', 0o120777],
    ['120777', 0o120777],
    ['493', 0o755],
    ['16877', 0o040755],
    ['40755', 0o040755],
    ['rw-r--r--', undefined],
    ['999999', undefined],
    ['', undefined],
  ])('reads the mode %j', (text, mode) => {
    expect(read({ mode: text }).mode).toBe(mode)
  })

  it('knows a symlink by its mode and a folder by its type, not by an absurd body', () => {
    expect(read({ mode: '41471' }).isSymlink).toBe(true)
    expect(read({ mode: '41471' }, { sizeBytes: 5000 }).isSymlink).toBe(false)
    expect(read({ mode: '493' }, { sizeBytes: 0, contentType: 'application/x-directory' }).isDirectory).toBe(true)
    expect(read({}, { sizeBytes: 9, contentType: 'application/x-directory' }).isDirectory).toBe(false)
  })

  it('keeps what it does not understand', () => {
    const foreign = { 'x-other': 'ü', xattr: 'no json', uidx: '1' }
    const attributes = read({ ...foreign, mtime: 'yesterday', uid: '-1' })
    expect(attributes.foreign).toEqual(foreign)
    expect(metadataFromAttributes({ mtimeMs: 0, ...attributes })).toMatchObject(foreign)
  })

  it.each([0, 1, 999.999, 1700000000123.456, 1700000000123.25, -1, -1500, -0.5, 253402300799999])(
    'writes the time %d so that it reads back the same for ever',
    (mtimeMs) => {
      const once = metadataFromAttributes({ mtimeMs }).mtime!
      const back = read({ mtime: once }).mtimeMs!
      expect(Math.abs(back - mtimeMs)).toBeLessThanOrEqual(0.001)
      expect(metadataFromAttributes({ mtimeMs: back }).mtime).toBe(once)
    },
  )

  it('brings back every attribute it stores', () => {
    const xattrs = { 'user.b': Buffer.from([0, 255]), 'user.a': Buffer.from('') }
    const stored = {
      mtimeMs: 1500.25,
      mode: 0o100755,
      uid: 0,
      gid: 4294967294,
      xattrs,
      writeId: 'w1',
      foreign: { k: 'v' },
    }
    expect(read(metadataFromAttributes(stored))).toEqual({ ...stored, isSymlink: false, isDirectory: false })
  })

  it('counts what S3 counts', () => {
    expect(metadataSizeBytes({ mode: '33188', ab: '' })).toBe(11)
    expect(metadataSizeBytes({ n: 'ü' })).toBeGreaterThan(3)
  })
})

describe('content types', () => {
  it.each([
    ['a.PNG', 'image/png'],
    ['archive.tar.gz', 'application/gzip'],
    ['.png', 'application/octet-stream'],
    ['constructor', 'application/octet-stream'],
    ['a.constructor', 'application/octet-stream'],
    ['Makefile', 'application/octet-stream'],
  ])('gives %s the type %s', (name, type) => {
    expect(contentTypeFor(name)).toBe(type)
  })
})
