import { describe, expect, it } from 'vitest'
import { agoInWords, bytesInWords, durationInWords, percentDone, rateInWords, untilInWords } from './quantities.ts'

describe('bytes', () => {
  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1000, '1 kB'],
    [1_234, '1.23 kB'],
    [999_400, '999 kB'],
    [999_600, '1 MB'],
    [12_345_678, '12.3 MB'],
    [5_000_000_000, '5 GB'],
    [2.5e15, '2.5 PB'],
    [7e18, '7000 PB'],
    [-5, '0 bytes'],
    [Number.NaN, '0 bytes'],
  ])('%d reads “%s”', (bytes, words) => expect(bytesInWords(bytes)).toBe(words))

  it('a rate is bytes a second', () => expect(rateInWords(3_200_000)).toBe('3.2 MB/s'))
})

describe('time', () => {
  it.each([
    [-1, '0 s'],
    [400, '1 s'],
    [59_000, '59 s'],
    [60_000, '1 min'],
    [95_000, '2 min'],
    [3_599_000, '1 h'],
    [5_400_000, '1 h 30 min'],
    [86_400_000, '1 day'],
    [200_000_000, '2 days'],
  ])('%d ms reads “%s”', (ms, words) => expect(durationInWords(ms)).toBe(words))

  it('a moment that has come is now', () => expect(untilInWords(1000, 1000)).toBe('now'))
  it('a moment to come says how far off it is', () => expect(untilInWords(13_000, 1000)).toBe('in 12 s'))
  it('a moment just past does not count seconds', () => expect(agoInWords(1000, 4000)).toBe('just now'))
  it('a moment long past says how long', () => expect(agoInWords(0, 120_000)).toBe('2 min ago'))
})

describe('progress', () => {
  it('is never 100 before the last byte', () => expect(percentDone(9_999_999, 10_000_000)).toBe(99))
  it('is 100 at the last byte', () => expect(percentDone(10, 10)).toBe(100))
  it('is 0 when the size is not known', () => expect(percentDone(10, 0)).toBe(0))
})
