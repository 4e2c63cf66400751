import { describe, expect, it } from 'vitest'
import { compareUtf8, SortedKeys } from './sorted-keys.ts'

describe('keys in byte order', () => {
  const alphabet = ['a', 'b', '/', ' ', 'é', '日', '\ue000', '\uffff', '😀', '𐀀', '\u0001']
  let state = 42
  const next = (bound: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state % bound
  }
  const randomKey = (): string => Array.from({ length: next(6) + 1 }, () => alphabet[next(alphabet.length)]).join('')

  it('compare as their UTF-8 bytes do (seed 42)', () => {
    for (let round = 0; round < 5000; round++) {
      const [a, b] = [randomKey(), randomKey()]
      expect(Math.sign(compareUtf8(a, b)), `${a} ${b}`).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
    }
  })

  it('stay sorted and without doubles while they come and go (seed 42)', () => {
    const keys = new SortedKeys()
    const model = new Set<string>()
    for (let round = 0; round < 3000; round++) {
      const key = randomKey()
      if (next(3) === 0) {
        keys.delete(key)
        model.delete(key)
      } else {
        keys.add(key)
        model.add(key)
      }
    }
    const sorted = [...model].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    expect(Array.from({ length: keys.length }, (_, index) => keys.at(index))).toEqual(sorted)
  })

  it('find where a prefix ends', () => {
    const keys = new SortedKeys()
    keys.addAll(['a', 'a/', 'a/1', 'a/😀', 'a0', 'b'])
    expect([keys.indexFrom('a/'), keys.indexAfter('a/'), keys.indexPast('a/')]).toEqual([1, 2, 4])
  })
})
