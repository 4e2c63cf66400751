/** What the server keeps: versions of objects, uploads in progress, and what is set on a bucket. Data only. */
import type { Checksum, ChecksumAlgorithm, ChecksumType } from '../body/checksums.ts'
import type { Content } from './blobs.ts'

export type Versioning = 'off' | 'Enabled' | 'Suspended'

export type RetentionMode = 'GOVERNANCE' | 'COMPLIANCE'
export type Retention = { mode: RetentionMode; untilMs: number }
export type DefaultRetention = { mode: RetentionMode; days: number }

/** What a client sets on an object when it writes it. Header values are bytes, held as Latin-1 text, given back unchanged. */
export type Attributes = {
  /** Content-Type, Cache-Control and such. */
  headers: Record<string, string>
  /** Without `x-amz-meta-`, names in lower case. */
  metadata: Record<string, string>
  storageClass: string
  /** Absent in what an earlier version of this server stored, which is all `AES256`. */
  encryption?: Encryption | undefined
}

/** Nothing is really encrypted here: it is stored and said. */
export type Encryption = { algorithm: string; keyId?: string | undefined; hasBucketKey?: boolean | undefined }

export type Lock = { retention?: Retention | undefined; legalHold?: boolean | undefined }

export type VersionDraft = Attributes &
  Lock & {
    content: Content
    sizeBytes: number
    /** Without quotes. */
    etag: string
    checksum?: Checksum | undefined
    /** Of multipart objects. */
    partSizes?: number[] | undefined
  }

export type ObjectVersion = VersionDraft & {
  versionId: string
  lastModifiedMs: number
  isDeleteMarker: boolean
}

export type UploadPart = {
  partNumber: number
  content: Content
  sizeBytes: number
  etag: string
  lastModifiedMs: number
  checksum?: string | undefined
}

export type Upload = Attributes &
  Lock & {
    uploadId: string
    key: string
    initiatedMs: number
    initiator: string
    checksumAlgorithm?: ChecksumAlgorithm | undefined
    checksumType?: ChecksumType | undefined
    parts: Map<number, UploadPart>
  }

export type BucketSettings = {
  createdMs: number
  versioning: Versioning
  objectLock: boolean
  defaultRetention?: DefaultRetention | undefined
  anonymousRead: boolean
}

/** Where changes are made durable; each promise resolves when the change would survive the process. */
export interface Persistence {
  saveBucket(name: string, settings: BucketSettings): Promise<void>
  removeBucket(name: string): Promise<void>
  /** All versions of a key, newest first; none removes it. */
  saveKey(bucket: string, key: string, versions: readonly ObjectVersion[]): Promise<void>
  saveUpload(bucket: string, upload: Upload): Promise<void>
  savePart(bucket: string, uploadId: string, part: UploadPart): Promise<void>
  removeUpload(bucket: string, uploadId: string): Promise<void>
  close(): Promise<void>
}
