/**
 * Whether an object in the bucket holds the very bytes that a file holds here. An ETag that is an MD5 is compared with what is
 * here; for any other (of an upload in parts, or of an object encrypted with a key of a key management, whose ETag only looks like
 * one), a small object is fetched and compared. What cannot be compared counts as different.
 */
import { createHash } from 'node:crypto'
import type { Content, ContentStore } from '../cache/content-store.ts'
import type { Node } from '../metadata/node.ts'
import type { ETag, ObjectHead, ObjectStore } from '../s3/store.ts'
import { isSymlinkHead } from './attributes.ts'
import { readTarget } from './link-target.ts'
import { encryptionHeader } from './new-objects.ts'
import { UploadOutdated } from './upload-range.ts'
import { isWholeHere } from './whole-content.ts'

const mostFetchedBytes = 64 * 1024 * 1024
const pieceBytes = 4 * 1024 * 1024

export class SameContent {
  readonly #store: ObjectStore
  readonly #contents: ContentStore

  constructor({ store, contents }: { store: ObjectStore; contents: ContentStore }) {
    this.#store = store
    this.#contents = contents
  }

  /** Throws StoreError, and UploadOutdated when the file changed while it was compared. */
  async isSame(node: Node, key: string, head: ObjectHead, signal: AbortSignal): Promise<boolean> {
    if (node.kind === 'directory') return isSameFolder(node, key, head)
    if ((node.kind === 'symlink') !== isSymlinkHead(head) || node.size !== head.sizeBytes) return false
    if (node.kind === 'symlink') return (await readTarget(this.#store, key, head, signal)) === node.target
    if (node.size === 0) return true
    const md5 = md5Of(head)
    if (!isWholeHere(node, this.#contents)) {
      return !node.isContentDirty && md5 !== undefined && node.remote?.etag === head.etag
    }
    if (md5 === undefined && node.size > mostFetchedBytes) return false
    const content = this.#contents.open(node.content, node.baseSize)
    const { size } = node
    return this.#contents.keeping(content, 0, size, async () =>
      md5 === undefined
        ? this.#isFetchedSame(content, size, key, head.etag, signal)
        : (await this.#md5(content, size)) === md5,
    )
  }

  async #md5(content: Content, size: number): Promise<string> {
    const { generation } = content
    const hash = createHash('md5')
    const piece = Buffer.allocUnsafe(Math.min(size, pieceBytes))
    for (let start = 0; start < size; start += pieceBytes) {
      hash.update(this.#read(content, generation, piece, start, Math.min(size, start + pieceBytes)))
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
    assertUnchanged(content, generation)
    return hash.digest('hex')
  }

  async #isFetchedSame(content: Content, size: number, key: string, etag: ETag, signal: AbortSignal): Promise<boolean> {
    const { generation } = content
    const { body } = await this.#store.get(key, { ifMatch: etag }, { signal })
    let position = 0
    for await (const piece of body) {
      const end = position + piece.length
      if (end > size) return false
      const mine = this.#read(content, generation, Buffer.allocUnsafe(piece.length), position, end)
      if (!mine.equals(piece)) return false
      position = end
    }
    assertUnchanged(content, generation)
    return position === size
  }

  #read(content: Content, generation: number, into: Buffer, start: number, end: number): Buffer {
    assertUnchanged(content, generation)
    this.#contents.read(content, into, 0, start, end)
    return into.subarray(0, end - start)
  }
}

function assertUnchanged(content: Content, generation: number): void {
  if (content.isDropped || content.generation !== generation) throw new UploadOutdated()
}

/** A folder is there or not, unless an object with data of its own is to become that of another folder. */
function isSameFolder({ remote }: Node, key: string, { etag }: ObjectHead): boolean {
  return remote === undefined || remote.sizeBytes === 0 || remote.key === key || remote.etag === etag
}

/** What most stores make the ETag of an object from that was written in one piece. */
function md5Of({ etag, systemHeaders }: ObjectHead): string | undefined {
  if (systemHeaders[encryptionHeader]?.startsWith('aws:kms') === true) return undefined
  return /^"?([0-9a-f]{32})"?$/i.exec(etag)?.[1]?.toLowerCase()
}
