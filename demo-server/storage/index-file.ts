/**
 * The index of a folder: one file of JSON lines, appended to. A line counts once its line end is there, so a crash can only
 * cost the last, unacknowledged one. Rewritten at start (temporary file, then rename) when it has more dead lines than live.
 */
import { open, readFile, rename, writeFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { Bucket } from './bucket.ts'
import type { BlobStore } from './blobs.ts'
import type { ObjectVersion, Persistence, Upload } from './model.ts'
import { restoreContent, restoreUpload, storeContent, storeUpload, type IndexRecord } from './records.ts'

type StoredBucket = {
  settings: (IndexRecord & { type: 'bucket' })['settings']
  keys: Map<string, IndexRecord & { type: 'key' }>
  uploads: Map<string, (IndexRecord & { type: 'upload' })['upload']>
}

export async function openIndex(
  directory: string,
  blobs: BlobStore,
): Promise<{ persistence: Persistence; buckets: Map<string, Bucket> }> {
  const path = join(directory, 'index.jsonl')
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  })
  const lines = text.split('\n')
  const tornTail = lines.pop() ?? ''
  const stored = replay(lines.map((line, index) => parseLine(line, `${path}:${index + 1}`)))
  const live = [...toRecords(stored)]
  if (tornTail !== '' || lines.length > 2 * live.length + 100) {
    const rewritten = `${path}.new`
    await writeFile(rewritten, live.map((record) => `${JSON.stringify(record)}\n`).join(''))
    await rename(rewritten, path)
  }
  const persistence = new IndexWriter(await open(path, 'a'))
  return { persistence, buckets: restoreBuckets(stored, blobs, persistence) }
}

function parseLine(line: string, place: string): IndexRecord {
  try {
    return JSON.parse(line) as IndexRecord
  } catch (cause) {
    throw new Error(`the index is damaged at ${place}`, { cause })
  }
}

function replay(records: Iterable<IndexRecord>): Map<string, StoredBucket> {
  const buckets = new Map<string, StoredBucket>()
  for (const record of records) {
    const bucket = buckets.get(record.bucket)
    if (record.type === 'bucket') {
      if (bucket) bucket.settings = record.settings
      else buckets.set(record.bucket, { settings: record.settings, keys: new Map(), uploads: new Map() })
    } else if (bucket) {
      replayInto(buckets, bucket, record)
    }
  }
  return buckets
}

function replayInto(buckets: Map<string, StoredBucket>, bucket: StoredBucket, record: IndexRecord): void {
  switch (record.type) {
    case 'bucket-gone':
      buckets.delete(record.bucket)
      break
    case 'key':
      if (record.versions.length > 0) bucket.keys.set(record.key, record)
      else bucket.keys.delete(record.key)
      break
    case 'upload':
      bucket.uploads.set(record.upload.uploadId, record.upload)
      break
    case 'part': {
      const upload = bucket.uploads.get(record.uploadId)
      if (!upload) break
      upload.parts = [...upload.parts.filter((part) => part.partNumber !== record.part.partNumber), record.part]
      break
    }
    case 'upload-gone':
      bucket.uploads.delete(record.uploadId)
      break
    case 'bucket':
      break
  }
}

function* toRecords(buckets: ReadonlyMap<string, StoredBucket>): Generator<IndexRecord> {
  for (const [name, { settings, keys, uploads }] of buckets) {
    yield { type: 'bucket', bucket: name, settings }
    yield* keys.values()
    for (const upload of uploads.values()) yield { type: 'upload', bucket: name, upload }
  }
}

function restoreBuckets(
  stored: ReadonlyMap<string, StoredBucket>,
  blobs: BlobStore,
  persistence: Persistence,
): Map<string, Bucket> {
  const adopt = blobs.adopt.bind(blobs)
  const buckets = new Map<string, Bucket>()
  for (const [name, { settings, keys, uploads }] of stored) {
    const bucket = new Bucket(name, settings, persistence)
    const versions = new Map<string, ObjectVersion[]>()
    for (const [key, record] of keys)
      versions.set(
        key,
        record.versions.map((version) => restoreContent(version, adopt)),
      )
    bucket.restore(
      versions,
      [...uploads.values()].map((upload): Upload => restoreUpload(upload, adopt)),
    )
    buckets.set(name, bucket)
  }
  return buckets
}

/** Appends in the order of the calls; what gathers while one write runs goes out in the next. */
class IndexWriter implements Persistence {
  readonly #handle: FileHandle
  #gathered = ''
  #next: Promise<void> | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  saveBucket: Persistence['saveBucket'] = (bucket, settings) => this.#append({ type: 'bucket', bucket, settings })
  removeBucket: Persistence['removeBucket'] = (bucket) => this.#append({ type: 'bucket-gone', bucket })
  saveKey: Persistence['saveKey'] = (bucket, key, versions) =>
    this.#append({ type: 'key', bucket, key, versions: versions.map((version) => storeContent(version)) })
  saveUpload: Persistence['saveUpload'] = (bucket, upload) =>
    this.#append({ type: 'upload', bucket, upload: storeUpload(upload) })
  savePart: Persistence['savePart'] = (bucket, uploadId, part) =>
    this.#append({ type: 'part', bucket, uploadId, part: storeContent(part) })
  removeUpload: Persistence['removeUpload'] = (bucket, uploadId) =>
    this.#append({ type: 'upload-gone', bucket, uploadId })

  async close(): Promise<void> {
    await (this.#next ?? this.#running).catch(() => undefined)
    await this.#handle.close()
  }

  #append(record: IndexRecord): Promise<void> {
    this.#gathered += `${JSON.stringify(record)}\n`
    this.#next ??= this.#writeGathered()
    return this.#next
  }

  async #writeGathered(): Promise<void> {
    await this.#running.catch(() => undefined)
    const text = this.#gathered
    this.#gathered = ''
    this.#next = undefined
    this.#running = this.#handle.appendFile(text)
    await this.#running
  }
}
