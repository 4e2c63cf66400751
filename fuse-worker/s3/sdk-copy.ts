/**
 * A server-side copy of an object too large for one request: a multipart upload whose parts the server copies itself, each
 * on the condition that the source is still the version the caller saw. Nothing shows before it is complete, and an
 * unfinished one is ended, not left to cost money.
 */
import type { CopySource, ObjectAttributes, ObjectStore, ObjectVersion, UploadedPart, WriteCondition } from './store.ts'
import { copyRanges } from './sdk-shapes.ts'

export type LargeCopy = {
  source: CopySource & { sizeBytes: number }
  targetKey: string
  attributes: ObjectAttributes
  condition: WriteCondition | undefined
  signal: AbortSignal | undefined
}

type MultipartCopying = Pick<
  ObjectStore,
  'createMultipartUpload' | 'uploadPartCopy' | 'completeMultipartUpload' | 'abortMultipartUpload'
>

/** What S3 takes in one upload. */
const mostParts = 10_000
/** Small enough to be copied within `serverWorkIdleMs` by a server that says nothing meanwhile. */
export const usualCopyPartBytes = 256 * 1024 * 1024
const copiesAtOnce = 4

/**
 * Ceph 16 decodes the source of a part's copy twice: a `%` in it makes the key another one, or ends the gateway. CopyObject
 * is decoded once everywhere, and what cannot be copied so is sent.
 */
export const canBePartSource = (key: string): boolean => !key.includes('%')

export async function copyInParts(store: MultipartCopying, partBytes: number, copy: LargeCopy): Promise<ObjectVersion> {
  const { source, targetKey, attributes, condition, signal } = copy
  const call = signal === undefined ? {} : { signal }
  const uploadId = await store.createMultipartUpload(targetKey, attributes, call)
  try {
    const parts = await copyParts(store, { source, targetKey, uploadId, signal }, partBytes)
    return await store.completeMultipartUpload(targetKey, uploadId, parts, condition, call)
  } catch (error) {
    // Without the caller's signal: it may be the very reason we are here. A failure to clean up must not hide the first one.
    await store.abortMultipartUpload(targetKey, uploadId).catch(() => undefined)
    throw error
  }
}

/** All parts of an upload that is begun, copied by the server. When this has ended, however, no copy is under way any more. */
export async function copyParts(
  store: Pick<ObjectStore, 'uploadPartCopy'>,
  copy: Pick<LargeCopy, 'source' | 'targetKey' | 'signal'> & { uploadId: string },
  partBytes = usualCopyPartBytes,
): Promise<UploadedPart[]> {
  const { source, targetKey, uploadId, signal } = copy
  const ranges = copyRanges(source.sizeBytes, Math.max(partBytes, Math.ceil(source.sizeBytes / mostParts)))
  const parts: UploadedPart[] = []
  let next = 0
  let hasFailed = false
  const worker = async (): Promise<void> => {
    for (let range = ranges[next++]; range !== undefined && !hasFailed; range = ranges[next++]) {
      const from = { ...source, range }
      const call = signal === undefined ? {} : { signal }
      try {
        parts.push(await store.uploadPartCopy(targetKey, uploadId, range.partNumber, from, call))
      } catch (error) {
        hasFailed = true
        throw error
      }
    }
  }
  // All have ended before the upload is: a part that arrived after the abort would be left to be paid for.
  const settled = await Promise.allSettled(Array.from({ length: copiesAtOnce }, worker))
  const failure = settled.find((result) => result.status === 'rejected')
  if (failure) throw failure.reason
  return parts.sort((a, b) => a.partNumber - b.partNumber)
}
