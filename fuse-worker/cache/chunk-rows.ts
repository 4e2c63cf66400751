/** The rows of the content store: each chunk's extents, and what is remembered of the chunk as a whole. Knows two tables and no bytes. */
import type { DriveDatabase, Statement } from '../metadata/database.ts'
import { BlockSums } from './block-sums.ts'
import { chunkBytes, chunkOf, Content, storedBytes, type Chunk } from './content.ts'
import type { Rank, RankedChunk } from './chunk-ranking.ts'

const ranks: readonly Rank[] = ['arrived', 'used', 'protected']

type Use = { usedAtMs: number; rank: Rank }

export class ChunkRows {
  readonly #database: DriveDatabase
  readonly #selectExtents: Statement
  readonly #insertExtent: Statement
  readonly #deleteExtents: Statement
  readonly #selectChunks: Statement
  readonly #upsertChunk: Statement
  readonly #deleteChunk: Statement
  readonly #updateUse: Statement

  constructor(database: DriveDatabase) {
    this.#database = database
    this.#selectExtents = database.prepare('SELECT chunk, start, end, is_dirty FROM extents WHERE content = ?')
    this.#insertExtent = database.prepare(
      'INSERT INTO extents (content, chunk, start, end, is_dirty) VALUES (?, ?, ?, ?, ?)',
    )
    this.#deleteExtents = database.prepare('DELETE FROM extents WHERE content = ? AND chunk = ?')
    this.#selectChunks = database.prepare('SELECT chunk, length, sums FROM chunks WHERE content = ?')
    this.#upsertChunk = database.prepare(
      `INSERT INTO chunks (content, chunk, length, stored, dirty, used_at, rank, sums) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET length = excluded.length, stored = excluded.stored, dirty = excluded.dirty,
         used_at = excluded.used_at, rank = excluded.rank, sums = excluded.sums`,
    )
    this.#deleteChunk = database.prepare('DELETE FROM chunks WHERE content = ? AND chunk = ?')
    this.#updateUse = database.prepare('UPDATE chunks SET used_at = ?, rank = ? WHERE content = ? AND chunk = ?')
  }

  lastContent(): number {
    const inNodes = this.#database.prepare('SELECT max(content) AS last FROM nodes').get()
    const inExtents = this.#database.prepare('SELECT max(content) AS last FROM extents').get()
    return Math.max(Number(inNodes?.['last'] ?? 0), Number(inExtents?.['last'] ?? 0))
  }

  read(content: Content): void {
    for (const row of this.#selectExtents.all(content.id)) {
      const { chunk, start, end, is_dirty } = row as { chunk: number; start: number; end: number; is_dirty: number }
      const entry = chunkOf(content, chunk)
      if (is_dirty === 1) entry.dirty.add(start, end)
      else entry.present.add(start, end)
    }
    for (const row of this.#selectChunks.all(content.id)) {
      const chunk = Number(row['chunk'])
      const entry = content.chunks.get(chunk)
      if (entry === undefined) continue
      entry.length = Number(row['length'])
      const sums: unknown = row['sums']
      entry.isSealed = sums instanceof Uint8Array
      if (sums instanceof Uint8Array) entry.sums = BlockSums.parse(sums)
      else content.unsealed.add(chunk)
    }
  }

  /** `sums` is null for a chunk that is not sealed. */
  write(content: number, chunk: number, entry: Chunk | undefined, use: Use, sums: Uint8Array | null): void {
    this.#deleteExtents.run(content, chunk)
    this.#database.touchExtents(content, chunk)
    if (entry === undefined || entry.present.isEmpty) {
      this.#deleteChunk.run(content, chunk)
      return
    }
    for (const { start, end } of entry.present.intervals) this.#insertExtent.run(content, chunk, start, end, 0)
    for (const { start, end } of entry.dirty.intervals) this.#insertExtent.run(content, chunk, start, end, 1)
    const { usedAtMs, rank } = use
    this.#upsertChunk.run(
      ...[content, chunk, entry.length, storedBytes(entry), entry.dirty.size, usedAtMs, ranks.indexOf(rank), sums],
    )
  }

  writeUse({ content, chunk, usedAtMs, rank }: RankedChunk): void {
    this.#updateUse.run(usedAtMs, ranks.indexOf(rank), content, chunk)
  }

  removeChunk(content: number, chunk: number): void {
    this.#deleteExtents.run(content, chunk)
    this.#database.touchExtents(content, chunk)
    this.#deleteChunk.run(content, chunk)
  }

  removeContent(content: number): void {
    this.#database.prepare('DELETE FROM extents WHERE content = ?').run(content)
    this.#database.prepare('DELETE FROM chunks WHERE content = ?').run(content)
  }

  /** Extents and chunks that go with no node, or not with each other: recovery puts the two tables in step. */
  reconcile(fileLength: (content: number, chunk: number) => number): void {
    const inNodes = 'SELECT content FROM nodes WHERE content <> 0'
    this.#database.prepare(`DELETE FROM extents WHERE content NOT IN (${inNodes})`).run()
    this.#database
      .prepare(`DELETE FROM chunks WHERE (content, chunk) NOT IN (SELECT content, chunk FROM extents)`)
      .run()
    const strays = this.#database
      .prepare('SELECT DISTINCT content FROM extents WHERE (content, chunk) NOT IN (SELECT content, chunk FROM chunks)')
      .all()
    for (const row of strays) {
      const content = new Content(Number(row['content']), 0)
      this.read(content)
      for (const [chunk, entry] of content.chunks) {
        if (entry.length > 0) continue
        entry.length = Math.min(entry.present.intervals.at(-1)?.end ?? 0, fileLength(content.id, chunk))
        // Past the file's end may be a hole of ours; what the bucket has is fetched again rather than taken for one.
        for (const { start, end } of entry.dirty.missing(entry.length, chunkBytes)) entry.present.remove(start, end)
        this.write(content.id, chunk, entry, { usedAtMs: 0, rank: 'arrived' }, null)
      }
    }
  }

  unseal(content: number, chunk: number): void {
    this.#database.prepare('UPDATE chunks SET sums = NULL WHERE content = ? AND chunk = ?').run(content, chunk)
  }

  /** After a loss of power sums may be older or newer than the bytes they stand for; dirty bytes have no second source to decide by. */
  unsealDirty(): void {
    this.#database.prepare('UPDATE chunks SET sums = NULL WHERE dirty > 0').run()
  }

  /** Every chunk, in the order of use. */
  *all(): Generator<Omit<RankedChunk, 'isUnsaved'> & { dirtyBytes: number }> {
    const pinned = new Set<number>()
    for (const row of this.#database.prepare('SELECT content FROM nodes WHERE is_pinned = 1').all())
      pinned.add(Number(row['content']))
    const rows = this.#database.prepare(
      'SELECT content, chunk, stored, dirty, used_at, rank FROM chunks ORDER BY used_at',
    )
    for (const row of rows.all()) {
      const content = Number(row['content'])
      yield {
        content,
        chunk: Number(row['chunk']),
        storedBytes: Number(row['stored']),
        isDirty: row['dirty'] !== 0,
        dirtyBytes: Number(row['dirty']),
        isPinned: pinned.has(content),
        rank: ranks[Number(row['rank'])] ?? 'arrived',
        usedAtMs: Number(row['used_at']),
      }
    }
  }
}
