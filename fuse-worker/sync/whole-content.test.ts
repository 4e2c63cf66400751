import { expect, test } from 'vitest'
import { Content } from '../cache/content.ts'
import { blankNode, type Node } from '../metadata/node.ts'
import { isWhole, isWholeHere, type CachedContent } from './whole-content.ts'

const node = (fields: Partial<Node>): Node => ({
  ...blankNode({ parent: 1, name: 'a', segment: 'a', kind: 'file', mode: 0, uid: 0, gid: 0, nowMs: 0 }),
  id: 2,
  size: 100,
  baseSize: 100,
  content: 7,
  remote: { key: 'a', etag: '"base"', sizeBytes: 100 },
  ...fields,
})

const cached = (missing: boolean, isLost = false): CachedContent => ({
  open: (id, baseSize) => new Content(id, baseSize),
  missing: () => (missing ? [{ start: 10, end: 20 }] : []),
  hasLost: () => isLost,
})

test('a file of which every byte is here is whole, whatever the bucket holds', () => {
  expect(isWholeHere(node({}), cached(false))).toBe(true)
  expect(isWhole(node({ remote: undefined }), cached(false), { key: 'a', etag: undefined })).toBe(true)
})

test('one that lacks bytes is whole as long as the bucket has the version they are in', () => {
  const held = (etag: string | undefined): { key: string; etag: string | undefined } => ({ key: 'a', etag })
  expect(isWholeHere(node({}), cached(true))).toBe(false)
  expect(isWhole(node({}), cached(true), held('"base"'))).toBe(true)
  expect(isWhole(node({}), cached(true), held('"theirs"'))).toBe(false)
  expect(isWhole(node({}), cached(true), held(undefined))).toBe(false)
  expect(isWhole(node({ remote: undefined }), cached(true), held('"base"'))).toBe(false)
  // Renamed here: it stands on another key than the one the conflict is about.
  const elsewhere = { key: 'old', etag: '"base"', sizeBytes: 100 }
  expect(isWhole(node({ remote: elsewhere }), cached(true), held('"theirs"'))).toBe(true)
})

test('or keeps it in its history', () => {
  const remote = { key: 'a', etag: '"base"', sizeBytes: 100 }
  const theirs = { key: 'a', etag: '"theirs"' }
  expect(isWhole(node({ remote: { ...remote, versionId: 'v1' } }), cached(true), theirs)).toBe(true)
  expect(isWhole(node({ remote: { ...remote, versionId: 'null' } }), cached(true), theirs)).toBe(false)
})

test('bytes that were only here and are gone make it less than whole for good', () => {
  expect(isWhole(node({}), cached(false, true), { key: 'a', etag: '"base"' })).toBe(false)
})

test('a file never opened here, an empty one, a folder and a link', () => {
  expect(isWholeHere(node({ content: 0 }), cached(false))).toBe(false)
  expect(isWholeHere(node({ content: 0, size: 0, baseSize: 0 }), cached(false))).toBe(true)
  expect(isWholeHere(node({ kind: 'directory', content: 0 }), cached(false))).toBe(true)
  expect(isWholeHere(node({ kind: 'symlink', content: 0 }), cached(false))).toBe(true)
})
