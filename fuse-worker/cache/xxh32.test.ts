import { describe, expect, test } from 'vitest'
import { xxh32 } from './xxh32.ts'

const text = (value: string): Buffer => Buffer.from(value)

describe('xxh32 agrees with the reference implementation', () => {
  // From `xxhsum -H32` of xxHash 0.8.
  const known: [string, number][] = [
    ['', 0x02cc5d05],
    ['a', 0x550d7456],
    ['abc', 0x32d153ff],
    ['Nobody inspects the spammish repetition', 0xe2293b2f],
  ]
  test.each(known)('%j', (value, sum) => {
    expect(xxh32(text(value), 0, value.length)).toBe(sum)
  })

  test('wherever in memory the bytes are', () => {
    const bytes = text('Nobody inspects the spammish repetition')
    for (let shift = 0; shift < 8; shift++) {
      const moved = Buffer.concat([Buffer.alloc(shift, 1), bytes, Buffer.alloc(3, 1)])
      expect(xxh32(moved, shift, shift + bytes.length)).toBe(0xe2293b2f)
    }
  })
})
