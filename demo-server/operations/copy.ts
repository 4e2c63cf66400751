/**
 * CopyObject and UploadPartCopy. Content is shared, not moved; it is read only where its MD5 is not known (part of an object,
 * or one that was itself uploaded in parts).
 */
import { createHash } from 'node:crypto'
import { isAllowed } from '../auth/permissions.ts'
import {
  checksumElement,
  createDigest,
  parseAlgorithm,
  type Checksum,
  type ChecksumAlgorithm,
} from '../body/checksums.ts'
import { s3Error } from '../errors.ts'
import { answerXml, bucketOf, header, isoTime, keyOf, type AnswerHeaders, type Exchange } from '../exchange.ts'
import { MAX_COPY_BYTES, MAX_PART_BYTES } from '../limits.ts'
import { readContent, releaseContent, retainContent, sliceContent, type Content } from '../storage/blobs.ts'
import type { Bucket } from '../storage/bucket.ts'
import type { ObjectVersion } from '../storage/model.ts'
import { decode } from '../target.ts'
import { element } from '../xml.ts'
import { checkReadable, quoteETag, readAttributes, readStorageClass, versionIdHeader } from './attributes.ts'
import { checkCopySource, writeCheck } from './conditions.ts'
import { encryptionHeaders, etagFor, hasPlainETag, readEncryption } from './encryption.ts'
import { readLock } from './object-lock.ts'
import { requirePart } from './part-number.ts'
import { parseCopyRange } from './ranges.ts'
import { placeOf, requireVersion } from './versions.ts'

type Source = { bucket: Bucket; key: string; version: ObjectVersion; headers: AnswerHeaders }

function requireSource(exchange: Exchange, kind: 'copy' | 'part'): Source {
  const text = header(exchange, 'x-amz-copy-source') ?? ''
  const mark = text.lastIndexOf('?versionId=')
  const path = decode(mark < 0 ? text : text.slice(0, mark)).replace(/^\//, '')
  const versionId = mark < 0 ? undefined : decode(text.slice(mark + '?versionId='.length))
  const slash = path.indexOf('/')
  if (slash < 1 || slash === path.length - 1) {
    throw s3Error('InvalidArgument', {
      message: 'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    })
  }
  const bucket = exchange.server.storage.bucket(path.slice(0, slash))
  if (!isAllowed(exchange.caller.user, 'read', placeOf(bucket))) throw s3Error('AccessDenied')
  const key = path.slice(slash + 1)
  const version = requireVersion(exchange, bucket, key, versionId)
  checkReadable(version)
  checkCopySource(exchange, version, kind)
  const sourceVersion = versionIdHeader(bucket, version)['x-amz-version-id']
  return { bucket, key, version, headers: { 'x-amz-copy-source-version-id': sourceVersion } }
}

export async function copyObject(exchange: Exchange): Promise<void> {
  const bucket = bucketOf(exchange)
  const key = keyOf(exchange)
  const source = requireSource(exchange, 'copy')
  const directive = header(exchange, 'x-amz-metadata-directive') ?? 'COPY'
  if (directive !== 'COPY' && directive !== 'REPLACE')
    throw s3Error('InvalidArgument', { message: 'Unknown metadata directive.' })
  refuseIdleCopy(exchange, source, bucket, key, directive)
  if (source.version.sizeBytes > MAX_COPY_BYTES) {
    throw s3Error('InvalidRequest', {
      message: `The specified copy source is larger than the maximum allowable size for a copy source: ${MAX_COPY_BYTES}`,
    })
  }
  const attributes =
    directive === 'REPLACE'
      ? readAttributes(exchange)
      : {
          headers: source.version.headers,
          metadata: source.version.metadata,
          storageClass: readStorageClass(exchange),
          encryption: readEncryption(exchange),
        }
  const lock = readLock(exchange, bucket)
  const check = writeCheck(exchange, 'copy')
  check(bucket.current(key))
  const content = retainContent(source.version.content)
  const sums = await copySums(exchange, source.version, content)
  const draft = {
    ...{ ...attributes, ...lock, ...sums, content },
    etag: etagFor(attributes.encryption, sums.etag),
    sizeBytes: source.version.sizeBytes,
  }
  const version = await bucket.put(key, draft, exchange.server.nowMs(), check)
  answerXml(exchange, 'CopyObjectResult', resultXml(version.etag, version.lastModifiedMs, version.checksum), {
    ...source.headers,
    ...versionIdHeader(bucket, version),
    ...encryptionHeaders(version.encryption),
  })
}

function refuseIdleCopy(exchange: Exchange, source: Source, bucket: Bucket, key: string, directive: string): void {
  const isSame = source.bucket === bucket && source.key === key && source.version === bucket.current(key)
  if (isSame && directive === 'COPY' && header(exchange, 'x-amz-storage-class') === undefined) {
    throw s3Error('InvalidRequest', {
      message:
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    })
  }
}

/** A copy is one object in one piece, so its ETag is a plain MD5 and its checksum one of the whole. */
async function copySums(
  exchange: Exchange,
  source: ObjectVersion,
  content: Content,
): Promise<{ etag: string; checksum?: Checksum }> {
  const wanted = header(exchange, 'x-amz-checksum-algorithm')
  const algorithm = wanted === undefined ? source.checksum?.algorithm : parseAlgorithm(wanted)
  const known =
    source.checksum?.type === 'FULL_OBJECT' && source.checksum.algorithm === algorithm ? source.checksum : undefined
  const isDigest = !source.etag.includes('-') && hasPlainETag(source.encryption)
  if (isDigest && (known || !algorithm)) return { etag: source.etag, ...(known ? { checksum: known } : {}) }
  const computed = await hashContent(content, algorithm)
  const checksum = algorithm && { algorithm, value: computed.checksum ?? '', type: 'FULL_OBJECT' as const }
  return { etag: computed.md5, ...(checksum ? { checksum } : {}) }
}

async function hashContent(
  content: Content,
  algorithm: ChecksumAlgorithm | undefined,
): Promise<{ md5: string; checksum?: string }> {
  const [only] = content
  const knownMd5 = content.length === 1 && only?.length === only?.blob.sizeBytes ? only?.blob.md5 : undefined
  if (knownMd5 !== undefined && !algorithm) return { md5: knownMd5 }
  const md5 = createHash('md5')
  const digest = algorithm && createDigest(algorithm)
  try {
    for await (const piece of readContent(content)) {
      md5.update(piece)
      digest?.update(piece)
    }
  } catch (error) {
    releaseContent(content)
    throw error
  }
  return { md5: md5.digest('hex'), ...(digest ? { checksum: digest.digest().toString('base64') } : {}) }
}

export async function uploadPartCopy(exchange: Exchange): Promise<void> {
  if (exchange.server.settings.quirks.noCopyPart === true) throw s3Error('NotImplemented')
  const { bucket, upload, partNumber } = requirePart(exchange)
  const source = requireSource(exchange, 'part')
  const rangeText = header(exchange, 'x-amz-copy-source-range')
  const range =
    rangeText === undefined
      ? { start: 0, end: source.version.sizeBytes }
      : parseCopyRange(rangeText, source.version.sizeBytes)
  const sizeBytes = range.end - range.start
  if (sizeBytes > MAX_PART_BYTES) throw s3Error('EntityTooLarge')
  const content = retainContent(sliceContent(source.version.content, range.start, range.end))
  const { md5, checksum } = await hashContent(content, upload.checksumAlgorithm)
  const lastModifiedMs = exchange.server.nowMs()
  await bucket.addPart(upload.uploadId, { partNumber, content, sizeBytes, etag: md5, lastModifiedMs, checksum })
  const named =
    checksum && upload.checksumAlgorithm ? { algorithm: upload.checksumAlgorithm, value: checksum } : undefined
  answerXml(exchange, 'CopyPartResult', resultXml(md5, lastModifiedMs, named), source.headers)
}

function resultXml(
  etag: string,
  lastModifiedMs: number,
  checksum: Pick<Checksum, 'algorithm' | 'value'> | undefined,
): string {
  const sum = checksum ? element(checksumElement(checksum.algorithm), checksum.value) : ''
  return element('LastModified', isoTime(lastModifiedMs)) + element('ETag', quoteETag(etag)) + sum
}
