/** One file's content as the cache holds it: which bytes of each chunk are here, and which of them only here. Data, no behaviour. */
import { BlockSums } from './block-sums.ts'
import { IntervalSet } from './interval-set.ts'

/** Unit of eviction, of download bookkeeping and of multipart upload; at least S3's smallest part (5 MiB). */
export const chunkBytes = 8 * 1024 * 1024

export type Chunk = {
  present: IntervalSet
  dirty: IntervalSet
  /** How long the chunk's file is at least; what is present past it is zeros that take no space. */
  length: number
  sums: BlockSums
  /** The row has sums, which must go before bytes that they cover change. */
  isSealed: boolean
}

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
  /** Chunks whose rows have no sums. */
  readonly unsealed = new Set<number>()
  /** Chunks with bytes that may not be on the platter yet. */
  readonly unsynced = new Set<number>()
  constructor(id: number, baseSize: number) {
    this.id = id
    this.baseSize = baseSize
  }
}

export function chunkOf(content: Content, chunk: number): Chunk {
  const known = content.chunks.get(chunk)
  if (known !== undefined) return known
  const created = {
    present: new IntervalSet(),
    dirty: new IntervalSet(),
    length: 0,
    sums: new BlockSums(),
    isSealed: false,
  }
  content.chunks.set(chunk, created)
  return created
}

/** What a chunk takes of the disk. */
export function storedBytes({ present, length }: Chunk): number {
  let stored = 0
  for (const { start, end } of present.intervals) stored += Math.max(0, Math.min(end, length) - start)
  return stored
}

/** How much more of the disk the chunk takes once `from`–`to` is written, with the zeros before it that the file then reaches. */
export function growth(entry: Chunk | undefined, from: number, to: number): number {
  if (entry === undefined) return to - from
  let bytes = to - from
  for (const { start, end } of entry.present.intervals) {
    bytes -= Math.max(0, Math.min(end, to, entry.length) - Math.max(start, from))
    bytes += Math.max(0, Math.min(end, from) - Math.max(start, entry.length))
  }
  return bytes
}

export type Slice = { chunk: number; from: number; to: number }

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
