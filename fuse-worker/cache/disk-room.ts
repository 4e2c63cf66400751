/**
 * Keeps the last of the cache's disk for the journal: content is refused while there is still room to record, upload and delete,
 * so that a full disk can be got out of. Asks the disk now and then, because others write to it too.
 */
import { statfsSync } from 'node:fs'

/** Enough for the database and its log to grow while nothing can be written. */
const reserveBytes = 32 * 1024 * 1024
/** On a small disk the reserve is a share of it. */
const reserveShare = 0.1
const askedAgainAfterBytes = 4 * 1024 * 1024

/** As the system itself says it, so that one table serves both. */
export class DiskFull extends Error {
  readonly code = 'ENOSPC'
}

export class DiskRoom {
  readonly #directory: string
  #leftBytes = 0

  constructor(directory: string) {
    this.#directory = directory
  }

  /** Throws DiskFull when `bytes` more would touch the reserve. */
  take(bytes: number): void {
    if (bytes > this.#leftBytes) this.#ask(bytes)
    this.#leftBytes -= bytes
  }

  #ask(bytes: number): void {
    const { bavail, bsize, blocks } = statfsSync(this.#directory)
    const reserved = Math.min(reserveBytes, blocks * bsize * reserveShare)
    const room = bavail * bsize - reserved
    if (room < bytes) throw new DiskFull(`the disk of ${this.#directory} is full`)
    this.#leftBytes = Math.min(room, Math.max(askedAgainAfterBytes, bytes))
  }
}
