import { beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../testing/manual-clock.ts'
import { createMemoryStore } from '../testing/memory-store.ts'
import type { ObjectStore, SendingCall } from './store.ts'
import { throttledStore } from './throttled-store.ts'
import { TokenBucket } from './token-bucket.ts'

let clock: ManualClock
let rates: { up: TokenBucket; down: TokenBucket }
/** Pieces that were asked of the network. */
let pulled: number
let sendingCalls: (SendingCall | undefined)[]
let store: ObjectStore

beforeEach(async () => {
  clock = new ManualClock()
  rates = { up: new TokenBucket(clock), down: new TokenBucket(clock) }
  pulled = 0
  sendingCalls = []
  const memory = createMemoryStore()
  store = throttledStore(
    {
      ...memory,
      async get(...args) {
        const { head } = await memory.get(...args)
        return { head, body: pieces() }
      },
      put: (key, body, attributes, condition, call) => {
        sendingCalls.push(call)
        return memory.put(key, body, attributes, condition, call)
      },
    },
    rates,
  )
  await memory.put('file', Buffer.from('x'), { metadata: {} }, undefined)
  await clock.advance(1_000)
})

async function* pieces(): AsyncGenerator<Uint8Array> {
  for (let piece = 0; piece < 4; piece++) {
    pulled++
    yield await Promise.resolve(Buffer.alloc(100_000))
  }
}

async function read(since?: () => number | undefined): Promise<{ bytes: () => number; done: Promise<void> }> {
  let bytes = 0
  const { body } = await store.get('file', {}, since === undefined ? {} : { waitingSince: since })
  const done = (async () => {
    for await (const piece of body) bytes += piece.byteLength
  })()
  return { bytes: () => bytes, done }
}

describe('a body that comes', () => {
  test('is not held back without a limit', async () => {
    const reading = await read()
    await reading.done
    expect(reading.bytes()).toBe(400_000)
    expect(clock.pendingTimers).toBe(0)
  })

  test('is handed over piece by piece, the next one asked for only when the one before it is paid', async () => {
    rates.down.bytesPerSecond = 100_000
    await clock.advance(1_000)
    const reading = await read()
    await clock.advance(100)
    expect([pulled, reading.bytes()]).toEqual([2, 200_000])
    await clock.advance(600)
    expect(pulled).toBe(2)
    await clock.advance(200)
    expect(pulled).toBe(3)
    await clock.advance(2_000)
    await reading.done
    expect(reading.bytes()).toBe(400_000)
  })

  test('is freed at once when the limit goes, and slowed at once when one comes', async () => {
    rates.down.bytesPerSecond = 100_000
    await clock.advance(1_000)
    const first = await read()
    await clock.advance(100)
    rates.down.bytesPerSecond = undefined
    await clock.advance(0)
    await first.done
    const { body } = await store.get('file', {})
    const iterator = body[Symbol.asyncIterator]()
    await iterator.next()
    rates.down.bytesPerSecond = 50_000
    void iterator.next()
    void iterator.next()
    await clock.advance(500)
    expect(pulled).toBe(4 + 2)
    await clock.advance(2_000)
    expect(pulled).toBe(4 + 3)
  })
})

test('a body that is sent asks the limit where it leaves', async () => {
  await store.put('new', Buffer.from('y'), { metadata: {} }, undefined, { onProgress: () => undefined })
  expect(sendingCalls[0]?.pace).toBe(rates.up)
  expect(sendingCalls[0]?.onProgress).toBeDefined()
})
