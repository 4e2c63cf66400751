/**
 * The versions that changes here are built on, kept for merging while the bucket may have gone on from them: which are worth it, when
 * their bytes are about to change or go, and for how long. A base is a help and nothing rests on it: without one, two texts are compared.
 */
import type { BaseCopies } from '../cache/base-copies.ts'
import { chunkBytes, type ContentStore } from '../cache/content-store.ts'
import type { Journal } from '../journal/journal.ts'
import type { Operation } from '../journal/operation.ts'
import type { NodeKeys } from '../metadata/node-keys.ts'
import type { Node, RemoteObject } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'

/** Longer texts are not merged by hand. */
const largestBaseBytes = 1024 * 1024
/** Where git looks for a zero byte as well: what has one is no text. */
const lookedAtBytes = 8000

export class Bases {
  readonly #copies: BaseCopies
  readonly #journal: Journal
  readonly #nodes: Nodes
  readonly #keys: NodeKeys
  readonly #contents: ContentStore

  constructor(options: { copies: BaseCopies; journal: Journal; nodes: Nodes; keys: NodeKeys; contents: ContentStore }) {
    this.#copies = options.copies
    this.#journal = options.journal
    this.#nodes = options.nodes
    this.#keys = options.keys
    this.#contents = options.contents
    // What a crash left behind, and what another process settled.
    this.#copies.keepOnly([...this.#journal.operations()].map(({ key }) => key))
  }

  /** Its content is about to change, or another file to take its name. */
  keep(node: Node): void {
    const { remote } = node
    if (remote === undefined || !isWorthIt(node, remote) || node.isLocalOnly) return
    if (this.#keys.of(node) === remote.key) this.#keep(node, remote)
  }

  /** A file is about to take this name, from which another was moved away: as a backup, with the version both began from. */
  keepMovedAway(key: string): void {
    const { queued } = this.#journal.slot(key)
    if (queued?.kind !== 'delete' || queued.base.kind !== 'version') return
    const node = this.#nodes.get(queued.node)
    const remote = node?.remote
    if (node === undefined || remote?.key !== key || remote.etag !== queued.base.etag) return
    if (isWorthIt(node, remote)) this.#keep(node, remote)
  }

  has({ key, base }: Operation): boolean {
    return base.kind === 'version' && this.#copies.has(key, base.etag)
  }

  read({ key, base }: Operation): Buffer | undefined {
    return base.kind === 'version' ? this.#copies.read(key, base.etag) : undefined
  }

  /** It is done, or was taken back; another for its key may build on the same version. */
  operationRemoved({ key }: Operation): void {
    const { queued, running } = this.#journal.slot(key)
    if ([queued, running].some((other) => other !== undefined && this.has(other))) return
    this.#copies.drop(key)
  }

  #keep(node: Node, { key, etag }: RemoteObject): void {
    if (this.#copies.has(key, etag)) return
    const bytes = this.#bytesOf(node)
    if (bytes !== undefined && !bytes.subarray(0, lookedAtBytes).includes(0)) this.#copies.keep(key, etag, bytes)
  }

  #bytesOf(node: Node): Buffer | undefined {
    const content = this.#contents.open(node.content, node.baseSize)
    if (this.#contents.missing(content, 0, node.size).length > 0) return undefined
    if (this.#contents.isDirty(content, 0, node.size)) return undefined
    const bytes = Buffer.allocUnsafe(node.size)
    try {
      this.#contents.space.room.assert(node.size)
      this.#contents.read(content, bytes, 0, 0, node.size)
      return bytes
    } catch {
      // Damaged, or no room: whoever wants this very content is told by its own call.
      return undefined
    }
  }
}

/** Every byte that is here of it is the bucket's. */
function isWorthIt({ kind, isContentDirty, content, size, baseSize }: Node, remote: RemoteObject): boolean {
  if (kind !== 'file' || isContentDirty || content === 0) return false
  return size > 0 && size <= Math.min(largestBaseBytes, chunkBytes) && size === remote.sizeBytes && size === baseSize
}
