/**
 * Bytes of a file for which the cache has no room: what is here comes from the cache, the rest from the bucket, and none of it is
 * kept. Slower than a download, and it never fails for want of space.
 */
import type { Content, ContentStore } from '../cache/content-store.ts'
import type { ObjectStore } from '../s3/store.ts'
import type { Source } from './downloads.ts'

type Piece = { start: number; bytes: Buffer }

export async function readThrough(
  parts: { store: ObjectStore; contents: ContentStore; signal: AbortSignal },
  content: Content,
  source: () => Source,
  range: { start: number; end: number },
): Promise<Buffer> {
  const { contents } = parts
  const pieces: Piece[] = []
  for (;;) {
    // Evicted meanwhile, or a base that was cut: looked at anew after every wait.
    const gap = contents.missing(content, range.start, range.end).find(({ start, end }) => !covers(pieces, start, end))
    if (gap === undefined) break
    pieces.push({ start: gap.start, bytes: await fetched(parts, source(), gap) })
  }
  const target = Buffer.allocUnsafe(range.end - range.start)
  const gaps = contents.missing(content, range.start, range.end)
  contents.read(content, target, 0, range.start, range.end, true)
  for (const gap of gaps) {
    const piece = pieces.find(({ start, bytes }) => start <= gap.start && gap.end <= start + bytes.length)
    piece?.bytes.copy(target, gap.start - range.start, gap.start - piece.start, gap.end - piece.start)
  }
  return target
}

function covers(pieces: readonly Piece[], from: number, to: number): boolean {
  return pieces.some(({ start, bytes }) => start <= from && to <= start + bytes.length)
}

async function fetched(
  { store, signal }: { store: ObjectStore; signal: AbortSignal },
  { key, etag }: Source,
  range: { start: number; end: number },
): Promise<Buffer> {
  const { body } = await store.get(key, { range, ifMatch: etag }, { signal })
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  const bytes = Buffer.concat(pieces)
  if (bytes.length !== range.end - range.start) throw new Error(`the answer for ${key} ended early`)
  return bytes
}
