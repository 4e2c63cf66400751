/**
 * Brings a listing into the local tree, each page as it comes, in slices between which everything else goes on. What is missing from it is
 * known, and goes, once all of it is here. Nodes with a life of their own, keys with an
 * operation waiting, and keys settled since the listing was asked for, are left alone. Who calls holds the ticket of the request.
 * A renamed folder is listed below its origins as well, and what lies below an origin belongs to that folder and no other.
 */
import type { Journal } from '../journal/journal.ts'
import type { DriveDatabase } from '../metadata/database.ts'
import type { NodeKeys } from '../metadata/node-keys.ts'
import { rootId, type Node, type NodeId } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import type { Origins } from '../metadata/origins.ts'
import type { Clock } from '../runtime/clock.ts'
import { takingTurns } from '../runtime/turns.ts'
import { nameFromSegment, type NamePlatform } from '../s3/names.ts'
import type { BucketNews } from './bucket-news.ts'
import { decide, type Change } from './conflict-decision.ts'
import { ListingReader, type ListedEntry, type ListedPage } from './listing.ts'
import type { SettledKeys } from './settled-keys.ts'
import type { TreeChanges } from './tree-changes.ts'

/** To add one takes up to 0.2 ms. */
const sliceEntries = 25

export type Asked = { directoryId: NodeId; ticket: number; askedAtMs: number }

export class ListingMerge {
  readonly #database: DriveDatabase
  readonly #nodes: Nodes
  readonly #keys: NodeKeys
  readonly #origins: Origins
  readonly #journal: Journal
  readonly #tree: TreeChanges
  readonly #settled: SettledKeys
  readonly #news: BucketNews
  readonly #clock: Clock
  readonly #platform: NamePlatform

  constructor(options: {
    database: DriveDatabase
    nodes: Nodes
    keys: NodeKeys
    origins: Origins
    journal: Journal
    tree: TreeChanges
    settled: SettledKeys
    news: BucketNews
    clock: Clock
    platform: NamePlatform
  }) {
    this.#database = options.database
    this.#nodes = options.nodes
    this.#keys = options.keys
    this.#origins = options.origins
    this.#journal = options.journal
    this.#tree = options.tree
    this.#settled = options.settled
    this.#news = options.news
    this.#clock = options.clock
    this.#platform = options.platform
  }

  /** Where the bucket has this directory's keys: below its origins, if it was renamed, and at its place. */
  prefixesOf(directory: Node): string[] {
    const place = this.#keys.ofChildren(directory)
    return this.#origins.isEmpty
      ? [place]
      : [...this.#origins.of(directory.id).filter((prefix) => prefix !== place), place]
  }

  reader(prefix: string): ListingReader {
    return new ListingReader(prefix, this.#platform)
  }

  read(directoryId: NodeId, reader: ListingReader, page: ListedPage, ticket: number): ListedEntry[] {
    const prefixes = page.prefixes.filter((below) =>
      this.isFolder(directoryId, below.slice(reader.prefix.length, -1), below, ticket),
    )
    return reader.read({ ...page, prefixes })
  }

  /** What a page tells is there from now on. Stops early, and answers false, when `isOver` says that the drive is closed. */
  async mergePage(asked: Asked, reader: ListingReader, page: ListedPage, isOver: () => boolean): Promise<boolean> {
    if (isOver()) return false
    const { directoryId, ticket } = asked
    const others = takingTurns()
    await this.#nodes.load(directoryId)
    const told = this.read(directoryId, reader, page, ticket)
    for (const slice of slicesOf(page.isLast ? told : this.#holdOverFolders(directoryId, reader, told))) {
      if (isOver()) return false
      this.#mergeSlice(directoryId, reader.prefix, slice, ticket)
      await others()
    }
    return !isOver()
  }

  /** A folder gives way to an object only when nothing below it can come any more. */
  #holdOverFolders(directoryId: NodeId, reader: ListingReader, told: readonly ListedEntry[]): ListedEntry[] {
    const isOverFolder = ({ kind, name }: ListedEntry): boolean =>
      kind === 'object' && this.#nodes.exactChild(directoryId, name)?.kind === 'directory'
    for (const entry of told) if (isOverFolder(entry)) reader.hold(entry)
    return told.filter((entry) => !isOverFolder(entry))
  }

  /**
   * A prefix that is only there because of keys still to be deleted, or to be moved with their folder, is no folder any more,
   * and its name is free.
   */
  isFolder(directoryId: NodeId, segment: string, prefix: string, ticket: number): boolean {
    const known = this.#nodes.exactChild(directoryId, nameFromSegment(segment, this.#platform))
    return known?.kind === 'directory' || !this.isLeaving(prefix, ticket)
  }

  isLeaving(prefix: string, ticket: number): boolean {
    return (
      this.#journal.hasDeletesBelow(prefix) ||
      this.#settled.isAnyBelowSettledSince(ticket, prefix) ||
      this.#origins.isAnyWithin(prefix)
    )
  }

  /** After the last page. Stops early, and answers false, when `isOver` says that the drive is closed, or the folder is gone. */
  async finish(asked: Asked, listings: readonly ListingReader[], isOver: () => boolean): Promise<boolean> {
    const { directoryId, ticket } = asked
    const others = takingTurns()
    await this.#nodes.load(directoryId)
    const names = new Set(listings.flatMap(({ entries }) => [...entries.keys()]))
    for (const slice of slicesOf([...this.#nodes.children(directoryId).values()].map(({ id }) => id))) {
      if (isOver() || !this.#isWhole(directoryId, listings)) return false
      for (const id of slice) this.#removeUnlisted(id, asked, listings, names)
      await others()
    }
    const directory = this.#nodes.get(directoryId)
    if (isOver() || directory === undefined || !this.#isWhole(directoryId, listings)) return false
    for (const one of listings) this.#noticeGone(one, ticket)
    if (directory.id !== rootId) this.#adoptMarker(directory, listings, ticket)
    directory.listedAtMs = this.#clock.now()
    this.#nodes.save(directory)
    return true
  }

  mergeEntry(directoryId: NodeId, prefix: string, entry: ListedEntry, ticket: number): void {
    const key = entry.kind === 'object' ? entry.object.key : entry.prefix
    const directory = this.#nodes.get(directoryId)
    if (directory === undefined || !this.prefixesOf(directory).includes(prefix)) return
    const isOrigin = !this.#origins.isEmpty && this.#origins.of(directoryId).includes(prefix)
    const isSettledSince = this.#settled.isSettledSince(ticket, key)
    if (entry.kind === 'object' && !isSettledSince) this.#news.seen(key, entry.object.etag)
    const isUnsettled = isSettledSince || this.#isSpokenFor(key, isOrigin)
    const known = this.#nodes.exactChild(directoryId, entry.name)
    if (known === undefined) {
      if (isUnsettled || (!isOrigin && this.#origins.covers(prefix))) return
      if (entry.kind === 'directory' && this.isLeaving(key, ticket)) return
      this.#tree.insertListed(directoryId, entry, isOrigin)
      return
    }
    // Another object has the name: one that stands elsewhere and follows its folder here.
    if (known.remote !== undefined && known.kind !== 'directory' && known.remote.key !== prefix + known.segment) return
    if (isUnsettled || this.#tree.hasOwnLife(known)) return
    // Nothing was done to it here, so their word holds, whatever it is.
    if (decide({ kind: 'unchanged' }, listedChange(known, entry)).kind === 'nothing') {
      known.validatedAtMs = this.#clock.now()
      return
    }
    if ((known.kind === 'directory') === (entry.kind === 'directory')) {
      if (entry.kind === 'object') this.#tree.replaceVersion(known, entry.object)
      return
    }
    if (this.#tree.hasLifeWithin(known) || this.#origins.has(directoryId)) return
    this.#tree.removeSubtree(known)
    this.#tree.insertListed(directoryId, entry, isOrigin)
  }

  /** The bucket has nothing of this name under these prefixes. */
  forgetAbsent(directoryId: NodeId, name: string, prefixes: readonly string[], ticket: number): void {
    const directory = this.#nodes.get(directoryId)
    const known = this.#nodes.exactChild(directoryId, name)
    if (directory !== undefined && known !== undefined) this.#forgetMissing(directory, known, prefixes, ticket)
  }

  /** What is new goes in with one transaction. The rest is one by one: what a change drops is unlinked once it is committed. */
  #mergeSlice(directoryId: NodeId, prefix: string, slice: readonly ListedEntry[], ticket: number): void {
    if (this.#nodes.get(directoryId) === undefined) return
    const known = this.#nodes.children(directoryId)
    const fresh = slice.filter(({ name }) => !known.has(name))
    for (const entry of slice) if (known.has(entry.name)) this.mergeEntry(directoryId, prefix, entry, ticket)
    this.#database.transaction(() => {
      for (const entry of fresh) this.mergeEntry(directoryId, prefix, entry, ticket)
    })
  }

  /** Not when the folder was renamed, or the last of its keys moved, while the bucket was asked. */
  #isWhole(directoryId: NodeId, listings: readonly ListingReader[]): boolean {
    const directory = this.#nodes.get(directoryId)
    if (directory === undefined) return false
    return this.prefixesOf(directory).every((prefix) => listings.some((one) => one.prefix === prefix))
  }

  #removeUnlisted(
    id: NodeId,
    { directoryId, ticket, askedAtMs }: Asked,
    listings: readonly ListingReader[],
    names: ReadonlySet<string>,
  ): void {
    const child = this.#nodes.get(id)
    const directory = this.#nodes.get(directoryId)
    if (child === undefined || directory === undefined || child.parent !== directoryId || names.has(child.name)) return
    // Found by its own key meanwhile: that is later than the page it is missing from.
    if (child.validatedAtMs > askedAtMs) return
    const prefixes = listings.map(({ prefix }) => prefix)
    this.#forgetMissing(directory, child, prefixes, ticket)
  }

  #forgetMissing(directory: Node, child: Node, prefixes: readonly string[], ticket: number): void {
    this.#noticeMissing(child, prefixes, ticket)
    if (this.#tree.hasLifeWithin(child)) return
    const isDirectory = child.kind === 'directory'
    const key = isDirectory ? this.#keys.of(child) : (child.remote?.key ?? this.#keys.of(child))
    if (key === undefined || this.#settled.isSettledSince(ticket, key)) return
    if (isDirectory) {
      // Part of a folder that is moving may have arrived already, and part not be listed yet.
      if (this.#origins.has(directory.id) || this.#settled.isAnyBelowSettledSince(ticket, key)) return
    } else if (!prefixes.some((prefix) => key === prefix + child.segment)) return
    this.#tree.removeSubtree(child)
  }

  /** A file that has something to send, and whose key is free: perhaps it was not when that was begun. */
  #noticeMissing(child: Node, prefixes: readonly string[], ticket: number): void {
    const key = child.kind === 'directory' ? undefined : this.#keys.of(child)
    if (key === undefined || this.#settled.isSettledSince(ticket, key)) return
    if (prefixes.some((prefix) => key === prefix + child.segment)) this.#news.seen(key, undefined)
  }

  /** What has another name here, but stood here. */
  #noticeGone(listing: ListingReader, ticket: number): void {
    let told: ReadonlySet<string> | undefined
    this.#news.listed(listing.prefix, (key) => {
      told ??= new Set(keysOf(listing))
      return told.has(key) || this.#settled.isSettledSince(ticket, key)
    })
  }

  #adoptMarker(directory: Node, listings: readonly ListingReader[], ticket: number): void {
    if (this.#origins.has(directory.id)) {
      const found = listings.find(({ marker }) => marker !== undefined)?.marker
      const isKnown = directory.remote !== undefined || found === undefined
      if (isKnown || this.#isSpokenFor(found.key, true) || this.#settled.isSettledSince(ticket, found.key)) return
      this.#tree.adoptMarker(directory, found)
      return
    }
    const place = this.#keys.ofChildren(directory)
    // One that is still to be deleted was another folder's.
    if (this.#journal.hasPending(place) || this.#origins.covers(place)) return
    if (this.#settled.isSettledSince(ticket, place)) return
    this.#tree.adoptMarker(directory, listings.find(({ prefix }) => prefix === place)?.marker)
  }

  /** An operation knows of the object under this key. A put that waits for a renamed folder to let the key go does not. */
  #isSpokenFor(key: string, isOrigin: boolean): boolean {
    const { queued, running } = this.#journal.slot(key)
    if (running !== undefined) return true
    if (queued === undefined) return false
    const isBlind = queued.kind === 'put' && queued.base.kind === 'absent' && queued.writeIds.length === 0
    return !(isOrigin && isBlind)
  }
}

/** What a listing says has become of a node that nothing was done to here. */
function listedChange(known: Node, entry: ListedEntry): Change {
  if (entry.kind === 'directory') return { kind: known.kind === 'directory' ? 'unchanged' : 'replaced-by-folder' }
  if (known.kind === 'directory') return { kind: 'folder-removed' }
  return known.remote?.etag === entry.object.etag ? { kind: 'unchanged' } : { kind: 'edited', content: 'theirs' }
}

function* keysOf({ entries }: ListingReader): Generator<string> {
  for (const entry of entries.values()) if (entry.kind === 'object') yield entry.object.key
}

function* slicesOf<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += sliceEntries) yield all.slice(start, start + sliceEntries)
}
