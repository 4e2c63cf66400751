import { expect, test } from 'vitest'
import { patienceAfter } from './patience.ts'

test.each<[what: string, answersMs: number[], probeAfterMs: number, totalMs: number]>([
  ['nothing known', [], 720, 1_800],
  ['a fast endpoint', [20, 40, 30], 720, 1_800],
  ['the first answer slow: that is all there is to go by', [3_000], 3_600, 9_000],
  ['one slow answer among fast ones', [20, 3_000, 30, 25], 720, 1_800],
  ['usually slow', [900, 1_000, 800], 1_080, 2_700],
  ['slower than a person waits', [9_000, 9_500], 6_000, 15_000],
])('%s', (_what, answersMs, probeAfterMs, totalMs) => {
  expect(patienceAfter(answersMs)).toEqual({ probeAfterMs, totalMs })
})

test('has a floor that can be raised', () => {
  expect(patienceAfter([20, 30], 10_000).totalMs).toBe(10_000)
})
