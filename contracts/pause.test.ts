import { describe, expect, it } from 'vitest'
import { pauseFor, pauseInWords } from './pause.ts'

const at = (day: number, hour: number, minute = 0): Date => new Date(2026, 10, day, hour, minute)

describe('a pause', () => {
  it('lasts an hour, until the next morning, or until somebody resumes', () => {
    expect(pauseFor('hour', at(21, 15, 5))).toEqual({ until: at(21, 16, 5).getTime() })
    expect(pauseFor('tomorrow', at(21, 15, 5))).toEqual({ until: at(22, 8).getTime() })
    expect(pauseFor('tomorrow', at(30, 23, 59))).toEqual({ until: at(31, 8).getTime() })
    expect(pauseFor('resumed', at(21, 15))).toEqual({})
  })

  it('says when it ends, with the day where that is another one', () => {
    const nowMs = at(21, 15).getTime()
    expect(pauseInWords({ until: at(21, 16, 5).getTime() }, nowMs)).toBe('until 16:05')
    expect(pauseInWords({ until: at(22, 8).getTime() }, nowMs)).toBe('until tomorrow 08:00')
    expect(pauseInWords({ until: at(23, 8).getTime() }, nowMs)).toBe('until Monday 08:00')
    expect(pauseInWords({}, nowMs)).toBe('until you resume')
  })
})
