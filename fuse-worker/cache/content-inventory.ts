/**
 * What recovery does with cached content before anything is open: compares the chunk files with their rows and puts right, notes or moves
 * away what does not agree.
 */
import type { DriveDatabase } from '../metadata/database.ts'
import { bootIdentity } from '../runtime/boot-identity.ts'
import type { ChunkFiles } from './chunk-files.ts'
import type { ChunkRanking } from './chunk-ranking.ts'
import type { ChunkRows } from './chunk-rows.ts'
import { chunkBytes } from './content.ts'
import type { LostRanges } from './lost-ranges.ts'

const openSinceBoot = 'openSinceBoot'

export class ContentInventory {
  readonly #database: DriveDatabase
  readonly #files: ChunkFiles
  readonly #rows: ChunkRows
  readonly #lost: LostRanges
  readonly #ranking: ChunkRanking

  constructor(options: {
    database: DriveDatabase
    files: ChunkFiles
    rows: ChunkRows
    lost: LostRanges
    ranking: ChunkRanking
  }) {
    this.#database = options.database
    this.#files = options.files
    this.#rows = options.rows
    this.#lost = options.lost
    this.#ranking = options.ranking
  }

  /** Puts the rows in step with the nodes, inside recovery's transaction. */
  reconcile(): void {
    const [boot, lastBoot] = [bootIdentity(), this.#database.getMeta(openSinceBoot)]
    if (lastBoot !== undefined && lastBoot !== '' && lastBoot !== boot) this.#rows.unsealDirty()
    this.#database.setMeta(openSinceBoot, boot)
    this.#rows.reconcile((content, chunk) => this.#files.length({ content, chunk }))
  }

  /** From here on a loss of power takes nothing away. */
  noteDurable(): void {
    this.#database.setMeta(openSinceBoot, '')
  }

  /**
   * A chunk file always reaches as far as what it holds, zeros included. Notes dirty extents beyond that as lost, and
   * returns the contents where that is news.
   */
  findLost(): number[] {
    const news = new Set<number>()
    const dirty = this.#database.prepare('SELECT content, chunk, start, end FROM extents WHERE is_dirty = 1')
    this.#database.transaction(() => {
      for (const row of dirty.all()) {
        const { content, chunk, start, end } = row as { content: number; chunk: number; start: number; end: number }
        const origin = chunk * chunkBytes
        const lostFrom = Math.max(start, this.#files.length({ content, chunk }))
        // What is left of the chunk is taken as found.
        if (lostFrom < end) this.#rows.unseal(content, chunk)
        if (lostFrom < end && this.#lost.add(content, origin + lostFrom, origin + end) > 0) news.add(content)
      }
      for (const content of news) this.#lost.save(content)
    })
    return [...news]
  }

  /** Moves chunk files that no row explains out of the cache; those of `disposable` content go instead. */
  setAside(directory: string, disposable: ReadonlySet<number>): void {
    const explained = new Set(
      this.#database
        .prepare('SELECT DISTINCT content, chunk FROM extents')
        .all()
        .map((row) => `${row['content']}.${row['chunk']}`),
    )
    for (const address of this.#files.list()) {
      if (explained.has(`${address.content}.${address.chunk}`)) continue
      if (disposable.has(address.content)) this.#files.remove(address)
      else this.#files.moveTo(directory, address)
    }
  }

  /** Files that no row knows: left by a death between commit and unlink. Returns how many were removed. */
  sweep(): number {
    let removed = 0
    for (const address of this.#files.list()) {
      if (this.#ranking.has(address.content, address.chunk)) continue
      this.#files.remove(address)
      removed++
    }
    return removed
  }
}
