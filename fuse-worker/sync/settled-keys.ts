/**
 * Which keys our own operations settled while a request about the bucket was under way. The answer to such a request may be from
 * before or after, so it must not be believed about those keys. Remembers nothing from before the oldest request under way.
 */
export class SettledKeys {
  #count = 0
  /** In the order in which they began. */
  readonly #underWay = new Set<number>()
  /** In the order in which they were settled last. */
  readonly #settledAt = new Map<string, number>()

  /** A request begins; the ticket names the moment. */
  begin(): number {
    const ticket = ++this.#count
    this.#underWay.add(ticket)
    return ticket
  }

  end(ticket: number): void {
    this.#underWay.delete(ticket)
    const [oldest = Infinity] = this.#underWay
    // There may always be some request under way: what none of them can be wrong about has to go all the same.
    for (const [key, at] of this.#settledAt) {
      if (at > oldest) return
      this.#settledAt.delete(key)
    }
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#settledAt.size
  }

  /** An operation on this key was done or undone. */
  settle(key: string): void {
    if (this.#underWay.size === 0) return
    this.#settledAt.delete(key)
    this.#settledAt.set(key, ++this.#count)
  }

  isSettledSince(ticket: number, key: string): boolean {
    return (this.#settledAt.get(key) ?? 0) > ticket
  }

  isAnyBelowSettledSince(ticket: number, prefix: string): boolean {
    for (const [key, at] of this.#settledAt) if (at > ticket && key.startsWith(prefix)) return true
    return false
  }
}
