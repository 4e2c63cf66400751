import { describe, expect, it } from 'vitest'
import { rateText, rateTyped, timeText, timeTyped, usualHours, withDay } from './limit-form.ts'

describe('a limit that is typed', () => {
  it.each([
    ['', undefined],
    ['  ', undefined],
    ['2.5', 2_500_000],
    ['2,5', 2_500_000],
    ['.5', 500_000],
    ['0.05', 50_000],
  ])('“%s” is taken', (text, value) => expect(rateTyped(text)).toEqual({ value }))

  it.each(['-1', 'fast', '1e9', '200000', '5 MB', '1.2.3'])('“%s” is no rate', (text) =>
    expect(rateTyped(text)).toMatchObject({ error: expect.stringContaining('megabytes a second') as string }),
  )

  it('is refused where programs could not use the drive any more', () => {
    expect(rateTyped('0.01')).toMatchObject({ error: expect.stringContaining('0.05 MB/s') as string })
    expect(rateTyped('0')).toHaveProperty('error')
  })

  it('is shown as it was typed', () => {
    expect(rateText(2_500_000)).toBe('2.5')
    expect(rateText(undefined)).toBe('')
  })
})

describe('the hours of a limit', () => {
  it('keep at least one day', () => {
    const saturday = withDay({ ...usualHours, days: [1] }, 6)
    expect(saturday.days).toEqual([1, 6])
    expect(withDay(withDay(saturday, 1), 6).days).toEqual([6])
  })

  it('are times of day', () => {
    expect(timeText(9 * 60 + 5)).toBe('09:05')
    expect(timeTyped('09:05')).toBe(545)
    expect(timeTyped('')).toBeUndefined()
  })
})
