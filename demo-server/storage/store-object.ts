/** Puts an object in place without HTTP: for the demo's content and for tests that need a bucket in some state at once. */
import { createHash } from 'node:crypto'
import { contentOf } from './blobs.ts'
import type { ObjectVersion } from './model.ts'
import type { Storage } from './storage.ts'

export type StoreObjectOptions = {
  contentType?: string
  /** Names in lower case, values as Latin-1 text of the header's bytes. */
  metadata?: Record<string, string>
  lastModifiedMs?: number
}

export async function storeObject(
  storage: Storage,
  bucketName: string,
  key: string,
  body: Buffer | AsyncIterable<Buffer>,
  options: StoreObjectOptions = {},
): Promise<ObjectVersion> {
  const bucket = storage.bucket(bucketName)
  const writer = await storage.blobs.writer(Buffer.isBuffer(body) ? body.length : 0)
  const md5 = createHash('md5')
  try {
    for await (const piece of Buffer.isBuffer(body) ? [body] : body) {
      md5.update(piece)
      await writer.write(piece)
    }
  } catch (error) {
    await writer.discard()
    throw error
  }
  const blob = await writer.finish()
  const etag = md5.digest('hex')
  blob.md5 = etag
  const content = contentOf(blob)
  if (content.length === 0) blob.release()
  const draft = {
    headers: options.contentType === undefined ? {} : { 'Content-Type': options.contentType },
    metadata: options.metadata ?? {},
    storageClass: 'STANDARD',
    content,
    sizeBytes: blob.sizeBytes,
    etag,
  }
  return bucket.put(key, draft, options.lastModifiedMs ?? Date.now())
}
