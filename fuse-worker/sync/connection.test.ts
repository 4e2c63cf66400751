import { beforeEach, describe, expect, test } from 'vitest'
import { StoreError } from '../s3/store.ts'
import { storeFailure } from '../testing/failing-store.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { createMemoryStore } from '../testing/memory-store.ts'
import { breakerStore } from './breaker-store.ts'
import { Connection } from './connection.ts'

describe('the breaker in front of the bucket', () => {
  let clock: ManualClock
  let probes: number
  let answer: () => Promise<unknown>
  let connection: Connection
  let states: string[]

  beforeEach(() => {
    clock = new ManualClock()
    probes = 0
    answer = () => Promise.resolve()
    states = []
    connection = new Connection({
      clock,
      probe: () => {
        probes++
        return answer()
      },
    })
    connection.onChange(() => states.push(connection.state.state))
  })

  test('opens at the first call that does not get through, and says why at once from then on', () => {
    connection.failed(storeFailure('offline', 'no route'))
    expect(connection.isOnline).toBe(false)
    expect(() => connection.check()).toThrow(StoreError)
    expect(() => connection.check()).toThrow('no route')
  })

  test.each(['retry', 'blocked', 'conflict', 'absent', 'invalid', 'cancelled'] as const)(
    'stays closed at an error of kind %s',
    (kind) => {
      connection.failed(storeFailure(kind))
      expect(connection.isOnline).toBe(true)
    },
  )

  describe('when connections break off', () => {
    const brokenOff = () =>
      new StoreError('retry', { code: 'endpoint-unreachable', message: 'The connection broke off.' })

    test('opens after three in a row without an answer, if a new one breaks off as well, and closes at an answer', async () => {
      answer = () => Promise.reject(brokenOff())
      const released: unknown[] = []
      connection.wait((error) => released.push(error))()
      connection.wait((error) => released.push(error))
      connection.failed(brokenOff())
      connection.failed(brokenOff())
      await clock.advance(0)
      expect(probes).toBe(0)
      connection.failed(brokenOff())
      await clock.advance(0)
      expect(probes).toBe(1)
      expect(() => connection.check()).toThrow('The connection broke off.')
      expect(released).toHaveLength(1)
      await clock.advance(60_000)
      expect(connection.isOnline).toBe(false)
      answer = () => Promise.resolve()
      await clock.advance(31_000)
      expect(connection.isOnline).toBe(true)
    })

    test('stays closed where a new one is answered: the old sockets were dead', async () => {
      for (let index = 0; index < 8; index++) connection.failed(brokenOff())
      await clock.advance(0)
      expect(probes).toBe(1)
      expect(connection.isOnline).toBe(true)
    })

    test('stays closed where anything is heard in between', async () => {
      answer = () => Promise.reject(brokenOff())
      for (let index = 0; index < 8; index++) {
        connection.failed(brokenOff())
        connection.failed(brokenOff())
        connection.heard()
      }
      await clock.advance(0)
      expect(probes).toBe(0)
      expect(connection.isOnline).toBe(true)
    })
  })

  test('tries once after a pause, and closes when that gets through', async () => {
    connection.failed(storeFailure('offline'))
    await clock.advance(499)
    expect(probes).toBe(0)
    await clock.advance(501)
    expect(probes).toBe(1)
    expect(states).toEqual(['open', 'half-open', 'closed'])
  })

  test('pauses longer after each try that fails, up to half a minute', async () => {
    answer = () => Promise.reject(storeFailure('offline'))
    connection.failed(storeFailure('offline'))
    for (let minute = 0; minute < 10; minute++) await clock.advance(60_000)
    expect(probes).toBeGreaterThanOrEqual(10 * 2)
    expect(probes).toBeLessThanOrEqual(10 * 4 + 6)
    const before = probes
    await clock.advance(30_000)
    expect(probes).toBeGreaterThan(before)
  })

  test('a refusal shows that the server is there', async () => {
    answer = () => Promise.reject(storeFailure('blocked'))
    connection.failed(storeFailure('offline'))
    await clock.advance(1_000)
    expect(connection.isOnline).toBe(true)
  })

  test('a probe that fails for another reason does not close it, nor end the tries', async () => {
    answer = () => Promise.reject(storeFailure('retry'))
    connection.failed(storeFailure('offline'))
    await clock.advance(1_000)
    expect(connection.isOnline).toBe(false)
    answer = () => Promise.resolve()
    await clock.advance(2_000)
    expect(connection.isOnline).toBe(true)
  })

  test('can be told to try now', async () => {
    connection.failed(storeFailure('offline'))
    connection.tryNow()
    await clock.advance(0)
    expect(probes).toBe(1)
    expect(connection.isOnline).toBe(true)
  })

  test('is quiet once closed for good', async () => {
    connection.failed(storeFailure('offline'))
    connection.close()
    await clock.advance(60_000)
    expect(probes).toBe(0)
    expect(clock.pendingTimers).toBe(0)
  })

  test('the store behind it is not asked while it is open', async () => {
    const store = breakerStore(createMemoryStore(), { connection, clock })
    expect(await store.head('a')).toBeUndefined()
    connection.failed(storeFailure('offline'))
    await expect(store.head('a')).rejects.toMatchObject({ kind: 'offline' })
    connection.succeeded()
    expect(await store.head('a')).toBeUndefined()
  })
})
