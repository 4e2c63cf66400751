import { beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../testing/manual-clock.ts'
import { longestWaitMs, TokenBucket } from './token-bucket.ts'

let clock: ManualClock

beforeEach(() => {
  clock = new ManualClock()
})

/** Takes pieces one after another for so long, and says how many bytes went. */
async function taken(bucket: TokenBucket, pieceBytes: number, forMs: number): Promise<number> {
  let bytes = 0
  const state = { isOver: false }
  const taking = (async () => {
    while (!state.isOver) {
      const turn = bucket.take(pieceBytes)
      if (turn !== undefined) await turn
      if (!hasEnded(state)) bytes += pieceBytes
    }
  })()
  await clock.advance(forMs)
  state.isOver = true
  bucket.bytesPerSecond = undefined
  await taking
  return bytes
}

/** A function, because it changes while something is awaited. */
const hasEnded = ({ isOver }: { isOver: boolean }): boolean => isOver

describe('a rate', () => {
  test.each([
    [50_000, 16_384],
    [1_000_000, 65_536],
    [100_000_000, 65_536],
  ])('of %d bytes a second is kept over a minute, in pieces of %d', async (rate, piece) => {
    const bytes = await taken(new TokenBucket(clock, rate), piece, 60_000)
    expect(bytes).toBeGreaterThan(rate * 60 * 0.98)
    expect(bytes).toBeLessThan(rate * 60 * 1.01 + piece)
  })

  test('that is none holds nothing back', () => {
    const bucket = new TokenBucket(clock)
    for (let piece = 0; piece < 1_000; piece++) expect(bucket.take(1e9)).toBeUndefined()
    expect(clock.pendingTimers).toBe(0)
  })

  test('is not saved up while nothing goes', async () => {
    const bucket = new TokenBucket(clock, 1_000_000)
    await clock.advance(3_600_000)
    expect(bucket.take(1_000_000)).toBeUndefined()
    expect(bucket.take(1)).toBeDefined()
  })

  test('that changes holds for what waits already', async () => {
    const bucket = new TokenBucket(clock, 50_000)
    await clock.advance(1_000)
    void bucket.take(500_000)
    const gone: string[] = []
    void bucket.take(1)?.then(() => gone.push('limited'))
    await clock.advance(1_000)
    expect(gone).toEqual([])
    bucket.bytesPerSecond = undefined
    await clock.advance(0)
    expect(gone).toEqual(['limited'])
  })

  test('outlasts a clock that is set back', async () => {
    let offsetMs = 0
    const moved = { now: () => clock.now() - offsetMs, after: clock.after.bind(clock) }
    const bucket = new TokenBucket(moved, 1_000_000)
    await clock.advance(1_000)
    void bucket.take(500_000)
    const gone: string[] = []
    void bucket.take(1)?.then(() => gone.push('went'))
    offsetMs = 3_600_000
    await clock.advance(1_000)
    expect(gone).toEqual(['went'])
  })
})

describe('who waits', () => {
  const order: string[] = []
  const wait = (bucket: TokenBucket, name: string, bytes: number, since?: () => number | undefined) =>
    void bucket.take(bytes, since)?.then(() => order.push(name))

  beforeEach(() => void order.splice(0))

  test('goes in the order of coming, those that a program waits for first', async () => {
    const bucket = new TokenBucket(clock, 100_000)
    await clock.advance(1_000)
    void bucket.take(50_000)
    const reader: { since?: number } = {}
    wait(bucket, 'behind 1', 10_000)
    wait(bucket, 'behind 2, then awaited', 10_000, () => reader.since)
    wait(bucket, 'awaited', 10_000, () => clock.now())
    reader.since = clock.now()
    await clock.advance(5_000)
    expect(order).toEqual(['behind 2, then awaited', 'awaited', 'behind 1'])
  })

  test('goes past the rate when a program has waited long enough, and others make up for it', async () => {
    const bucket = new TokenBucket(clock, 50_000)
    await clock.advance(1_000)
    void bucket.take(10_000_000)
    const since = clock.now()
    wait(bucket, 'behind', 1)
    wait(bucket, 'awaited', 100_000, () => since)
    await clock.advance(longestWaitMs - 1_000)
    expect(order).toEqual([])
    await clock.advance(1_500)
    expect(order).toEqual(['awaited'])
    await clock.advance(60_000)
    expect(order).toEqual(['awaited', 'behind'])
  })
})
