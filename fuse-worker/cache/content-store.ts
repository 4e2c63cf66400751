/**
 * Content of files, in chunks: what of each chunk is present, what of that is dirty (not in the bucket), and the bytes.
 * Owns the chunk files and the tables `extents` and `chunks`. Must always hold: what the table calls clean has the bytes of the base
 * version. So bytes that a write is about to replace are recorded as dirty before the first of them changes.
 * All of it is synchronous except `sync` and `keeping`. Anything clean may be evicted between two calls, and during one that
 * stores something; whoever needs bytes over an `await` wraps that in `keeping`.
 */
import type { DriveDatabase } from '../metadata/database.ts'
import type { Log } from '../runtime/log.ts'
import { ChunkFiles } from './chunk-files.ts'
import { CacheSpace } from './cache-space.ts'
import { ContentGuard } from './content-guard.ts'
import { ContentInventory } from './content-inventory.ts'
import type { Standing } from './chunk-ranking.ts'
import { ChunkRows } from './chunk-rows.ts'
import { chunkBytes, chunkOf, Content, growth, slices, type Chunk } from './content.ts'
import { blockCountOf, Integrity } from './integrity.ts'
import type { Interval } from './interval-set.ts'
import { LostRanges } from './lost-ranges.ts'
import type { Purpose } from './room.ts'

export { chunkBytes, Content } from './content.ts'

export type ContentStoreOptions = {
  database: DriveDatabase
  directory: string
  /** Absent: only the disk is a limit. */
  limitBytes: number | undefined
  standingOf: (content: number) => Standing
  isPinned: (content: number) => boolean
  now: () => number
  log: Log
}

export class ContentStore {
  readonly #files: ChunkFiles
  readonly #integrity: Integrity
  readonly #guard: ContentGuard
  readonly #rows: ChunkRows
  /** Room, and what goes when there is none. */
  readonly space: CacheSpace
  readonly #lost: LostRanges
  /** For recovery, before anything is open. */
  readonly inventory: ContentInventory
  readonly #loaded = new Map<number, Content>()
  readonly #database: DriveDatabase
  readonly #options: ContentStoreOptions
  #nextId: number
  #dirtyBytes = 0

  constructor(options: ContentStoreOptions) {
    const { database, directory } = options
    this.#options = options
    this.#database = database
    this.#files = new ChunkFiles(directory)
    this.#integrity = new Integrity(this.#files)
    this.#guard = new ContentGuard({
      integrity: this.#integrity,
      forget: (content, chunk, entry, ranges) => this.#forgetRanges(content, chunk, entry, ranges),
      log: options.log,
    })
    this.#rows = new ChunkRows(database)
    this.space = new CacheSpace({
      ...options,
      files: this.#files,
      rows: this.#rows,
      forget: (content, chunk) => this.#forgetChunk(content, chunk),
    })
    this.#nextId = this.#rows.lastContent() + 1
    this.#lost = new LostRanges(database)
    this.inventory = new ContentInventory({
      ...{ database, files: this.#files, rows: this.#rows, lost: this.#lost },
      ranking: this.space.ranking,
    })
    database.onRollback(() => {
      for (const content of this.#loaded.values()) {
        for (const [chunk, entry] of content.chunks) {
          content.unsaved.add(chunk)
          entry.isSealed = true
        }
      }
    })
  }

  /** Learns what is here; once, after recovery has put the rows right and before anything is open. */
  load(): void {
    this.#loaded.clear()
    for (const { dirtyBytes, ...chunk } of this.#rows.all()) {
      this.#dirtyBytes += dirtyBytes
      this.space.ranking.load(chunk)
    }
  }

  /** Three honest numbers, and all of it. */
  get bytes(): { unsyncedBytes: number; pinnedBytes: number; evictableBytes: number; cachedBytes: number } {
    const { pinnedBytes, evictableBytes, storedBytes: cachedBytes } = this.space.ranking
    return { unsyncedBytes: this.#dirtyBytes, pinnedBytes, evictableBytes, cachedBytes }
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
    const before = [...content.chunks.keys()]
    for (const { dirty } of content.chunks.values()) this.#dirtyBytes -= dirty.size
    content.chunks.clear()
    content.unsaved.clear()
    content.unsealed.clear()
    this.#readRows(content)
    for (const { dirty } of content.chunks.values()) this.#dirtyBytes += dirty.size
    for (const chunk of new Set([...before, ...content.chunks.keys()])) this.#rank(content, chunk)
  }

  /** A program opened it: a use, also where the kernel then answers from its own pages. */
  opened(content: Content): void {
    this.space.ranking.use(content.id, 0, this.#options.now())
  }

  /** Nobody has it open any more, its operation is done, or it was (un)pinned: it may stand lower, and need no memory. */
  settle(content: Content): void {
    const isPinned = this.#options.isPinned(content.id)
    for (const chunk of content.chunks.keys()) {
      this.space.ranking.pin(content.id, chunk, isPinned)
      this.space.ranking.refile(content.id, chunk)
    }
    this.#unload(content)
  }

  /** Everything of it that `mayGo` leaves now; what is dirty, pinned or needed at this moment stays whatever the caller says. */
  evict(content: Content, { mayGo }: { mayGo: boolean }): { evicted: number; stays: number } {
    const chunks = [...content.chunks]
    const stored = (): number =>
      chunks.reduce((sum, [chunk]) => sum + (this.space.ranking.get(content.id, chunk)?.storedBytes ?? 0), 0)
    const before = stored()
    if (mayGo)
      this.space.evictContent(
        content.id,
        chunks.map(([chunk]) => chunk),
      )
    this.#unload(content)
    const stays = stored()
    return { evicted: before - stays, stays }
  }

  /** While `work` runs, what arrives or is present between `start` and `end` stays. */
  async keeping<T>(content: Content, start: number, end: number, work: () => Promise<T>): Promise<T> {
    const chunks = slices(start, end).map(({ chunk }) => chunk)
    this.space.hold(content.id, chunks)
    try {
      return await work()
    } finally {
      this.space.letGo(content.id, chunks)
      this.#unload(content)
    }
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

  /**
   * The range must be present (or past everything, which reads as zeros). Each block is compared with its sum when it is read for
   * the first time, and always when `isStrict`. Throws DamagedContent and LostBytes.
   */
  read(content: Content, target: Buffer, targetStart: number, start: number, end: number, isStrict = false): void {
    this.#lost.assertNone(content.id, start, end)
    let cursor = targetStart
    for (const { chunk, from, to } of slices(start, end)) {
      this.#files.read({ content: content.id, chunk }, target, cursor, to - from, from)
      const entry = content.chunks.get(chunk)
      if (entry !== undefined)
        this.#guard.afterRead(content, chunk, entry, { from, to, target, targetStart: cursor }, isStrict)
      this.space.ranking.use(content.id, chunk, this.#options.now())
      cursor += to - from
    }
  }

  write(content: Content, source: Uint8Array, position: number): void {
    this.#makeRoom(content, position, position + source.length, 'write')
    let cursor = 0
    for (const { chunk, from, to } of slices(position, position + source.length)) {
      const entry = chunkOf(content, chunk)
      this.#guard.beforeChange(content, chunk, entry, from, to)
      this.#recordBeforeOverwrite(content, chunk, entry, from, to)
      this.#files.write({ content: content.id, chunk }, source, cursor, to - from, from)
      entry.length = Math.max(entry.length, to)
      this.#markWritten(content, chunk, entry, from, to)
      this.#integrity.written(entry, from, to, source, cursor)
      cursor += to - from
      this.space.ranking.use(content.id, chunk, this.#options.now())
    }
    this.#lost.heal(content.id, position, position + source.length)
    content.generation++
  }

  /** `start`–`end` become zeros of our own, as after a truncate to a larger size or a write past the end. */
  writeZeros(content: Content, start: number, end: number): void {
    for (const { chunk, from, to } of slices(start, end)) {
      const entry = chunkOf(content, chunk)
      this.#guard.beforeChange(content, chunk, entry, from, to)
      this.#recordBeforeOverwrite(content, chunk, entry, from, to)
      this.#files.zero({ content: content.id, chunk }, from, to)
      this.#files.reach({ content: content.id, chunk }, to)
      if (entry.length <= to) entry.length = Math.min(entry.length, from)
      this.#markWritten(content, chunk, entry, from, to)
      this.#integrity.changed(entry, from, to)
    }
    this.#lost.heal(content.id, start, end)
    content.generation++
  }

  /** Bytes of the base version, as downloaded: fills only what is missing, never replaces what is here. */
  fillFromBase(content: Content, position: number, bytes: Uint8Array): void {
    this.#makeRoom(content, position, position + bytes.length, 'keep')
    for (const gap of this.missing(content, position, position + bytes.length)) {
      for (const { chunk, from, to } of slices(gap.start, gap.end)) {
        const sourceStart = chunk * chunkBytes + from - position
        const entry = chunkOf(content, chunk)
        this.#guard.beforeChange(content, chunk, entry, from, to)
        this.#files.write({ content: content.id, chunk }, bytes, sourceStart, to - from, from)
        entry.length = Math.max(entry.length, to)
        entry.present.add(from, to)
        this.#integrity.written(entry, from, to, bytes, sourceStart)
        content.unsaved.add(chunk)
        this.#rank(content, chunk)
        this.space.ranking.arrive(content.id, chunk, this.#options.now())
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
      this.#guard.beforeChange(content, chunk, entry, from, chunkBytes)
      entry.present.remove(from, chunkBytes)
      this.#dirtyBytes -= entry.dirty.remove(from, chunkBytes)
      entry.length = Math.min(entry.length, from)
      this.#integrity.changed(entry, from, chunkBytes)
      content.unsaved.add(chunk)
      this.#rank(content, chunk)
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

  /**
   * Writes the extents that changed; inside the caller's transaction. `seals` takes the checksums that are lacking as well, which
   * reads bytes back; without that, a chunk that lacks one is stored without any.
   */
  save(content: Content, { seals }: { seals: boolean } = { seals: false }): void {
    for (const chunk of seals ? new Set([...content.unsaved, ...content.unsealed]) : content.unsaved) {
      const entry = content.chunks.get(chunk)
      const use = this.space.ranking.get(content.id, chunk) ?? { usedAtMs: 0, rank: 'arrived' }
      if (seals && entry !== undefined) this.#integrity.seal({ content: content.id, chunk }, entry)
      const isSealed = entry !== undefined && this.#integrity.isSealed(entry)
      const sums = isSealed ? entry.sums.serialize(blockCountOf(entry)) : null
      this.#rows.write(content.id, chunk, entry, use, sums)
      if (entry !== undefined) entry.isSealed = isSealed
      if (entry === undefined || isSealed) content.unsealed.delete(chunk)
      else content.unsealed.add(chunk)
    }
    content.unsaved.clear()
    this.#lost.save(content.id)
  }

  /** Before content is uploaded: whatever changes it from here on, on this disk or in this memory, is noticed. */
  seal(content: Content): void {
    if (content.unsaved.size + content.unsealed.size === 0) return
    this.#database.transaction(() => this.save(content, { seals: true }))
  }

  /** Compares all of it. False when something had to be forgotten and is missing now; throws DamagedContent for what is only here. */
  isWhole(content: Content): boolean {
    return this.#guard.isWhole(content)
  }

  /** When chunks were last used; now and then, because losing it costs nothing but a worse choice. */
  saveUses(): void {
    this.#database.transaction(() => {
      for (const chunk of this.space.ranking.takeUnsaved()) this.#rows.writeUse(chunk)
    })
  }

  /** The content is in the bucket now, whole. */
  markClean(content: Content, baseSize: number): void {
    for (const [chunk, entry] of content.chunks) {
      if (entry.dirty.isEmpty) continue
      this.#dirtyBytes -= entry.dirty.size
      entry.dirty.clear()
      content.unsaved.add(chunk)
      this.#rank(content, chunk)
    }
    content.baseSize = baseSize
  }

  /** The base version is not to be had any more: all of it (which must be present) is ours to upload. */
  markAllDirty(content: Content): void {
    for (const [chunk, entry] of content.chunks) {
      for (const { start, end } of entry.present.intervals) this.#dirtyBytes += entry.dirty.add(start, end)
      content.unsaved.add(chunk)
      this.#rank(content, chunk)
    }
    content.generation++
  }

  /** What is missing of the base cannot be had any more: until it is written anew, reading it fails. In the caller's transaction. */
  giveUpMissing(content: Content): void {
    for (const { start, end } of this.missing(content, 0, content.baseSize)) this.#lost.add(content.id, start, end)
    this.#lost.save(content.id)
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

  /** The same of everything that is not in the bucket yet, before the end. */
  async syncAll(): Promise<void> {
    try {
      for (const content of this.#loaded.values()) {
        if ([...content.chunks.values()].some(({ dirty }) => !dirty.isEmpty)) await this.sync(content)
      }
      this.inventory.noteDurable()
    } catch (error) {
      this.#options.log.error('not everything could be made to survive a loss of power', error)
    }
  }

  /** Removes the rows; the files follow with `removeFiles` once that is committed. */
  removeRows(content: Content): void {
    this.#rows.removeContent(content.id)
    this.#lost.removeRows(content.id)
  }

  removeFiles(content: Content): void {
    for (const [chunk, entry] of content.chunks) {
      this.#dirtyBytes -= entry.dirty.size
      this.space.ranking.remove(content.id, chunk)
      this.#files.remove({ content: content.id, chunk })
    }
    content.chunks.clear()
    content.isDropped = true
    this.#loaded.delete(content.id)
  }

  /** Whether bytes of it that only this machine had are gone. */
  hasLost(content: Content): boolean {
    return this.#lost.has(content.id)
  }

  close(): void {
    this.#files.close()
  }

  #makeRoom(content: Content, start: number, end: number, purpose: Purpose): void {
    let bytes = 0
    for (const { chunk, from, to } of slices(start, end)) bytes += growth(content.chunks.get(chunk), from, to)
    this.space.room.take(bytes, purpose)
  }

  #markWritten(content: Content, chunk: number, entry: Chunk, from: number, to: number): void {
    entry.present.add(from, to)
    this.#dirtyBytes += entry.dirty.add(from, to)
    content.unsaved.add(chunk)
    content.unsynced.add(chunk)
    this.#rank(content, chunk)
  }

  #recordBeforeOverwrite(content: Content, chunk: number, entry: Chunk, from: number, to: number): void {
    const overwritten = entry.present.within(from, to)
    if (overwritten.length === 0) return
    if (overwritten.every(({ start, end }) => entry.dirty.covers(start, end)) && !entry.isSealed) return
    // A sum in the row of bytes that are about to change would look like damage after a crash.
    this.#integrity.changed(entry, from, to)
    // Only what is here already: bytes that are recorded before they are written would be missed after a crash.
    for (const { start, end } of overwritten) this.#dirtyBytes += entry.dirty.add(start, end)
    content.unsaved.add(chunk)
    this.#rank(content, chunk)
    this.#database.transaction(() => this.save(content))
  }

  #readRows(content: Content): void {
    this.#rows.read(content)
    for (const chunk of content.unsealed) {
      const entry = content.chunks.get(chunk)
      const length = this.#files.length({ content: content.id, chunk })
      if (entry === undefined || length >= entry.length) continue
      // Without sums, what the file no longer reaches is the one sign of damage; of what is only here `findLost` has told.
      for (const gap of entry.dirty.missing(length, entry.length)) entry.present.remove(gap.start, gap.end)
    }
  }

  /** Damaged bytes that the bucket has too: whoever needs them fetches them again. */
  #forgetRanges(content: Content, chunk: number, entry: Chunk, ranges: readonly Interval[]): void {
    for (const { start, end } of ranges) {
      entry.present.remove(start, end)
      this.#integrity.changed(entry, start, end)
    }
    content.unsaved.add(chunk)
    this.#rank(content, chunk)
    try {
      this.#database.transaction(() => this.save(content))
    } catch (error) {
      this.#options.log.error('what was forgotten could not be recorded', error)
    }
  }

  #rank(content: Content, chunk: number): void {
    this.space.follow(content.id, chunk, content.chunks.get(chunk))
  }

  #forgetChunk(content: number, chunk: number): void {
    const loaded = this.#loaded.get(content)
    loaded?.chunks.delete(chunk)
    loaded?.unsaved.delete(chunk)
    loaded?.unsealed.delete(chunk)
    loaded?.unsynced.delete(chunk)
  }

  /** Forgets the in-memory form of what nobody looks at. Two forms of one content would contradict each other. */
  #unload(content: Content): void {
    if (content.unsaved.size > 0 || content.users > 0 || this.space.isInUse(content.id)) return
    if (this.#options.standingOf(content.id) === 'free') this.#loaded.delete(content.id)
  }
}

function appendGap(gaps: Interval[], start: number, end: number): void {
  const last = gaps.at(-1)
  if (last !== undefined && last.end === start) last.end = end
  else gaps.push({ start, end })
}
