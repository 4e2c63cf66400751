/**
 * Sends the content of one file as one object that was never torn: a small file from a snapshot taken in one piece, a
 * larger one in parts (upload-parts.ts).
 */
import type { Content, ContentStore } from '../cache/content-store.ts'
import type { OpenUpload, OpenUploads } from '../journal/open-uploads.ts'
import type { RemoteObject, NodeId } from '../metadata/node.ts'
import { canBePartSource } from '../s3/sdk-copy.ts'
import type { ObjectAttributes, ObjectStore, ObjectVersion, WriteCondition } from '../s3/store.ts'
import type { Downloads, Source } from './downloads.ts'
import type { UploadProgress } from './upload-pace.ts'
import { planUpload } from './upload-plan.ts'
import { sendParts } from './upload-parts.ts'
import { isUnchanged, readRange } from './upload-range.ts'

export type ContentUpload = {
  store: ObjectStore
  contents: ContentStore
  downloads: Downloads
  uploads: OpenUploads
  content: Content
  generation: number
  node: { id: NodeId; size: number; remote: RemoteObject | undefined }
  currentSource: () => Source
  operation: number
  key: string
  writeId: string
  /** What is being sent, as `OpenUploads` remembers it. */
  wish: string
  attributes: ObjectAttributes
  condition: WriteCondition
  canCopyParts: boolean
  /** What an earlier attempt left, of this very wish. */
  resumed: OpenUpload | undefined
  signal: AbortSignal
  /** From here on, an object that carries the mark is this content. */
  completing: () => void
  /** What was resumed turned out to be of no use: the next attempt begins anew, under a mark of its own. */
  cannotResume: () => void
  onProgress: (progress: UploadProgress) => void
}

export async function uploadContent(upload: ContentUpload): Promise<ObjectVersion> {
  const { node } = upload
  const canCopy = upload.canCopyParts && node.remote !== undefined && canBePartSource(node.remote.key)
  const plan = planUpload(node.size, canCopy, (start, end) => isUnchanged(upload, start, end))
  return plan.kind === 'single' ? sendWhole(upload) : sendParts(upload, plan.parts)
}

async function sendWhole(upload: ContentUpload): Promise<ObjectVersion> {
  const { store, key, attributes, condition, signal, onProgress, node } = upload
  const body = await readRange(upload, 0, node.size)
  return store.put(key, body, attributes, condition, {
    signal,
    onProgress: (sentBytes) => onProgress({ doneBytes: sentBytes, sentBytes, keptBytes: 0 }),
  })
}
