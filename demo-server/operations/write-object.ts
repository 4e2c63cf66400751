/** PutObject, DeleteObject and DeleteObjects. */
import { checksumHeader } from '../body/checksums.ts'
import { receiveContent, receiveDocument } from '../body/receive.ts'
import { S3Error, s3Error } from '../errors.ts'
import { answer, answerXml, bucketOf, header, keyOf, query, type AnswerHeaders, type Exchange } from '../exchange.ts'
import { MAX_DELETE_KEYS, MAX_PUT_BYTES } from '../limits.ts'
import type { Bucket } from '../storage/bucket.ts'
import type { ObjectVersion } from '../storage/model.ts'
import { childrenNamed, childText, element, parseXml, type XmlElement } from '../xml.ts'
import { quoteETag, readAttributes, versionIdHeader } from './attributes.ts'
import { deleteCheck, writeCheck } from './conditions.ts'
import { encryptionHeaders, etagFor } from './encryption.ts'
import { checkDeletable, readLock } from './object-lock.ts'

export async function putObject(exchange: Exchange): Promise<void> {
  const bucket = bucketOf(exchange)
  const key = keyOf(exchange)
  const attributes = readAttributes(exchange)
  const lock = readLock(exchange, bucket)
  const check = writeCheck(exchange, 'put')
  check(bucket.current(key))
  const { content, sizeBytes, md5, checksum } = await receiveContent(exchange, MAX_PUT_BYTES)
  const draft = {
    ...attributes,
    ...lock,
    content,
    sizeBytes,
    etag: etagFor(attributes.encryption, md5),
    ...(checksum ? { checksum: { ...checksum, type: 'FULL_OBJECT' as const } } : {}),
  }
  const version = await bucket.put(key, draft, exchange.server.nowMs(), check)
  answer(exchange, 200, {
    ETag: quoteETag(version.etag),
    ...versionIdHeader(bucket, version),
    ...encryptionHeaders(version.encryption),
    ...writtenChecksum(version),
  })
}

function writtenChecksum({ checksum }: ObjectVersion): AnswerHeaders {
  return checksum ? { [checksumHeader(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type } : {}
}

type Deleted = { deleteMarker: boolean; versionId?: string; markerVersionId?: string }

export async function deleteObject(exchange: Exchange): Promise<void> {
  const bucket = bucketOf(exchange)
  const deleted = await deleteOne(
    exchange,
    bucket,
    keyOf(exchange),
    query(exchange, 'versionId'),
    header(exchange, 'if-match'),
  )
  answer(exchange, 204, {
    'x-amz-delete-marker': deleted.deleteMarker ? 'true' : undefined,
    'x-amz-version-id': deleted.markerVersionId ?? deleted.versionId,
  })
}

async function deleteOne(
  exchange: Exchange,
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
  ifMatch: string | undefined,
): Promise<Deleted> {
  const check = deleteCheck(exchange, ifMatch)
  if (versionId === undefined) {
    const marker = await bucket.delete(key, exchange.server.nowMs(), check)
    return marker ? { deleteMarker: true, markerVersionId: marker.versionId } : { deleteMarker: false }
  }
  const version = await bucket.deleteVersion(key, versionId, (found) => {
    check(found)
    checkDeletable(exchange, found)
  })
  return { deleteMarker: version?.isDeleteMarker === true, versionId }
}

export async function deleteObjects(exchange: Exchange): Promise<void> {
  const bucket = bucketOf(exchange)
  const hasDigest = Object.keys(exchange.request.headers).some(
    (name) => name === 'content-md5' || name === 'x-amz-trailer' || name.startsWith('x-amz-checksum-'),
  )
  if (!hasDigest) throw s3Error('InvalidRequest', { message: 'Missing required header for this request: Content-MD5' })
  const document = parseXml(await receiveDocument(exchange))
  const wanted = childrenNamed(document, 'Object')
  if (wanted.length === 0 || wanted.length > MAX_DELETE_KEYS) throw s3Error('MalformedXML')
  const isQuiet = childText(document, 'Quiet') === 'true'
  const results: string[] = []
  for (const object of wanted) results.push(await deleteListed(exchange, bucket, object, isQuiet))
  answerXml(exchange, 'DeleteResult', results.join(''))
}

async function deleteListed(exchange: Exchange, bucket: Bucket, object: XmlElement, isQuiet: boolean): Promise<string> {
  const key = childText(object, 'Key')
  if (key === undefined || key === '') throw s3Error('MalformedXML')
  const versionId = childText(object, 'VersionId')
  const named = element('Key', key) + element('VersionId', versionId)
  try {
    const deleted = await deleteOne(exchange, bucket, key, versionId, childText(object, 'ETag'))
    if (isQuiet) return ''
    const marker = deleted.deleteMarker
      ? element('DeleteMarker', true) + element('DeleteMarkerVersionId', deleted.markerVersionId ?? deleted.versionId)
      : ''
    return `<Deleted>${named}${marker}</Deleted>`
  } catch (error) {
    if (!(error instanceof S3Error)) throw error
    return `<Error>${named}${element('Code', error.code)}${element('Message', error.message)}</Error>`
  }
}
