/**
 * Sends a large file in parts, and goes on where an earlier attempt stopped. Every part the bucket answered for is on record
 * with a proof of what it held; it counts again only if the bucket lists it with the very ETag of that answer and the proof still
 * holds here. The parts are put together only if the file is still what it was when the first was read.
 * An upload that fails stays open in the bucket: the next attempt resumes it, or it is abandoned with its operation.
 */
import { createHash } from 'node:crypto'
import type { OpenUpload, PartProof, SentPart } from '../journal/open-uploads.ts'
import { StoreError, type ObjectVersion, type UploadedPart } from '../s3/store.ts'
import type { ContentUpload } from './upload-content.ts'
import type { UploadProgress } from './upload-pace.ts'
import type { PlannedPart } from './upload-plan.ts'
import { assertCurrent, isUnchanged, readPresent, readRange, UploadOutdated } from './upload-range.ts'

/** The bucket no longer knows the upload: it was completed and the answer lost, or it was ended by somebody else. */
export class UploadGone extends Error {
  override readonly cause: StoreError
  constructor(cause: StoreError) {
    super(cause.message)
    this.cause = cause
  }
}

const parallelParts = 4
/** Less than a millisecond of work. */
const hashSliceBytes = 1024 * 1024

export async function sendParts(upload: ContentUpload, parts: readonly PlannedPart[]): Promise<ObjectVersion> {
  const { open, kept } = (await resume(upload, parts)) ?? { open: await begin(upload), kept: [] }
  const sent = await sendMissing(upload, open, parts, kept)
  assertCurrent(upload)
  upload.completing()
  return complete(upload, open, sent)
}

async function begin(upload: ContentUpload): Promise<OpenUpload> {
  const { store, uploads, operation, key, attributes, writeId, wish, signal } = upload
  const uploadId = await store.createMultipartUpload(key, attributes, { signal })
  return uploads.begin(operation, { key, uploadId, writeId, wish })
}

/** What of an earlier attempt still counts; undefined where there was none. */
async function resume(
  upload: ContentUpload,
  parts: readonly PlannedPart[],
): Promise<{ open: OpenUpload; kept: UploadedPart[] } | undefined> {
  const open = upload.resumed
  if (open === undefined) return undefined
  const listing = await listed(upload, open)
  const recorded = upload.uploads.partsOf(open)
  const kept: UploadedPart[] = []
  for (const part of parts) {
    if (upload.signal.aborted) break
    const record = recorded.get(part.partNumber)
    if (record === undefined || record.start !== part.start || record.end !== part.end) continue
    if (!(listing instanceof UploadGone) && !isListed(listing.get(part.partNumber), record)) continue
    if (await isProven(upload, record)) kept.push({ partNumber: part.partNumber, etag: record.etag })
  }
  // Gone with every part still right: it may well have been completed, which completing it again brings to light.
  if (listing instanceof UploadGone && kept.length < parts.length) throw listing
  return { open, kept }
}

async function listed(upload: ContentUpload, open: OpenUpload): Promise<Map<number, UploadedPart> | UploadGone> {
  try {
    const parts = await upload.store.listParts(open.key, open.uploadId, { signal: upload.signal })
    return new Map(parts.map((part) => [part.partNumber, part]))
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    if (error.kind === 'absent') return new UploadGone(error)
    // Keys that may write need not have the right to list parts: then nothing can be resumed, and that is all.
    if (error.kind === 'invalid' || error.problem.code === 'access-denied') throw beginAnew(upload)
    throw error
  }
}

function beginAnew(upload: ContentUpload): UploadOutdated {
  upload.cannotResume()
  return new UploadOutdated()
}

function isListed(found: UploadedPart | undefined, { etag, start, end }: SentPart): boolean {
  return found?.etag === etag && (found.sizeBytes === undefined || found.sizeBytes === end - start)
}

async function isProven(upload: ContentUpload, { proof, start, end }: SentPart): Promise<boolean> {
  if (proof.kind === 'copy') return upload.currentSource().etag === proof.sourceEtag && isUnchanged(upload, start, end)
  const body = readPresent(upload, start, end)
  return body !== undefined && (await sha256(body)) === proof.sha256
}

async function sendMissing(
  upload: ContentUpload,
  open: OpenUpload,
  parts: readonly PlannedPart[],
  kept: readonly UploadedPart[],
): Promise<UploadedPart[]> {
  const done = [...kept]
  const isKept = new Set(kept.map(({ partNumber }) => partNumber))
  const queue = parts.filter(({ partNumber }) => !isKept.has(partNumber))
  const report = progressOf(parts, isKept, upload.onProgress)
  const next = async (): Promise<void> => {
    for (let part = queue.shift(); part !== undefined; part = queue.shift()) {
      const sending = part
      try {
        done.push(await sendPart(upload, open, sending, (bytes) => report(sending, bytes)))
      } catch (error) {
        queue.length = 0
        throw error
      }
      report(sending, sending.end - sending.start)
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: Math.min(parallelParts, queue.length) }, next))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  return done.sort((a, b) => a.partNumber - b.partNumber)
}

/** Tells the sums of all parts whenever one moves on; what was kept counts from the start. */
function progressOf(
  parts: readonly PlannedPart[],
  isKept: ReadonlySet<number>,
  tell: (progress: UploadProgress) => void,
): (part: PlannedPart, bytes: number) => void {
  const total = { doneBytes: 0, sentBytes: 0, keptBytes: 0 }
  const sent = new Map<number, number>()
  for (const { partNumber, start, end, kind } of parts) {
    if (!isKept.has(partNumber)) continue
    total.doneBytes += end - start
    if (kind === 'send') total.keptBytes += end - start
  }
  if (total.doneBytes > 0) tell({ ...total })
  return ({ partNumber, kind }, bytes) => {
    const moved = bytes - (sent.get(partNumber) ?? 0)
    sent.set(partNumber, bytes)
    total.doneBytes += moved
    if (kind === 'send') total.sentBytes += moved
    tell({ ...total })
  }
}

async function sendPart(
  upload: ContentUpload,
  open: OpenUpload,
  part: PlannedPart,
  onProgress: (bytes: number) => void,
): Promise<UploadedPart> {
  assertCurrent(upload)
  const { partNumber, start, end } = part
  const { sent, proof } =
    part.kind === 'copy' ? await copyPart(upload, open, part) : await sendBytes(upload, open, part, onProgress)
  upload.uploads.addPart(open, { partNumber, start, end, etag: sent.etag, proof })
  return sent
}

type Answered = { sent: UploadedPart; proof: PartProof }

async function copyPart(upload: ContentUpload, open: OpenUpload, part: PlannedPart): Promise<Answered> {
  const { store, signal } = upload
  const { key, etag } = upload.currentSource()
  const source = { key, etag, range: { start: part.start, end: part.end } }
  try {
    const sent = await store.uploadPartCopy(open.key, open.uploadId, part.partNumber, source, { signal })
    return { sent, proof: { kind: 'copy', sourceEtag: etag } }
  } catch (error) {
    if (!isAbsent(error)) throw error
    // Either the upload is gone or the source; only the upload can be asked for.
    const isKnown = await store.listParts(open.key, open.uploadId, { signal }).then(
      () => true,
      (reason: unknown) => !isAbsent(reason),
    )
    throw isKnown ? error : new UploadGone(error)
  }
}

async function sendBytes(
  upload: ContentUpload,
  open: OpenUpload,
  part: PlannedPart,
  onProgress: (bytes: number) => void,
): Promise<Answered> {
  const { store, signal } = upload
  const body = await readRange(upload, part.start, part.end)
  const [sent, hash] = await Promise.all([
    knownUpload(() => store.uploadPart(open.key, open.uploadId, part.partNumber, body, { signal, onProgress })),
    sha256(body),
  ])
  return { sent, proof: { kind: 'hash', sha256: hash } }
}

async function complete(upload: ContentUpload, open: OpenUpload, parts: UploadedPart[]): Promise<ObjectVersion> {
  const { store, condition, signal } = upload
  try {
    return await knownUpload(() => store.completeMultipartUpload(open.key, open.uploadId, parts, condition, { signal }))
  } catch (error) {
    // The bucket does not take the parts it listed.
    const isRefused = error instanceof StoreError && error.kind === 'invalid'
    throw isRefused && upload.resumed !== undefined ? beginAnew(upload) : error
  }
}

async function knownUpload<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw isAbsent(error) ? new UploadGone(error) : error
  }
}

const isAbsent = (error: unknown): error is StoreError => error instanceof StoreError && error.kind === 'absent'

/** In slices, because the programs on the drive are served by the same thread. */
async function sha256(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256')
  for (let start = 0; start < bytes.length; start += hashSliceBytes) {
    hash.update(bytes.subarray(start, start + hashSliceBytes))
    await new Promise((resolve) => setImmediate(resolve))
  }
  return hash.digest('base64')
}
