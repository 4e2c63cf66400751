/**
 * The space the cache takes: what is in it, how dear each chunk is, who needs which at this moment, and the room that is left. Puts room,
 * ranking and evictor together; the content store tells it what changes.
 */
import type { Problem } from '../../contracts/problem.ts'
import type { DriveDatabase } from '../metadata/database.ts'
import type { Log } from '../runtime/log.ts'
import type { ChunkFiles } from './chunk-files.ts'
import { ChunkRanking, type Standing } from './chunk-ranking.ts'
import type { ChunkRows } from './chunk-rows.ts'
import { chunkBytes, storedBytes, type Chunk } from './content.ts'
import { Evictor } from './evictor.ts'
import { CacheRoom } from './room.ts'

const mostShrunkBytes = 8 * chunkBytes

export type CacheSpaceOptions = {
  database: DriveDatabase
  directory: string
  limitBytes: number | undefined
  files: ChunkFiles
  rows: ChunkRows
  standingOf: (content: number) => Standing
  isPinned: (content: number) => boolean
  /** Called when an evicted chunk's rows are gone. */
  forget: (content: number, chunk: number) => void
  log: Log
}

export class CacheSpace {
  readonly ranking = new ChunkRanking()
  readonly room: CacheRoom
  readonly #evictor: Evictor
  readonly #isPinned: (content: number) => boolean
  /** Chunks somebody needs to stay, by content, and how many need each. */
  readonly #inUse = new Map<number, Map<number, number>>()

  constructor(options: CacheSpaceOptions) {
    const { ranking } = this
    this.#isPinned = options.isPinned
    this.#evictor = new Evictor({
      ...options,
      ranking,
      isInUse: (content, chunk) => this.#inUse.get(content)?.has(chunk) === true,
    })
    this.room = new CacheRoom({
      directory: options.directory,
      limitBytes: options.limitBytes,
      storedBytes: () => ranking.storedBytes,
      evictableBytes: () => ranking.evictableBytes,
      evict: (bytes) => this.#evictor.evict(bytes),
    })
  }

  /** Why programs are refused room at the moment. */
  get shortage(): Problem | undefined {
    return this.room.shortage
  }

  /** How much it makes sense to fetch before it is asked for. */
  get readAheadBytes(): number {
    return Math.min(4 * chunkBytes, this.room.limitBytes / 4)
  }

  set limitBytes(limitBytes: number | undefined) {
    this.room.limitBytes = limitBytes ?? Infinity
  }

  /** Evicts some of what is stored over the limit; true when more could go. */
  shrink(): boolean {
    const { excessBytes } = this.room
    if (excessBytes === 0) return false
    return this.#evictor.evict(Math.min(excessBytes, mostShrunkBytes)) > 0 && this.room.excessBytes > 0
  }

  /** A person wants this content to leave now; returns how much did. */
  evictContent(content: number, chunks: readonly number[]): number {
    return this.#evictor.evictThese(content, chunks)
  }

  /** The ranking follows what a chunk holds. */
  follow(content: number, chunk: number, entry: Chunk | undefined): void {
    if (entry === undefined || entry.present.isEmpty) {
      this.ranking.remove(content, chunk)
      return
    }
    const isKnown = this.ranking.set(content, chunk, storedBytes(entry), !entry.dirty.isEmpty)
    if (!isKnown && this.#isPinned(content)) this.ranking.pin(content, chunk, true)
  }

  hold(content: number, chunks: readonly number[]): void {
    const uses = this.#inUse.get(content) ?? new Map<number, number>()
    this.#inUse.set(content, uses)
    for (const chunk of chunks) uses.set(chunk, (uses.get(chunk) ?? 0) + 1)
  }

  letGo(content: number, chunks: readonly number[]): void {
    const uses = this.#inUse.get(content)
    for (const chunk of chunks) {
      const left = (uses?.get(chunk) ?? 1) - 1
      if (left === 0) uses?.delete(chunk)
      else uses?.set(chunk, left)
    }
    if (uses?.size === 0) this.#inUse.delete(content)
  }

  isInUse(content: number): boolean {
    return this.#inUse.has(content)
  }
}
