/**
 * A set of byte positions as sorted, disjoint, non-touching half-open intervals. Pure data: knows nothing of files.
 * Used for what of a chunk is present and what is dirty; such sets are short (a handful of intervals), so a plain array wins.
 */
export type Interval = { start: number; end: number }

export class IntervalSet {
  #intervals: Interval[]

  constructor(intervals: readonly Interval[] = []) {
    this.#intervals = []
    for (const { start, end } of intervals) this.add(start, end)
  }

  get intervals(): readonly Interval[] {
    return this.#intervals
  }

  get isEmpty(): boolean {
    return this.#intervals.length === 0
  }

  /** How many positions are in the set. */
  get size(): number {
    let size = 0
    for (const { start, end } of this.#intervals) size += end - start
    return size
  }

  /** Returns how many positions were new. */
  add(start: number, end: number): number {
    if (start >= end) return 0
    const last = this.#intervals.at(-1)
    if (last === undefined || last.end < start) {
      this.#intervals.push({ start, end })
      return end - start
    }
    if (last.end === start) {
      last.end = end
      return end - start
    }
    return this.#insert(start, end)
  }

  /** Returns how many positions were taken out. */
  remove(start: number, end: number): number {
    let removed = 0
    const kept: Interval[] = []
    for (const interval of this.#intervals) {
      const from = Math.max(interval.start, start)
      const to = Math.min(interval.end, end)
      if (from >= to) {
        kept.push(interval)
        continue
      }
      removed += to - from
      if (interval.start < from) kept.push({ start: interval.start, end: from })
      if (to < interval.end) kept.push({ start: to, end: interval.end })
    }
    this.#intervals = kept
    return removed
  }

  covers(start: number, end: number): boolean {
    if (start >= end) return true
    return this.#intervals.some((interval) => interval.start <= start && end <= interval.end)
  }

  intersects(start: number, end: number): boolean {
    return this.#intervals.some((interval) => interval.start < end && start < interval.end)
  }

  /** What of `start`–`end` is in the set. */
  within(start: number, end: number): Interval[] {
    return this.#intervals
      .filter((one) => one.start < end && one.end > start)
      .map((one) => ({ start: Math.max(one.start, start), end: Math.min(one.end, end) }))
  }

  /** The parts of `start`–`end` that are not in the set, in order. */
  missing(start: number, end: number): Interval[] {
    const gaps: Interval[] = []
    let position = start
    for (const interval of this.#intervals) {
      if (interval.end <= position) continue
      if (interval.start >= end) break
      if (interval.start > position) gaps.push({ start: position, end: interval.start })
      position = interval.end
    }
    if (position < end) gaps.push({ start: position, end })
    return gaps
  }

  clear(): void {
    this.#intervals = []
  }

  #insert(start: number, end: number): number {
    const before = this.size
    const merged: Interval[] = []
    let added = { start, end }
    let isPlaced = false
    for (const interval of this.#intervals) {
      if (interval.end < added.start) merged.push(interval)
      else if (added.end < interval.start) {
        if (!isPlaced) merged.push(added)
        isPlaced = true
        merged.push(interval)
      } else added = { start: Math.min(added.start, interval.start), end: Math.max(added.end, interval.end) }
    }
    if (!isPlaced) merged.push(added)
    this.#intervals = merged
    return this.size - before
  }
}
