/** Operations that wait until another one has copied what they would destroy, by the one they wait for. */
export class ParkedOperations {
  readonly #behind = new Map<number, Set<number>>()

  park(operation: number, first: number): void {
    const behind = this.#behind.get(first) ?? new Set<number>()
    this.#behind.set(first, behind.add(operation))
  }

  /** Who waited for it, and does no more. */
  take(first: number): ReadonlySet<number> {
    const behind = this.#behind.get(first) ?? new Set<number>()
    this.#behind.delete(first)
    return behind
  }

  /** Directly, or behind another one that does. */
  isWaitingFor(operation: number, other: number, seen = new Set<number>()): boolean {
    if (seen.has(operation)) return false
    seen.add(operation)
    for (const [first, behind] of this.#behind) {
      if (behind.has(operation) && (first === other || this.isWaitingFor(first, other, seen))) return true
    }
    return false
  }

  entries(): IterableIterator<[first: number, behind: ReadonlySet<number>]> {
    return this.#behind.entries()
  }
}
