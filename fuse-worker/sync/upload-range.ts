/** Reading what is to be uploaded: bytes of one moment, or the news that the file is not what it was any more. */
import type { Content, ContentStore } from '../cache/content-store.ts'
import type { Downloads, Source } from './downloads.ts'

/** The file changed while it was being sent: whatever was sent is of no use. */
export class UploadOutdated extends Error {}

export type UploadSource = {
  contents: ContentStore
  downloads: Downloads
  content: Content
  generation: number
  currentSource: () => Source
}

/** The bytes as they are at one moment; what is missing, and nothing else, is fetched first. */
export async function readRange(upload: UploadSource, start: number, end: number): Promise<Buffer> {
  const { contents, content, downloads } = upload
  const range = { start, end, fetchBytes: 'only what is missing' } as const
  return downloads.deliver(content, upload.currentSource, range, (bytes) => {
    assertCurrent(upload)
    if (bytes !== 'in the cache') return bytes
    const body = Buffer.allocUnsafe(end - start)
    contents.read(content, body, 0, start, end, true)
    return body
  })
}

/** The same without fetching: undefined where not all of it is here. */
export function readPresent(upload: UploadSource, start: number, end: number): Buffer | undefined {
  assertCurrent(upload)
  if (missingIn(upload, start, end) !== undefined) return undefined
  const body = Buffer.allocUnsafe(end - start)
  upload.contents.read(upload.content, body, 0, start, end, true)
  return body
}

export function assertCurrent({ content, generation }: UploadSource): void {
  if (content.isDropped || content.generation !== generation) throw new UploadOutdated()
}

/** Of a range: it is the base object's, byte for byte. */
export function isUnchanged({ content, contents }: UploadSource, start: number, end: number): boolean {
  return end <= content.baseSize && !contents.isDirty(content, start, end)
}

const missingIn = ({ contents, content }: UploadSource, start: number, end: number) =>
  contents.missing(content, start, end)[0]
