import { beforeEach, describe, expect, test } from 'vitest'
import type { CallOptions, ObjectStore } from '../s3/store.ts'
import { createFailingStore, storeFailure, type FaultScript } from '../testing/failing-store.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { createMemoryStore, type MemoryStore } from '../testing/memory-store.ts'
import { breakerStore } from './breaker-store.ts'
import { Connection } from './connection.ts'
import { shortestPatienceMs } from './patience.ts'

/** Time for what was heard to be heard, after the patience itself. */
const andALittle = 10

let clock: ManualClock
let bucket: MemoryStore
let script: FaultScript
let connection: Connection
let probes: number
let probe: (call: CallOptions) => Promise<unknown>
let store: ObjectStore

beforeEach(() => {
  clock = new ManualClock()
  bucket = createMemoryStore({ now: () => clock.now(), bodyChunkBytes: 4 })
  bucket.putForeign('a', 'content of a')
  const failing = createFailingStore(bucket)
  script = failing.script
  probes = 0
  probe = () => bucket.list({ prefix: '' })
  connection = new Connection({
    clock,
    probe: (call) => {
      probes++
      return probe(call)
    },
  })
  store = breakerStore(failing.store, { connection, clock })
})

const hangForEver = (call: CallOptions): Promise<never> =>
  new Promise((_resolve, reject) => call.signal?.addEventListener('abort', () => reject(storeFailure('cancelled'))))

const outcome = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'done',
    (error: unknown) => (error as { kind?: string }).kind ?? error,
  )

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ''
  for await (const piece of body) text += Buffer.from(piece).toString()
  return text
}

describe('an endpoint that falls silent', () => {
  beforeEach(() => {
    probe = hangForEver
    for (const call of ['head', 'list', 'get', 'put', 'copy'] as const) script.on(call, { kind: 'hangs' })
  })

  test('releases whoever waits within the patience, ends their requests, and is offline from then on', async () => {
    const waiting = [store.head('a'), store.list({ prefix: '' }), store.get('a', {})].map(outcome)
    await clock.advance(shortestPatienceMs - 1)
    expect(connection.isOnline).toBe(true)
    expect(probes).toBe(1)
    await clock.advance(1 + andALittle)
    expect(await Promise.all(waiting)).toEqual(['offline', 'offline', 'offline'])
    expect(script.hanging()).toBe(0)
    expect(connection.isOnline).toBe(false)
  })

  test('releases uploads too, though nobody reads', async () => {
    const uploading = outcome(store.put('b', Buffer.from('x'), { metadata: {} }, undefined))
    await clock.advance(shortestPatienceMs + andALittle)
    expect(await uploading).toBe('offline')
    expect(script.hanging()).toBe(0)
  })

  test('is told by the circuit that opens for a call of somebody else', async () => {
    const waiting = outcome(store.head('a'))
    await clock.advance(shortestPatienceMs / 2)
    connection.failed(storeFailure('offline'))
    await clock.advance(shortestPatienceMs)
    expect(await waiting).toBe('offline')
  })

  test('is noticed as soon by a program as ever, after waits that were more patient', async () => {
    probe = () => Promise.resolve()
    const patient = connection.bePatient(10_000)
    const copying = outcome(store.put('b', Buffer.from('x'), { metadata: {} }, undefined))
    patient()
    await clock.advance(30_000)
    probe = hangForEver
    const waiting = outcome(store.head('a'))
    await clock.advance(shortestPatienceMs + andALittle)
    expect(await Promise.all([waiting, copying])).toEqual(['offline', 'offline'])
  })

  test('is noticed again after it came back', async () => {
    const first = outcome(store.head('a'))
    await clock.advance(shortestPatienceMs + andALittle)
    await first
    connection.succeeded()
    const second = outcome(store.head('a'))
    await clock.advance(shortestPatienceMs + andALittle)
    expect(await second).toBe('offline')
  })
})

describe('an endpoint that answers elsewhere', () => {
  test('is asked a second time when the first request is on a dead socket', async () => {
    script.on('head', { kind: 'hangs' }, { nth: 1 })
    const head = store.head('a')
    await clock.advance(shortestPatienceMs + andALittle)
    expect(await head).toMatchObject({ sizeBytes: 12 })
    expect(script.hanging()).toBe(0)
    expect(connection.isOnline).toBe(true)
  })

  test('is never asked to write a second time', async () => {
    script.on('put', { kind: 'hangs' })
    const put = outcome(store.put('b', Buffer.from('x'), { metadata: {} }, undefined))
    await clock.advance(60_000)
    expect(script.calls('put')).toEqual(['b'])
    script.release()
    expect(await put).toBe('done')
  })

  test('is probed less and less while it works silently', async () => {
    script.on('copy', { kind: 'hangs' })
    const source = { key: 'a', etag: (await bucket.head('a'))?.etag ?? '', sizeBytes: 12 }
    const copying = outcome(store.copy(source, 'b', { metadata: {} }, undefined))
    await clock.advance(40_000)
    expect(connection.isOnline).toBe(true)
    expect(probes).toBeGreaterThan(2)
    expect(probes).toBeLessThan(9)
    script.release()
    expect(await copying).toBe('done')
  })

  test('may say "not now" for ever without being offline', async () => {
    const busy = storeFailure('retry')
    script.on('head', { kind: 'fails', error: busy })
    for (let tries = 0; tries < 5; tries++) expect(await outcome(store.head('a'))).toBe('retry')
    expect(connection.isOnline).toBe(true)
    expect(await outcome(store.list({ prefix: '' }))).toBe('done')
  })

  test('may take its time once it was seen to be slow', async () => {
    for (let round = 0; round < 2; round++) connection.answeredIn(4_000)
    probe = hangForEver
    script.on('head', { kind: 'hangs' })
    const head = outcome(store.head('a'))
    await clock.advance(10_000)
    script.release()
    expect(await head).toBe('done')
  })
})

describe('a body', () => {
  /** Gives the first bytes of a body and then nothing, for so many calls. */
  function stalling(times: number): string[] {
    const asked: string[] = []
    const { get } = bucket
    const withStall: ObjectStore = {
      ...bucket,
      get: async (key, query, call) => {
        asked.push(`${query.range?.start ?? 0}-${query.range?.end ?? ''} ${query.ifMatch === undefined ? '' : 'same'}`)
        const { head, body } = await get(key, query, call)
        return { head, body: asked.length > times ? body : firstPieceOf(body, call) }
      },
    }
    store = breakerStore(withStall, { connection, clock })
    return asked
  }

  async function* firstPieceOf(
    body: AsyncIterable<Uint8Array>,
    call: CallOptions | undefined,
  ): AsyncGenerator<Uint8Array> {
    for await (const piece of body) {
      yield piece
      await hangForEver(call ?? {})
    }
  }

  test('that stops coming is gone on with, from the same version', async () => {
    const asked = stalling(1)
    const { body } = await store.get('a', { range: { start: 2, end: 12 } })
    const text = textOf(body)
    await clock.until(text, 10_000)
    expect(await text).toBe('ntent of a')
    expect(asked).toEqual(['2-12 ', '6-12 same'])
  })

  test('that stops again and again is gone on with as long as it moves', async () => {
    const asked = stalling(2)
    const { body } = await store.get('a', {})
    const text = textOf(body)
    await clock.until(text, 20_000)
    expect(await text).toBe('content of a')
    expect(asked.length).toBe(3)
  })

  test('is released when the endpoint falls silent altogether', async () => {
    stalling(1)
    const { body } = await store.get('a', {})
    probe = hangForEver
    const text = outcome(textOf(body))
    await clock.advance(0)
    await clock.advance(shortestPatienceMs + andALittle)
    expect(await text).toBe('offline')
  })
})
