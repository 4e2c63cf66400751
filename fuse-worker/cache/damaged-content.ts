/** Stored bytes are not what was stored: a checksum does not fit, or the file has become shorter or is gone. */
import type { Interval } from './interval-set.ts'

/**
 * `fetch again`: the bytes were the bucket's; the cache has forgotten them, and they are missing now. `only here`: they were never
 * uploaded, and there is no other copy. `ranges` are of the file.
 */
export class DamagedContent extends Error {
  readonly kind: 'fetch again' | 'only here'
  readonly ranges: readonly Interval[]
  constructor(kind: DamagedContent['kind'], ranges: readonly Interval[]) {
    super(`${kind === 'only here' ? 'changes' : 'cached bytes'} at ${inWords(ranges)} are damaged`)
    this.kind = kind
    this.ranges = ranges
  }
}

function inWords(ranges: readonly Interval[]): string {
  return ranges.map(({ start, end }) => `${start} to ${end}`).join(', ')
}
