/** Which part of which upload a request is about. */
import { s3Error } from '../errors.ts'
import { bucketOf, keyOf, query, type Exchange } from '../exchange.ts'
import { MAX_PARTS } from '../limits.ts'
import type { Bucket } from '../storage/bucket.ts'
import type { Upload } from '../storage/model.ts'

export function requireUpload(exchange: Exchange): { bucket: Bucket; upload: Upload } {
  const bucket = bucketOf(exchange)
  const upload = bucket.uploads.get(query(exchange, 'uploadId') ?? '')
  if (!upload || upload.key !== keyOf(exchange)) {
    throw s3Error('NoSuchUpload', { fields: { UploadId: query(exchange, 'uploadId') ?? '' } })
  }
  return { bucket, upload }
}

export function requirePart(exchange: Exchange): { bucket: Bucket; upload: Upload; partNumber: number } {
  const text = query(exchange, 'partNumber') ?? ''
  const partNumber = Number(text)
  if (!/^\d+$/.test(text) || partNumber < 1 || partNumber > MAX_PARTS) {
    throw s3Error('InvalidArgument', {
      message: `Part number must be an integer between 1 and ${MAX_PARTS}, inclusive`,
      fields: { ArgumentName: 'partNumber', ArgumentValue: text },
    })
  }
  return { ...requireUpload(exchange), partNumber }
}
