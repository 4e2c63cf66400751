import { expect, it } from 'vitest'
import { parseCopyRange, parseRange } from './ranges.ts'

it.each([
  [undefined, 10, undefined],
  ['bytes=0-', 10, { start: 0, end: 10 }],
  ['bytes=3-3', 10, { start: 3, end: 4 }],
  ['bytes=3-99', 10, { start: 3, end: 10 }],
  ['bytes=-3', 10, { start: 7, end: 10 }],
  ['bytes=-30', 10, { start: 0, end: 10 }],
  ['bytes=5-3', 10, undefined],
  ['bytes=0-1,3-4', 10, undefined],
  ['lines=0-1', 10, undefined],
  ['bytes=-', 10, undefined],
])('%s of %i bytes', (text, size, expected) => {
  expect(parseRange(text, size)).toEqual(expected)
})

it.each([
  ['bytes=10-', 10],
  ['bytes=-0', 10],
  ['bytes=0-', 0],
  ['bytes=-1', 0],
])('%s of %i bytes cannot be', (text, size) => {
  expect(() => parseRange(text, size)).toThrow(expect.objectContaining({ code: 'InvalidRange' }) as Error)
})

it('a range to copy must lie within', () => {
  expect(parseCopyRange('bytes=0-9', 10)).toEqual({ start: 0, end: 10 })
  for (const text of ['bytes=0-10', 'bytes=5-', 'bytes=-5', 'bytes=3-2']) {
    expect(() => parseCopyRange(text, 10)).toThrow(expect.objectContaining({ code: 'InvalidArgument' }) as Error)
  }
})
