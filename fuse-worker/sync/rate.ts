/** How much of something happened a second, over the last ten seconds. */
import type { Clock } from '../runtime/clock.ts'

const windowSeconds = 10

export class Rate {
  readonly #clock: Clock
  #slots: { second: number; amount: number }[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(amount: number): void {
    if (amount === 0) return
    const second = this.#second
    const last = this.#slots.at(-1)
    if (last?.second === second) last.amount += amount
    else this.#slots = [...this.#within(second), { second, amount }]
  }

  /** 0 when nothing happened. */
  get perSecond(): number {
    const second = this.#second
    const within = this.#within(second)
    const [first] = within
    if (first === undefined) return 0
    return within.reduce((sum, { amount }) => sum + amount, 0) / (second - first.second + 1)
  }

  #within(second: number): { second: number; amount: number }[] {
    return this.#slots.filter((slot) => slot.second > second - windowSeconds)
  }

  get #second(): number {
    return Math.floor(this.#clock.now() / 1000)
  }
}
