/**
 * Sends the content of one file as one object that was never torn: a small file from a snapshot taken in one piece, a
 * larger one in parts, and the parts are put together only if the file is still what it was when the first was read.
 */
import type { Content, ContentStore } from '../cache/content-store.ts'
import type { RemoteObject, NodeId } from '../metadata/node.ts'
import type { ObjectAttributes, ObjectStore, ObjectVersion, UploadedPart, WriteCondition } from '../s3/store.ts'
import type { Downloads, Source } from './downloads.ts'
import { planUpload, type PlannedPart } from './upload-plan.ts'

/** The file changed while it was being sent: whatever was sent is of no use. */
export class UploadOutdated extends Error {}

const parallelParts = 4

export type ContentUpload = {
  store: ObjectStore
  contents: ContentStore
  downloads: Downloads
  content: Content
  generation: number
  node: { id: NodeId; size: number; remote: RemoteObject | undefined }
  currentSource: () => Source
  key: string
  attributes: ObjectAttributes
  condition: WriteCondition
  canCopyParts: boolean
  signal: AbortSignal
  rememberUpload: (uploadId: string | undefined) => void
  onProgress: (sentBytes: number) => void
}

export async function uploadContent(upload: ContentUpload): Promise<ObjectVersion> {
  const { content, contents, node } = upload
  const canCopy = upload.canCopyParts && node.remote !== undefined
  const isUnchanged = (start: number, end: number): boolean =>
    end <= content.baseSize && !contents.isDirty(content, start, end)
  const plan = planUpload(node.size, canCopy, isUnchanged)
  return plan.kind === 'single' ? sendWhole(upload) : sendParts(upload, plan.parts)
}

async function sendWhole(upload: ContentUpload): Promise<ObjectVersion> {
  const { store, key, attributes, condition, signal, onProgress, node } = upload
  const body = await readRange(upload, 0, node.size)
  return store.put(key, body, attributes, condition, { signal, onProgress })
}

async function sendParts(upload: ContentUpload, parts: readonly PlannedPart[]): Promise<ObjectVersion> {
  const { store, key, attributes, condition, signal } = upload
  const uploadId = await store.createMultipartUpload(key, attributes, { signal })
  upload.rememberUpload(uploadId)
  try {
    const uploaded = await sendAll(upload, uploadId, parts)
    assertCurrent(upload)
    const version = await store.completeMultipartUpload(key, uploadId, uploaded, condition, { signal })
    upload.rememberUpload(undefined)
    return version
  } catch (error) {
    // Parts cost money until they are given up; if even that fails now, recovery does it at the next start.
    await store.abortMultipartUpload(key, uploadId, { signal: AbortSignal.timeout(10_000) }).then(
      () => upload.rememberUpload(undefined),
      () => undefined,
    )
    throw error
  }
}

async function sendAll(
  upload: ContentUpload,
  uploadId: string,
  parts: readonly PlannedPart[],
): Promise<UploadedPart[]> {
  const queue = [...parts]
  const uploaded: UploadedPart[] = []
  const sent = new Map<number, number>()
  const report = (partNumber: number, bytes: number): void => {
    sent.set(partNumber, bytes)
    let total = 0
    for (const count of sent.values()) total += count
    upload.onProgress(total)
  }
  const next = async (): Promise<void> => {
    for (let part = queue.shift(); part !== undefined; part = queue.shift()) {
      const { partNumber, start, end } = part
      try {
        uploaded.push(await sendPart(upload, uploadId, part, (bytes) => report(partNumber, bytes)))
      } catch (error) {
        queue.length = 0
        throw error
      }
      report(partNumber, end - start)
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: Math.min(parallelParts, parts.length) }, next))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  return uploaded.sort((a, b) => a.partNumber - b.partNumber)
}

async function sendPart(
  upload: ContentUpload,
  uploadId: string,
  part: PlannedPart,
  onProgress: (bytes: number) => void,
): Promise<UploadedPart> {
  const { store, key, signal } = upload
  assertCurrent(upload)
  if (part.kind === 'copy') {
    const { key: sourceKey, etag } = upload.currentSource()
    const source = { key: sourceKey, etag, range: { start: part.start, end: part.end } }
    return store.uploadPartCopy(key, uploadId, part.partNumber, source, { signal })
  }
  const body = await readRange(upload, part.start, part.end)
  return store.uploadPart(key, uploadId, part.partNumber, body, { signal, onProgress })
}

/** The bytes as they are at one moment; what is missing is fetched first. */
async function readRange(upload: ContentUpload, start: number, end: number): Promise<Buffer> {
  const { contents, content, downloads } = upload
  await downloads.ensure(content, upload.currentSource, start, end, end - start)
  assertCurrent(upload)
  const body = Buffer.allocUnsafe(end - start)
  contents.read(content, body, 0, start, end)
  return body
}

function assertCurrent(upload: ContentUpload): void {
  if (upload.content.isDropped || upload.content.generation !== upload.generation) throw new UploadOutdated()
}
