import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { emptyDriveStatus, type DriveState } from '../contracts/drive.ts'
import type { TransferLimits } from '../contracts/limits.ts'
import { limitDesk, lookMs } from './limit-desk.ts'
import { sampleDrive } from './testing/samples.ts'

beforeEach(() => void vi.useFakeTimers({ now: new Date(2026, 10, 23, 8, 59, 50) }))
afterEach(() => void vi.useRealTimers())

function setUp() {
  const world = {
    limits: { uploadBytesPerSecond: 1e6 } as TransferLimits,
    states: { a: { state: 'mounted' }, b: { state: 'unmounted' } } as Record<string, DriveState>,
    refuses: false,
  }
  const told: [string, number | undefined][] = []
  const desk = limitDesk({
    limits: () => world.limits,
    drives: () =>
      Object.entries(world.states).map(([id, state]) => ({
        drive: sampleDrive({ id }),
        state,
        status: { ...emptyDriveStatus, pendingOperations: 1 },
      })),
    tell: (id, { uploadBytesPerSecond }) => {
      told.push([id, uploadBytesPerSecond])
      return world.refuses ? Promise.reject(new Error('it is gone')) : Promise.resolve()
    },
    now: () => new Date(),
    log: () => undefined,
  })
  return { world, told, desk }
}

describe('the drives are told their part of the limits', () => {
  it('once, and again when another drive takes part', () => {
    const { world, told, desk } = setUp()
    desk.look()
    desk.look()
    expect(told).toEqual([['a', 1e6]])
    expect(desk.of('b').uploadBytesPerSecond).toBe(5e5)
    world.states['b'] = { state: 'mounted' }
    desk.look()
    expect(told.slice(1)).toEqual([
      ['a', 5e5],
      ['b', 5e5],
    ])
    desk.close()
  })

  it('by the hour', () => {
    const { world, told, desk } = setUp()
    world.limits = { uploadBytesPerSecond: 1e6, hours: { days: [1], from: 9 * 60, to: 17 * 60 } }
    desk.look()
    vi.advanceTimersByTime(lookMs)
    expect(told).toEqual([
      ['a', undefined],
      ['a', 1e6],
    ])
    desk.close()
  })

  it('again when it was mounted anew, and when it did not answer', async () => {
    const { world, told, desk } = setUp()
    desk.look()
    world.states['a'] = { state: 'mounting' }
    desk.look()
    world.states['a'] = { state: 'mounted' }
    world.refuses = true
    desk.look()
    await vi.advanceTimersByTimeAsync(lookMs)
    expect(told).toHaveLength(3)
    desk.close()
  })
})
