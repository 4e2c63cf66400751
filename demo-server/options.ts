/**
 * What a caller may ask of the embedded S3 server: its users, buckets, and the ways in which it should behave like a
 * weaker provider. Types only, plus the list of condition names.
 */

/** Conditions the server can be told to ignore: it accepts the header and acts as if it were not there. */
export const CONDITION_NAMES = [
  'get-if-match',
  'get-if-none-match',
  'put-if-match',
  'put-if-none-match',
  'complete-if-match',
  'complete-if-none-match',
  'delete-if-match',
  /** x-amz-copy-source-if-*, on CopyObject. */
  'copy-source-if-match',
  'copy-source-if-none-match',
  /** x-amz-copy-source-if-match, on UploadPartCopy. */
  'part-copy-source-if-match',
  /** If-Match and If-None-Match on the target of CopyObject. */
  'copy-if-match',
  'copy-if-none-match',
] as const

export type ConditionName = (typeof CONDITION_NAMES)[number]

/** Each leaves out what its name says; `no-write` may still list, read and delete. */
export type Policy = 'full' | 'read-only' | 'no-list' | 'no-read' | 'no-write' | 'no-delete' | 'none'

export type DemoUser = {
  accessKeyId: string
  secretAccessKey: string
  /** With a session token these are temporary keys: a request must carry it. */
  sessionToken?: string | undefined
  /** Milliseconds since 1970 by the server's clock; later requests get ExpiredToken. */
  expiresAt?: number | undefined
  policy: Policy
  /** The only buckets this user may touch or see; all when absent. */
  buckets?: readonly string[] | undefined
}

export type BucketOptions = {
  name: string
  versioning?: boolean | undefined
  /** Implies versioning. */
  objectLock?: boolean | undefined
  anonymousRead?: boolean | undefined
}

export type Quirks = {
  /** If-Match on PUT only matches an ETag without quotes, as Ceph 16 has it. */
  unquotedIfMatch?: boolean | undefined
  /** UploadPartCopy answers 501. */
  noCopyPart?: boolean | undefined
  /** A streamed body with a checksum trailer answers 411, as Ceph 16 has it. */
  noTrailers?: boolean | undefined
  /** Checksum headers are neither verified nor kept. */
  noChecksums?: boolean | undefined
  /** PutBucketVersioning and object lock answer 501. */
  noVersioning?: boolean | undefined
}

/** What a fault rule may look at. */
export type FaultRequest = { method: string; operation: string; bucket?: string | undefined; key?: string | undefined }

/**
 * `error` answers so before anything happens; `error-after` does the work and then answers so (a lost answer);
 * `hang` never answers; `reset` cuts the connection.
 */
export type Fault =
  | { kind: 'error'; status: number; code: string }
  | { kind: 'error-after'; status: number; code: string }
  | { kind: 'hang' }
  | { kind: 'reset' }

export type FaultRule = (request: FaultRequest) => Fault | undefined

export type DemoServerOptions = {
  /** 0 takes a free one. */
  port?: number | undefined
  host?: string | undefined
  /** Keeps objects in this folder, across restarts; in memory when absent. */
  directory?: string | undefined
  users: readonly DemoUser[]
  buckets?: readonly BucketOptions[] | undefined
  /** When given, requests signed for another region are refused, as AWS does. */
  region?: string | undefined
  ignores?: readonly ConditionName[] | undefined
  quirks?: Quirks | undefined
  /** The server's clock is this much ahead of the machine's. */
  clockOffsetMs?: number | undefined
  /** Added before every answer. */
  latencyMs?: number | undefined
  tls?: { key: string | Buffer; cert: string | Buffer } | undefined
  /** Of all content together; what would pass it gets 403 QuotaExceeded. */
  quotaBytes?: number | undefined
}

/** The options that can change while the server runs. */
export type Settings = {
  users: readonly DemoUser[]
  region: string | undefined
  ignores: ReadonlySet<ConditionName>
  quirks: Quirks
  clockOffsetMs: number
  latencyMs: number
  quotaBytes: number
  faultRule: FaultRule | undefined
}
