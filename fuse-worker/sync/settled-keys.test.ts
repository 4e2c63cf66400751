import { describe, expect, test } from 'vitest'
import { SettledKeys } from './settled-keys.ts'

describe('keys settled while the bucket was being asked', () => {
  test('are those settled after the request began', () => {
    const settled = new SettledKeys()
    const early = settled.begin()
    settled.settle('a/b')
    const late = settled.begin()
    expect(settled.isSettledSince(early, 'a/b')).toBe(true)
    expect(settled.isSettledSince(late, 'a/b')).toBe(false)
    expect(settled.isSettledSince(early, 'a')).toBe(false)
  })

  test('count for the folders above them', () => {
    const settled = new SettledKeys()
    const ticket = settled.begin()
    settled.settle('a/b/c')
    expect(settled.isAnyBelowSettledSince(ticket, 'a/')).toBe(true)
    expect(settled.isAnyBelowSettledSince(ticket, 'a/b/')).toBe(true)
    expect(settled.isAnyBelowSettledSince(ticket, 'b/')).toBe(false)
    expect(settled.isAnyBelowSettledSince(settled.begin(), 'a/')).toBe(false)
  })

  test('are remembered until the last request ends', () => {
    const settled = new SettledKeys()
    const [one, other] = [settled.begin(), settled.begin()]
    settled.settle('a')
    settled.end(one)
    expect(settled.isSettledSince(other, 'a')).toBe(true)
    settled.end(other)
    expect(settled.isSettledSince(other, 'a')).toBe(false)
  })

  test('are forgotten with the last request that began before, however many go on', () => {
    const settled = new SettledKeys()
    let oldest = settled.begin()
    settled.settle('kept')
    for (let index = 0; index < 1_000; index++) {
      const next = settled.begin()
      settled.settle('kept')
      settled.settle(`key-${index}`)
      settled.end(oldest)
      oldest = next
      expect(settled.size).toBeLessThanOrEqual(3)
      expect(settled.isSettledSince(next, 'kept')).toBe(true)
      expect(settled.isSettledSince(next, `key-${index}`)).toBe(true)
    }
  })

  test('are not remembered when nobody asks', () => {
    const settled = new SettledKeys()
    settled.settle('a')
    expect(settled.isSettledSince(settled.begin(), 'a')).toBe(false)
  })
})
