/** The lines of the index file: what the model looks like written down, with blobs by their ids. */
import type { Blob, Content } from './blobs.ts'
import type { BucketSettings, ObjectVersion, Upload, UploadPart } from './model.ts'

type StoredSegment = [id: string, blobBytes: number, start: number, length: number]
type Stored<T> = Omit<T, 'content'> & { content: StoredSegment[] }
type StoredUpload = Omit<Upload, 'parts'> & { parts: Stored<UploadPart>[] }

/** Each says the whole new state of what it names, so that the last line about a thing is all that counts. */
export type IndexRecord =
  | { type: 'bucket'; bucket: string; settings: BucketSettings }
  | { type: 'bucket-gone'; bucket: string }
  | { type: 'key'; bucket: string; key: string; versions: Stored<ObjectVersion>[] }
  | { type: 'upload'; bucket: string; upload: StoredUpload }
  | { type: 'part'; bucket: string; uploadId: string; part: Stored<UploadPart> }
  | { type: 'upload-gone'; bucket: string; uploadId: string }

export function storeContent<T extends { content: Content }>(thing: T): Stored<T> {
  const content = thing.content.map(({ blob, start, length }): StoredSegment => [
    blob.id,
    blob.sizeBytes,
    start,
    length,
  ])
  return { ...thing, content }
}

export type Adopt = (id: string, sizeBytes: number) => Blob

export function restoreContent<T extends { content: StoredSegment[] }>(
  thing: T,
  adopt: Adopt,
): Omit<T, 'content'> & { content: Content } {
  const content = thing.content.map(([id, blobBytes, start, length]) => ({ blob: adopt(id, blobBytes), start, length }))
  return { ...thing, content }
}

export function storeUpload(upload: Upload): StoredUpload {
  return { ...upload, parts: [...upload.parts.values()].map((part) => storeContent(part)) }
}

export function restoreUpload(stored: StoredUpload, adopt: Adopt): Upload {
  const parts = stored.parts.map((part) => restoreContent(part, adopt))
  return { ...stored, parts: new Map(parts.map((part) => [part.partNumber, part])) }
}
