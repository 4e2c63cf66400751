/**
 * The port to a bucket: what the rest of the worker may ask of S3, in S3's own words. One bucket, whole keys (a drive's
 * prefix is the caller's business). Implemented once on the AWS SDK and wrapped by metering, guarding and, in tests,
 * failing. Every call may throw a StoreError and nothing else; expected absence is a value.
 */
import type { Problem } from '../../contracts/problem.ts'
import type { WaitingSince } from './token-bucket.ts'

/** As the server sent it, quotes included; compared, never computed. */
export type ETag = string & { readonly brand?: 'ETag' }

export type ObjectVersion = { etag: ETag; versionId?: string }

export type ObjectListing = ObjectVersion & { key: string; sizeBytes: number; lastModifiedMs: number }

export type ObjectHead = ObjectVersion & {
  sizeBytes: number
  lastModifiedMs: number
  contentType?: string
  /** User metadata without `x-amz-meta-`, names in lower case. */
  metadata: Record<string, string>
  /** Content-Encoding, Cache-Control and such, kept so that a rewrite of metadata does not drop them. */
  systemHeaders: Record<string, string>
}

/** What must be true of the key for a write to happen; none for an unconditional one. */
export type WriteCondition = { kind: 'absent' } | { kind: 'version'; etag: ETag }

export type ObjectAttributes = {
  metadata: Record<string, string>
  contentType?: string
  systemHeaders?: Record<string, string>
}

export type ListPage = {
  objects: ObjectListing[]
  /** Common prefixes, each ending in the delimiter. */
  prefixes: string[]
  continuationToken?: string
}

/** One entry of a key's history; a version id is always there, `null` where the bucket gave none. */
export type VersionListing = {
  key: string
  versionId: string
  kind: 'content' | 'deleted'
  isCurrent: boolean
  /** Of content. */
  etag?: ETag
  sizeBytes: number
  lastModifiedMs: number
}

/** Behind this version of this key; without a version, behind the key. */
export type VersionMarker = { key: string; versionId?: string }

export type VersionPage = { versions: VersionListing[]; next?: VersionMarker }

/** What a server-side copy copies: the object as it is now, which must be this version, or an older one by its id. */
export type CopySource = { key: string; etag: ETag; versionId?: string }

export type Versioning = 'enabled' | 'suspended' | 'off' | 'unknown'

export type UploadedPart = { partNumber: number; etag: ETag; sizeBytes?: number }

export type CallOptions = {
  signal?: AbortSignal
  /** No socket that was kept from before is used, and those kept idle are given up: they may be dead without knowing. */
  isOnFreshSocket?: boolean
  /** Called for whatever arrives for this call, down to a single packet, and when the network takes more of a body. */
  onHeard?: () => void
  /** Of a body that comes: who has a program waiting goes first where there is a limit. */
  waitingSince?: WaitingSince
}

/** Asked before each slice of a body leaves. */
export interface BodyPace {
  readonly sliceBytes: number
  /** Undefined when it may go at once. */
  take(bytes: number): Promise<void> | undefined
}

export type SendingCall = CallOptions & { onProgress?: (sentBytes: number) => void; pace?: BodyPace }

export type ByteRange = { start: number; end: number }

export interface ObjectStore {
  /** Undefined when the key does not exist. */
  head(key: string, options?: CallOptions): Promise<ObjectHead | undefined>
  /** Keys in UTF-8 byte order, at most 1,000 a page. */
  list(
    query: { prefix: string; delimiter?: '/'; startAfter?: string; continuationToken?: string; maxKeys?: number },
    options?: CallOptions,
  ): Promise<ListPage>
  /**
   * Bytes `range.start` up to but without `range.end`, of exactly the version `ifMatch` names. Throws `conflict` when the key has
   * another version now, `absent` when it is gone.
   */
  get(
    key: string,
    query: { range?: ByteRange; ifMatch?: ETag; versionId?: string },
    options?: CallOptions,
  ): Promise<{ head: ObjectHead; body: AsyncIterable<Uint8Array> }>
  put(
    key: string,
    body: Uint8Array,
    attributes: ObjectAttributes,
    condition: WriteCondition | undefined,
    options?: SendingCall,
  ): Promise<ObjectVersion>
  /** Server-side; the target's attributes are replaced by those given. Sources over 5 GiB are copied in parts. */
  copy(
    source: CopySource & { sizeBytes: number },
    targetKey: string,
    attributes: ObjectAttributes,
    condition: WriteCondition | undefined,
    options?: CallOptions,
  ): Promise<ObjectVersion>
  /** Deleting what is not there succeeds. With `ifMatch`, throws `conflict` when the key has another version. */
  delete(key: string, query: { ifMatch?: ETag }, options?: CallOptions): Promise<void>
  createMultipartUpload(key: string, attributes: ObjectAttributes, options?: CallOptions): Promise<string>
  uploadPart(
    key: string,
    uploadId: string,
    partNumber: number,
    body: Uint8Array,
    options?: SendingCall,
  ): Promise<UploadedPart>
  uploadPartCopy(
    key: string,
    uploadId: string,
    partNumber: number,
    source: CopySource & { range: ByteRange },
    options?: CallOptions,
  ): Promise<UploadedPart>
  listParts(key: string, uploadId: string, options?: CallOptions): Promise<UploadedPart[]>
  completeMultipartUpload(
    key: string,
    uploadId: string,
    parts: UploadedPart[],
    condition: WriteCondition | undefined,
    options?: CallOptions,
  ): Promise<ObjectVersion>
  /** Ending an upload that is already gone succeeds. */
  abortMultipartUpload(key: string, uploadId: string, options?: CallOptions): Promise<void>
  listMultipartUploads(
    prefix: string,
    options?: CallOptions,
  ): Promise<{ key: string; uploadId: string; initiatedMs: number }[]>
  /** Keys in UTF-8 byte order, versions of a key newest first, at most 1,000 a page. */
  listVersions(
    query: { prefix: string; after?: VersionMarker; maxKeys?: number },
    options?: CallOptions,
  ): Promise<VersionPage>
  /** Undefined when there is no such version, or it is a deletion. */
  headVersion(key: string, versionId: string, options?: CallOptions): Promise<ObjectHead | undefined>
  /** Whether the bucket keeps versions; `unknown` where these keys may not ask. */
  versioning(options?: CallOptions): Promise<Versioning>
  close(): void
}

/**
 * What a failure means for the work at hand:
 * `retry` try again later · `offline` nothing gets through · `blocked` a person must act · `conflict` the key has another
 * version than the caller said · `absent` the key (or upload) is gone · `invalid` this request can never work ·
 * `cancelled` by our own signal.
 */
export type StoreErrorKind = 'retry' | 'offline' | 'blocked' | 'conflict' | 'absent' | 'invalid' | 'cancelled'

export class StoreError extends Error {
  readonly kind: StoreErrorKind
  readonly problem: Problem
  constructor(kind: StoreErrorKind, problem: Problem, options?: { cause?: unknown }) {
    super(problem.message, options)
    this.name = 'StoreError'
    this.kind = kind
    this.problem = problem
  }
}

/** The connection was lost in the middle: nothing that the endpoint said. */
export const isBrokenOff = ({ kind, problem }: StoreError): boolean =>
  kind === 'retry' && problem.code === 'endpoint-unreachable'
