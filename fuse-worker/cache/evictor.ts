/**
 * Makes room in the cache: takes the chunks that the ranking offers, forgets their rows, and only then unlinks their files. A death in
 * between leaves a file without a row, which recovery sweeps; the other way round a row would promise bytes that are gone.
 */
import type { DriveDatabase } from '../metadata/database.ts'
import type { Log } from '../runtime/log.ts'
import type { ChunkFiles } from './chunk-files.ts'
import type { ChunkRanking, RankedChunk, Standing } from './chunk-ranking.ts'
import type { ChunkRows } from './chunk-rows.ts'

export type EvictorOptions = {
  database: DriveDatabase
  files: ChunkFiles
  rows: ChunkRows
  ranking: ChunkRanking
  standingOf: (content: number) => Standing
  /** Somebody waits for bytes of it, or reads them at this moment. */
  isInUse: (content: number, chunk: number) => boolean
  /** Called when the chunk's rows are gone. */
  forget: (content: number, chunk: number) => void
  log: Log
}

export class Evictor {
  readonly #options: EvictorOptions

  constructor(options: EvictorOptions) {
    this.#options = options
  }

  /** Evicts at least `bytes`, or as much as may go; returns how much it was. */
  evict(bytes: number): number {
    return this.#take(() => this.#choose(bytes))
  }

  /** Evicts of these chunks what may go at all; returns how much it was. The caller knows that the bucket has them. */
  evictThese(content: number, chunks: readonly number[]): number {
    const { ranking, isInUse } = this.#options
    return this.#take(() =>
      chunks
        .map((chunk) => ranking.get(content, chunk))
        .filter((entry) => entry !== undefined)
        .filter(({ chunk, isDirty, isPinned }) => !isDirty && !isPinned && !isInUse(content, chunk)),
    )
  }

  #take(choose: () => readonly RankedChunk[]): number {
    const { database, files, rows, ranking, forget, log } = this.#options
    // Inside somebody's transaction the rows could come back after their files were gone.
    if (database.isInTransaction) return 0
    const chosen = choose()
    if (chosen.length === 0) return 0
    try {
      database.transaction(() => {
        for (const { content, chunk } of chosen) rows.removeChunk(content, chunk)
      })
    } catch (error) {
      log.error('cached content could not be evicted', error)
      return 0
    }
    let evicted = 0
    for (const { content, chunk, storedBytes } of chosen) {
      ranking.remove(content, chunk)
      forget(content, chunk)
      try {
        files.remove({ content, chunk })
        evicted += storedBytes
      } catch (error) {
        log.error('the file of an evicted chunk could not be removed', error, { content, chunk })
      }
    }
    return evicted
  }

  #choose(bytes: number): RankedChunk[] {
    const { ranking, standingOf, isInUse } = this.#options
    const chosen: RankedChunk[] = []
    let chosenBytes = 0
    for (const victim of ranking.victims(standingOf)) {
      if (isInUse(victim.content, victim.chunk)) continue
      chosen.push(victim)
      chosenBytes += victim.storedBytes
      if (chosenBytes >= bytes) break
    }
    return chosen
  }
}
