/** What a client says of an object beside its bytes: read from request headers, written to answers. */
import { s3Error } from '../errors.ts'
import { header, type AnswerHeaders, type Exchange } from '../exchange.ts'
import { MAX_METADATA_BYTES } from '../limits.ts'
import { checksumHeader } from '../body/checksums.ts'
import type { Bucket } from '../storage/bucket.ts'
import type { Attributes, Lock, ObjectVersion } from '../storage/model.ts'
import { encryptionHeaders, readEncryption } from './encryption.ts'

const CONTENT_HEADERS = [
  'Content-Type',
  'Content-Encoding',
  'Content-Language',
  'Content-Disposition',
  'Cache-Control',
  'Expires',
  'x-amz-website-redirect-location',
] as const

const STORAGE_CLASSES = new Set([
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
  'GLACIER_IR',
])

/** Cannot be read before they are restored, which takes hours on AWS and never happens here. */
const ARCHIVED = new Set(['GLACIER', 'DEEP_ARCHIVE'])

export const META_PREFIX = 'x-amz-meta-'
export const DEFAULT_CONTENT_TYPE = 'binary/octet-stream'

export function readAttributes(exchange: Exchange): Attributes {
  return {
    headers: readContentHeaders(exchange),
    metadata: readMetadata(exchange),
    storageClass: readStorageClass(exchange),
    encryption: readEncryption(exchange),
  }
}

function readContentHeaders(exchange: Exchange): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const name of CONTENT_HEADERS) {
    const value = header(exchange, name.toLowerCase())
    if (value !== undefined) headers[name] = value
  }
  // aws-chunked is about the transfer, not about the object.
  const encoding = headers['Content-Encoding']?.split(',').map((part) => part.trim())
  const kept = encoding?.filter((part) => part !== 'aws-chunked' && part !== '').join(',')
  if (kept) headers['Content-Encoding'] = kept
  else delete headers['Content-Encoding']
  return headers
}

function readMetadata(exchange: Exchange): Record<string, string> {
  const metadata: Record<string, string> = {}
  let bytes = 0
  for (const [name, value] of Object.entries(exchange.request.headers)) {
    if (!name.startsWith(META_PREFIX)) continue
    const text = Array.isArray(value) ? value.join(',') : (value ?? '')
    metadata[name.slice(META_PREFIX.length)] = text
    bytes += name.length - META_PREFIX.length + text.length
  }
  if (bytes > MAX_METADATA_BYTES) {
    throw s3Error('MetadataTooLarge', { fields: { Size: String(bytes), MaxSizeAllowed: String(MAX_METADATA_BYTES) } })
  }
  return metadata
}

export function readStorageClass(exchange: Exchange): string {
  const storageClass = header(exchange, 'x-amz-storage-class') ?? 'STANDARD'
  if (!STORAGE_CLASSES.has(storageClass)) throw s3Error('InvalidStorageClass')
  return storageClass
}

export function checkReadable(version: ObjectVersion): void {
  if (ARCHIVED.has(version.storageClass)) {
    throw s3Error('InvalidObjectState', { fields: { StorageClass: version.storageClass } })
  }
}

export function quoteETag(etag: string): string {
  return `"${etag}"`
}

/** Absent where versioning was never turned on. */
export function versionIdHeader(bucket: Bucket, version: Pick<ObjectVersion, 'versionId'>): AnswerHeaders {
  return bucket.settings.versioning === 'off' ? {} : { 'x-amz-version-id': version.versionId }
}

export function validatorHeaders(bucket: Bucket, version: ObjectVersion): AnswerHeaders {
  return {
    ETag: quoteETag(version.etag),
    'Last-Modified': new Date(version.lastModifiedMs).toUTCString(),
    ...versionIdHeader(bucket, version),
  }
}

export function objectHeaders(exchange: Exchange, bucket: Bucket, version: ObjectVersion): AnswerHeaders {
  const headers: AnswerHeaders = {
    'Content-Type': DEFAULT_CONTENT_TYPE,
    ...version.headers,
    ...validatorHeaders(bucket, version),
    'Accept-Ranges': 'bytes',
    ...lockHeaders(version),
    ...encryptionHeaders(version.encryption),
  }
  if (version.storageClass !== 'STANDARD') headers['x-amz-storage-class'] = version.storageClass
  for (const [name, value] of Object.entries(version.metadata)) headers[`${META_PREFIX}${name}`] = value
  return { ...headers, ...overrides(exchange) }
}

/** To be left out of answers with a part of the object: it is of the whole. */
export function checksumHeaders(exchange: Exchange, version: ObjectVersion): AnswerHeaders {
  const { checksum } = version
  if (!checksum || header(exchange, 'x-amz-checksum-mode')?.toUpperCase() !== 'ENABLED') return {}
  return { [checksumHeader(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type }
}

function lockHeaders(version: Lock): AnswerHeaders {
  const headers: AnswerHeaders = {}
  if (version.retention) {
    headers['x-amz-object-lock-mode'] = version.retention.mode
    headers['x-amz-object-lock-retain-until-date'] = new Date(version.retention.untilMs).toISOString()
  }
  if (version.legalHold !== undefined) headers['x-amz-object-lock-legal-hold'] = version.legalHold ? 'ON' : 'OFF'
  return headers
}

const OVERRIDES = [
  'Content-Type',
  'Content-Language',
  'Expires',
  'Cache-Control',
  'Content-Disposition',
  'Content-Encoding',
]

/** `response-content-type` and its like, for presigned links. */
function overrides(exchange: Exchange): AnswerHeaders {
  const headers: AnswerHeaders = {}
  for (const name of OVERRIDES) {
    const value = exchange.target.query.get(`response-${name.toLowerCase()}`)
    if (value === undefined) continue
    if (!exchange.caller.user) {
      throw s3Error('InvalidRequest', {
        message: 'Request specific response headers cannot be used for anonymous GET requests.',
      })
    }
    headers[name] = Buffer.from(value, 'utf8').toString('latin1')
  }
  return headers
}
