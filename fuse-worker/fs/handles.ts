/** Open files: which node each handle is on, and the content it reads. A node unlinked meanwhile lives until its last handle closes. */
import type { Content } from '../cache/content-store.ts'
import type { NodeId } from '../metadata/node.ts'
import { FsError } from '../fuse/kernel.ts'
import type { OpenFiles } from '../sync/tree-changes.ts'
import type { Source } from '../sync/downloads.ts'

export type Handle = {
  readonly id: number
  readonly node: NodeId
  readonly content: Content
  readonly isReadable: boolean
  readonly isWritable: boolean
  /** The version the content was opened on, should the node move on to another. */
  source: Source | undefined
  /** Where a sequential reader would go on, and how much to fetch for it at once. */
  nextRead: number
  fetchBytes: number
}

export class Handles implements OpenFiles {
  readonly #byId = new Map<number, Handle>()
  readonly #countByNode = new Map<NodeId, number>()
  readonly #countByContent = new Map<number, number>()
  #nextId = 1

  open(fields: Omit<Handle, 'id'>): Handle {
    const handle = { id: this.#nextId, ...fields }
    this.#nextId = this.#nextId === 0x7fffffff ? 1 : this.#nextId + 1
    this.#byId.set(handle.id, handle)
    add(this.#countByNode, handle.node, 1)
    add(this.#countByContent, handle.content.id, 1)
    return handle
  }

  get(id: number): Handle {
    const handle = this.#byId.get(id)
    if (handle === undefined) throw new FsError('EBADF')
    return handle
  }

  close(id: number): Handle {
    const handle = this.get(id)
    this.#byId.delete(id)
    add(this.#countByNode, handle.node, -1)
    add(this.#countByContent, handle.content.id, -1)
    return handle
  }

  isOpen(node: NodeId): boolean {
    return this.#countByNode.has(node)
  }

  holds(content: number): boolean {
    return this.#countByContent.has(content)
  }

  isOpenForWriting(node: NodeId): boolean {
    if (!this.isOpen(node)) return false
    for (const handle of this.#byId.values()) if (handle.node === node && handle.isWritable) return true
    return false
  }

  openNodes(): IterableIterator<NodeId> {
    return this.#countByNode.keys()
  }

  all(): IterableIterator<Handle> {
    return this.#byId.values()
  }
}

function add(counts: Map<number, number>, id: number, change: number): void {
  const count = (counts.get(id) ?? 0) + change
  if (count === 0) counts.delete(id)
  else counts.set(id, count)
}
