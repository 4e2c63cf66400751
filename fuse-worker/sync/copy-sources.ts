/**
 * Which objects in the bucket are still needed under the key they have: a file that was renamed here stands on its old key until the
 * bucket has it under the new one. Whoever would delete or replace that key has to wait.
 */
import type { ContentStore } from '../cache/content-store.ts'
import type { Journal } from '../journal/journal.ts'
import type { Operation } from '../journal/operation.ts'
import type { DriveDatabase, Statement } from '../metadata/database.ts'
import { orphanage, type NodeId } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import type { Downloads, Source } from './downloads.ts'
import { openContentOf } from './node-content.ts'
import type { OpenFiles } from './tree-changes.ts'

export class CopySources {
  readonly #database: DriveDatabase
  readonly #nodes: Nodes
  readonly #contents: ContentStore
  readonly #downloads: Downloads
  readonly #journal: Journal
  readonly #openFiles: OpenFiles
  readonly #learn: (node: NodeId) => Promise<void>
  readonly #nodesAtKey: Statement

  constructor(options: {
    database: DriveDatabase
    nodes: Nodes
    contents: ContentStore
    downloads: Downloads
    journal: Journal
    openFiles: OpenFiles
    /** What the node's object says of itself becomes known. Throws StoreError. */
    learn: (node: NodeId) => Promise<void>
  }) {
    this.#database = options.database
    this.#nodes = options.nodes
    this.#contents = options.contents
    this.#downloads = options.downloads
    this.#journal = options.journal
    this.#openFiles = options.openFiles
    this.#learn = options.learn
    this.#nodesAtKey = options.database.prepare('SELECT id FROM nodes WHERE remote_key = ?')
  }

  /** The put that must be done before this operation may change its key. */
  operationNeeding(operation: Operation): Operation | undefined {
    for (const row of this.#nodesAtKey.all(operation.key)) {
      const put = this.#journal.putOf(Number(row['id']))
      if (put !== undefined && put.key !== operation.key && this.#nodes.get(put.node) !== undefined) return put
    }
    return undefined
  }

  /**
   * Whether a program still reads, from a file unlinked or replaced meanwhile, bytes that only this key has. Starts bringing
   * them here; the key may change once that is done or the file is closed.
   */
  isReadByOrphan(operation: Operation): boolean {
    let isRead = false
    for (const row of this.#nodesAtKey.all(operation.key)) {
      const node = this.#nodes.get(Number(row['id']))
      if (node?.parent !== orphanage || node.content === 0 || !this.#openFiles.isOpen(node.id)) continue
      const content = this.#contents.open(node.content, node.baseSize)
      if (this.#contents.missing(content, 0, content.baseSize).length === 0) continue
      isRead = true
      const { key, etag } = { key: operation.key, etag: node.remote?.etag ?? '' }
      this.#downloads.ensureAll(content, () => ({ node: node.id, key, etag })).catch(() => undefined)
    }
    return isRead
  }

  /** Brings the whole content of a put's node here, so that it needs nothing from the bucket any more. Throws StoreError, and DiskFull. */
  async detach(put: Operation): Promise<void> {
    const id = put.node
    // Its attributes, and whether it is a link at all, go with the object that is let go.
    if (this.#nodes.get(id)?.isMetadataKnown === false) await this.#learn(id)
    const before = this.#nodes.get(id)
    if (before?.remote === undefined || this.#journal.queuedPutOf(id) === undefined) return
    if (before.kind !== 'file') {
      // A link's target, and a folder's nothing, are known here: that is all there is to send.
      before.remote = undefined
      this.#database.transaction(() => this.#nodes.save(before))
      return
    }
    const content = openContentOf(before, { contents: this.#contents, nodes: this.#nodes, database: this.#database })
    const source = (): Source => {
      const remote = this.#nodes.require(id).remote
      if (remote === undefined) throw new Error('the base of a renamed file is gone')
      return { node: id, key: remote.key, etag: remote.etag }
    }
    await this.#contents.keeping(content, 0, content.baseSize, async () => {
      do await this.#downloads.ensureAll(content, source)
      while (!this.#contents.isWhole(content))
      const node = this.#nodes.get(id)
      // Once the put is under way or done after all, nothing would send what is marked here.
      if (node === undefined || this.#journal.queuedPutOf(id) === undefined) return
      this.#database.transaction(() => {
        this.#contents.markAllDirty(content)
        this.#contents.save(content)
        node.isContentDirty = true
        node.remote = undefined
        this.#nodes.save(node)
      })
    })
  }
}
