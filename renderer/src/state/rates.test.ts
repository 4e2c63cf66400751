import { describe, expect, it } from 'vitest'
import { areaPath, historySeconds, idleHistory, peakOf, withSample, type RateHistory } from './rates.ts'

const of = (...ups: number[]): RateHistory => ups.map((up) => ({ up, down: 0 }))

describe('the rates of the last minute', () => {
  it('is the same history for as long as nothing moves, so that nothing is drawn again', () => {
    expect(withSample(idleHistory, { up: 0, down: 0 })).toBe(idleHistory)
  })

  it('keeps a minute, and is idle again when that has passed', () => {
    let history = withSample(idleHistory, { up: 5, down: 7 })
    for (let second = 0; second < historySeconds - 1; second++) history = withSample(history, { up: 0, down: 0 })
    expect(history).toHaveLength(historySeconds)
    expect(peakOf(history)).toEqual({ up: 5, down: 7 })
    expect(withSample(history, { up: 0, down: 0 })).toBe(idleHistory)
  })

  it('is drawn from the right edge, the peak at full height', () => {
    const box = { width: 59, height: 10, peak: 4 }
    expect(areaPath([2, 4], box)).toBe('M58 0L58 -5L59 -10L59 0Z')
    expect(areaPath([2], { ...box, height: -10 })).toBe('M59 0L59 5L59 0Z')
    expect(areaPath([0, 0], box)).toBe('')
  })

  it('never leaves its box', () => {
    const path = areaPath(
      of(...Array.from({ length: historySeconds }, () => 100)).map(({ up }) => up),
      {
        ...{ width: 118, height: 10, peak: 4 },
      },
    )
    expect(path.startsWith('M0 0L0 -10')).toBe(true)
  })
})
