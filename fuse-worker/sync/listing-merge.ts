/**
 * Brings a listing into the local tree, in slices between which everything else goes on. Nodes with a life of their own, and keys
 * settled since the listing was asked for, are left alone. Who calls holds the ticket of the request.
 */
import type { Journal } from '../journal/journal.ts'
import type { DriveDatabase } from '../metadata/database.ts'
import type { NodeKeys } from '../metadata/node-keys.ts'
import { rootId, type NodeId } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import type { Clock } from '../runtime/clock.ts'
import { nameFromSegment, type NamePlatform } from '../s3/names.ts'
import type { ObjectListing } from '../s3/store.ts'
import { readListing, type DirectoryListing, type ListedEntry } from './listing.ts'
import type { SettledKeys } from './settled-keys.ts'
import type { TreeChanges } from './tree-changes.ts'

const sliceEntries = 1_000

export type Asked = { directoryId: NodeId; ticket: number; askedAtMs: number }

export class ListingMerge {
  readonly #database: DriveDatabase
  readonly #nodes: Nodes
  readonly #keys: NodeKeys
  readonly #journal: Journal
  readonly #tree: TreeChanges
  readonly #settled: SettledKeys
  readonly #clock: Clock
  readonly #platform: NamePlatform

  constructor(options: {
    database: DriveDatabase
    nodes: Nodes
    keys: NodeKeys
    journal: Journal
    tree: TreeChanges
    settled: SettledKeys
    clock: Clock
    platform: NamePlatform
  }) {
    this.#database = options.database
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

  /** Stops early, and answers false, when `isOver` says that the drive is closed or the folder is gone. */
  async merge(asked: Asked, listing: DirectoryListing, isOver: () => boolean): Promise<boolean> {
    const { directoryId, ticket } = asked
    for (const slice of slicesOf([...listing.entries.values()])) {
      if (isOver()) return false
      this.#mergeSlice(directoryId, slice, ticket)
      await turn()
    }
    for (const slice of slicesOf([...this.#nodes.children(directoryId).values()].map(({ id }) => id))) {
      if (isOver()) return false
      for (const id of slice) this.#removeUnlisted(id, asked, listing)
      await turn()
    }
    const directory = this.#nodes.get(directoryId)
    if (isOver() || directory === undefined) return false
    if (directory.id !== rootId && !this.#settled.isSettledSince(ticket, this.#keys.ofChildren(directory))) {
      this.#tree.adoptMarker(directory, listing.marker)
    }
    directory.listedAtMs = this.#clock.now()
    this.#nodes.save(directory)
    return true
  }

  mergeEntry(directoryId: NodeId, entry: ListedEntry, ticket: number): void {
    const key = keyOf(entry)
    const isUnsettled = this.#isUnsettled(key, ticket)
    const known = this.#nodes.children(directoryId).get(entry.name)
    if (known === undefined) {
      this.#insert(directoryId, entry, ticket)
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

  /** The bucket has nothing under this name. */
  forgetAbsent(directoryId: NodeId, name: string, ticket: number): void {
    const known = this.#nodes.children(directoryId).get(name)
    if (known === undefined || this.#tree.hasLifeWithin(known)) return
    const key = this.#keys.of(known)
    if (key !== undefined && !this.#settled.isSettledSince(ticket, key)) this.#tree.removeSubtree(known)
  }

  /** A prefix that is only there because of keys still to be deleted is no folder any more, and its name is free. */
  isFolder(directoryId: NodeId, segment: string, prefix: string, ticket: number): boolean {
    const known = this.#nodes.children(directoryId).get(nameFromSegment(segment, this.#platform))
    return known?.kind === 'directory' || !this.#hasDeletesBelow(prefix, ticket)
  }

  /** What is new goes in with one transaction. The rest is one by one: what a change drops is unlinked once it is committed. */
  #mergeSlice(directoryId: NodeId, slice: readonly ListedEntry[], ticket: number): void {
    if (this.#nodes.get(directoryId) === undefined) return
    const known = this.#nodes.children(directoryId)
    const fresh = slice.filter(({ name }) => !known.has(name))
    for (const entry of slice) if (known.has(entry.name)) this.mergeEntry(directoryId, entry, ticket)
    this.#database.transaction(() => {
      for (const entry of fresh) this.#insert(directoryId, entry, ticket)
    })
  }

  #insert(directoryId: NodeId, entry: ListedEntry, ticket: number): void {
    const key = keyOf(entry)
    if (this.#isUnsettled(key, ticket)) return
    if (entry.kind === 'directory' && this.#hasDeletesBelow(key, ticket)) return
    this.#tree.insertListed(directoryId, entry)
  }

  #removeUnlisted(id: NodeId, { directoryId, ticket, askedAtMs }: Asked, listing: DirectoryListing): void {
    const child = this.#nodes.get(id)
    if (child === undefined || child.parent !== directoryId || listing.entries.has(child.name)) return
    // Found by its own key meanwhile: that is later than the page it is missing from.
    if (child.validatedAtMs > askedAtMs) return
    if (this.#tree.hasLifeWithin(child)) return
    const key = this.#keys.of(child)
    if (key === undefined || this.#settled.isSettledSince(ticket, key)) return
    if (child.kind === 'directory' && this.#settled.isAnyBelowSettledSince(ticket, key)) return
    this.#tree.removeSubtree(child)
  }

  #isUnsettled(key: string, ticket: number): boolean {
    return this.#journal.hasPending(key) || this.#settled.isSettledSince(ticket, key)
  }

  #hasDeletesBelow(prefix: string, ticket: number): boolean {
    return this.#journal.hasDeletesBelow(prefix) || this.#settled.isAnyBelowSettledSince(ticket, prefix)
  }
}

const keyOf = (entry: ListedEntry): string => (entry.kind === 'object' ? entry.object.key : entry.prefix)

function* slicesOf<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += sliceEntries) yield all.slice(start, start + sliceEntries)
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
