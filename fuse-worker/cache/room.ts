/**
 * Room for content, asked for before it arrives: the limit a person set for the drive, a floor of free space that what is only kept
 * for convenience never goes below, and a last reserve for the journal, so that a full disk can be got out of. Whoever
 * asks may make old content go; only what is left after that is refused. Asks the disk now and then, because others write to it too.
 */
import { statfsSync } from 'node:fs'
import type { Problem } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'

/** Enough for the database and its log to grow while nothing can be written. */
const reserveBytes = 32 * 1024 * 1024
/** Other programs want some of the disk as well: the larger of the two. */
const floorBytes = 1024 ** 3
const floorShare = 0.02
/** On a disk that others have filled this much is kept all the same: reading past the cache is slow. */
const workingSetBytes = 256 * 1024 * 1024
/** On a small disk reserve and floor are a share of it. */
const mostShare = 0.1
const askedAgainAfterBytes = 4 * 1024 * 1024
/** Nobody waits for more than this to be evicted at once. */
const mostEvictedBytes = 64 * 1024 * 1024
/** Evicting a little more than asked makes the next arrivals cheap. */
const slackShare = 1 / 64

/** As the system itself says it, so that one table serves both. */
export class DiskFull extends Error {
  readonly code = 'ENOSPC'
}

/** Whoever says it: we, the system, or SQLite. */
export function isDiskFull(error: unknown): error is Error {
  if (!(error instanceof Error)) return false
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOSPC' || code === 'EDQUOT' || /database or disk is full/i.test(error.message)
}

/** `write` is what a program wants stored, `keep` a copy of what the bucket has. */
export type Purpose = 'write' | 'keep'
/** What was lacking, and for how much. */
type Shortage = { of: 'limit' | 'disk'; bytes: number }

export type RoomOptions = {
  directory: string
  /** Asks the disk; absent: the one that holds the directory. */
  disk?: () => { freeBytes: number; sizeBytes: number }
  limitBytes: number | undefined
  storedBytes: () => number
  evictableBytes: () => number
  /** Evicts about so much, if it can; returns how much went. */
  evict: (bytes: number) => number
}

export class CacheRoom {
  readonly #options: RoomOptions
  limitBytes: number
  #freeBytes = 0
  #takenSinceAsked = Infinity
  #diskBytes = 0
  #shortage: Shortage | undefined

  constructor(options: RoomOptions) {
    this.#options = options
    this.limitBytes = options.limitBytes ?? Infinity
  }

  /** Throws DiskFull when there is no room for `bytes` more. */
  take(bytes: number, purpose: Purpose): void {
    if (bytes === 0) return
    this.#fit(bytes, purpose)
    this.#takenSinceAsked += bytes
    this.#freeBytes -= bytes
    if (purpose === 'write') this.#shortage = undefined
  }

  /** The same for what is only kept, without taking it yet. */
  assert(bytes: number): void {
    this.#fit(bytes, 'keep')
  }

  /** How much is stored over the limit. */
  get excessBytes(): number {
    return Math.max(0, this.#options.storedBytes() - this.limitBytes)
  }

  /** Why programs were refused room, for as long as that is so. */
  get shortage(): Problem | undefined {
    if (this.#shortage !== undefined && this.#hasRoomAgain(this.#shortage)) this.#shortage = undefined
    return this.#shortage === undefined ? undefined : problemOf(this.#shortage.of, this.#options.directory)
  }

  #fit(bytes: number, purpose: Purpose): void {
    this.#fitLimit(bytes, purpose)
    this.#fitDisk(bytes, purpose)
  }

  #fitLimit(bytes: number, purpose: Purpose): void {
    const over = this.#options.storedBytes() + bytes - this.limitBytes
    if (over <= 0) return
    this.#options.evict(over + Math.min(this.limitBytes * slackShare, askedAgainAfterBytes))
    if (this.#options.storedBytes() + bytes > this.limitBytes) this.#refuse({ of: 'limit', bytes }, purpose)
  }

  #fitDisk(bytes: number, purpose: Purpose): void {
    if (this.#takenSinceAsked + bytes > askedAgainAfterBytes) this.#ask()
    const floor = Math.min(Math.max(floorBytes, this.#diskBytes * floorShare), this.#diskBytes * mostShare)
    const reserve = Math.min(reserveBytes, this.#diskBytes * mostShare)
    const below = floor + bytes - this.#freeBytes
    if (below <= 0) return
    const kept = purpose === 'keep' ? bytes : 0
    this.#evict(Math.min(below, this.#options.evictableBytes() + kept - workingSetBytes))
    // What a person works on goes on being stored down to the reserve; so does what is kept, as long as it is little.
    const isLittle = this.#options.evictableBytes() + kept <= workingSetBytes
    const least = purpose === 'write' || isLittle ? reserve : floor
    if (this.#freeBytes - bytes < least) this.#evict(least + bytes - this.#freeBytes)
    if (this.#freeBytes - bytes >= least) return
    this.#ask()
    if (this.#freeBytes - bytes < least) this.#refuse({ of: 'disk', bytes }, purpose)
  }

  #evict(bytes: number): void {
    if (bytes <= 0) return
    if (this.#options.evict(Math.min(bytes, mostEvictedBytes)) > 0) this.#ask()
  }

  #ask(): void {
    const { freeBytes, sizeBytes } = (this.#options.disk ?? (() => diskOf(this.#options.directory)))()
    this.#freeBytes = freeBytes
    this.#diskBytes = sizeBytes
    this.#takenSinceAsked = 0
  }

  #refuse(shortage: Shortage, purpose: Purpose): never {
    if (purpose === 'write') this.#shortage = shortage
    throw new DiskFull(
      shortage.of === 'disk'
        ? `the disk of ${this.#options.directory} is full`
        : `the cache in ${this.#options.directory} is at its limit`,
    )
  }

  #hasRoomAgain({ of, bytes }: Shortage): boolean {
    const evictable = this.#options.evictableBytes()
    if (of === 'limit') return this.#options.storedBytes() - evictable + bytes <= this.limitBytes
    this.#ask()
    return this.#freeBytes + evictable - bytes >= Math.min(reserveBytes, this.#diskBytes * mostShare)
  }
}

function diskOf(directory: string): { freeBytes: number; sizeBytes: number } {
  const { bavail, bsize, blocks } = statfsSync(directory)
  return { freeBytes: bavail * bsize, sizeBytes: blocks * bsize }
}

function problemOf(shortage: Shortage['of'], directory: string): Problem {
  const consequence = t('worker.no-room.consequence')
  if (shortage === 'disk') {
    return {
      code: 'disk-full',
      message: t('worker.disk-full', { directory }),
      consequence,
      remedy: t('worker.disk-full.remedy'),
    }
  }
  return {
    code: 'cache-full',
    message: t('worker.cache-full'),
    consequence,
    remedy: t('worker.cache-full.remedy'),
  }
}
