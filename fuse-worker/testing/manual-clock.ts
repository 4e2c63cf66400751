/**
 * A clock that a test moves by hand. Timers fire in the order of their times, one event loop turn apart, with `now` at the time each
 * was set for, so that what they start gets a chance to run. `fork` gives a view whose timers can be dropped together:
 * those of a process that died.
 */
import type { Clock } from '../runtime/clock.ts'

type Timer = { atMs: number; order: number; callback: () => void }

export type ForkedClock = Clock & { kill(): void }

export class ManualClock implements Clock {
  #nowMs: number
  #order = 0
  readonly #timers = new Set<Timer>()

  constructor(startMs = Date.UTC(2026, 10, 21, 12)) {
    this.#nowMs = startMs
  }

  now(): number {
    return this.#nowMs
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, callback }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  fork(): ForkedClock {
    const cancels = new Set<() => void>()
    let isDead = false
    return {
      now: () => this.#nowMs,
      after: (delayMs, callback) => {
        if (isDead) return () => undefined
        const cancel = this.after(delayMs, () => {
          cancels.delete(cancel)
          callback()
        })
        cancels.add(cancel)
        return cancel
      },
      kill: () => {
        isDead = true
        for (const cancel of cancels) cancel()
      },
    }
  }

  get pendingTimers(): number {
    return this.#timers.size
  }

  async advance(byMs: number): Promise<void> {
    const untilMs = this.#nowMs + byMs
    for (let next = this.#first(untilMs); next !== undefined; next = this.#first(untilMs)) {
      this.#timers.delete(next)
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      next.callback()
      await turn()
    }
    this.#nowMs = untilMs
    await turn()
  }

  /** Moves on in small steps until the promise is settled. Throws when it takes more than `mostMs`. */
  async until<T>(promise: Promise<T>, mostMs: number, stepMs = 25): Promise<T> {
    const progress = { isSettled: false }
    const done = (): void => {
      progress.isSettled = true
    }
    promise.then(done, done)
    const giveUpAtMs = this.#nowMs + mostMs
    for (let turns = 0; !progress.isSettled; turns++) {
      if (this.#nowMs > giveUpAtMs) throw new Error(`not settled after ${mostMs} ms of the manual clock`)
      await turn()
      // Disk and digest work takes real turns: time moves on only when several brought nothing.
      if (turns % 8 === 7) await this.advance(stepMs)
    }
    return promise
  }

  #first(untilMs: number): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.#timers) {
      if (timer.atMs > untilMs) continue
      if (first === undefined || timer.atMs < first.atMs || (timer.atMs === first.atMs && timer.order < first.order)) {
        first = timer
      }
    }
    return first
  }
}

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
