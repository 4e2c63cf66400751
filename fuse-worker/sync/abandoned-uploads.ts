/**
 * Gives up, in the background, the uploads in parts that nothing wants any more: their parts cost money. Each is tried again until
 * the bucket has let go of it, at the next mount if need be; only what `OpenUploads` knows is touched.
 */
import type { OpenUploads } from '../journal/open-uploads.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import type { ObjectStore } from '../s3/store.ts'
import { retryDelayMs } from './backoff.ts'
import type { Connection } from './connection.ts'

/** Gathers what a burst of changes abandons. */
const gatherMs = 1_000

export class AbandonedUploads {
  readonly #store: ObjectStore
  readonly #uploads: OpenUploads
  readonly #connection: Connection
  readonly #clock: Clock
  readonly #log: Log
  #failures = 0
  #isStopped = true
  #isWorking = false
  #cancelTimer: (() => void) | undefined

  constructor(options: { store: ObjectStore; uploads: OpenUploads; connection: Connection; clock: Clock; log: Log }) {
    this.#store = options.store
    this.#uploads = options.uploads
    this.#connection = options.connection
    this.#clock = options.clock
    this.#log = options.log
    this.#connection.onChange(() => this.look())
  }

  start(): void {
    this.#isStopped = false
    this.look()
  }

  stop(): void {
    this.#isStopped = true
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }

  /** Something may have been abandoned, or can be given up now. */
  look(): void {
    this.#later(gatherMs)
  }

  /** A method, because it changes while something is awaited. */
  #hasStopped(): boolean {
    return this.#isStopped
  }

  #later(delayMs: number): void {
    if (this.#isStopped) return
    this.#cancelTimer ??= this.#clock.after(delayMs, () => {
      this.#cancelTimer = undefined
      void this.#giveUpAll()
    })
  }

  async #giveUpAll(): Promise<void> {
    if (!this.#connection.isOnline) return
    if (this.#isWorking) {
      this.look()
      return
    }
    this.#isWorking = true
    const left = await this.#tryEach().catch((error: unknown) => {
      this.#log.error('abandoned uploads could not be looked through', error)
      return 1
    })
    this.#isWorking = false
    this.#failures = left === 0 ? 0 : this.#failures + 1
    if (left > 0) this.#later(retryDelayMs(this.#failures, Math.random()))
  }

  /** Resolves with how many are left. */
  async #tryEach(): Promise<number> {
    const uploads = this.#uploads.abandoned()
    let left = uploads.length
    for (const upload of uploads) {
      if (this.#hasStopped()) break
      try {
        await this.#store.abortMultipartUpload(upload.key, upload.uploadId)
      } catch (error) {
        this.#log.warn('an upload could not be given up yet', { key: upload.key, reason: String(error) })
        continue
      }
      if (this.#hasStopped()) break
      this.#uploads.forget(upload)
      left--
    }
    return left
  }
}
