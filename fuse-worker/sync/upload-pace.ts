/**
 * How fast uploads go: bytes that went over the line and operations that were done within the last ten seconds. And how much of what
 * is dirty is in the bucket already, as parts of uploads not completed yet.
 */
import type { Clock } from '../runtime/clock.ts'
import { Rate } from './rate.ts'

export type UploadProgress = {
  /** Of the whole file, copied parts included. */
  doneBytes: number
  /** Over the line in this attempt. */
  sentBytes: number
  /** Sent by earlier attempts, and still right. */
  keptBytes: number
}

export class UploadPace {
  readonly #bytes: Rate
  readonly #operations: Rate
  readonly #under = new Map<number, { sentBytes: number; keptBytes: number }>()

  constructor(clock: Clock) {
    this.#bytes = new Rate(clock)
    this.#operations = new Rate(clock)
  }

  begun(operation: number): void {
    const before = this.#under.get(operation)
    if (before !== undefined)
      this.#under.set(operation, { sentBytes: 0, keptBytes: before.keptBytes + before.sentBytes })
  }

  progressed(operation: number, { sentBytes, keptBytes }: UploadProgress): void {
    const before = this.#under.get(operation)?.sentBytes ?? 0
    this.#bytes.add(Math.max(0, sentBytes - before))
    this.#under.set(operation, { sentBytes, keptBytes })
  }

  ended(operation: number, isDone: boolean): void {
    this.#under.delete(operation)
    if (isDone) this.#operations.add(1)
  }

  /** What of the dirty bytes the bucket holds in parts; they count as unsynced until the object is there. */
  get heldBytes(): number {
    let held = 0
    for (const { sentBytes, keptBytes } of this.#under.values()) held += sentBytes + keptBytes
    return held
  }

  get bytesPerSecond(): number {
    return this.#bytes.perSecond
  }

  get operationsPerSecond(): number {
    return this.#operations.perSecond
  }
}
