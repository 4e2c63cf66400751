/** How the content of a file gets into one object: in one piece, or in parts of which only the changed ones are sent. Pure. */
import { chunkBytes } from '../cache/content-store.ts'

export const largestParts = 10_000
const smallestPartBytes = 5 * 1024 * 1024

export type PlannedPart = { partNumber: number; start: number; end: number; kind: 'send' | 'copy' }

export type UploadPlan = { kind: 'single' } | { kind: 'multipart'; parts: PlannedPart[] }

/**
 * `isUnchanged` says of a range that it is the base object's, byte for byte; only such parts are copied on the server, and only
 * where copying is possible at all.
 */
export function planUpload(
  size: number,
  canCopy: boolean,
  isUnchanged: (start: number, end: number) => boolean,
): UploadPlan {
  if (size <= chunkBytes) return { kind: 'single' }
  const chunksPerPart = Math.ceil(size / chunkBytes / largestParts)
  const partBytes = chunksPerPart * chunkBytes
  const parts: PlannedPart[] = []
  for (let start = 0; start < size; start += partBytes) {
    const end = Math.min(start + partBytes, size)
    const isLongEnough = end - start >= smallestPartBytes || end === size
    const kind = canCopy && isLongEnough && isUnchanged(start, end) ? 'copy' : 'send'
    parts.push({ partNumber: parts.length + 1, start, end, kind })
  }
  return { kind: 'multipart', parts }
}
