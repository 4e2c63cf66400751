/**
 * Whether a chunk's bytes are still the ones that were stored: a checksum for each block of 64 KiB, over the bytes that are present
 * in it (what is not present, or a hole, counts as zeros). A sum is taken from the buffer in hand where that holds all of the
 * block, and otherwise when the chunk is sealed, from the file. Must hold: no sum is replaced by one of bytes that were not
 * checked against it, so that damage is never sealed in. Knows files and sums, and neither rows nor what follows from damage.
 */
import { blockBytes } from './block-sums.ts'
import type { ChunkFiles } from './chunk-files.ts'
import type { Chunk } from './content.ts'
import type { Interval } from './interval-set.ts'
import { xxh32 } from './xxh32.ts'

type Address = { content: number; chunk: number }

export class Integrity {
  readonly #files: ChunkFiles
  readonly #scratch = Buffer.alloc(blockBytes)

  constructor(files: ChunkFiles) {
    this.#files = files
  }

  /** `from`–`to` now holds what `source` has from `sourceStart` on; presence is up to date. */
  written(entry: Chunk, from: number, to: number, source: Uint8Array, sourceStart: number): void {
    for (const block of blocksOf(from, to)) {
      const extent = extentOf(entry, block)
      const origin = block * blockBytes
      if (from <= origin && extent.end <= to) {
        const at = sourceStart + origin - from
        entry.sums.set(block, xxh32(source, at, at + extent.end - origin))
      } else entry.sums.drop(block)
    }
  }

  /** The bytes of `from`–`to` are others now, or no longer present. */
  changed(entry: Chunk, from: number, to: number): void {
    for (const block of blocksOf(from, to)) entry.sums.drop(block)
  }

  /** Blocks that a change of `from`–`to` leaves in part as they were, and that turn out to be damaged. */
  damagedBefore(address: Address, entry: Chunk, from: number, to: number): Interval[] {
    const damaged: Interval[] = []
    for (const block of blocksOf(from, to)) {
      const { start, end } = extentOf(entry, block)
      const state = entry.sums.state(block)
      if (start >= end || (from <= start && end <= to) || state !== 'recorded') continue
      if (!this.#isWhole(address, entry, block)) damaged.push(rangeOf(block))
    }
    return damaged
  }

  /** Damaged blocks of `from`–`to`, whose bytes were just read into `target` at `targetStart`; `isStrict` compares once more. */
  damagedIn(
    address: Address,
    entry: Chunk,
    read: { from: number; to: number; target: Buffer; targetStart: number },
    isStrict: boolean,
  ): Interval[] {
    const { from, to, target, targetStart } = read
    const damaged: Interval[] = []
    for (const block of blocksOf(from, to)) {
      const state = entry.sums.state(block)
      if (state === 'unsummed' || (state === 'checked' && !isStrict)) continue
      const origin = block * blockBytes
      const { end } = extentOf(entry, block)
      const isInHand = from <= origin && end <= to && entry.present.covers(origin, end)
      const at = targetStart + origin - from
      const isWhole = isInHand
        ? xxh32(target, at, at + end - origin) === entry.sums.sums[block]
        : this.#isWhole(address, entry, block)
      if (isWhole) entry.sums.states[block] = 'checked'
      else damaged.push(rangeOf(block))
    }
    return damaged
  }

  /** All damaged blocks of a chunk. */
  damagedAnywhere(address: Address, entry: Chunk): Interval[] {
    const damaged: Interval[] = []
    for (const block of storedBlocks(entry)) {
      if (entry.sums.state(block) !== 'unsummed' && !this.#isWhole(address, entry, block)) damaged.push(rangeOf(block))
    }
    return damaged
  }

  /** Whether every block that takes space has its sum. */
  isSealed(entry: Chunk): boolean {
    for (const block of storedBlocks(entry)) if (entry.sums.state(block) === 'unsummed') return false
    return true
  }

  /** Takes the sums that are lacking. */
  seal(address: Address, entry: Chunk): void {
    for (const block of storedBlocks(entry)) {
      if (entry.sums.state(block) === 'unsummed') entry.sums.set(block, this.#sumOf(address, entry, block))
    }
  }

  #isWhole(address: Address, entry: Chunk, block: number): boolean {
    if (this.#sumOf(address, entry, block) !== entry.sums.sums[block]) return false
    entry.sums.states[block] = 'checked'
    return true
  }

  #sumOf(address: Address, entry: Chunk, block: number): number {
    const origin = block * blockBytes
    const length = extentOf(entry, block).end - origin
    this.#files.read(address, this.#scratch, 0, length, origin)
    for (const gap of entry.present.missing(origin, origin + length)) {
      this.#scratch.fill(0, gap.start - origin, gap.end - origin)
    }
    return xxh32(this.#scratch, 0, length)
  }
}

/** How many sums a chunk's row holds. */
export function blockCountOf(entry: Chunk): number {
  return Math.ceil(Math.min(entry.present.intervals.at(-1)?.end ?? 0, entry.length) / blockBytes)
}

function* blocksOf(from: number, to: number): Generator<number> {
  for (let block = Math.floor(from / blockBytes); block * blockBytes < to; block++) yield block
}

/** Blocks with something present, up to where the file ends: past that are holes, which need no sum. */
function* storedBlocks(entry: Chunk): Generator<number> {
  let next = 0
  for (const { start, end } of entry.present.intervals) {
    for (const block of blocksOf(Math.max(start, next * blockBytes), Math.min(end, entry.length))) yield block
    next = Math.max(next, Math.ceil(end / blockBytes))
  }
}

function rangeOf(block: number): Interval {
  return { start: block * blockBytes, end: (block + 1) * blockBytes }
}

/** From the first to the last present byte of a block. */
function extentOf(entry: Chunk, block: number): Interval {
  const { start: origin, end: limit } = rangeOf(block)
  let start = limit
  let end = origin
  for (const interval of entry.present.intervals) {
    if (interval.end <= origin || interval.start >= limit) continue
    start = Math.min(start, Math.max(interval.start, origin))
    end = Math.max(end, Math.min(interval.end, limit))
  }
  return { start: Math.min(start, end), end }
}
