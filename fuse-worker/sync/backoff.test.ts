import { describe, expect, test } from 'vitest'
import { retryDelayMs } from './backoff.ts'

describe('the wait before another try', () => {
  test.each([
    [1, 50],
    [2, 100],
    [5, 800],
    [13, 204_800],
    [14, 300_000],
    [1_000, 300_000],
  ])('after %i failures is below %i ms', (attempts, ceilingMs) => {
    expect(retryDelayMs(attempts, 0)).toBe(0)
    expect(retryDelayMs(attempts, 0.5)).toBe(ceilingMs / 2)
    expect(retryDelayMs(attempts, 0.999_999)).toBeLessThanOrEqual(ceilingMs)
    expect(retryDelayMs(attempts, 0.999_999)).toBeGreaterThan(ceilingMs * 0.99)
  })
})
