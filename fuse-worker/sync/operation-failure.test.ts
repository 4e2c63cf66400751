import { describe, expect, test } from 'vitest'
import { DiskFull } from '../cache/room.ts'
import type { StoreErrorKind } from '../s3/store.ts'
import { storeFailure } from '../testing/failing-store.ts'
import { heldStatus } from '../journal/operation.ts'
import { isForeseen, statusAfter } from './operation-failure.ts'

const circumstances = { attempts: 3, isHeld: false, nowMs: 1_000, random: 0.5 }

describe('after an attempt that failed, an operation', () => {
  test.each<[StoreErrorKind, string]>([
    ['retry', 'waiting'],
    ['absent', 'waiting'],
    ['conflict', 'waiting'],
    ['offline', 'queued'],
    ['cancelled', 'queued'],
    ['blocked', 'blocked'],
    ['invalid', 'blocked'],
  ])('that failed as %s is %s', (kind, state) => {
    expect(statusAfter(storeFailure(kind), circumstances).state).toBe(state)
    expect(isForeseen(storeFailure(kind))).toBe(true)
  })

  test('waits half of 200 ms after the third attempt, by an even chance', () => {
    expect(statusAfter(storeFailure('retry'), circumstances)).toMatchObject({ retryAtMs: 1_100 })
  })

  test('that a person stopped stays stopped', () => {
    for (const kind of ['cancelled', 'retry', 'offline'] as const) {
      expect(statusAfter(storeFailure(kind), { ...circumstances, isHeld: true })).toEqual(heldStatus())
    }
  })

  test('that found the disk full waits, and says so', () => {
    const error = new DiskFull('full')
    expect(statusAfter(error, circumstances)).toMatchObject({ state: 'waiting', problem: { code: 'disk-full' } })
    expect(isForeseen(error)).toBe(true)
  })

  test('that met a defect waits, and the defect is for the log', () => {
    expect(statusAfter(new TypeError('x'), circumstances)).toMatchObject({ problem: { code: 'internal' } })
    expect(isForeseen(new TypeError('x'))).toBe(false)
  })
})
