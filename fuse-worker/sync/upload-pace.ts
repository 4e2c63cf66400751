/**
 * How fast uploads go: bytes that went over the line and operations that were done within the last ten seconds. And how much of what
 * is dirty is in the bucket already, as parts of uploads not completed yet.
 */
import type { Clock } from '../runtime/clock.ts'

export type UploadProgress = {
  /** Of the whole file, copied parts included. */
  doneBytes: number
  /** Over the line in this attempt. */
  sentBytes: number
  /** Sent by earlier attempts, and still right. */
  keptBytes: number
}

const windowSeconds = 10

type Slot = { second: number; bytes: number; operations: number }

export class UploadPace {
  readonly #clock: Clock
  readonly #under = new Map<number, { sentBytes: number; keptBytes: number }>()
  #slots: Slot[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  begun(operation: number): void {
    const before = this.#under.get(operation)
    if (before !== undefined)
      this.#under.set(operation, { sentBytes: 0, keptBytes: before.keptBytes + before.sentBytes })
  }

  progressed(operation: number, { sentBytes, keptBytes }: UploadProgress): void {
    const before = this.#under.get(operation)?.sentBytes ?? 0
    this.#slot().bytes += Math.max(0, sentBytes - before)
    this.#under.set(operation, { sentBytes, keptBytes })
  }

  ended(operation: number, isDone: boolean): void {
    this.#under.delete(operation)
    if (isDone) this.#slot().operations++
  }

  /** What of the dirty bytes the bucket holds in parts; they count as unsynced until the object is there. */
  get heldBytes(): number {
    let held = 0
    for (const { sentBytes, keptBytes } of this.#under.values()) held += sentBytes + keptBytes
    return held
  }

  get bytesPerSecond(): number {
    return this.#rate(({ bytes }) => bytes)
  }

  get operationsPerSecond(): number {
    return this.#rate(({ operations }) => operations)
  }

  #rate(of: (slot: Slot) => number): number {
    const now = this.#second
    const within = this.#slots.filter(({ second }) => second > now - windowSeconds)
    const first = within.find((slot) => of(slot) > 0)
    if (first === undefined) return 0
    return within.reduce((sum, slot) => sum + of(slot), 0) / (now - first.second + 1)
  }

  #slot(): Slot {
    const second = this.#second
    const last = this.#slots.at(-1)
    if (last?.second === second) return last
    const slot = { second, bytes: 0, operations: 0 }
    this.#slots = [...this.#slots.filter((other) => other.second > second - windowSeconds), slot]
    return slot
  }

  get #second(): number {
    return Math.floor(this.#clock.now() / 1000)
  }
}
