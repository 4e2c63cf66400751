/**
 * Whether the bucket can be reached: a circuit breaker in front of the store. Closed, calls go through. A call that
 * could not get through opens it: further calls fail at once, so that nothing waits on a network that is not there.
 * After a pause one call is let through to try (half-open); if it succeeds everything goes on.
 */
import type { Problem } from '../../contracts/problem.ts'
import type { Clock } from '../runtime/clock.ts'
import { StoreError, type ObjectStore } from '../s3/store.ts'

const firstPauseMs = 1_000
const longestPauseMs = 30_000

export type ConnectionState =
  | { state: 'closed' }
  | { state: 'open'; problem: Problem; retryAtMs: number }
  | { state: 'half-open'; problem: Problem }

export class Connection {
  readonly #clock: Clock
  readonly #probe: () => Promise<unknown>
  readonly #listeners: (() => void)[] = []
  #state: ConnectionState = { state: 'closed' }
  #pauseMs = firstPauseMs
  #cancelProbe: (() => void) | undefined
  #isClosed = false

  /** `probe` is the cheapest call that proves the bucket reachable. */
  constructor(options: { clock: Clock; probe: () => Promise<unknown> }) {
    this.#clock = options.clock
    this.#probe = options.probe
  }

  get state(): ConnectionState {
    return this.#state
  }

  get isOnline(): boolean {
    return this.#state.state === 'closed'
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** Throws the reason at once while the circuit is open. */
  check(): void {
    if (this.#state.state !== 'closed') throw new StoreError('offline', this.#state.problem)
  }

  succeeded(): void {
    this.#pauseMs = firstPauseMs
    this.#cancelProbe?.()
    this.#cancelProbe = undefined
    if (this.#state.state !== 'closed') this.#enter({ state: 'closed' })
  }

  failed(error: StoreError): void {
    if (error.kind !== 'offline') {
      // Any answer at all, even a refusal, shows that the server is there.
      if (error.kind !== 'retry' && error.kind !== 'cancelled') this.succeeded()
      return
    }
    if (this.#state.state !== 'open') this.#pause(error.problem)
  }

  /** The network came back, or the person asks: do not wait for the pause to end. */
  tryNow(): void {
    if (this.#state.state !== 'open') return
    this.#cancelProbe?.()
    void this.#tryOnce()
  }

  close(): void {
    this.#isClosed = true
    this.#cancelProbe?.()
  }

  #pause(problem: Problem): void {
    if (this.#isClosed) return
    const pauseMs = this.#pauseMs * (0.5 + Math.random() / 2)
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs)
    this.#enter({ state: 'open', problem, retryAtMs: this.#clock.now() + pauseMs })
    this.#cancelProbe?.()
    this.#cancelProbe = this.#clock.after(pauseMs, () => void this.#tryOnce())
  }

  async #tryOnce(): Promise<void> {
    if (this.#state.state !== 'open' || this.#isClosed) return
    const { problem } = this.#state
    this.#enter({ state: 'half-open', problem })
    try {
      await this.#probe()
      this.succeeded()
    } catch (error) {
      if (error instanceof StoreError && error.kind !== 'offline') this.failed(error)
      if (!this.isOnline) this.#pause(error instanceof StoreError ? error.problem : problem)
    }
  }

  #enter(state: ConnectionState): void {
    this.#state = state
    for (const listener of this.#listeners) listener()
  }
}

/** The store behind the breaker: every method checks it first and tells it how the call went. */
export function breakerStore(store: ObjectStore, connection: Connection): ObjectStore {
  const guarded = async <T>(call: () => Promise<T>): Promise<T> => {
    connection.check()
    try {
      const result = await call()
      connection.succeeded()
      return result
    } catch (error) {
      if (error instanceof StoreError) connection.failed(error)
      throw error
    }
  }
  return {
    head: (...args) => guarded(() => store.head(...args)),
    list: (...args) => guarded(() => store.list(...args)),
    get: async (...args) => {
      const { head, body } = await guarded(() => store.get(...args))
      return { head, body: watched(body, connection) }
    },
    put: (...args) => guarded(() => store.put(...args)),
    copy: (...args) => guarded(() => store.copy(...args)),
    delete: (...args) => guarded(() => store.delete(...args)),
    createMultipartUpload: (...args) => guarded(() => store.createMultipartUpload(...args)),
    uploadPart: (...args) => guarded(() => store.uploadPart(...args)),
    uploadPartCopy: (...args) => guarded(() => store.uploadPartCopy(...args)),
    listParts: (...args) => guarded(() => store.listParts(...args)),
    completeMultipartUpload: (...args) => guarded(() => store.completeMultipartUpload(...args)),
    abortMultipartUpload: (...args) => guarded(() => store.abortMultipartUpload(...args)),
    listMultipartUploads: (...args) => guarded(() => store.listMultipartUploads(...args)),
    close: () => store.close(),
  }
}

/** A body can break off long after its head came. */
async function* watched(body: AsyncIterable<Uint8Array>, connection: Connection): AsyncIterable<Uint8Array> {
  try {
    yield* body
  } catch (error) {
    if (error instanceof StoreError) connection.failed(error)
    throw error
  }
}
