import { describe, expect, test } from 'vitest'
import type { ObjectListing } from '../s3/store.ts'
import { readListing } from './listing.ts'

const object = (key: string, sizeBytes = 1): ObjectListing => ({ key, etag: `"${key}"`, sizeBytes, lastModifiedMs: 0 })

function shown(prefix: string, objects: ObjectListing[], prefixes: string[]): [string, string, string][] {
  const { entries } = readListing(prefix, objects, prefixes, 'linux')
  return [...entries].map(([name, entry]) => [
    name,
    entry.kind,
    entry.kind === 'object' ? entry.object.key : entry.prefix,
  ])
}

describe('what a listing shows', () => {
  test('objects are files, prefixes are folders', () => {
    expect(shown('p/', [object('p/a')], ['p/d/'])).toEqual([
      ['d', 'directory', 'p/d/'],
      ['a', 'object', 'p/a'],
    ])
  })

  test('a key that is also a folder shows beside it', () => {
    expect(shown('', [object('a')], ['a/'])).toEqual([
      ['a', 'directory', 'a/'],
      ['a⟦object⟧', 'object', 'a'],
    ])
  })

  test('the folder’s own object is its marker, and no entry', () => {
    const { entries, marker } = readListing('p/', [object('p/', 0), object('p/a')], [], 'linux')
    expect(marker?.key).toBe('p/')
    expect([...entries.keys()]).toEqual(['a'])
  })

  test('a marker with a body is a file too', () => {
    expect(shown('p/', [object('p/', 5)], [])).toEqual([['⟦empty⟧', 'object', 'p/']])
  })

  test.each<[string, string, string]>([
    ['p//', '⟦empty⟧', 'an empty part'],
    ['p/./', '⟦2E⟧', 'a dot'],
    ['p/../', '⟦2E2E⟧', 'two dots'],
  ])('the prefix %j shows as %j: %s', (prefix, name) => {
    expect(shown('p/', [], [prefix])).toEqual([[name, 'directory', prefix]])
  })

  test('every key has an entry of its own, whatever the names', () => {
    const segments = ['a', '⟦61⟧', 'b⟦object⟧', 'x'.repeat(300), `${'x'.repeat(299)}y`, '.', '..', 'cafe\u0301', 'café']
    const objects = segments.map((segment) => object(`p/${segment}`))
    expect(readListing('p/', objects, ['p/b/', 'p/a/'], 'linux').entries.size).toBe(segments.length + 2)
  })
})
