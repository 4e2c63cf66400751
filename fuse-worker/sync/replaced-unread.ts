/**
 * Keeps a version of another client that is about to be replaced or deleted and that no program here has read: whole, among the recovered
 * files, before the write that ends it. Where the bucket keeps versions, it is in the history anyway.
 */
import type { TheirVersion } from '../../contracts/conflict.ts'
import type { Operation } from '../journal/operation.ts'
import type { NodeKeys } from '../metadata/node-keys.ts'
import type { Nodes } from '../metadata/nodes.ts'
import { StoreError, type ObjectHead, type ObjectStore } from '../s3/store.ts'
import type { UnreadVersions } from './unread-versions.ts'

/** Keeps this version on this computer, on the disk when it resolves. Throws StoreError. */
export type KeepReplaced = (path: string, key: string, current: TheirVersion) => Promise<unknown>

export class ReplacedUnread {
  readonly #store: ObjectStore
  readonly #nodes: Nodes
  readonly #keys: NodeKeys
  readonly #unread: UnreadVersions
  readonly #keep: KeepReplaced

  constructor(options: {
    store: ObjectStore
    nodes: Nodes
    keys: NodeKeys
    unread: UnreadVersions
    keep: KeepReplaced
  }) {
    this.#store = options.store
    this.#nodes = options.nodes
    this.#keys = options.keys
    this.#unread = options.unread
    this.#keep = options.keep
  }

  /** Throws StoreError `conflict` when the key holds another version by now: the write would have met it as well. */
  async keepFor(operation: Operation, signal: AbortSignal): Promise<void> {
    const { key, base } = operation
    if (base.kind !== 'version' || !this.#unread.has(key, base.etag)) return
    if (!this.#livesOn(operation)) {
      const head = await this.#store.head(key, { signal })
      // Another one by now, perhaps our own: the write meets it by its condition.
      if (head?.etag !== base.etag) return
      if (!(await this.#isInHistory(head, signal))) {
        const { etag, sizeBytes, lastModifiedMs } = head
        await this.#keep(key.slice(this.#keys.prefix.length), key, { etag, sizeBytes, modifiedAt: lastModifiedMs })
      }
    }
    this.#unread.forget(key, base.etag)
  }

  /** The same content goes on, under another name or with other attributes. */
  #livesOn({ kind, node: id, key }: Operation): boolean {
    const node = this.#nodes.get(id)
    if (node?.remote === undefined || node.isContentDirty) return false
    return kind === 'delete' ? this.#keys.of(node) !== undefined : node.remote.key === key
  }

  async #isInHistory(head: ObjectHead, signal: AbortSignal): Promise<boolean> {
    if (head.versionId !== undefined && head.versionId !== 'null') return true
    try {
      return (await this.#store.versioning({ signal })) === 'enabled'
    } catch (error) {
      // Who may not ask keeps it.
      if (error instanceof StoreError && error.kind === 'blocked') return false
      throw error
    }
  }
}
