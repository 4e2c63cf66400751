/**
 * Recognises, by their marks, versions in the bucket that attempts of our own left there without our hearing of it. They are nobody
 * else's change: the operation goes on from them.
 */
import type { Journal } from '../journal/journal.ts'
import { deleteMark, type Operation } from '../journal/operation.ts'
import type { DriveDatabase } from '../metadata/database.ts'
import type { Nodes } from '../metadata/nodes.ts'
import type { ObjectHead, ObjectStore } from '../s3/store.ts'
import { writeMarkOf } from './attributes.ts'
import { remoteOf } from './tree-changes.ts'
import { isMarkOf } from './write-marks.ts'

export class OwnWrites {
  readonly #store: ObjectStore
  readonly #database: DriveDatabase
  readonly #nodes: Nodes
  readonly #journal: Journal

  constructor(options: { store: ObjectStore; database: DriveDatabase; nodes: Nodes; journal: Journal }) {
    this.#store = options.store
    this.#database = options.database
    this.#nodes = options.nodes
    this.#journal = options.journal
  }

  /** Whether what the key holds, or the key's being free, is our own doing; then the operation builds on it. Throws StoreError. */
  async explain(operation: Operation, head: ObjectHead | undefined, signal: AbortSignal): Promise<boolean> {
    if (this.recognise(operation, head)) return true
    if (head === undefined && operation.base.kind === 'version' && operation.writeIds.includes(deleteMark)) {
      operation.base = { kind: 'absent' }
      this.#journal.save(operation)
      return true
    }
    return this.#standOnOwnSource(operation, signal)
  }

  /** An earlier attempt's write: it becomes the base, for the file's clean bytes as well. */
  recognise(operation: Operation, head: ObjectHead | undefined): boolean {
    const found = head === undefined ? undefined : writeMarkOf(head)
    if (head === undefined || found === undefined || !operation.writeIds.includes(found)) return false
    this.#database.transaction(() => {
      operation.base = { kind: 'version', etag: head.etag }
      this.#journal.save(operation)
      if (operation.kind === 'put') this.#standOn(operation, head, found)
    })
    return true
  }

  /**
   * An earlier attempt replaced the version the file stood on. What is clean here is the same in both, because that attempt took
   * it from there; so the file stands on the new one, from which it can still be read and copied.
   */
  #standOn(operation: Operation, head: ObjectHead, mark: string): void {
    const node = this.#nodes.get(operation.node)
    if (node?.kind !== 'file' || node.remote === undefined || !isMarkOf(mark, node.id)) return
    node.remote = remoteOf({ ...head, key: operation.key })
    this.#nodes.save(node)
  }

  /** The file was renamed while a version of it was arriving under its old key, and nobody heard: it stands on that one. */
  async #standOnOwnSource(operation: Operation, signal: AbortSignal): Promise<boolean> {
    const { key: oldKey, etag: oldEtag } = this.#nodes.get(operation.node)?.remote ?? {}
    if (oldKey === undefined || oldEtag === undefined || oldKey === operation.key) return false
    const head = await this.#store.head(oldKey, { signal })
    const node = this.#nodes.get(operation.node)
    if (head === undefined || head.etag === oldEtag || node?.remote?.key !== oldKey) return false
    const mark = writeMarkOf(head)
    const { queued } = this.#journal.slot(oldKey)
    if (mark === undefined || !isMarkOf(mark, node.id) || queued?.writeIds.includes(mark) !== true) return false
    this.#database.transaction(() => {
      node.remote = remoteOf({ ...head, key: oldKey })
      this.#nodes.save(node)
      this.#journal.rebase(oldKey, oldEtag, head.etag)
    })
    return true
  }
}
