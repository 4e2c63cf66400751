/** Multipart uploads: begin, part, list, complete, abort. Completing strings the parts together without reading them. */
import { createHash, randomBytes } from 'node:crypto'
import {
  checksumElement,
  checksumHeader,
  compositeChecksum,
  fullObjectChecksum,
  parseAlgorithm,
  type Checksum,
  type ChecksumAlgorithm,
  type ChecksumType,
} from '../body/checksums.ts'
import { receiveContent, receiveDocument } from '../body/receive.ts'
import { s3Error } from '../errors.ts'
import { answer, answerXml, bucketOf, header, keyOf, type Exchange } from '../exchange.ts'
import { MAX_PART_BYTES, MAX_PARTS, MIN_PART_BYTES } from '../limits.ts'
import { retainContent } from '../storage/blobs.ts'
import type { Upload, UploadPart } from '../storage/model.ts'
import { childrenNamed, childText, element, parseXml } from '../xml.ts'
import { quoteETag, readAttributes, versionIdHeader } from './attributes.ts'
import { matchesETag, writeCheck } from './conditions.ts'
import { encryptionHeaders, etagFor } from './encryption.ts'
import { readLock } from './object-lock.ts'
import { requirePart, requireUpload } from './part-number.ts'

export async function createMultipartUpload(exchange: Exchange): Promise<void> {
  const bucket = bucketOf(exchange)
  const key = keyOf(exchange)
  const checksum = wantedChecksum(exchange)
  const upload: Upload = {
    ...readAttributes(exchange),
    ...readLock(exchange, bucket),
    ...checksum,
    uploadId: randomBytes(32).toString('base64url'),
    key,
    initiatedMs: exchange.server.nowMs(),
    initiator: exchange.caller.user?.accessKeyId ?? 'anonymous',
    parts: new Map(),
  }
  await bucket.beginUpload(upload)
  answerXml(
    exchange,
    'InitiateMultipartUploadResult',
    element('Bucket', bucket.name) + element('Key', key) + element('UploadId', upload.uploadId),
    {
      'x-amz-checksum-algorithm': checksum.checksumAlgorithm,
      'x-amz-checksum-type': checksum.checksumType,
      ...encryptionHeaders(upload.encryption),
    },
  )
}

function wantedChecksum(exchange: Exchange): Pick<Upload, 'checksumAlgorithm' | 'checksumType'> {
  const text = header(exchange, 'x-amz-checksum-algorithm')
  if (text === undefined || exchange.server.settings.quirks.noChecksums === true) return {}
  const checksumAlgorithm = parseAlgorithm(text)
  const natural: ChecksumType = checksumAlgorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE'
  const checksumType = header(exchange, 'x-amz-checksum-type') ?? natural
  const isKnown = checksumType === 'FULL_OBJECT' || checksumType === 'COMPOSITE'
  const isPossible =
    checksumType === 'FULL_OBJECT' ? checksumAlgorithm.startsWith('CRC') : checksumAlgorithm !== 'CRC64NVME'
  if (!isKnown || !isPossible) {
    throw s3Error('InvalidRequest', {
      message: `The ${checksumType} checksum type cannot be used with the ${text.toLowerCase()} checksum algorithm.`,
    })
  }
  return { checksumAlgorithm, checksumType }
}

export async function uploadPart(exchange: Exchange): Promise<void> {
  const { bucket, upload, partNumber } = requirePart(exchange)
  const received = await receiveContent(exchange, MAX_PART_BYTES, upload.checksumAlgorithm)
  const { content, sizeBytes, md5, checksum } = received
  const lastModifiedMs = exchange.server.nowMs()
  await bucket.addPart(upload.uploadId, {
    partNumber,
    content,
    sizeBytes,
    etag: md5,
    lastModifiedMs,
    checksum: upload.checksumAlgorithm ? checksum?.value : undefined,
  })
  answer(exchange, 200, {
    ETag: quoteETag(md5),
    ...(checksum ? { [checksumHeader(checksum.algorithm)]: checksum.value } : {}),
  })
}

export async function abortMultipartUpload(exchange: Exchange): Promise<void> {
  const { bucket, upload } = requireUpload(exchange)
  await bucket.abortUpload(upload)
  answer(exchange, 204)
}

export async function completeMultipartUpload(exchange: Exchange): Promise<void> {
  const document = await receiveDocument(exchange)
  const { bucket, upload } = requireUpload(exchange)
  const check = writeCheck(exchange, 'complete')
  const parts = chosenParts(document, upload)
  const checksum = objectChecksum(upload, parts)
  checkClaimedChecksum(exchange, checksum)
  const md5 = createHash('md5')
  for (const part of parts) md5.update(part.etag, 'hex')
  const draft = {
    headers: upload.headers,
    metadata: upload.metadata,
    storageClass: upload.storageClass,
    encryption: upload.encryption,
    retention: upload.retention,
    legalHold: upload.legalHold,
    content: retainContent(parts.flatMap((part) => part.content)),
    sizeBytes: parts.reduce((sum, part) => sum + part.sizeBytes, 0),
    etag: `${etagFor(upload.encryption, md5.digest('hex'))}-${parts.length}`,
    partSizes: parts.map((part) => part.sizeBytes),
    checksum,
  }
  const version = await bucket.completeUpload(upload, draft, exchange.server.nowMs(), check)
  const location = `http://${header(exchange, 'host') ?? ''}/${bucket.name}/${encodeURIComponent(upload.key)}`
  const inner = [
    element('Location', location),
    element('Bucket', bucket.name),
    element('Key', upload.key),
    element('ETag', quoteETag(version.etag)),
    checksum
      ? element(checksumElement(checksum.algorithm), checksum.value) + element('ChecksumType', checksum.type)
      : '',
  ]
  answerXml(exchange, 'CompleteMultipartUploadResult', inner.join(''), {
    ...versionIdHeader(bucket, version),
    ...encryptionHeaders(version.encryption),
  })
}

/** In the order listed, which must be ascending; every part but the last of the smallest size at least. */
function chosenParts(document: string, upload: Upload): UploadPart[] {
  const listed = childrenNamed(parseXml(document), 'Part')
  if (listed.length === 0 || listed.length > MAX_PARTS) throw s3Error('MalformedXML')
  const parts: UploadPart[] = []
  let previous = 0
  for (const entry of listed) {
    const partNumber = Number(childText(entry, 'PartNumber') ?? NaN)
    if (!Number.isInteger(partNumber)) throw s3Error('MalformedXML')
    if (partNumber <= previous) throw s3Error('InvalidPartOrder', { fields: { UploadId: upload.uploadId } })
    previous = partNumber
    const part = upload.parts.get(partNumber)
    const claimed = upload.checksumAlgorithm && childText(entry, checksumElement(upload.checksumAlgorithm))
    const isSame =
      part && matchesETag(childText(entry, 'ETag') ?? '', part.etag) && (claimed ?? part.checksum) === part.checksum
    if (!isSame) throw s3Error('InvalidPart', { fields: { UploadId: upload.uploadId, PartNumber: String(partNumber) } })
    parts.push(part)
  }
  const small = parts.slice(0, -1).find((part) => part.sizeBytes < MIN_PART_BYTES)
  if (small) {
    throw s3Error('EntityTooSmall', {
      fields: {
        ProposedSize: String(small.sizeBytes),
        MinSizeAllowed: String(MIN_PART_BYTES),
        PartNumber: String(small.partNumber),
        ETag: small.etag,
      },
    })
  }
  return parts
}

function objectChecksum(upload: Upload, parts: readonly UploadPart[]): Checksum | undefined {
  const { checksumAlgorithm: algorithm, checksumType } = upload
  const sums = parts.flatMap(({ checksum, sizeBytes }) =>
    checksum === undefined ? [] : [{ value: checksum, sizeBytes }],
  )
  if (!algorithm || sums.length !== parts.length) return undefined
  return checksumType === 'FULL_OBJECT' && isCyclic(algorithm)
    ? fullObjectChecksum(algorithm, sums)
    : compositeChecksum(algorithm, sums)
}

function isCyclic(algorithm: ChecksumAlgorithm): algorithm is 'CRC32' | 'CRC32C' | 'CRC64NVME' {
  return algorithm.startsWith('CRC')
}

function checkClaimedChecksum(exchange: Exchange, checksum: Checksum | undefined): void {
  if (!checksum) return
  const claimed = header(exchange, checksumHeader(checksum.algorithm))
  if (claimed !== undefined && claimed !== checksum.value) {
    throw s3Error('BadDigest', {
      message: `The ${checksum.algorithm} you specified did not match the calculated checksum.`,
    })
  }
}
