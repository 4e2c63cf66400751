/**
 * Where a listing of the bucket meets the local tree: what is new is inserted, what changed is replaced, what is gone is taken away.
 * Must hold: keys with an operation waiting, or settled since the request began, and nodes with a life of their own stay as they are.
 */
import type { Journal } from '../journal/journal.ts'
import type { NodeKeys } from '../metadata/node-keys.ts'
import { rootId, type NodeId } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import type { Clock } from '../runtime/clock.ts'
import { nameFromSegment, type NamePlatform } from '../s3/names.ts'
import type { ObjectListing } from '../s3/store.ts'
import { readListing, type DirectoryListing, type ListedEntry } from './listing.ts'
import type { SettledKeys } from './settled-keys.ts'
import type { TreeChanges } from './tree-changes.ts'

const mergeSlice = 2_000

export class ListingMerge {
  readonly #nodes: Nodes
  readonly #keys: NodeKeys
  readonly #journal: Journal
  readonly #tree: TreeChanges
  readonly #settled: SettledKeys
  readonly #clock: Clock
  readonly #platform: NamePlatform

  constructor(options: {
    nodes: Nodes
    keys: NodeKeys
    journal: Journal
    tree: TreeChanges
    settled: SettledKeys
    clock: Clock
    platform: NamePlatform
  }) {
    this.#nodes = options.nodes
    this.#keys = options.keys
    this.#journal = options.journal
    this.#tree = options.tree
    this.#settled = options.settled
    this.#clock = options.clock
    this.#platform = options.platform
  }

  read(
    directoryId: NodeId,
    prefix: string,
    objects: readonly ObjectListing[],
    prefixes: readonly string[],
    ticket: number,
  ): DirectoryListing {
    const folders = prefixes.filter((below) =>
      this.isFolder(directoryId, below.slice(prefix.length, -1), below, ticket),
    )
    return readListing(prefix, objects, folders, this.#platform)
  }

  /** A prefix that is only there because of keys still to be deleted is no folder any more, and its name is free. */
  isFolder(directoryId: NodeId, segment: string, prefix: string, ticket: number): boolean {
    const known = this.#nodes.children(directoryId).get(nameFromSegment(segment, this.#platform))
    return known?.kind === 'directory' || !this.#hasDeletesBelow(prefix, ticket)
  }

  async merge(directoryId: NodeId, listing: DirectoryListing, ticket: number): Promise<void> {
    let inSlice = 0
    for (const entry of listing.entries.values()) {
      this.mergeEntry(directoryId, entry, ticket)
      if (++inSlice % mergeSlice === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    for (const child of [...this.#nodes.children(directoryId).values()]) {
      if (listing.entries.has(child.name) || this.#tree.hasLifeWithin(child)) continue
      const key = this.#keys.of(child)
      if (key === undefined || this.#settled.isSettledSince(ticket, key)) continue
      if (child.kind === 'directory' && this.#settled.isAnyBelowSettledSince(ticket, key)) continue
      this.#tree.removeSubtree(child)
    }
    const directory = this.#nodes.get(directoryId)
    if (directory === undefined) return
    if (directory.id !== rootId && !this.#settled.isSettledSince(ticket, this.#keys.ofChildren(directory))) {
      this.#tree.adoptMarker(directory, listing.marker)
    }
    directory.listedAtMs = this.#clock.now()
    this.#nodes.save(directory)
  }

  mergeEntry(directoryId: NodeId, entry: ListedEntry, ticket: number): void {
    const key = entry.kind === 'object' ? entry.object.key : entry.prefix
    const isUnsettled = this.#journal.hasPending(key) || this.#settled.isSettledSince(ticket, key)
    const known = this.#nodes.children(directoryId).get(entry.name)
    if (known === undefined) {
      if (isUnsettled) return
      if (entry.kind === 'directory' && this.#hasDeletesBelow(key, ticket)) return
      this.#tree.insertListed(directoryId, entry)
      return
    }
    if (isUnsettled || this.#tree.hasOwnLife(known)) return
    const isSameKind = (known.kind === 'directory') === (entry.kind === 'directory')
    if (!isSameKind) {
      if (this.#tree.hasLifeWithin(known)) return
      this.#tree.removeSubtree(known)
      this.#tree.insertListed(directoryId, entry)
    } else if (entry.kind === 'object' && known.remote?.etag !== entry.object.etag) {
      this.#tree.replaceVersion(known, entry.object)
    } else known.validatedAtMs = this.#clock.now()
  }

  #hasDeletesBelow(prefix: string, ticket: number): boolean {
    return this.#journal.hasDeletesBelow(prefix) || this.#settled.isAnyBelowSettledSince(ticket, prefix)
  }

  forgetAbsent(directoryId: NodeId, name: string, ticket: number): void {
    const known = this.#nodes.children(directoryId).get(name)
    if (known === undefined || this.#tree.hasLifeWithin(known)) return
    const key = this.#keys.of(known)
    if (key !== undefined && !this.#settled.isSettledSince(ticket, key)) this.#tree.removeSubtree(known)
  }
}
