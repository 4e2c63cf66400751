import { describe, expect, it } from 'vitest'
import { emptyDriveStatus, type DriveStatus } from '../contracts/drive.ts'
import { isWithin, sharesOf } from './limit-shares.ts'

/** 21 November 2026 is a Saturday. */
const at = (day: number, hour: number, minute = 0): Date => new Date(2026, 10, day, hour, minute)
const weekdays = [1, 2, 3, 4, 5]
const office = { days: weekdays, from: 9 * 60, to: 17 * 60 }
const night = { days: [5], from: 22 * 60, to: 6 * 60 }

describe('the hours of a limit', () => {
  it.each([
    ['before they begin', office, at(23, 8, 59), false],
    ['when they begin', office, at(23, 9), true],
    ['in their last minute', office, at(23, 16, 59), true],
    ['when they end', office, at(23, 17), false],
    ['on a day that is none of theirs', office, at(21, 12), false],
    ['over midnight, in the evening', night, at(20, 23), true],
    ['over midnight, in the morning of the day after', night, at(21, 5, 59), true],
    ['over midnight, in the morning of the day itself', night, at(20, 5), false],
    ['over midnight, in the evening of the day after', night, at(21, 23), false],
    ['the same minute at both ends: the whole day', { days: [6], from: 0, to: 0 }, at(21, 13), true],
  ])('%s', (_title, hours, now, isNow) => expect(isWithin(hours, now)).toBe(isNow))
})

describe('the part of a limit that a drive keeps to', () => {
  const status = (change: Partial<DriveStatus>): DriveStatus => ({ ...emptyDriveStatus, ...change })
  const sending = status({ pendingOperations: 2 })
  const shares = (limits: Parameters<typeof sharesOf>[0], ...statuses: DriveStatus[]) => [
    ...sharesOf(
      limits,
      statuses.map((one, index) => ({ id: String(index), status: one })),
      at(23, 12),
    ).values(),
  ]

  it('is nothing without a limit, and outside its hours', () => {
    expect(shares({}, sending)).toEqual([{}])
    expect(shares({ uploadBytesPerSecond: 1e6, hours: night }, sending)).toEqual([{}])
  })

  it('is all of it for the only drive that has something to send', () => {
    const idle = emptyDriveStatus
    const limited = shares({ uploadBytesPerSecond: 1e6 }, sending, idle)
    expect(limited.map((one) => one.uploadBytesPerSecond)).toEqual([1e6, 5e5])
  })

  it('is the same for each of several, and one that cannot send takes no part', () => {
    const paused = status({ pendingOperations: 2, pause: {} })
    const offline = status({ pendingOperations: 2, connection: 'offline' })
    const stuck = status({ pendingOperations: 2, needsAttention: 2 })
    const limited = shares({ uploadBytesPerSecond: 9e5 }, sending, sending, paused, offline, stuck)
    expect(limited.map((one) => one.uploadBytesPerSecond)).toEqual([450_000, 450_000, 300_000, 300_000, 300_000])
  })

  it('is of downloads among those that fetch', () => {
    const fetching = status({ downloadBytesPerSecond: 5 })
    const limited = shares({ downloadBytesPerSecond: 1e6 }, fetching, fetching, sending)
    expect(limited).toEqual([
      { downloadBytesPerSecond: 5e5 },
      { downloadBytesPerSecond: 5e5 },
      { downloadBytesPerSecond: 333_333 },
    ])
  })

  it('lets fewer uploads share a slow line, unless the person said how many', () => {
    expect(shares({ uploadBytesPerSecond: 1e5 }, sending)[0]?.parallelUploads).toBe(1)
    expect(shares({ uploadBytesPerSecond: 1e6 }, sending)[0]?.parallelUploads).toBe(4)
    expect(shares({ uploadBytesPerSecond: 1e9 }, sending)[0]?.parallelUploads).toBe(16)
    expect(shares({ uploadBytesPerSecond: 1e5, parallelUploads: 8 }, sending)[0]?.parallelUploads).toBe(8)
    expect(shares({ parallelUploads: 2, hours: night }, sending)).toEqual([{ parallelUploads: 2 }])
  })
})
