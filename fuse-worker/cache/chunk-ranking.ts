/**
 * Which chunk of the cache goes first when room is needed. Pure: knows no files and no clock, and does nothing itself.
 *
 * A segmented LRU. A chunk that was used once is on probation; used again some time later, it is protected. Chunks on probation go first,
 * so that what reads (or writes) everything once pushes out only what was used once, unless the protected ones hold more than
 * their share. What stands higher goes later: chunks of open files after all others, clean chunks of files with unsynced
 * changes after those, and a chunk with a dirty byte, a pinned one, or one that could not be had again, never.
 *
 * A content's standing is asked only when one of its chunks is about to go, and the chunk is then put where it belongs; `refile`
 * says that the standing may have become lower. So every step costs the same, however much the cache holds.
 */

/** Uses closer together than this are one use: a program that reads through a chunk, or reads ahead in it. */
const sameUseMs = 10_000
/** The order within this time is not kept, so that most reads cost nothing here. */
const roughMs = 1_000
const protectedShare = 0.8

export type Standing = 'free' | 'open' | 'unsynced' | 'kept'
/** `arrived` was fetched and not read yet: reading it later is its first use. */
export type Rank = 'arrived' | 'used' | 'protected'

export type RankedChunk = {
  readonly content: number
  readonly chunk: number
  storedBytes: number
  isDirty: boolean
  isPinned: boolean
  rank: Rank
  usedAtMs: number
  /** Its use is newer than its row. */
  isUnsaved: boolean
}

const queueNames = ['probation', 'protected', 'open', 'unsynced'] as const
type QueueName = (typeof queueNames)[number]
type Entry = RankedChunk & { queue: QueueName | undefined }

/** S3's largest file has fewer chunks than this. */
const chunksPerContent = 2 ** 20

export class ChunkRanking {
  readonly #entries = new Map<number, Entry>()
  readonly #queues: Record<QueueName, Set<Entry>> = {
    probation: new Set(),
    protected: new Set(),
    open: new Set(),
    unsynced: new Set(),
  }
  #unsaved = new Set<Entry>()
  #protectedBytes = 0
  storedBytes = 0
  /** Of pinned files, without the chunks that have dirty bytes. */
  pinnedBytes = 0
  /** Everything that may go, sooner or later. */
  evictableBytes = 0

  has(content: number, chunk: number): boolean {
    return this.#entries.has(keyOf(content, chunk))
  }

  /** As a row tells; called in the order of use. */
  load(fields: Omit<RankedChunk, 'isUnsaved'>): void {
    const entry: Entry = { ...fields, isUnsaved: false, queue: undefined }
    this.#entries.set(keyOf(fields.content, fields.chunk), entry)
    this.#count(entry, 1)
    this.#file(entry)
  }

  get(content: number, chunk: number): Readonly<RankedChunk> | undefined {
    return this.#entries.get(keyOf(content, chunk))
  }

  /** What the chunk holds now. Returns false when it was not known before. */
  set(content: number, chunk: number, storedBytes: number, isDirty: boolean): boolean {
    const known = this.#entries.get(keyOf(content, chunk))
    if (known === undefined) {
      this.load({ content, chunk, storedBytes, isDirty, isPinned: false, rank: 'arrived', usedAtMs: 0 })
      return false
    }
    this.#count(known, -1)
    const changesPlace = known.isDirty !== isDirty
    known.storedBytes = storedBytes
    known.isDirty = isDirty
    this.#count(known, 1)
    if (changesPlace) this.#file(known)
    return true
  }

  /** A program read or wrote it. */
  use(content: number, chunk: number, nowMs: number): void {
    const entry = this.#entries.get(keyOf(content, chunk))
    if (entry === undefined) return
    if (entry.rank !== 'arrived' && nowMs - entry.usedAtMs < roughMs) return
    if (entry.rank === 'used' && nowMs - entry.usedAtMs >= sameUseMs) entry.rank = 'protected'
    if (entry.rank === 'arrived') entry.rank = 'used'
    this.#touch(entry, nowMs)
  }

  /** It was fetched, perhaps before anybody reads it. */
  arrive(content: number, chunk: number, nowMs: number): void {
    const entry = this.#entries.get(keyOf(content, chunk))
    if (entry !== undefined && nowMs - entry.usedAtMs >= roughMs) this.#touch(entry, nowMs)
  }

  pin(content: number, chunk: number, isPinned: boolean): void {
    const entry = this.#entries.get(keyOf(content, chunk))
    if (entry === undefined || entry.isPinned === isPinned) return
    this.#count(entry, -1)
    entry.isPinned = isPinned
    this.#count(entry, 1)
    this.#file(entry)
  }

  /** The content may stand lower than before: it was closed, or uploaded. */
  refile(content: number, chunk: number): void {
    const entry = this.#entries.get(keyOf(content, chunk))
    if (entry !== undefined && entry.queue !== queueOf(entry, 'free')) this.#file(entry)
  }

  remove(content: number, chunk: number): void {
    const key = keyOf(content, chunk)
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#leave(entry)
    this.#count(entry, -1)
    this.#entries.delete(key)
    this.#unsaved.delete(entry)
  }

  /** In the order in which they have to go; the caller stops when it has enough, and removes what it took. */
  *victims(standingOf: (content: number) => Standing): Generator<RankedChunk> {
    const standings = new Map<number, Standing>()
    const standing = (content: number): Standing => {
      const found = standings.get(content) ?? standingOf(content)
      standings.set(content, found)
      return found
    }
    let surplus = this.#protectedBytes - protectedShare * this.evictableBytes
    const taken = new Set<Entry>()
    for (const entry of this.#going('protected', standing)) {
      if (surplus <= 0) break
      surplus -= entry.storedBytes
      taken.add(entry)
      yield entry
    }
    for (const name of queueNames) {
      for (const entry of this.#going(name, standing)) if (!taken.has(entry)) yield entry
    }
  }

  /** Those used since the last call, for their rows. */
  takeUnsaved(): Iterable<RankedChunk> {
    const unsaved = this.#unsaved
    this.#unsaved = new Set()
    for (const entry of unsaved) entry.isUnsaved = false
    return unsaved
  }

  *#going(name: QueueName, standingOf: (content: number) => Standing): Generator<Entry> {
    for (const entry of this.#queues[name]) {
      const queue = queueOf(entry, standingOf(entry.content))
      if (queue !== undefined && queueNames.indexOf(queue) <= queueNames.indexOf(name)) yield entry
      else this.#enter(entry, queue)
    }
  }

  #touch(entry: Entry, nowMs: number): void {
    entry.usedAtMs = nowMs
    entry.isUnsaved = true
    this.#unsaved.add(entry)
    const isLower = entry.queue === 'probation' || entry.queue === 'protected'
    if (entry.queue !== undefined) this.#enter(entry, isLower ? queueOf(entry, 'free') : entry.queue)
  }

  #file(entry: Entry): void {
    this.#enter(entry, queueOf(entry, 'free'))
  }

  #enter(entry: Entry, queue: QueueName | undefined): void {
    this.#leave(entry)
    entry.queue = queue
    if (queue === undefined) return
    this.#queues[queue].add(entry)
    if (queue === 'protected') this.#protectedBytes += entry.storedBytes
  }

  #leave(entry: Entry): void {
    if (entry.queue === undefined) return
    this.#queues[entry.queue].delete(entry)
    if (entry.queue === 'protected') this.#protectedBytes -= entry.storedBytes
    entry.queue = undefined
  }

  #count(entry: Entry, sign: 1 | -1): void {
    const bytes = sign * entry.storedBytes
    this.storedBytes += bytes
    if (entry.queue === 'protected') this.#protectedBytes += bytes
    if (entry.isDirty) return
    if (entry.isPinned) this.pinnedBytes += bytes
    else this.evictableBytes += bytes
  }
}

function queueOf(entry: RankedChunk, standing: Standing): QueueName | undefined {
  if (entry.isDirty || entry.isPinned || standing === 'kept') return undefined
  if (standing !== 'free') return standing
  return entry.rank === 'protected' ? 'protected' : 'probation'
}

function keyOf(content: number, chunk: number): number {
  return content * chunksPerContent + chunk
}
