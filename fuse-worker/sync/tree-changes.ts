/**
 * Changes to the local tree that come from the bucket: what a listing or a HEAD tells about nodes that have no change of their
 * own. Must hold: a node with a pending operation, dirty content or local-only life is never touched from here, and a file that
 * a program has open keeps what that program opened.
 */
import type { Content, ContentStore } from '../cache/content-store.ts'
import type { Journal } from '../journal/journal.ts'
import type { DriveDatabase } from '../metadata/database.ts'
import type { NodeKeys } from '../metadata/node-keys.ts'
import { blankNode, orphanage, rootId, type Node, type NodeId } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import type { Origins } from '../metadata/origins.ts'
import type { ObjectHead, ObjectListing, ObjectVersion } from '../s3/store.ts'
import { applyAttributes } from './attributes.ts'
import type { ListedEntry } from './listing.ts'
import type { UnreadVersions } from './unread-versions.ts'

export type NodeDefaults = { fileMode: number; directoryMode: number; uid: number; gid: number }

/** What the sync side needs to know of open files. */
export interface OpenFiles {
  isOpen(node: NodeId): boolean
  isOpenForWriting(node: NodeId): boolean
  /** Whether an open handle reads from this content. */
  holds(content: number): boolean
}

export class TreeChanges {
  readonly #database: DriveDatabase
  readonly #nodes: Nodes
  readonly #contents: ContentStore
  readonly #journal: Journal
  readonly #keys: NodeKeys
  readonly #origins: Origins
  readonly #defaults: NodeDefaults
  readonly #openFiles: OpenFiles
  readonly #unread: UnreadVersions
  readonly #now: () => number

  constructor(options: {
    database: DriveDatabase
    nodes: Nodes
    contents: ContentStore
    journal: Journal
    keys: NodeKeys
    origins: Origins
    defaults: NodeDefaults
    openFiles: OpenFiles
    unread: UnreadVersions
    now: () => number
  }) {
    this.#database = options.database
    this.#nodes = options.nodes
    this.#contents = options.contents
    this.#journal = options.journal
    this.#keys = options.keys
    this.#origins = options.origins
    this.#defaults = options.defaults
    this.#openFiles = options.openFiles
    this.#unread = options.unread
    this.#now = options.now
  }

  /** Local truth about this node that the bucket's word must not overrule. */
  hasOwnLife(node: Node): boolean {
    if (node.isLocalOnly || node.isContentDirty || this.#journal.putOf(node.id) !== undefined) return true
    // What a program is about to write builds on the version it opened, and must not be taken for a change of a later one.
    return this.#openFiles.isOpenForWriting(node.id)
  }

  isOpenForWriting(node: NodeId): boolean {
    return this.#openFiles.isOpenForWriting(node)
  }

  /** The same of a node and everything below it: whether it may be taken away. */
  hasLifeWithin(node: Node): boolean {
    // A folder that was renamed may have nothing in the bucket under its new name yet.
    if (this.hasOwnLife(node) || this.#origins.has(node.id)) return true
    if (node.kind !== 'directory') return false
    const prefix = this.#keys.of(node)
    if (prefix !== undefined && this.#journal.hasAnyBelow(prefix)) return true
    return this.#someBelow(
      node,
      (child) => this.hasOwnLife(child) || this.#origins.has(child.id) || this.#openFiles.isOpen(child.id),
    )
  }

  /** `isAtOrigin`: the entry was found where a renamed folder had its keys, so what is below it still has them there. */
  insertListed(parent: NodeId, entry: ListedEntry, isAtOrigin = false): Node {
    const isDirectory = entry.kind === 'directory'
    const nowMs = this.#now()
    const fields = blankNode({
      parent,
      name: entry.name,
      segment: entry.segment,
      kind: isDirectory ? 'directory' : 'file',
      mode: isDirectory ? this.#defaults.directoryMode : this.#defaults.fileMode,
      uid: this.#defaults.uid,
      gid: this.#defaults.gid,
      nowMs,
    })
    fields.isMetadataKnown = isDirectory
    fields.validatedAtMs = nowMs
    if (entry.kind === 'object') describeListed(fields, entry.object)
    return this.#database.transaction(() => {
      const node = this.#nodes.insert(fields)
      const wasListed = (this.#nodes.get(parent)?.listedAtMs ?? 0) > 0
      if (wasListed && entry.kind === 'object') this.#noteUnread(entry.object)
      if (isAtOrigin && entry.kind === 'directory') this.#origins.add(node.id, entry.prefix)
      return node
    })
  }

  /**
   * The bucket has another version of a clean file: its content here is of no more use, its times are the server's. `also` changes
   * with it; not to be called inside a transaction, because files go once all of it is committed.
   */
  replaceVersion(node: Node, listed: ObjectListing, also: () => void = () => undefined): void {
    const old = this.#contentOf(node)
    this.#database.transaction(() => {
      also()
      if (node.remote?.etag !== listed.etag) this.#noteUnread(listed)
      node.kind = 'file'
      node.target = undefined
      node.xattrs = undefined
      node.foreign = undefined
      node.content = 0
      node.isMetadataKnown = false
      node.ctimeMs = this.#now()
      describeListed(node, listed)
      node.validatedAtMs = this.#now()
      this.#nodes.save(node)
      if (old !== undefined) this.#contents.removeRows(old)
    })
    if (old !== undefined) this.#release(old)
  }

  /** What HEAD or GET said of the version the node stands on. */
  applyHead(node: Node, head: ObjectHead, target: string | undefined): void {
    this.#database.transaction(() => {
      applyAttributes(node, head, this.#defaults)
      // A listing does not tell it, and it is how this version is had again once it was replaced.
      const { remote } = node
      if (remote?.etag === head.etag && head.versionId !== undefined) remote.versionId = head.versionId
      if (node.kind === 'symlink' && target !== undefined) node.target = target
      node.validatedAtMs = this.#now()
      this.#nodes.save(node)
    })
  }

  /** The directory's marker, as a listing showed it; its attributes follow with a HEAD. */
  adoptMarker(node: Node, marker: ObjectListing | undefined): void {
    if (node.id === rootId || this.#journal.putOf(node.id) !== undefined) return
    if (node.remote?.etag === marker?.etag && node.remote?.key === marker?.key) return
    node.remote = marker === undefined ? undefined : remoteOf(marker)
    if (marker !== undefined) node.isMetadataKnown = false
    this.#database.transaction(() => this.#nodes.save(node))
  }

  /** Gone from the bucket. Open files live on as orphans until they are closed. `also` as of `replaceVersion`. */
  removeSubtree(node: Node, also: () => void = () => undefined): void {
    const dropped: Content[] = []
    this.#database.transaction(() => {
      also()
      this.#removeInTransaction(node, dropped)
    })
    for (const content of dropped) this.#release(content)
  }

  #removeInTransaction(node: Node, dropped: Content[]): void {
    if (node.kind === 'directory') {
      for (const child of [...this.#nodes.children(node.id).values()]) this.#removeInTransaction(child, dropped)
      this.#origins.removeAll(node.id)
    }
    if (this.#openFiles.isOpen(node.id)) {
      this.#nodes.move(node, orphanage, `#${node.id}`, '')
      return
    }
    const content = this.#contentOf(node)
    if (content !== undefined) {
      this.#contents.removeRows(content)
      dropped.push(content)
    }
    this.#nodes.remove(node)
  }

  #noteUnread({ key, etag, sizeBytes }: ObjectListing): void {
    if (sizeBytes > 0) this.#unread.add(key, etag)
  }

  #contentOf(node: Node): Content | undefined {
    return node.content === 0 ? undefined : this.#contents.open(node.content, node.baseSize)
  }

  #release(content: Content): void {
    if (!this.#openFiles.holds(content.id)) this.#contents.removeFiles(content)
  }

  #someBelow(directory: Node, isWanted: (node: Node) => boolean): boolean {
    for (const child of this.#nodes.children(directory.id).values()) {
      if (isWanted(child) || (child.kind === 'directory' && this.#someBelow(child, isWanted))) return true
    }
    return false
  }
}

function describeListed(
  node: Pick<Node, 'size' | 'baseSize' | 'mtimeMs' | 'atimeMs' | 'remote'>,
  object: ObjectListing,
): void {
  node.size = object.sizeBytes
  node.baseSize = object.sizeBytes
  node.mtimeMs = object.lastModifiedMs
  node.atimeMs = object.lastModifiedMs
  node.remote = remoteOf(object)
}

export function remoteOf(object: ObjectVersion & { key: string; sizeBytes: number }): NonNullable<Node['remote']> {
  const { key, etag, versionId, sizeBytes } = object
  return { key, etag, sizeBytes, ...(versionId === undefined ? {} : { versionId }) }
}
