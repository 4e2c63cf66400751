import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Conflict } from '../contracts/conflict.ts'
import { conflictNotice } from './conflict-notice.ts'
import { longestBurstMs, quietMs } from './notice-burst.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

function conflict(id: string, change: Partial<Conflict> = {}): Conflict {
  return {
    id,
    path: `a/${id}.txt`,
    kind: 'edited',
    since: Date.now(),
    mine: { sizeBytes: 1, modifiedAt: 1, revision: 'r', isWhole: true, isOpen: false },
    hasBase: true,
    ...change,
  }
}

function watched() {
  const lists: Record<string, Conflict[]> = { photos: [], scans: [] }
  const said: string[] = []
  const notice = conflictNotice({
    list: async (driveId) => lists[driveId] ?? Promise.reject(new Error('not mounted')),
    driveName: (driveId) => driveId,
    tell: (message) => void said.push(message),
    log: () => {},
  })
  return { lists, said, notice }
}

describe('the notification of conflicts', () => {
  it('names the file when it is one', async () => {
    const { lists, said, notice } = watched()
    lists['photos'] = [conflict('1')]
    notice.changed('photos')
    await vi.advanceTimersByTimeAsync(quietMs)
    expect(said).toEqual([expect.stringContaining('“1.txt” on “photos”')])
  })

  it('is one for a burst over several drives', async () => {
    const { lists, said, notice } = watched()
    for (let count = 1; count <= 5; count += 1) {
      lists['photos'] = Array.from({ length: count }, (_none, index) => conflict(String(index)))
      notice.changed('photos')
      await vi.advanceTimersByTimeAsync(quietMs / 2)
    }
    lists['scans'] = [conflict('9')]
    notice.changed('scans')
    await vi.advanceTimersByTimeAsync(quietMs)
    expect(said).toEqual([expect.stringMatching(/^6 files on photos, scans were changed/)])
  })

  it('does not wait for the end of a burst that goes on', async () => {
    const { lists, said, notice } = watched()
    lists['photos'] = [conflict('1')]
    for (let ms = 0; ms < longestBurstMs + quietMs; ms += 1000) {
      notice.changed('photos')
      await vi.advanceTimersByTimeAsync(1000)
    }
    expect(said).toHaveLength(1)
  })

  it('is silent about what was there before, was told, or is decided by a rule', async () => {
    const { lists, said, notice } = watched()
    lists['photos'] = [
      conflict('1', { since: Date.now() - 1 }),
      conflict('2', { choice: { kind: 'both', appliesAt: 0, state: 'waiting' } }),
      conflict('3'),
    ]
    notice.changed('photos')
    await vi.advanceTimersByTimeAsync(quietMs)
    notice.changed('photos')
    notice.changed('gone')
    await vi.advanceTimersByTimeAsync(quietMs)
    expect(said).toEqual([expect.stringContaining('“3.txt”')])
  })
})
