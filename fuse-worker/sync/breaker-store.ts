/**
 * The store behind the circuit breaker: every call asks the breaker first, tells it how it went, and is released when the endpoint
 * turns out to be gone. A read whose own socket is dead while the endpoint answers elsewhere is asked a second time on a
 * fresh one (a write may have been carried out, and is never repeated here).
 */
import { t } from '../../language/language.ts'
import {
  StoreError,
  type ByteRange,
  type CallOptions,
  type ObjectHead,
  type ObjectStore,
  type SendingCall,
} from '../s3/store.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Connection } from './connection.ts'

/** A body may pause for longer than an answer: the line may be busy with others. */
const bodyPatienceFactor = 2

type Breaker = { connection: Connection; clock: Clock }
type Body = AsyncIterable<Uint8Array>

export function breakerStore(store: ObjectStore, breaker: Breaker): ObjectStore {
  const write = <T>(caller: CallOptions | undefined, start: (call: CallOptions) => Promise<T>): Promise<T> =>
    new Call(breaker, caller).once(start)
  const read = <T>(caller: CallOptions | undefined, start: (call: CallOptions) => Promise<T>): Promise<T> =>
    askTwice(breaker, caller, (call) => call.once(start)).then(({ value }) => value)

  return {
    head: (key, caller) => read(caller, (call) => store.head(key, call)),
    list: (query, caller) => read(caller, (call) => store.list(query, call)),
    async get(key, query, caller) {
      const { value, call } = await askTwice(breaker, caller, (one) =>
        one.begin((options) => store.get(key, query, options)),
      )
      const rest: RestOf = (range, etag, options) => store.get(key, { ...query, range, ifMatch: etag }, options)
      return { head: value.head, body: wholeBody(breaker, caller, { call, ...value, range: query.range, rest }) }
    },
    put: (key, body, attributes, condition, caller) =>
      write(caller, (call) => store.put(key, body, attributes, condition, sending(caller, call))),
    copy: (source, targetKey, attributes, condition, caller) =>
      write(caller, (call) => store.copy(source, targetKey, attributes, condition, call)),
    delete: (key, query, caller) => write(caller, (call) => store.delete(key, query, call)),
    createMultipartUpload: (key, attributes, caller) =>
      write(caller, (call) => store.createMultipartUpload(key, attributes, call)),
    uploadPart: (key, uploadId, partNumber, body, caller) =>
      write(caller, (call) => store.uploadPart(key, uploadId, partNumber, body, sending(caller, call))),
    uploadPartCopy: (key, uploadId, partNumber, source, caller) =>
      write(caller, (call) => store.uploadPartCopy(key, uploadId, partNumber, source, call)),
    listParts: (key, uploadId, caller) => read(caller, (call) => store.listParts(key, uploadId, call)),
    completeMultipartUpload: (key, uploadId, parts, condition, caller) =>
      write(caller, (call) => store.completeMultipartUpload(key, uploadId, parts, condition, call)),
    abortMultipartUpload: (key, uploadId, caller) =>
      write(caller, (call) => store.abortMultipartUpload(key, uploadId, call)),
    listMultipartUploads: (prefix, caller) => read(caller, (call) => store.listMultipartUploads(prefix, call)),
    listVersions: (query, caller) => read(caller, (call) => store.listVersions(query, call)),
    headVersion: (key, versionId, caller) => read(caller, (call) => store.headVersion(key, versionId, call)),
    versioning: (caller) => read(caller, (call) => store.versioning(call)),
    close: () => store.close(),
  }
}

const sending = (caller: SendingCall | undefined, call: CallOptions): SendingCall => ({
  ...call,
  ...(caller?.onProgress === undefined ? {} : { onProgress: caller.onProgress }),
  ...(caller?.pace === undefined ? {} : { pace: caller.pace }),
})

/** One request: ended by whoever asked, by the breaker, or by itself. */
class Call {
  readonly #connection: Connection
  readonly #clock: Clock
  readonly #isOnFreshSocket: boolean
  readonly #controller = new AbortController()
  readonly #endFollowing: () => void

  constructor({ connection, clock }: Breaker, caller: CallOptions | undefined, isOnFreshSocket = false) {
    connection.check()
    this.#connection = connection
    this.#clock = clock
    this.#isOnFreshSocket = isOnFreshSocket || caller?.isOnFreshSocket === true
    const signal = caller?.signal
    const follow = (): void => this.#controller.abort()
    if (signal?.aborted === true) follow()
    signal?.addEventListener('abort', follow, { once: true })
    this.#endFollowing = () => signal?.removeEventListener('abort', follow)
  }

  /** The whole of it. */
  async once<T>(start: (call: CallOptions) => Promise<T>): Promise<T> {
    try {
      return await this.begin(start)
    } finally {
      this.#endFollowing()
    }
  }

  /** Up to the answer; a body may follow it, until `end`. */
  async begin<T>(start: (call: CallOptions) => Promise<T>): Promise<T> {
    const startedAtMs = this.#clock.now()
    const value = await this.during(() =>
      start({
        signal: this.#controller.signal,
        onHeard: () => this.#connection.heard(),
        ...(this.#isOnFreshSocket ? { isOnFreshSocket: true } : {}),
      }),
    )
    this.#connection.succeeded()
    this.answeredAfterMs = this.#clock.now() - startedAtMs
    return value
  }

  answeredAfterMs = 0

  /** Waits for a part of the answer, and not for longer than there is a point in waiting. */
  async during<T>(wait: () => Promise<T>): Promise<T> {
    let endWait = (): void => undefined
    const released = new Promise<never>((_resolve, reject) => {
      endWait = this.#connection.wait((error) => {
        reject(error)
        this.#controller.abort()
      })
    })
    try {
      return await Promise.race([wait(), released])
    } catch (error) {
      if (error instanceof StoreError) this.#connection.failed(error)
      throw error
    } finally {
      endWait()
    }
  }

  /** The answer is not wanted any more. */
  abort(): void {
    this.#controller.abort()
    this.end()
  }

  end(): void {
    this.#endFollowing()
  }
}

/** What is answered first of two identical questions; the second is asked when the first takes longer than it should. */
function askTwice<T>(
  { connection, clock }: Breaker,
  caller: CallOptions | undefined,
  ask: (call: Call) => Promise<T>,
): Promise<{ value: T; call: Call }> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => reject(error instanceof Error ? error : new Error(String(error)))
    const calls = new Set<Call>()
    let cancelSecond = (): void => undefined
    const start = (isOnFreshSocket: boolean): void => {
      const call = new Call({ connection, clock }, caller, isOnFreshSocket)
      calls.add(call)
      ask(call).then(
        (value) => {
          cancelSecond()
          calls.delete(call)
          for (const other of calls) other.abort()
          calls.clear()
          connection.answeredIn(call.answeredAfterMs)
          resolve({ value, call })
        },
        (error: unknown) => {
          calls.delete(call)
          if (calls.size > 0) return
          cancelSecond()
          fail(error)
        },
      )
    }
    try {
      start(false)
    } catch (error) {
      fail(error)
      return
    }
    cancelSecond = clock.after(connection.patience.totalMs, () => {
      if (connection.isOnline && calls.size > 0) start(true)
    })
  })
}

type Pieces = AsyncIterator<Uint8Array>
type Piece = IteratorResult<Uint8Array>
type Got = { head: ObjectHead; body: Body }
type RestOf = (range: ByteRange, etag: string, call: CallOptions) => Promise<Got>
type Beginning = Got & { call: Call; range: ByteRange | undefined; rest: RestOf }

/** A body that stops coming while the endpoint answers elsewhere is gone on with, of the same version, on a fresh socket. */
async function* wholeBody(
  breaker: Breaker,
  caller: CallOptions | undefined,
  got: Beginning,
): AsyncGenerator<Uint8Array> {
  let { call } = got
  let pieces = got.body[Symbol.asyncIterator]()
  let at = got.range?.start ?? 0
  const end = Math.min(got.range?.end ?? Infinity, got.head.sizeBytes)
  let isSecondTry = false
  try {
    for (;;) {
      const piece = await nextPiece(breaker, call, pieces)
      if (piece !== 'stalled') {
        if (piece.done === true) return
        breaker.connection.heard()
        isSecondTry = false
        at += piece.value.byteLength
        yield piece.value
        continue
      }
      call.abort()
      if (isSecondTry || at >= end) throw stalled()
      isSecondTry = true
      const next = new Call(breaker, caller, true)
      call = next
      const answer = await next.begin((options) => got.rest({ start: at, end }, got.head.etag, options))
      pieces = answer.body[Symbol.asyncIterator]()
    }
  } finally {
    call.end()
    // Not waited for: a body on a dead socket would not end.
    void Promise.resolve(pieces.return?.()).catch(() => undefined)
  }
}

function nextPiece({ connection, clock }: Breaker, call: Call, pieces: Pieces): Promise<Piece | 'stalled'> {
  return call.during(async () => {
    let cancel = (): void => undefined
    const late = new Promise<'stalled'>((resolve) => {
      cancel = clock.after(bodyPatienceFactor * connection.patience.totalMs, () => resolve('stalled'))
    })
    try {
      return await Promise.race([pieces.next(), late])
    } finally {
      cancel()
    }
  })
}

function stalled(): StoreError {
  return new StoreError('retry', {
    code: 'endpoint-unreachable',
    message: t('worker.stalled'),
    remedy: t('worker.stalled.remedy'),
  })
}
