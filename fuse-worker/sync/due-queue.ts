/** A heap of numbers by time: which operation comes next. Entries may be outdated; the reader checks what it takes. */
type Entry = { atMs: number; id: number }

export class DueQueue {
  readonly #heap: Entry[] = []

  /** When the first is due; undefined when there is none. */
  get nextAtMs(): number | undefined {
    return this.#heap[0]?.atMs
  }

  push(id: number, atMs: number): void {
    const heap = this.#heap
    let index = heap.push({ atMs, id }) - 1
    while (index > 0) {
      const above = (index - 1) >> 1
      if (this.#at(above) <= this.#at(index)) return
      this.#swap(above, index)
      index = above
    }
  }

  /** The first entry, if it is due at `nowMs`. */
  take(nowMs: number): number | undefined {
    const first = this.#heap[0]
    if (first === undefined || first.atMs > nowMs) return undefined
    const last = this.#heap.pop()
    if (last !== undefined && this.#heap.length > 0) {
      this.#heap[0] = last
      this.#sink()
    }
    return first.id
  }

  #sink(): void {
    for (let index = 0; ;) {
      const left = 2 * index + 1
      if (left >= this.#heap.length) return
      const right = left + 1
      const below = right < this.#heap.length && this.#at(right) < this.#at(left) ? right : left
      if (this.#at(index) <= this.#at(below)) return
      this.#swap(index, below)
      index = below
    }
  }

  #at(index: number): number {
    return this.#heap[index]?.atMs ?? Infinity
  }

  #swap(one: number, other: number): void {
    const [a, b] = [this.#heap[one], this.#heap[other]]
    if (a === undefined || b === undefined) return
    this.#heap[one] = b
    this.#heap[other] = a
  }
}
