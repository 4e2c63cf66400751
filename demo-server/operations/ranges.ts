/** The Range header, and the part of an object that `partNumber` means. Ends are exclusive. */
import { s3Error } from '../errors.ts'

export type Range = { start: number; end: number }

/** Undefined for the whole object: no header, or one S3 does not understand (several ranges, another unit). */
export function parseRange(text: string | undefined, sizeBytes: number): Range | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(text?.trim() ?? '')
  if (!match) return undefined
  const [, first = '', last = ''] = match
  if (first === '' && last === '') return undefined
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined
  const start = first === '' ? Math.max(sizeBytes - Number(last), 0) : Number(first)
  const end = first === '' || last === '' ? sizeBytes : Math.min(Number(last) + 1, sizeBytes)
  if (start >= sizeBytes || (first === '' && Number(last) === 0)) {
    throw s3Error('InvalidRange', {
      fields: { RangeRequested: text ?? '', ActualObjectSize: String(sizeBytes) },
      headers: { 'Content-Range': `bytes */${sizeBytes}` },
    })
  }
  return { start, end }
}

export function partRange(partNumber: number, sizeBytes: number, partSizes: readonly number[] | undefined): Range {
  const sizes = partSizes ?? [sizeBytes]
  const size = sizes[partNumber - 1]
  if (size === undefined) throw s3Error('InvalidRange', { message: 'The requested partnumber is not satisfiable' })
  const start = sizes.slice(0, partNumber - 1).reduce((sum, each) => sum + each, 0)
  return { start, end: start + size }
}

/** `bytes=a-b` of an UploadPartCopy; unlike a read, it may not reach past the end. */
export function parseCopyRange(text: string, sizeBytes: number): Range {
  const match = /^bytes=(\d+)-(\d+)$/.exec(text)
  const [start, last] = [Number(match?.[1] ?? NaN), Number(match?.[2] ?? NaN)]
  if (!match || last < start) {
    throw s3Error('InvalidArgument', {
      message: 'The x-amz-copy-source-range value must be of the form bytes=first-last',
      fields: { ArgumentName: 'x-amz-copy-source-range', ArgumentValue: text },
    })
  }
  if (last >= sizeBytes) {
    throw s3Error('InvalidArgument', {
      message: `Range specified is not valid for source object of size: ${sizeBytes}`,
      fields: { ArgumentName: 'x-amz-copy-source-range', ArgumentValue: text },
    })
  }
  return { start, end: last + 1 }
}
