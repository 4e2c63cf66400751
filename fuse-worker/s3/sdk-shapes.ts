/** Pure translation between the port's values and the SDK's inputs and outputs. No request is made here. */
import { createHash } from 'node:crypto'
import type {
  GetObjectCommandOutput,
  HeadObjectCommandOutput,
  ListObjectsV2CommandOutput,
  PutObjectCommandInput,
} from '@aws-sdk/client-s3'
import type { Capabilities } from '../../contracts/account.ts'
import { decodeHeaderText, decodeListedKey, encodeHeaderText, normalizeETag } from './header-text.ts'
import { NotS3Error } from './store-errors.ts'
import type {
  CopySource,
  ETag,
  ListPage,
  ObjectAttributes,
  ObjectHead,
  ObjectVersion,
  UploadedPart,
  WriteCondition,
} from './store.ts'

type AttributesInput = Pick<
  PutObjectCommandInput,
  | 'Metadata'
  | 'ContentType'
  | 'ContentEncoding'
  | 'CacheControl'
  | 'ContentDisposition'
  | 'ContentLanguage'
  | 'Expires'
  | 'StorageClass'
  | 'ServerSideEncryption'
  | 'SSEKMSKeyId'
  | 'BucketKeyEnabled'
  | 'WebsiteRedirectLocation'
>

type ConditionInput = { IfNoneMatch?: string; IfMatch?: string }

export type ETagForm = Capabilities['ifMatchForm']

/** As a header of a condition; some servers compare the bare text. */
export const etagInForm = (etag: ETag, form: ETagForm): string =>
  form === 'unquoted' ? etag.replace(/^"(.*)"$/, '$1') : etag

export function conditionInput(condition: WriteCondition | undefined, form: ETagForm): ConditionInput {
  if (condition === undefined) return {}
  return condition.kind === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: etagInForm(condition.etag, form) }
}

export function attributesInput({ metadata, contentType, systemHeaders = {} }: ObjectAttributes): AttributesInput {
  const input: AttributesInput = {
    Metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, encodeHeaderText(value)])),
  }
  if (contentType !== undefined) input.ContentType = contentType
  const given = (name: string): string | undefined => systemHeaders[name]
  const encoding = given('content-encoding')
  if (encoding !== undefined) input.ContentEncoding = encoding
  const cacheControl = given('cache-control')
  if (cacheControl !== undefined) input.CacheControl = cacheControl
  const disposition = given('content-disposition')
  if (disposition !== undefined) input.ContentDisposition = disposition
  const language = given('content-language')
  if (language !== undefined) input.ContentLanguage = language
  const expires = Date.parse(given('expires') ?? '')
  if (Number.isFinite(expires)) input.Expires = new Date(expires)
  const storageClass = given('x-amz-storage-class')
  if (storageClass !== undefined) input.StorageClass = storageClass as NonNullable<AttributesInput['StorageClass']>
  const encryption = given('x-amz-server-side-encryption')
  if (encryption !== undefined)
    input.ServerSideEncryption = encryption as NonNullable<AttributesInput['ServerSideEncryption']>
  const encryptionKey = given('x-amz-server-side-encryption-aws-kms-key-id')
  if (encryptionKey !== undefined) input.SSEKMSKeyId = encryptionKey
  if (given('x-amz-server-side-encryption-bucket-key-enabled') === 'true') input.BucketKeyEnabled = true
  const redirect = given('x-amz-website-redirect-location')
  if (redirect !== undefined) input.WebsiteRedirectLocation = redirect
  return input
}

/** An object without an ETag is not S3's: a guest network's page answers 200 to everything. */
export function headFrom(output: HeadObjectCommandOutput | GetObjectCommandOutput, sizeBytes: number): ObjectHead {
  const systemHeaders: Record<string, string> = {}
  const keep = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== '') systemHeaders[name] = value
  }
  keep('content-encoding', output.ContentEncoding)
  keep('cache-control', output.CacheControl)
  keep('content-disposition', output.ContentDisposition)
  keep('content-language', output.ContentLanguage)
  keep('expires', output.ExpiresString)
  keep('x-amz-storage-class', output.StorageClass)
  keep('x-amz-website-redirect-location', output.WebsiteRedirectLocation)
  // The service's ordinary encryption is every object's; a key of the key management is this object's own.
  if (output.ServerSideEncryption?.startsWith('aws:kms') === true) {
    keep('x-amz-server-side-encryption', output.ServerSideEncryption)
    keep('x-amz-server-side-encryption-aws-kms-key-id', output.SSEKMSKeyId)
    if (output.BucketKeyEnabled === true) keep('x-amz-server-side-encryption-bucket-key-enabled', 'true')
  }
  const metadata = Object.entries(output.Metadata ?? {})
  return {
    ...versionFrom(output),
    sizeBytes,
    lastModifiedMs: output.LastModified?.getTime() ?? 0,
    ...(output.ContentType === undefined ? {} : { contentType: output.ContentType }),
    metadata: Object.fromEntries(metadata.map(([name, value]) => [name.toLowerCase(), decodeHeaderText(value)])),
    systemHeaders,
  }
}

export function versionFrom(output: { ETag?: string | undefined; VersionId?: string | undefined }): ObjectVersion {
  if (output.ETag === undefined || output.ETag === '') throw new NotS3Error('the answer names no ETag')
  const { VersionId } = output
  const isVersioned = VersionId !== undefined && VersionId !== 'null' && VersionId !== ''
  return { etag: normalizeETag(output.ETag), ...(isVersioned ? { versionId: VersionId } : {}) }
}

/**
 * The ETag most services give a completed upload. An ETag is opaque and never relied on to have this form: this one serves to
 * recognise our own object on a service (Ceph 16) that completes an upload without saying which version it made.
 */
export function customaryETag(parts: readonly UploadedPart[]): ETag {
  const digests = parts.map((part) => Buffer.from(part.etag.replaceAll('"', ''), 'hex'))
  return `"${createHash('md5').update(Buffer.concat(digests)).digest('hex')}-${parts.length}"`
}

/** `bytes 0-9/1234` says the whole size, which Content-Length of a ranged answer does not. */
export function wholeSize(output: GetObjectCommandOutput): number {
  const total = /\/(\d+)$/.exec(output.ContentRange ?? '')?.[1]
  return total === undefined ? (output.ContentLength ?? 0) : Number(total)
}

export function pageFrom(output: ListObjectsV2CommandOutput): ListPage {
  if (output.Name === undefined && output.KeyCount === undefined && output.IsTruncated === undefined)
    throw new NotS3Error('the answer is no listing')
  const decode = output.EncodingType === 'url' ? decodeListedKey : (text: string): string => text
  const continuationToken = output.IsTruncated === true ? output.NextContinuationToken : undefined
  return {
    objects: (output.Contents ?? []).flatMap((object) =>
      object.Key === undefined
        ? []
        : [
            {
              key: decode(object.Key),
              etag: normalizeETag(object.ETag ?? ''),
              sizeBytes: object.Size ?? 0,
              lastModifiedMs: object.LastModified?.getTime() ?? 0,
            },
          ],
    ),
    prefixes: (output.CommonPrefixes ?? []).flatMap(({ Prefix }) => (Prefix === undefined ? [] : [decode(Prefix)])),
    ...(continuationToken === undefined ? {} : { continuationToken }),
  }
}

/** `bucket/key`, each segment percent-encoded: the header is decoded once by the server. */
export function copySourceHeader(bucket: string, { key, versionId }: Omit<CopySource, 'etag'>): string {
  const version = versionId === undefined ? '' : `?versionId=${encodeURIComponent(versionId)}`
  return `${bucket}/${encodeURIComponent(key).replace(/%2F/g, '/')}${version}`
}

/** Equal parts, as few as the part size allows. */
export function copyRanges(sizeBytes: number, partBytes: number): { partNumber: number; start: number; end: number }[] {
  const count = Math.ceil(sizeBytes / partBytes)
  return Array.from({ length: count }, (_, index) => ({
    partNumber: index + 1,
    start: index * partBytes,
    end: Math.min(sizeBytes, (index + 1) * partBytes),
  }))
}
