/**
 * Makes one version of a key the key's content again, inside the bucket. The condition is the last thing the server looks
 * at: a copy in parts shows nothing before it is completed, and its completion is the only request that replaces anything.
 * Must hold: a copy whose answer was lost is recognised by its mark.
 */
import type { OpenUploads } from '../journal/open-uploads.ts'
import { canBePartSource, copyParts } from '../s3/sdk-copy.ts'
import type { ObjectAttributes, ObjectHead, ObjectStore, ObjectVersion, WriteCondition } from '../s3/store.ts'
import { StoreError } from '../s3/store.ts'
import { maxMetadataBytes, metadataSizeBytes, writeIdName } from '../s3/user-metadata.ts'
import { writeMarkOf } from '../sync/attributes.ts'
import { withEncryption, type NewObjects } from '../sync/new-objects.ts'

export type ServerCopy = {
  key: string
  versionId: string
  head: ObjectHead
  condition: WriteCondition
  /** Unique to the attempt. */
  mark: string
  signal: AbortSignal
}

export type ServerCopyParts = {
  store: ObjectStore
  uploads: OpenUploads
  canCopyParts: () => boolean
  newObjects: () => NewObjects
  /** An upload in parts was left behind. */
  onAbandoned: () => void
}

/** Throws StoreError; `conflict` when the condition does not hold, and then nothing was changed. */
export async function copyVersion(parts: ServerCopyParts, copy: ServerCopy): Promise<ObjectVersion> {
  try {
    return await send(parts, copy)
  } catch (error) {
    const isOpen = error instanceof StoreError && error.kind !== 'cancelled' && error.kind !== 'invalid'
    const arrived = isOpen ? await arrivedAs(parts.store, copy) : undefined
    if (arrived !== undefined) return arrived
    throw error
  }
}

/** The answer may have been lost on its way. */
async function arrivedAs(store: ObjectStore, { key, mark, signal }: ServerCopy): Promise<ObjectVersion | undefined> {
  const current = await store.head(key, { signal }).catch(() => undefined)
  return current !== undefined && writeMarkOf(current) === mark ? current : undefined
}

async function send(parts: ServerCopyParts, copy: ServerCopy): Promise<ObjectVersion> {
  const { store, canCopyParts, newObjects } = parts
  const { key, versionId, head, condition, signal } = copy
  const attributes = withEncryption(attributesOf(copy), newObjects())
  // An upload in parts has at least one byte.
  if (head.sizeBytes === 0) return store.put(key, new Uint8Array(), attributes, condition, { signal })
  if (canCopyParts() && canBePartSource(key)) return copyInParts(parts, copy, attributes)
  const source = { key, etag: head.etag, versionId, sizeBytes: head.sizeBytes }
  return store.copy(source, key, attributes, condition, { signal })
}

async function copyInParts(
  { store, uploads, onAbandoned }: ServerCopyParts,
  { key, versionId, head, condition, mark, signal }: ServerCopy,
  attributes: ObjectAttributes,
): Promise<ObjectVersion> {
  const uploadId = await store.createMultipartUpload(key, attributes, { signal })
  const upload = uploads.beginApart({ key, uploadId, writeId: mark, wish: '' })
  try {
    const source = { key, etag: head.etag, versionId, sizeBytes: head.sizeBytes }
    const copied = await copyParts(store, { source, targetKey: key, uploadId, signal })
    const version = await store.completeMultipartUpload(key, uploadId, copied, condition, { signal })
    uploads.forget(upload)
    return version
  } catch (error) {
    uploads.abandon(upload)
    onAbandoned()
    throw error
  }
}

/** What the version carried, with this attempt's mark where there is room for one. */
function attributesOf({ head, mark }: ServerCopy): ObjectAttributes {
  const marked = { ...head.metadata, [writeIdName]: mark }
  return {
    metadata: metadataSizeBytes(marked) <= maxMetadataBytes ? marked : head.metadata,
    systemHeaders: head.systemHeaders,
    ...(head.contentType === undefined ? {} : { contentType: head.contentType }),
  }
}
