/**
 * What follows when bytes of the cache are not what was stored: those that the bucket has are forgotten, those that are only here are
 * never handed out, uploaded, or sealed in by a change beside them. Everything throws DamagedContent.
 */
import type { Log } from '../runtime/log.ts'
import { chunkBytes, type Chunk, type Content } from './content.ts'
import { DamagedContent } from './damaged-content.ts'
import type { Integrity } from './integrity.ts'
import type { Interval } from './interval-set.ts'

export type ContentGuardOptions = {
  integrity: Integrity
  forget: (content: Content, chunk: number, entry: Chunk, ranges: readonly Interval[]) => void
  log: Log
}

export class ContentGuard {
  readonly #options: ContentGuardOptions

  constructor(options: ContentGuardOptions) {
    this.#options = options
  }

  afterRead(
    content: Content,
    chunk: number,
    entry: Chunk,
    read: { from: number; to: number; target: Buffer; targetStart: number },
    isStrict: boolean,
  ): void {
    const address = { content: content.id, chunk }
    this.#answerFor(content, chunk, entry, this.#options.integrity.damagedIn(address, entry, read, isStrict))
  }

  /** Before a part of a block changes: the rest of it must not be sealed anew unless it is what it was. Throws for what is only here. */
  beforeChange(content: Content, chunk: number, entry: Chunk, from: number, to: number): void {
    const damaged = this.#options.integrity.damagedBefore({ content: content.id, chunk }, entry, from, to)
    forgetting(() => this.#answerFor(content, chunk, entry, damaged))
  }

  /** Compares all of it. False when something had to be forgotten and is missing now; throws for what is only here. */
  isWhole(content: Content): boolean {
    let isWhole = true
    for (const [chunk, entry] of content.chunks) {
      const damaged = this.#options.integrity.damagedAnywhere({ content: content.id, chunk }, entry)
      if (damaged.length > 0) isWhole = false
      forgetting(() => this.#answerFor(content, chunk, entry, damaged))
    }
    return isWhole
  }

  /** Always throws, if there is any damage. */
  #answerFor(content: Content, chunk: number, entry: Chunk, damaged: readonly Interval[]): void {
    if (damaged.length === 0) return
    const onlyHere = damaged.filter(({ start, end }) => entry.dirty.intersects(start, end))
    const inBucket = damaged.filter((range) => !onlyHere.includes(range))
    const kind = onlyHere.length > 0 ? 'only here' : 'fetch again'
    const origin = chunk * chunkBytes
    const ranges = (onlyHere.length > 0 ? onlyHere : inBucket).map(({ start, end }) => ({
      start: origin + start,
      end: origin + end,
    }))
    const error = new DamagedContent(kind, ranges)
    const isNews = !entry.sums.isReported
    if (isNews) this.#options.log.warn('the cache is damaged', { content: content.id, explanation: error.message })
    entry.sums.isReported = true
    if (inBucket.length > 0) this.#options.forget(content, chunk, entry, inBucket)
    throw error
  }
}

function forgetting(answer: () => void): void {
  try {
    answer()
  } catch (error) {
    if (!(error instanceof DamagedContent) || error.kind === 'only here') throw error
  }
}
