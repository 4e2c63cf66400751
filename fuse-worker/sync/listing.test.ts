import { describe, expect, test } from 'vitest'
import type { ObjectListing } from '../s3/store.ts'
import { ListingReader, type ListedEntry } from './listing.ts'

const object = (key: string, sizeBytes = 1): ObjectListing => ({ key, etag: `"${key}"`, sizeBytes, lastModifiedMs: 0 })

function shown(prefix: string, objects: ObjectListing[], prefixes: string[]): [string, string, string][] {
  return [...readWhole(prefix, objects, prefixes).entries.values()].map(inShort)
}

function readWhole(prefix: string, objects: ObjectListing[], prefixes: string[]): ListingReader {
  const reader = new ListingReader(prefix, 'linux')
  reader.read({ objects, prefixes, isLast: true })
  return reader
}

const inShort = (entry: ListedEntry): [string, string, string] => [
  entry.name,
  entry.kind,
  entry.kind === 'object' ? entry.object.key : entry.prefix,
]

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
    const { entries, marker } = readWhole('p/', [object('p/', 0), object('p/a')], [])
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
    expect(readWhole('p/', objects, ['p/b/', 'p/a/']).entries.size).toBe(segments.length + 2)
  })
})

describe('a listing that comes in pages', () => {
  const page = (keys: string[], prefixes: string[] = [], isLast = false) => ({
    objects: keys.map((key) => object(key)),
    prefixes,
    isLast,
  })
  const told = (reader: ListingReader, ...asked: Parameters<typeof page>) => reader.read(page(...asked)).map(inShort)

  test('tells what is on a page as soon as it is there', () => {
    const reader = new ListingReader('p/', 'linux')
    expect(told(reader, ['p/a', 'p/b', 'p/d'], ['p/c/'])).toEqual([
      ['c', 'directory', 'p/c/'],
      ['a', 'object', 'p/a'],
      ['b', 'object', 'p/b'],
    ])
    expect(told(reader, ['p/e', 'p/f'], [], true)).toEqual([
      ['d', 'object', 'p/d'],
      ['e', 'object', 'p/e'],
      ['f', 'object', 'p/f'],
    ])
    expect([...reader.entries.keys()].sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  })

  test('keeps back a key of which the next page may tell that it is a folder too', () => {
    const reader = new ListingReader('', 'linux')
    expect(told(reader, ['a', 'a!', 'a-b'])).toEqual([['a!', 'object', 'a!']])
    expect(told(reader, ['a.'], ['a/'])).toEqual([
      ['a', 'directory', 'a/'],
      ['a⟦object⟧', 'object', 'a'],
      ['a-b', 'object', 'a-b'],
      ['a.', 'object', 'a.'],
    ])
  })

  test('corrects itself where a server has another order', () => {
    const reader = new ListingReader('', 'linux')
    expect(told(reader, ['a', 'b'])).toEqual([['a', 'object', 'a']])
    expect(told(reader, [], ['a/'], true)).toEqual([
      ['a', 'directory', 'a/'],
      ['a⟦object⟧', 'object', 'a'],
      ['b', 'object', 'b'],
    ])
    expect(reader.entries.size).toBe(3)
  })

  test('knows no more after a page with nothing in it', () => {
    const reader = new ListingReader('', 'linux')
    told(reader, ['a'])
    expect(told(reader, [])).toEqual([])
    expect(told(reader, [], ['a/'], true)).toEqual([
      ['a', 'directory', 'a/'],
      ['a⟦object⟧', 'object', 'a'],
    ])
  })

  test('tells again with the last page what was held, unless it has another name by then', () => {
    const reader = new ListingReader('', 'linux')
    for (const entry of reader.read(page(['a', 'b', 'c']))) reader.hold(entry)
    expect(told(reader, [], ['a/'], true)).toEqual([
      ['b', 'object', 'b'],
      ['a', 'directory', 'a/'],
      ['a⟦object⟧', 'object', 'a'],
      ['c', 'object', 'c'],
    ])
  })

  test('has a key that two pages tell of once', () => {
    const reader = new ListingReader('', 'linux')
    told(reader, ['a', 'b', 'c'])
    told(reader, ['b', 'c', 'd'], [], true)
    expect([...reader.entries.keys()].sort()).toEqual(['a', 'b', 'c', 'd'])
  })
})
