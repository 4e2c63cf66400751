/** Keeping many items in order without holding up anybody. */
import { takingTurns } from '../runtime/turns.ts'

const perStep = 500

/** Where the item is, or would be. */
export function placeOf<T>(items: readonly T[], item: T, compare: (a: T, b: T) => number): number {
  let [low, high] = [0, items.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const other = items[middle]
    if (other !== undefined && compare(other, item) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** A merge sort that lets others go on between slices. */
export async function sortedInSlices<T>(items: readonly T[], compare: (a: T, b: T) => number): Promise<T[]> {
  const others = takingTurns()
  const runs: T[][] = []
  for (let start = 0; start < items.length; start += perStep) {
    runs.push(items.slice(start, start + perStep).sort(compare))
    await others()
  }
  while (runs.length > 1) {
    const [left = [], right = []] = [runs.shift(), runs.shift()]
    runs.push(await merged(left, right, compare, others))
  }
  return runs[0] ?? []
}

async function merged<T>(
  left: readonly T[],
  right: readonly T[],
  compare: (a: T, b: T) => number,
  others: () => Promise<void> | undefined,
): Promise<T[]> {
  const merged: T[] = []
  for (let l = 0, r = 0; l < left.length || r < right.length;) {
    const [a, b] = [left[l], right[r]]
    const takesLeft = b === undefined || (a !== undefined && compare(a, b) <= 0)
    const taken = takesLeft ? a : b
    if (takesLeft) l++
    else r++
    if (taken !== undefined) merged.push(taken)
    if (merged.length % perStep === 0) await others()
  }
  return merged
}
