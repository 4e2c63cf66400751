/** GetObject and HeadObject. */
import {
  answer,
  answerContent,
  bucketOf,
  header,
  keyOf,
  query,
  type AnswerHeaders,
  type Exchange,
} from '../exchange.ts'
import { s3Error } from '../errors.ts'
import { sliceContent } from '../storage/blobs.ts'
import type { Bucket } from '../storage/bucket.ts'
import type { ObjectVersion } from '../storage/model.ts'
import { checkReadable, checksumHeaders, objectHeaders, validatorHeaders } from './attributes.ts'
import { isNotModified } from './conditions.ts'
import { parseRange, partRange, type Range } from './ranges.ts'
import { requireVersion } from './versions.ts'

type Found = { bucket: Bucket; version: ObjectVersion; status: number; headers: AnswerHeaders; range: Range }

export async function getObject(exchange: Exchange): Promise<void> {
  const found = find(exchange)
  if (!found) return
  checkReadable(found.version)
  const { start, end } = found.range
  await answerContent(exchange, found.status, found.headers, sliceContent(found.version.content, start, end))
}

export function headObject(exchange: Exchange): void {
  const found = find(exchange)
  if (!found) return
  const { start, end } = found.range
  answer(exchange, found.status, { ...found.headers, 'Content-Length': end - start })
}

/** Undefined when the answer, 304, has been given. */
function find(exchange: Exchange): Found | undefined {
  const bucket = bucketOf(exchange)
  const version = requireVersion(exchange, bucket, keyOf(exchange), query(exchange, 'versionId'))
  if (isNotModified(exchange, version)) {
    answer(exchange, 304, validatorHeaders(bucket, version))
    return undefined
  }
  const range = requestedRange(exchange, version)
  const headers = objectHeaders(exchange, bucket, version)
  if (!range) {
    Object.assign(headers, checksumHeaders(exchange, version))
    return { bucket, version, status: 200, headers, range: { start: 0, end: version.sizeBytes } }
  }
  if (version.sizeBytes > 0) headers['Content-Range'] = `bytes ${range.start}-${range.end - 1}/${version.sizeBytes}`
  if (query(exchange, 'partNumber') !== undefined && version.partSizes) {
    headers['x-amz-mp-parts-count'] = version.partSizes.length
  }
  return { bucket, version, status: 206, headers, range }
}

function requestedRange(exchange: Exchange, version: ObjectVersion): Range | undefined {
  const range = header(exchange, 'range')
  const partNumber = query(exchange, 'partNumber')
  if (partNumber === undefined) return parseRange(range, version.sizeBytes)
  if (range !== undefined) {
    throw s3Error('InvalidRequest', { message: 'Cannot specify both Range header and partNumber query parameter.' })
  }
  if (!/^[1-9]\d{0,4}$/.test(partNumber))
    throw s3Error('InvalidArgument', { message: 'Part number must be an integer between 1 and 10000, inclusive' })
  return partRange(Number(partNumber), version.sizeBytes, version.partSizes)
}
