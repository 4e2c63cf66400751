/** All buckets, and the blobs behind them. Opened in memory or on a folder; the rest of the server sees no difference. */
import { s3Error } from '../errors.ts'
import type { BlobStore } from './blobs.ts'
import { Bucket } from './bucket.ts'
import { FolderBlobs } from './folder-blobs.ts'
import { openIndex } from './index-file.ts'
import { MemoryBlobs } from './memory-blobs.ts'
import type { BucketSettings, Persistence } from './model.ts'

export class Storage {
  readonly blobs: BlobStore
  readonly buckets: Map<string, Bucket>
  readonly #persistence: Persistence

  constructor(blobs: BlobStore, buckets: Map<string, Bucket>, persistence: Persistence) {
    this.blobs = blobs
    this.buckets = buckets
    this.#persistence = persistence
  }

  bucket(name: string): Bucket {
    const bucket = this.buckets.get(name)
    if (!bucket) throw s3Error('NoSuchBucket', { fields: { BucketName: name } })
    return bucket
  }

  async createBucket(name: string, settings: BucketSettings): Promise<Bucket> {
    const bucket = new Bucket(name, settings, this.#persistence)
    this.buckets.set(name, bucket)
    await this.#persistence.saveBucket(name, settings)
    return bucket
  }

  async removeBucket(bucket: Bucket): Promise<void> {
    if (!bucket.isEmpty) throw s3Error('BucketNotEmpty', { fields: { BucketName: bucket.name } })
    this.buckets.delete(bucket.name)
    for (const upload of [...bucket.uploads.values()]) await bucket.abortUpload(upload)
    await this.#persistence.removeBucket(bucket.name)
  }

  close(): Promise<void> {
    return this.#persistence.close()
  }
}

export async function openStorage(directory: string | undefined): Promise<Storage> {
  if (directory === undefined) return new Storage(new MemoryBlobs(), new Map(), forgetful())
  const blobs = await FolderBlobs.open(directory)
  const { persistence, buckets } = await openIndex(directory, blobs)
  await blobs.sweep()
  return new Storage(blobs, buckets, persistence)
}

function forgetful(): Persistence {
  const done = (): Promise<void> => Promise.resolve()
  return {
    saveBucket: done,
    removeBucket: done,
    saveKey: done,
    saveUpload: done,
    savePart: done,
    removeUpload: done,
    close: done,
  }
}
