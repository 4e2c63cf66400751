/**
 * Content: immutable blobs, and objects as lists of segments of them. A copy shares its source's blobs and a completed
 * multipart upload strings its parts together, so neither moves a byte. Every holder of a blob retains it, readers
 * included, and the last to release it frees its space; so a reader never sees content vanish under it.
 */
export interface Blob {
  readonly id: string
  readonly sizeBytes: number
  /** Hex, where it is known. */
  md5: string | undefined
  retain(): void
  release(): void
  read(start: number, end: number): AsyncIterable<Buffer>
  /** The bytes at once, where they are in memory in one piece. */
  view(start: number, end: number): Buffer | undefined
}

export interface BlobWriter {
  /** Answers a promise when the caller should wait; the chunk may not be changed afterwards. */
  write(chunk: Buffer): Promise<void> | undefined
  finish(): Promise<Blob>
  discard(): Promise<void>
}

export interface BlobStore {
  /** Of all blobs, and of writers at work by the size they were announced with. */
  readonly usedBytes: number
  writer(sizeBytes: number): Promise<BlobWriter>
  /** A blob kept from an earlier run. */
  adopt(id: string, sizeBytes: number): Blob
}

export type Segment = { blob: Blob; start: number; length: number }
export type Content = readonly Segment[]

export function contentOf(blob: Blob): Content {
  return blob.sizeBytes === 0 ? [] : [{ blob, start: 0, length: blob.sizeBytes }]
}

export function sizeOf(content: Content): number {
  return content.reduce((sum, segment) => sum + segment.length, 0)
}

/** Bytes `start` up to but without `end`. */
export function sliceContent(content: Content, start: number, end: number): Content {
  const slices: Segment[] = []
  let offset = 0
  for (const segment of content) {
    const from = Math.max(start - offset, 0)
    const to = Math.min(end - offset, segment.length)
    if (from < to) slices.push({ blob: segment.blob, start: segment.start + from, length: to - from })
    offset += segment.length
    if (offset >= end) break
  }
  return slices
}

export function retainContent(content: Content): Content {
  for (const { blob } of content) blob.retain()
  return content
}

export function releaseContent(content: Content): void {
  for (const { blob } of content) blob.release()
}

export async function* readContent(content: Content): AsyncGenerator<Buffer> {
  for (const { blob, start, length } of content) {
    const view = blob.view(start, start + length)
    if (view) yield view
    else yield* blob.read(start, start + length)
  }
}

/** One buffer, when the content is small and in memory. */
export function contentView(content: Content): Buffer | undefined {
  if (content.length === 0) return Buffer.alloc(0)
  const [only] = content
  return content.length === 1 && only ? only.blob.view(only.start, only.start + only.length) : undefined
}
