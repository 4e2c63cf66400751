import { describe, expect, test } from 'vitest'
import { chunkBytes } from '../cache/content-store.ts'
import { largestParts, planUpload } from './upload-plan.ts'

const parts = (...args: Parameters<typeof planUpload>) => {
  const plan = planUpload(...args)
  return plan.kind === 'single' ? [] : plan.parts
}

describe('how content gets into an object', () => {
  test.each([0, 1, chunkBytes - 1, chunkBytes])('%i bytes go in one piece', (size) => {
    expect(planUpload(size, true, () => true)).toEqual({ kind: 'single' })
  })

  test('one byte more goes in parts that meet and cover everything', () => {
    const planned = parts(3 * chunkBytes + 1, false, () => true)
    expect(planned.map(({ start, end }) => [start, end])).toEqual([
      [0, chunkBytes],
      [chunkBytes, 2 * chunkBytes],
      [2 * chunkBytes, 3 * chunkBytes],
      [3 * chunkBytes, 3 * chunkBytes + 1],
    ])
    expect(planned.map(({ partNumber }) => partNumber)).toEqual([1, 2, 3, 4])
    expect(planned.every(({ kind }) => kind === 'send')).toBe(true)
  })

  test('only what changed is sent, the rest is copied on the server', () => {
    const planned = parts(3 * chunkBytes, true, (start) => start !== chunkBytes)
    expect(planned.map(({ kind }) => kind)).toEqual(['copy', 'send', 'copy'])
  })

  test('a short last part may be copied: only parts before the last have a least size', () => {
    expect(parts(2 * chunkBytes + 5, true, () => true).at(-1)?.kind).toBe('copy')
  })

  test.each([80_000 * 1024 * 1024, 5 * 1024 ** 4])('%i bytes fit into the parts there may be', (size) => {
    const planned = parts(size, false, () => false)
    expect(planned.length).toBeLessThanOrEqual(largestParts)
    expect(planned.at(-1)?.end).toBe(size)
    expect(planned.every(({ start }) => start % chunkBytes === 0)).toBe(true)
    expect(Math.max(...planned.map(({ start, end }) => end - start))).toBeLessThanOrEqual(5 * 1024 ** 3)
  })
})
