/**
 * Content of files, in chunks: what of each chunk is present, what of that is dirty (not in the bucket), and the bytes.
 * Owns the chunk files and the `extents` table. Must always hold: what the table calls clean has the bytes of the base
 * version. So bytes that a write is about to replace are recorded as dirty before the first of them changes.
 * Only the filesystem and the uploader call it; all of it is synchronous except `sync`.
 */
import type { DriveDatabase, Statement } from '../metadata/database.ts'
import { ChunkFiles } from './chunk-files.ts'
import { DiskRoom } from './disk-room.ts'
import { IntervalSet, type Interval } from './interval-set.ts'
import { LostRanges } from './lost-ranges.ts'

/** Unit of download bookkeeping and multipart upload, and one day of eviction; at least S3's smallest part (5 MiB). */
export const chunkBytes = 8 * 1024 * 1024

type Chunk = { present: IntervalSet; dirty: IntervalSet }

export class Content {
  readonly id: number
  /** Past this the base version has nothing to say: bytes here are local or zero. */
  baseSize: number
  /** True once its files are gone; nothing may be written to it any more. */
  isDropped = false
  /** Counts changes, so that an upload can tell whether what it read is still what is there. */
  generation = 0
  /** How many hold on to this object across a wait (downloads, pins); files that have it open are not counted. */
  users = 0
  readonly chunks = new Map<number, Chunk>()
  /** Chunks whose extents in memory are newer than their rows. */
  readonly unsaved = new Set<number>()
  /** Chunks with bytes that may not be on the platter yet. */
  readonly unsynced = new Set<number>()
  constructor(id: number, baseSize: number) {
    this.id = id
    this.baseSize = baseSize
  }
}

export class ContentStore {
  readonly #files: ChunkFiles
  readonly #room: DiskRoom
  readonly #lost: LostRanges
  readonly #loaded = new Map<number, Content>()
  readonly #selectExtents: Statement
  readonly #insertExtent: Statement
  readonly #deleteChunk: Statement
  readonly #deleteContent: Statement
  readonly #database: DriveDatabase
  #nextId: number
  #presentBytes = 0
  #dirtyBytes = 0

  constructor(database: DriveDatabase, directory: string) {
    this.#database = database
    this.#files = new ChunkFiles(directory)
    this.#room = new DiskRoom(directory)
    this.#lost = new LostRanges(database)
    this.#selectExtents = database.prepare('SELECT chunk, start, end, is_dirty FROM extents WHERE content = ?')
    this.#insertExtent = database.prepare(
      'INSERT INTO extents (content, chunk, start, end, is_dirty) VALUES (?, ?, ?, ?, ?)',
    )
    this.#deleteChunk = database.prepare('DELETE FROM extents WHERE content = ? AND chunk = ?')
    this.#deleteContent = database.prepare('DELETE FROM extents WHERE content = ?')
    const inNodes = database.prepare('SELECT max(content) AS last FROM nodes').get()
    const inExtents = database.prepare('SELECT max(content) AS last FROM extents').get()
    this.#nextId = Math.max(Number(inNodes?.['last'] ?? 0), Number(inExtents?.['last'] ?? 0)) + 1
    database.onRollback(() => {
      for (const content of this.#loaded.values()) for (const chunk of content.chunks.keys()) content.unsaved.add(chunk)
    })
  }

  /** Counts what the rows hold; once, after recovery has put them right and before anything is open. */
  count(): void {
    const sums = this.#database
      .prepare('SELECT is_dirty, sum(end - start) AS bytes FROM extents GROUP BY is_dirty')
      .all() as { is_dirty: number; bytes: number }[]
    this.#presentBytes = sums.find((sum) => sum.is_dirty === 0)?.bytes ?? 0
    this.#dirtyBytes = sums.find((sum) => sum.is_dirty === 1)?.bytes ?? 0
    this.#loaded.clear()
  }

  /** Bytes in the cache, dirty ones included. */
  get presentBytes(): number {
    return this.#presentBytes
  }

  get dirtyBytes(): number {
    return this.#dirtyBytes
  }

  create(baseSize: number): Content {
    const content = new Content(this.#nextId++, baseSize)
    this.#loaded.set(content.id, content)
    return content
  }

  open(id: number, baseSize: number): Content {
    const known = this.#loaded.get(id)
    if (known !== undefined) return known
    const content = new Content(id, baseSize)
    this.#readRows(content)
    this.#loaded.set(id, content)
    return content
  }

  /** Back to what the rows say, after a change of it could not be committed. */
  reload(content: Content): void {
    for (const { present, dirty } of content.chunks.values()) {
      this.#presentBytes -= present.size
      this.#dirtyBytes -= dirty.size
    }
    content.chunks.clear()
    content.unsaved.clear()
    this.#readRows(content)
    for (const { present, dirty } of content.chunks.values()) {
      this.#presentBytes += present.size
      this.#dirtyBytes += dirty.size
    }
  }

  /**
   * Forgets the in-memory form, unless something of it is unsaved or somebody works on it: there must never be two forms of one
   * content, of which the older one takes what the newer one wrote for missing.
   */
  unload(content: Content): void {
    if (content.unsaved.size === 0 && content.users === 0) this.#loaded.delete(content.id)
  }

  /** What of `start`–`end` has to come from the base version. */
  missing(content: Content, start: number, end: number): Interval[] {
    const gaps: Interval[] = []
    for (const { chunk, from, to } of slices(start, Math.min(end, content.baseSize))) {
      const origin = chunk * chunkBytes
      const entry = content.chunks.get(chunk)
      const inChunk = entry === undefined ? [{ start: from, end: to }] : entry.present.missing(from, to)
      for (const gap of inChunk) appendGap(gaps, origin + gap.start, origin + gap.end)
    }
    return gaps
  }

  isDirty(content: Content, start: number, end: number): boolean {
    for (const { chunk, from, to } of slices(start, end)) {
      if (content.chunks.get(chunk)?.dirty.intersects(from, to) === true) return true
    }
    return false
  }

  /** The range must be present (or past everything, which reads as zeros). Throws LostBytes. */
  read(content: Content, target: Buffer, targetStart: number, start: number, end: number): void {
    this.#lost.assertNone(content.id, start, end)
    let cursor = targetStart
    for (const { chunk, from, to } of slices(start, end)) {
      this.#files.read({ content: content.id, chunk }, target, cursor, to - from, from)
      cursor += to - from
    }
  }

  write(content: Content, source: Uint8Array, position: number): void {
    this.#room.take(source.length)
    let cursor = 0
    for (const { chunk, from, to } of slices(position, position + source.length)) {
      const entry = chunkOf(content, chunk)
      this.#recordBeforeOverwrite(content, chunk, entry, from, to)
      this.#files.write({ content: content.id, chunk }, source, cursor, to - from, from)
      cursor += to - from
      this.#markWritten(content, chunk, entry, from, to)
    }
    this.#lost.heal(content.id, position, position + source.length)
    content.generation++
  }

  /** `start`–`end` become zeros of our own, as after a truncate to a larger size or a write past the end. */
  writeZeros(content: Content, start: number, end: number): void {
    for (const { chunk, from, to } of slices(start, end)) {
      const entry = chunkOf(content, chunk)
      this.#recordBeforeOverwrite(content, chunk, entry, from, to)
      if (this.#files.exists({ content: content.id, chunk })) {
        this.#files.zero({ content: content.id, chunk }, from, to)
      }
      this.#files.reach({ content: content.id, chunk }, to)
      this.#markWritten(content, chunk, entry, from, to)
    }
    this.#lost.heal(content.id, start, end)
    content.generation++
  }

  /** Bytes of the base version, as downloaded: fills only what is missing, never replaces what is here. */
  fillFromBase(content: Content, position: number, bytes: Uint8Array): void {
    this.#room.take(bytes.length)
    for (const gap of this.missing(content, position, position + bytes.length)) {
      for (const { chunk, from, to } of slices(gap.start, gap.end)) {
        const sourceStart = chunk * chunkBytes + from - position
        this.#files.write({ content: content.id, chunk }, bytes, sourceStart, to - from, from)
        this.#presentBytes += chunkOf(content, chunk).present.add(from, to)
        content.unsaved.add(chunk)
      }
    }
  }

  /** Forgets everything from `size` on, in memory; call `trim` once the rows are committed. */
  truncate(content: Content, size: number): void {
    content.baseSize = Math.min(content.baseSize, size)
    this.#lost.heal(content.id, size, Infinity)
    for (const [chunk, entry] of content.chunks) {
      const from = Math.max(0, size - chunk * chunkBytes)
      if (from >= chunkBytes) continue
      this.#presentBytes -= entry.present.remove(from, chunkBytes)
      this.#dirtyBytes -= entry.dirty.remove(from, chunkBytes)
      content.unsaved.add(chunk)
    }
    content.generation++
  }

  /** Gives back the disk space of what a truncate forgot. */
  trim(content: Content): void {
    for (const [chunk, entry] of content.chunks) {
      const end = entry.present.intervals.at(-1)?.end ?? 0
      if (end > 0) this.#files.cut({ content: content.id, chunk }, end)
      else {
        this.#files.remove({ content: content.id, chunk })
        content.chunks.delete(chunk)
        content.unsynced.delete(chunk)
      }
    }
  }

  /** Writes the extents that changed; inside the caller's transaction. */
  save(content: Content): void {
    for (const chunk of content.unsaved) {
      this.#deleteChunk.run(content.id, chunk)
      this.#database.touchExtents(content.id, chunk)
      const entry = content.chunks.get(chunk)
      for (const { start, end } of entry?.present.intervals ?? [])
        this.#insertExtent.run(content.id, chunk, start, end, 0)
      for (const { start, end } of entry?.dirty.intervals ?? [])
        this.#insertExtent.run(content.id, chunk, start, end, 1)
    }
    content.unsaved.clear()
    this.#lost.save(content.id)
  }

  /** The content is in the bucket now, whole. */
  markClean(content: Content, baseSize: number): void {
    for (const [chunk, entry] of content.chunks) {
      if (entry.dirty.isEmpty) continue
      this.#dirtyBytes -= entry.dirty.size
      entry.dirty.clear()
      content.unsaved.add(chunk)
    }
    content.baseSize = baseSize
  }

  /** The base version is not to be had any more: all of it (which must be present) is ours to upload. */
  markAllDirty(content: Content): void {
    for (const [chunk, entry] of content.chunks) {
      for (const { start, end } of entry.present.intervals) this.#dirtyBytes += entry.dirty.add(start, end)
      content.unsaved.add(chunk)
    }
    content.generation++
  }

  /** After this the bytes of all chunks survive power loss. */
  async sync(content: Content): Promise<void> {
    const chunks = [...content.unsynced]
    content.unsynced.clear()
    try {
      await Promise.all(chunks.map((chunk) => this.#files.sync({ content: content.id, chunk })))
    } catch (error) {
      for (const chunk of chunks) content.unsynced.add(chunk)
      throw error
    }
  }

  /** Removes the rows; the files follow with `removeFiles` once that is committed. */
  removeRows(content: Content): void {
    this.#deleteContent.run(content.id)
    this.#lost.removeRows(content.id)
  }

  removeFiles(content: Content): void {
    for (const [chunk, entry] of content.chunks) {
      this.#presentBytes -= entry.present.size
      this.#dirtyBytes -= entry.dirty.size
      this.#files.remove({ content: content.id, chunk })
    }
    content.chunks.clear()
    content.isDropped = true
    this.#loaded.delete(content.id)
  }

  /** Files that no row knows: left by a death between commit and unlink. Returns how many were removed. */
  sweep(isKnown: (content: number) => boolean): number {
    let removed = 0
    for (const address of this.#files.list()) {
      if (isKnown(address.content)) continue
      this.#files.remove(address)
      removed++
    }
    return removed
  }

  /** Whether bytes of it that only this machine had are gone. */
  hasLost(content: Content): boolean {
    return this.#lost.has(content.id)
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
        if (lostFrom < end && this.#lost.add(content, origin + lostFrom, origin + end) > 0) news.add(content)
      }
      for (const content of news) this.#lost.save(content)
    })
    return [...news]
  }

  /** Moves chunk files that no row explains out of the cache; those of `disposable` content go instead. */
  setAside(directory: string, disposable: ReadonlySet<number>): number {
    const explained = new Set(
      this.#database
        .prepare('SELECT DISTINCT content, chunk FROM extents')
        .all()
        .map((row) => `${row['content']}.${row['chunk']}`),
    )
    let moved = 0
    for (const address of this.#files.list()) {
      if (explained.has(`${address.content}.${address.chunk}`)) continue
      if (disposable.has(address.content)) this.#files.remove(address)
      else {
        this.#files.moveTo(directory, address)
        moved++
      }
    }
    return moved
  }

  close(): void {
    this.#files.close()
  }

  #readRows(content: Content): void {
    for (const row of this.#selectExtents.all(content.id)) {
      const { chunk, start, end, is_dirty } = row as { chunk: number; start: number; end: number; is_dirty: number }
      const entry = chunkOf(content, chunk)
      if (is_dirty === 1) entry.dirty.add(start, end)
      else entry.present.add(start, end)
    }
  }

  #markWritten(content: Content, chunk: number, entry: Chunk, from: number, to: number): void {
    this.#presentBytes += entry.present.add(from, to)
    this.#dirtyBytes += entry.dirty.add(from, to)
    content.unsaved.add(chunk)
    content.unsynced.add(chunk)
  }

  #recordBeforeOverwrite(content: Content, chunk: number, entry: Chunk, from: number, to: number): void {
    if (!entry.present.intersects(from, to) || entry.dirty.covers(from, to)) return
    // Not precise, but never wrong: until the next save the table calls the written range dirty.
    this.#dirtyBytes += entry.dirty.add(from, to)
    this.#presentBytes += entry.present.add(from, to)
    content.unsaved.add(chunk)
    this.#database.transaction(() => this.save(content))
  }
}

function chunkOf(content: Content, chunk: number): Chunk {
  const known = content.chunks.get(chunk)
  if (known !== undefined) return known
  const created = { present: new IntervalSet(), dirty: new IntervalSet() }
  content.chunks.set(chunk, created)
  return created
}

type Slice = { chunk: number; from: number; to: number }

/** Cuts a range of the file at chunk borders; `from` and `to` count inside the chunk. */
export function slices(start: number, end: number): Slice[] {
  const parts: Slice[] = []
  for (let position = start; position < end;) {
    const chunk = Math.floor(position / chunkBytes)
    const origin = chunk * chunkBytes
    const to = Math.min(end - origin, chunkBytes)
    parts.push({ chunk, from: position - origin, to })
    position = origin + to
  }
  return parts
}

function appendGap(gaps: Interval[], start: number, end: number): void {
  const last = gaps.at(-1)
  if (last !== undefined && last.end === start) last.end = end
  else gaps.push({ start, end })
}
