/**
 * A rate for bytes, as a bucket of tokens that may go into debt: a piece goes when there is no debt, and its length is owed from then
 * on. Who has a program waiting goes first, and past the rate when it has waited long enough: a limit makes reading slow, and never
 * makes it fail. Without a rate nothing waits and nothing is counted.
 */
import type { Clock } from '../runtime/clock.ts'

/** What may go at once after a silence. */
const burstMs = 250
/** A wait is looked at this often, because programs begin to wait, rates change and clocks jump meanwhile. */
const lookMs = 250
/** A program waits no longer than this for the limit's sake: a quarter of what a read may take. */
export const longestWaitMs = 10_000
/** Of bytes that went past the rate, this much is made up for. */
const longestDebtMs = 10_000
const sliceMs = 100
const smallestSlice = 8 * 1024
const largestSlice = 256 * 1024

/** Since when a program waits for these bytes; undefined while none does. */
export type WaitingSince = () => number | undefined

type Waiting = { bytes: number; since: WaitingSince | undefined; go: () => void }

export class TokenBucket {
  readonly #clock: Clock
  #bytesPerSecond: number | undefined
  #tokens = 0
  #filledAtMs: number
  #waiting: Waiting[] = []
  #cancelLook: (() => void) | undefined

  constructor(clock: Clock, bytesPerSecond?: number) {
    this.#clock = clock
    this.#bytesPerSecond = bytesPerSecond
    this.#filledAtMs = clock.now()
  }

  get bytesPerSecond(): number | undefined {
    return this.#bytesPerSecond
  }

  /** Takes effect on what waits already. */
  set bytesPerSecond(rate: number | undefined) {
    if (rate === this.#bytesPerSecond) return
    this.#fill()
    this.#bytesPerSecond = rate
    this.#tokens = Math.min(this.#tokens, 0)
    this.#serve()
  }

  /** How much to hand to the network at once, so that a limited stream flows instead of jerking. */
  get sliceBytes(): number {
    const rate = this.#bytesPerSecond
    if (rate === undefined) return largestSlice
    return Math.max(smallestSlice, Math.min(largestSlice, Math.floor((rate * sliceMs) / 1000)))
  }

  /** Undefined when these bytes may go at once; otherwise resolves when they may. */
  take(bytes: number, since?: WaitingSince): Promise<void> | undefined {
    if (this.#bytesPerSecond === undefined) return undefined
    this.#fill()
    if (this.#waiting.length === 0 && this.#tokens > 0) {
      this.#tokens -= bytes
      return undefined
    }
    return new Promise((go) => {
      this.#waiting.push({ bytes, since, go })
      this.#serve()
    })
  }

  #fill(): void {
    const nowMs = this.#clock.now()
    // A clock that was set back gives nothing, and takes nothing.
    const passedMs = Math.max(0, nowMs - this.#filledAtMs)
    this.#filledAtMs = nowMs
    const rate = this.#bytesPerSecond ?? 0
    this.#tokens = Math.min((rate * burstMs) / 1000, this.#tokens + (rate * passedMs) / 1000)
    this.#tokens = Math.max(this.#tokens, (-rate * longestDebtMs) / 1000)
  }

  #serve(): void {
    this.#cancelLook?.()
    this.#cancelLook = undefined
    this.#fill()
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      this.#waiting = this.#waiting.filter((one) => one !== next)
      this.#tokens -= next.bytes
      next.go()
    }
    if (this.#waiting.length === 0) return
    const rate = this.#bytesPerSecond ?? 1
    const paidMs = Math.ceil((-this.#tokens / rate) * 1000) + 1
    this.#cancelLook = this.#clock.after(Math.max(1, Math.min(lookMs, paidMs)), () => this.#serve())
  }

  /** Who may go now; programs first, each kind in the order of its coming. */
  #next(): Waiting | undefined {
    if (this.#bytesPerSecond === undefined) return this.#waiting[0]
    const awaited = this.#waiting.filter(({ since }) => since?.() !== undefined)
    if (this.#tokens > 0) return awaited[0] ?? this.#waiting[0]
    const lateAtMs = this.#clock.now() - longestWaitMs
    return awaited.find(({ since }) => (since?.() ?? Infinity) <= lateAtMs)
  }
}
