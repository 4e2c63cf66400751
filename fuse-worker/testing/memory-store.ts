/**
 * A bucket in memory for unit tests of what stands on the ObjectStore port. It is honest where a fake is tempted not to
 * be: conditions are checked and applied in one step, ETags follow the content the way S3 makes them, a page of a listing
 * holds what exists when that page is asked for, and an unfinished multipart upload shows nothing.
 * Behaviour (slowness, failures) is added by wrapping, see failing-store.ts.
 */
import { createHash } from 'node:crypto'
import { StoreError } from '../s3/store.ts'
import type {
  ByteRange,
  CallOptions,
  CopySource,
  ETag,
  ListPage,
  ObjectAttributes,
  ObjectHead,
  ObjectStore,
  ObjectVersion,
  UploadedPart,
  VersionListing,
  VersionMarker,
  VersionPage,
  WriteCondition,
} from '../s3/store.ts'

type StoredObject = { head: ObjectHead; body: Buffer }
type StoredPart = { body: Buffer; etag: ETag }
type StoredUpload = { key: string; attributes: ObjectAttributes; parts: Map<number, StoredPart>; initiatedMs: number }

/** Newest first; without content it is a deletion. */
type StoredVersion = { versionId: string; lastModifiedMs: number; object: StoredObject | undefined }

export type MemoryStoreOptions = {
  now?: () => number
  pageSize?: number
  bodyChunkBytes?: number
  isVersioned?: boolean
}

/** The port, and what a test does behind its back. */
export interface MemoryStore extends ObjectStore {
  /** Keys in byte order. */
  keys(): string[]
  /** The bytes under a key now. */
  peek(key: string): Buffer | undefined
  /** What another client does: an unconditional write. */
  putForeign(key: string, body: string | Uint8Array, attributes?: Partial<ObjectAttributes>): ObjectVersion
  deleteForeign(key: string): void
  /** Of every multipart upload that was neither completed nor given up, how many parts it holds. */
  openUploads(): number[]
  /** The same bucket at this moment, with a life of its own from here on. */
  fork(): MemoryStore
}

type State = {
  objects: Map<string, StoredObject>
  uploads: Map<string, StoredUpload>
  nextUpload: number
  /** Empty where the bucket is not versioned. */
  history: Map<string, StoredVersion[]>
  nextVersion: number
  nextKeyed: number
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))
const md5 = (body: Uint8Array): Buffer => createHash('md5').update(body).digest()

function refuse(kind: 'conflict' | 'absent' | 'invalid' | 'cancelled', key: string): StoreError {
  const code = { conflict: 'conflict', absent: 'not-found', invalid: 'invalid-input', cancelled: 'cancelled' } as const
  return new StoreError(kind, { code: code[kind], message: `${kind}: ${key}` })
}

export function createMemoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  return storeOn(
    { objects: new Map(), uploads: new Map(), nextUpload: 1, history: new Map(), nextVersion: 1, nextKeyed: 1 },
    options,
  )
}

/** Bodies and heads are never changed in place, so that copies may share them. */
const copyState = ({ objects, uploads, history, ...counts }: State): State => ({
  ...counts,
  objects: new Map(objects),
  uploads: new Map([...uploads].map(([id, upload]) => [id, { ...upload, parts: new Map(upload.parts) }])),
  history: new Map([...history].map(([key, versions]) => [key, [...versions]])),
})

function storeOn(state: State, options: MemoryStoreOptions): MemoryStore {
  const { objects, uploads, history } = state
  const now = options.now ?? Date.now
  const pageSize = options.pageSize ?? 1000
  const bodyChunkBytes = options.bodyChunkBytes ?? 64 * 1024

  async function turn(key: string, call?: CallOptions): Promise<void> {
    if (call?.signal?.aborted) throw refuse('cancelled', key)
    await new Promise<void>((resolve) => setImmediate(resolve))
    if (call?.signal?.aborted) throw refuse('cancelled', key)
  }

  function requireCondition(key: string, condition: WriteCondition | undefined): void {
    const existing = objects.get(key)
    if (condition?.kind === 'absent' && existing) throw refuse('conflict', key)
    if (condition?.kind === 'version' && existing?.head.etag !== condition.etag) throw refuse('conflict', key)
  }

  function requireObject(key: string, etag?: ETag): StoredObject {
    const object = objects.get(key)
    if (!object) throw refuse('absent', key)
    if (etag !== undefined && object.head.etag !== etag) throw refuse('conflict', key)
    return object
  }

  function requireUpload(key: string, uploadId: string): StoredUpload {
    const upload = uploads.get(uploadId)
    if (!upload || upload.key !== key) throw refuse('absent', `${key} (upload ${uploadId})`)
    return upload
  }

  function store(key: string, body: Buffer, attributes: ObjectAttributes, etag: ETag): ObjectVersion {
    const head: ObjectHead = {
      etag,
      sizeBytes: body.length,
      lastModifiedMs: Math.floor(now() / 1000) * 1000,
      metadata: { ...attributes.metadata },
      systemHeaders: { ...attributes.systemHeaders },
      ...(attributes.contentType === undefined ? {} : { contentType: attributes.contentType }),
    }
    const version = remember(key, (versionId) => ({ head: { ...head, versionId }, body }))
    objects.set(key, version ?? { head, body })
    return { etag, ...(version?.head.versionId === undefined ? {} : { versionId: version.head.versionId }) }
  }

  function remember(key: string, make: (versionId: string) => StoredObject | undefined): StoredObject | undefined {
    if (options.isVersioned !== true) return undefined
    const versionId = `v${state.nextVersion++}`
    const object = make(versionId)
    const versions = history.get(key) ?? []
    versions.unshift({ versionId, lastModifiedMs: now(), object })
    history.set(key, versions)
    return object
  }

  function remove(key: string): void {
    objects.delete(key)
    remember(key, () => undefined)
  }

  /** The object as it is now, or a version of it. */
  function requireSource({ key, etag, versionId }: CopySource): StoredObject {
    if (versionId === undefined) return requireObject(key, etag)
    const object = versionOf(key, versionId)?.object
    if (!object) throw refuse('absent', key)
    if (object.head.etag !== etag) throw refuse('conflict', key)
    return object
  }

  const versionOf = (key: string, versionId: string): StoredVersion | undefined =>
    history.get(key)?.find((version) => version.versionId === versionId)

  /** With a key of a key management the ETag looks like a digest and is none. */
  const storePlain = (key: string, body: Buffer, attributes: ObjectAttributes): ObjectVersion => {
    const isKeyed = attributes.systemHeaders?.['x-amz-server-side-encryption']?.startsWith('aws:kms') === true
    const digest = md5(isKeyed ? Buffer.from(`encrypted ${state.nextKeyed++}`) : body)
    return store(key, body, attributes, `"${digest.toString('hex')}"`)
  }

  return {
    keys: () => [...objects.keys()].sort(byBytes),
    peek: (key) => objects.get(key)?.body,
    putForeign: (key, body, attributes) => storePlain(key, Buffer.from(body), { metadata: {}, ...attributes }),
    deleteForeign: (key) => remove(key),
    openUploads: () => [...uploads.values()].map(({ parts }) => parts.size),
    fork: () => storeOn(copyState(state), options),

    async head(key, call) {
      await turn(key, call)
      const object = objects.get(key)
      return object && copyHead(object.head)
    },

    async list(query, call) {
      await turn(query.prefix, call)
      const after = query.continuationToken ?? query.startAfter ?? ''
      return listPage(objects, query.prefix, query.delimiter, after, Math.min(query.maxKeys ?? pageSize, pageSize))
    },

    async get(key, query, call) {
      await turn(key, call)
      const object = query.versionId === undefined ? undefined : versionOf(key, query.versionId)?.object
      if (query.versionId !== undefined && object === undefined) throw refuse('absent', key)
      const { head, body } = object ?? requireObject(key, query.ifMatch)
      const range = query.range ?? { start: 0, end: body.length }
      if (range.start > 0 && range.start >= body.length) throw refuse('invalid', key)
      return { head: copyHead(head), body: chunksOf(body.subarray(range.start, range.end), bodyChunkBytes, key, call) }
    },

    async put(key, body, attributes, condition, call) {
      const snapshot = Buffer.from(body)
      await turn(key, call)
      requireCondition(key, condition)
      call?.onProgress?.(snapshot.length)
      return storePlain(key, snapshot, attributes)
    },

    async copy(source, targetKey, attributes, condition, call) {
      await turn(targetKey, call)
      const { body } = requireSource(source)
      requireCondition(targetKey, condition)
      return storePlain(targetKey, body, attributes)
    },

    async delete(key, query, call) {
      await turn(key, call)
      if (!objects.has(key)) return
      requireObject(key, query.ifMatch)
      remove(key)
    },

    async createMultipartUpload(key, attributes, call) {
      await turn(key, call)
      const uploadId = `upload-${state.nextUpload++}`
      uploads.set(uploadId, { key, attributes, parts: new Map(), initiatedMs: now() })
      return uploadId
    },

    async uploadPart(key, uploadId, partNumber, body, call) {
      const snapshot = Buffer.from(body)
      await turn(key, call)
      const part = { body: snapshot, etag: `"${md5(snapshot).toString('hex')}"` }
      requireUpload(key, uploadId).parts.set(partNumber, part)
      call?.onProgress?.(snapshot.length)
      return { partNumber, etag: part.etag, sizeBytes: snapshot.length }
    },

    async uploadPartCopy(key, uploadId, partNumber, source, call) {
      await turn(key, call)
      const upload = requireUpload(key, uploadId)
      const body = sliceOf(requireSource(source).body, source.range, source.key)
      const part = { body, etag: `"${md5(body).toString('hex')}"` }
      upload.parts.set(partNumber, part)
      return { partNumber, etag: part.etag, sizeBytes: body.length }
    },

    async listParts(key, uploadId, call) {
      await turn(key, call)
      return partsOf(requireUpload(key, uploadId))
    },

    async completeMultipartUpload(key, uploadId, parts, condition, call) {
      await turn(key, call)
      const upload = requireUpload(key, uploadId)
      requireCondition(key, condition)
      const chosen = parts.map((part, index) => {
        const stored = upload.parts.get(part.partNumber)
        const isInOrder = index === 0 || part.partNumber > (parts[index - 1]?.partNumber ?? 0)
        if (!stored || stored.etag !== part.etag || !isInOrder) throw refuse('invalid', key)
        return stored.body
      })
      if (chosen.length === 0) throw refuse('invalid', key)
      uploads.delete(uploadId)
      const etag = `"${md5(Buffer.concat(chosen.map(md5))).toString('hex')}-${chosen.length}"`
      return store(key, Buffer.concat(chosen), upload.attributes, etag)
    },

    async abortMultipartUpload(key, uploadId, call) {
      await turn(key, call)
      uploads.delete(uploadId)
    },

    async listMultipartUploads(prefix, call) {
      await turn(prefix, call)
      return [...uploads]
        .filter(([, upload]) => upload.key.startsWith(prefix))
        .map(([uploadId, upload]) => ({ key: upload.key, uploadId, initiatedMs: upload.initiatedMs }))
    },

    async listVersions(query, call) {
      await turn(query.prefix, call)
      return versionPage(history, query.prefix, query.after, Math.min(query.maxKeys ?? pageSize, pageSize))
    },

    async headVersion(key, versionId, call) {
      await turn(key, call)
      const object = versionOf(key, versionId)?.object
      return object && copyHead(object.head)
    },

    async versioning(call) {
      await turn('', call)
      return options.isVersioned === true ? 'enabled' : 'off'
    },

    close() {},
  }
}

const copyHead = (head: ObjectHead): ObjectHead => ({
  ...head,
  metadata: { ...head.metadata },
  systemHeaders: { ...head.systemHeaders },
})

function partsOf(upload: StoredUpload): UploadedPart[] {
  return [...upload.parts]
    .sort(([a], [b]) => a - b)
    .map(([partNumber, part]) => ({ partNumber, etag: part.etag, sizeBytes: part.body.length }))
}

function sliceOf(body: Buffer, range: ByteRange, key: string): Buffer {
  if (range.start >= range.end || range.end > body.length) throw refuse('invalid', key)
  return body.subarray(range.start, range.end)
}

async function* chunksOf(body: Buffer, size: number, key: string, call?: CallOptions): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < body.length; start += size) {
    if (call?.signal?.aborted) throw refuse('cancelled', key)
    yield new Uint8Array(body.subarray(start, start + size))
  }
}

/** The continuation token is the last key or common prefix shown, as S3's own are in effect. */
function listPage(
  objects: ReadonlyMap<string, StoredObject>,
  prefix: string,
  delimiter: string | undefined,
  after: string,
  limit: number,
): ListPage {
  const page: ListPage = { objects: [], prefixes: [] }
  let last = after
  for (const [key, { head }] of [...objects].sort(([a], [b]) => byBytes(a, b))) {
    if (!key.startsWith(prefix)) continue
    const cut = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length)
    const shown = cut < 0 ? key : key.slice(0, cut + 1)
    if (byBytes(shown, after) <= 0 || shown === last) continue
    if (page.objects.length + page.prefixes.length >= limit) return { ...page, continuationToken: last }
    last = shown
    if (cut >= 0) page.prefixes.push(shown)
    else {
      const { etag, sizeBytes, lastModifiedMs } = head
      page.objects.push({ key, etag, sizeBytes, lastModifiedMs })
    }
  }
  return page
}

function versionPage(
  history: ReadonlyMap<string, StoredVersion[]>,
  prefix: string,
  after: VersionMarker | undefined,
  limit: number,
): VersionPage {
  const all = [...history]
    .filter(([key]) => key.startsWith(prefix))
    .sort(([a], [b]) => byBytes(a, b))
    .flatMap(([key, versions]) =>
      versions.map(({ versionId, lastModifiedMs, object }, index): VersionListing => {
        const common = { key, versionId, isCurrent: index === 0, lastModifiedMs }
        if (object === undefined) return { ...common, kind: 'deleted', sizeBytes: 0 }
        return { ...common, kind: 'content', etag: object.head.etag, sizeBytes: object.body.length }
      }),
    )
  const passed = after === undefined ? -1 : all.findLastIndex(isUpTo(after))
  const versions = all.slice(passed + 1, passed + 1 + limit)
  const last = versions.at(-1)
  const hasMore = all.length > passed + 1 + limit
  return hasMore && last !== undefined ? { versions, next: { key: last.key, versionId: last.versionId } } : { versions }
}

const isUpTo =
  (after: VersionMarker) =>
  ({ key, versionId }: VersionListing): boolean =>
    byBytes(key, after.key) < 0 ||
    (key === after.key && (after.versionId === undefined || versionId === after.versionId))
