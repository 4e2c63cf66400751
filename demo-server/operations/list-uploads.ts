/** ListMultipartUploads and ListParts. */
import { checksumElement } from '../body/checksums.ts'
import { answerXml, isoTime, numberParameter, query, type Exchange } from '../exchange.ts'
import { MAX_PAGE_KEYS } from '../limits.ts'
import type { Upload } from '../storage/model.ts'
import { compareUtf8 } from '../storage/sorted-keys.ts'
import { element } from '../xml.ts'
import { quoteETag } from './attributes.ts'
import { listingParameters, ownerXml, prefixXml } from './list-objects.ts'
import { commonPrefix, markerPosition } from './paging.ts'
import { requireUpload } from './part-number.ts'

/** By key, then by age. */
function sortedUploads(uploads: Iterable<Upload>): Upload[] {
  return [...uploads].sort(
    (a, b) => compareUtf8(a.key, b.key) || a.initiatedMs - b.initiatedMs || compareUtf8(a.uploadId, b.uploadId),
  )
}

/** Behind the marker: later keys, and of the marker's own key what follows the upload named. */
function uploadsAfter(sorted: readonly Upload[], keyMarker: string, idMarker: string): Upload[] {
  const passed = sorted.findIndex((upload) => upload.key === keyMarker && upload.uploadId === idMarker)
  return sorted.filter((upload, index) => {
    const order = compareUtf8(upload.key, keyMarker)
    return order > 0 || (order === 0 && passed >= 0 && index > passed)
  })
}

export function listMultipartUploads(exchange: Exchange): void {
  const { bucket, prefix, delimiter, maxKeys, encode, echo } = listingParameters(exchange, 'max-uploads')
  const [keyMarker, idMarker] = [query(exchange, 'key-marker') ?? '', query(exchange, 'upload-id-marker') ?? '']
  const marker = markerPosition(keyMarker, prefix, delimiter)
  const matching = sortedUploads(bucket.uploads.values()).filter(({ key }) => key.startsWith(prefix))
  const rest = keyMarker === '' ? matching : uploadsAfter(matching, keyMarker, idMarker)
  const seen = new Set<string>()
  const entries: { xml: string; key: string; uploadId: string }[] = []
  let isTruncated = false
  for (const upload of rest) {
    const common = commonPrefix(upload.key, prefix, delimiter)
    if (common !== undefined && (seen.has(common) || (marker?.kind === 'prefix' && marker.name === common))) continue
    isTruncated = entries.length >= maxKeys
    if (isTruncated) break
    if (common !== undefined) seen.add(common)
    entries.push(
      common === undefined
        ? { xml: uploadXml(upload, encode), key: upload.key, uploadId: upload.uploadId }
        : { xml: prefixXml(encode(common)), key: common, uploadId: '' },
    )
  }
  const last = isTruncated ? entries[entries.length - 1] : undefined
  const inner = [
    element('Bucket', bucket.name),
    element('KeyMarker', encode(keyMarker)),
    element('UploadIdMarker', idMarker),
    element('NextKeyMarker', last && encode(last.key)),
    element('NextUploadIdMarker', last?.uploadId),
    echo,
    element('MaxUploads', maxKeys),
    element('IsTruncated', isTruncated && maxKeys > 0),
    ...entries.map((entry) => entry.xml),
  ]
  answerXml(exchange, 'ListMultipartUploadsResult', inner.join(''))
}

function uploadXml(upload: Upload, encode: (text: string) => string): string {
  return [
    '<Upload>',
    element('Key', encode(upload.key)),
    element('UploadId', upload.uploadId),
    ownerXml('Initiator'),
    ownerXml(),
    element('StorageClass', upload.storageClass),
    element('Initiated', isoTime(upload.initiatedMs)),
    element('ChecksumAlgorithm', upload.checksumAlgorithm),
    element('ChecksumType', upload.checksumType),
    '</Upload>',
  ].join('')
}

export function listParts(exchange: Exchange): void {
  const { bucket, upload } = requireUpload(exchange)
  const maxParts = numberParameter(exchange, 'max-parts', MAX_PAGE_KEYS, 0, MAX_PAGE_KEYS)
  const marker = numberParameter(exchange, 'part-number-marker', 0, 0, Number.MAX_SAFE_INTEGER)
  const rest = [...upload.parts.values()]
    .filter((part) => part.partNumber > marker)
    .sort((a, b) => a.partNumber - b.partNumber)
  const page = rest.slice(0, maxParts)
  const algorithm = upload.checksumAlgorithm
  const parts = page.map((part) =>
    [
      '<Part>',
      element('PartNumber', part.partNumber),
      element('LastModified', isoTime(part.lastModifiedMs)),
      element('ETag', quoteETag(part.etag)),
      algorithm ? element(checksumElement(algorithm), part.checksum) : '',
      element('Size', part.sizeBytes),
      '</Part>',
    ].join(''),
  )
  const isTruncated = page.length < rest.length && maxParts > 0
  const inner = [
    element('Bucket', bucket.name),
    element('Key', upload.key),
    element('UploadId', upload.uploadId),
    ownerXml('Initiator'),
    ownerXml(),
    element('StorageClass', upload.storageClass),
    element('PartNumberMarker', marker),
    element('NextPartNumberMarker', page[page.length - 1]?.partNumber ?? 0),
    element('MaxParts', maxParts),
    element('IsTruncated', isTruncated),
    element('ChecksumAlgorithm', algorithm),
    element('ChecksumType', upload.checksumType),
    ...parts,
  ]
  answerXml(exchange, 'ListPartsResult', inner.join(''))
}
