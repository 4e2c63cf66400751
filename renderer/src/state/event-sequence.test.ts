import { describe, expect, it } from 'vitest'
import { judgeArrival, replayable } from './event-sequence.ts'

const numbered = (...sequences: number[]) => sequences.map((sequence) => ({ sequence }))

describe('an event', () => {
  it('that follows is applied', () => expect(judgeArrival(4, 5)).toBe('apply'))
  it('that was already included is old', () => expect(judgeArrival(4, 4)).toBe('old'))
  it('that skips one shows a gap', () => expect(judgeArrival(4, 6)).toBe('gap'))
})

describe('what arrived while a snapshot was on its way', () => {
  it('is applied from where the snapshot ends', () => {
    expect(replayable(5, numbered(4, 5, 6, 7))).toEqual({ messages: numbered(6, 7), hasGap: false })
  })
  it('may arrive out of order or twice', () => {
    expect(replayable(5, numbered(7, 6, 7))).toEqual({ messages: numbered(6, 7), hasGap: false })
  })
  it('stops at a gap', () => {
    expect(replayable(5, numbered(6, 8))).toEqual({ messages: numbered(6), hasGap: true })
  })
  it('may be nothing', () => expect(replayable(5, [])).toEqual({ messages: [], hasGap: false }))
})
