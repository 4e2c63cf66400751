/**
 * What the bucket holds, as far as the drive needs to know it now: lists directories when what is known has expired, and asks for one
 * object when that is cheaper. A failed request is never taken for absence. Several callers wanting the same thing
 * share one request. Offline, what is known stays good.
 */
import type { Journal } from '../journal/journal.ts'
import { orphanage, rootId, type Node, type NodeId } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import type { Origins } from '../metadata/origins.ts'
import type { Clock } from '../runtime/clock.ts'
import type { NamePlatform } from '../s3/names.ts'
import { nameFromSegment } from '../s3/names.ts'
import { StoreError, type ListPage, type ObjectStore } from '../s3/store.ts'
import { isSymlinkHead } from './attributes.ts'
import type { BucketNews } from './bucket-news.ts'
import type { Connection } from './connection.ts'
import { readTarget } from './link-target.ts'
import type { ListedEntry, ListedPage, ListingReader } from './listing.ts'
import type { Asked, ListingMerge } from './listing-merge.ts'
import type { SettledKeys } from './settled-keys.ts'
import type { TreeChanges } from './tree-changes.ts'

/** How long an answer of the bucket is trusted. */
export type Trust = { listingMs: number; openMs: number }

/** A directory being listed; `large` resolves once its first page has turned out not to be all. */
type Listing = { whole: Promise<void>; large: Promise<void> }

const requestDeadlineMs = 20_000

export class RemoteView {
  readonly #store: ObjectStore
  readonly #connection: Connection
  readonly #nodes: Nodes
  readonly #origins: Origins
  readonly #journal: Journal
  readonly #tree: TreeChanges
  readonly #listingMerge: ListingMerge
  readonly #settled: SettledKeys
  readonly #news: BucketNews
  readonly #clock: Clock
  readonly #trust: Trust
  readonly #platform: NamePlatform
  readonly #listings = new Map<NodeId, Listing>()
  readonly #firstPages = new Map<NodeId, Promise<void>>()
  readonly #heads = new Map<NodeId, Promise<void>>()
  /** Directories too large for one page: a lookup there asks for the one name. */
  readonly #large = new Set<NodeId>()
  #isClosed = false

  constructor(options: {
    store: ObjectStore
    connection: Connection
    nodes: Nodes
    origins: Origins
    journal: Journal
    tree: TreeChanges
    listingMerge: ListingMerge
    settled: SettledKeys
    news: BucketNews
    clock: Clock
    trust: Trust
    platform: NamePlatform
  }) {
    this.#store = options.store
    this.#connection = options.connection
    this.#nodes = options.nodes
    this.#origins = options.origins
    this.#journal = options.journal
    this.#tree = options.tree
    this.#listingMerge = options.listingMerge
    this.#settled = options.settled
    this.#news = options.news
    this.#clock = options.clock
    this.#trust = options.trust
    this.#platform = options.platform
  }

  /** Whether the children known now may be answered from. */
  isListingFresh(directory: Node): boolean {
    if (directory.isLocalOnly) return true
    if (!this.#connection.isOnline && directory.listedAtMs > 0) return true
    if (directory.listedAtMs === 0) return false
    // A directory made here that the bucket has not heard of has only what was put into it here.
    const isUnheardOf = directory.remote === undefined && this.#journal.putOf(directory.id) !== undefined
    if (directory.id !== rootId && isUnheardOf && !this.#origins.has(directory.id)) return true
    return this.#clock.now() - directory.listedAtMs < this.#trust.listingMs
  }

  isVersionFresh(node: Node): boolean {
    // Whatever the bucket has under the key of a file unlinked here, it is another file.
    if (node.parent === orphanage) return true
    if (this.#tree.hasOwnLife(node) || node.remote === undefined) return true
    if (!this.#connection.isOnline && node.isMetadataKnown) return true
    return node.isMetadataKnown && this.#clock.now() - node.validatedAtMs < this.#trust.openMs
  }

  /** All children, from the bucket. Throws StoreError; stale children stand in when the bucket cannot be asked. */
  async list(directoryId: NodeId): Promise<void> {
    const begun = this.#firstPages.get(directoryId)
    if (begun !== undefined) {
      await begun
      // That was all there is.
      if (!this.#large.has(directoryId)) return
    }
    await (this.#listings.get(directoryId) ?? this.#beginListing(directoryId)).whole
  }

  /** Makes sure the child of this name is known if it exists. */
  async lookUp(directoryId: NodeId, name: string, segment: string): Promise<void> {
    const directory = this.#nodes.get(directoryId)
    if (directory === undefined) return
    if (!this.#large.has(directoryId)) {
      await this.#unlessLarge(directoryId)
      const listed = this.#nodes.get(directoryId)
      if (listed === undefined || this.isListingFresh(listed) || this.#nodes.child(directoryId, name) !== undefined)
        return
    }
    await this.#lookUpOne(directoryId, segment)
  }

  /** Asks for one name, however fresh its folder is: something is known to have come there. */
  async lookUpAnew(directoryId: NodeId, segment: string): Promise<void> {
    await this.#lookUpOne(directoryId, segment)
  }

  /** The whole directory, if one page holds it; who lists it already is joined until it turns out to be large. */
  async #unlessLarge(directoryId: NodeId): Promise<void> {
    const listing = this.#listings.get(directoryId)
    if (listing === undefined) {
      await this.#shared(this.#firstPages, directoryId, () => this.#listFirstPage(directoryId))
      return
    }
    await Promise.race([listing.whole, listing.large])
  }

  /** Asks whether the node's version is still the bucket's, and learns its metadata. */
  async revalidate(nodeId: NodeId): Promise<void> {
    await this.#shared(this.#heads, nodeId, () => this.#head(nodeId))
  }

  /** Nothing is begun any more. */
  close(): void {
    this.#isClosed = true
  }

  /** Every key below the directory becomes a node, however deep. */
  async loadSubtree(directoryId: NodeId): Promise<void> {
    await this.list(directoryId)
    const below = [...this.#nodes.children(directoryId).values()].filter((node) => node.kind === 'directory')
    for (const node of below) {
      const isLocal = node.remote === undefined && this.#journal.putOf(node.id) !== undefined
      if (!isLocal || this.#origins.has(node.id) || !this.isListingFresh(node)) await this.loadSubtree(node.id)
      else await this.#loadLocalSubtree(node.id)
    }
  }

  async #loadLocalSubtree(directoryId: NodeId): Promise<void> {
    for (const node of [...this.#nodes.children(directoryId).values()]) {
      if (node.kind !== 'directory') continue
      if (this.isListingFresh(node) && !this.#origins.has(node.id)) await this.#loadLocalSubtree(node.id)
      else await this.loadSubtree(node.id)
    }
  }

  #beginListing(directoryId: NodeId): Listing {
    let turnedLarge!: () => void
    const large = new Promise<void>((resolve) => {
      turnedLarge = resolve
    })
    const whole = this.#listAll(directoryId, turnedLarge).finally(() => this.#listings.delete(directoryId))
    const listing = { whole, large }
    this.#listings.set(directoryId, listing)
    return listing
  }

  async #listAll(directoryId: NodeId, turnedLarge: () => void): Promise<void> {
    await this.#asking(directoryId, async (asked, places) => {
      const listings: ListingReader[] = []
      const found = { isLarge: false }
      const onMore = (): void => {
        found.isLarge = true
        this.#large.add(directoryId)
        turnedLarge()
      }
      for (const prefix of places) {
        const listing = await this.#listPlace(asked, prefix, onMore)
        if (listing === undefined) return
        listings.push(listing)
      }
      if (!found.isLarge) this.#large.delete(directoryId)
      await this.#finish(asked, listings)
    })
  }

  /** Page by page, of which the next is on its way while one is taken in. Undefined when the drive was closed meanwhile. */
  async #listPlace(asked: Asked, prefix: string, onMore: () => void): Promise<ListingReader | undefined> {
    const listing = this.#listingMerge.reader(prefix)
    let coming: Promise<ListPage> | undefined = this.#page(prefix, undefined)
    while (coming !== undefined) {
      const page: ListPage = await coming
      const { continuationToken } = page
      const isLast = continuationToken === undefined
      coming = isLast ? undefined : this.#page(prefix, continuationToken)
      // What it fails with is told where it is waited for, unless nobody waits any more.
      coming?.catch(() => undefined)
      if (!isLast) onMore()
      if (!(await this.#listingMerge.mergePage(asked, listing, { ...page, isLast }, this.#isOver))) return undefined
    }
    return listing
  }

  async #listFirstPage(directoryId: NodeId): Promise<void> {
    await this.#asking(directoryId, async (asked, places) => {
      const pages: { listing: ListingReader; page: ListedPage }[] = []
      for (const prefix of places) {
        const { continuationToken, ...page } = await this.#page(prefix, undefined)
        if (continuationToken !== undefined) {
          this.#large.add(directoryId)
          return
        }
        pages.push({ listing: this.#listingMerge.reader(prefix), page: { ...page, isLast: true } })
      }
      for (const { listing, page } of pages)
        if (!(await this.#listingMerge.mergePage(asked, listing, page, this.#isOver))) return
      await this.#finish(
        asked,
        pages.map(({ listing }) => listing),
      )
    })
  }

  /** `places`: every prefix below which the bucket has keys of this directory. */
  async #asking(directoryId: NodeId, ask: (asked: Asked, places: readonly string[]) => Promise<void>): Promise<void> {
    const directory = this.#nodes.get(directoryId)
    if (directory === undefined) return
    const ticket = this.#settled.begin()
    try {
      const asked = { directoryId, ticket, askedAtMs: this.#clock.now() }
      await ask(asked, this.#listingMerge.prefixesOf(directory))
    } finally {
      this.#settled.end(ticket)
    }
  }

  #page(prefix: string, continuationToken: string | undefined): Promise<ListPage> {
    return this.#store.list(
      { prefix, delimiter: '/', ...(continuationToken === undefined ? {} : { continuationToken }) },
      { signal: AbortSignal.timeout(requestDeadlineMs) },
    )
  }

  async #finish(asked: Asked, listings: readonly ListingReader[]): Promise<void> {
    const { directoryId } = asked
    const isDone = await this.#listingMerge.finish(asked, listings, this.#isOver)
    const directory = isDone ? this.#nodes.get(directoryId) : undefined
    if (directory?.isMetadataKnown === false) void this.revalidate(directoryId).catch(() => undefined)
  }

  readonly #isOver = (): boolean => this.#isClosed

  async #lookUpOne(directoryId: NodeId, segment: string): Promise<void> {
    const name = nameFromSegment(segment, this.#platform)
    await this.#asking(directoryId, async ({ ticket }, places) => {
      for (const prefix of places) {
        const entry = await this.#ask(directoryId, prefix, name, segment, ticket)
        if (entry === undefined) continue
        this.#listingMerge.mergeEntry(directoryId, prefix, entry, ticket)
        return
      }
      this.#listingMerge.forgetAbsent(directoryId, name, places, ticket)
    })
  }

  /** One name of a large directory: the object of that key, and whether anything lies below it as a prefix. */
  async #ask(
    directoryId: NodeId,
    prefix: string,
    name: string,
    segment: string,
    ticket: number,
  ): Promise<ListedEntry | undefined> {
    const key = prefix + segment
    const signal = AbortSignal.timeout(requestDeadlineMs)
    const [head, below] = await Promise.all([
      this.#store.head(key, { signal }),
      this.#store.list({ prefix: `${key}/`, maxKeys: 1 }, { signal }),
    ])
    if (below.objects.length > 0 && this.#listingMerge.isFolder(directoryId, segment, `${key}/`, ticket)) {
      return { kind: 'directory', name, segment, prefix: `${key}/` }
    }
    return head === undefined ? undefined : { kind: 'object', name, segment, object: { ...head, key } }
  }

  async #head(nodeId: NodeId): Promise<void> {
    const asked = this.#nodes.get(nodeId)
    const key = asked?.remote?.key
    if (asked === undefined || key === undefined || asked.parent === orphanage) return
    const ticket = this.#settled.begin()
    try {
      const signal = AbortSignal.timeout(requestDeadlineMs)
      const head = await this.#store.head(key, { signal })
      const target =
        head !== undefined && isSymlinkHead(head) ? await readTarget(this.#store, key, head, signal) : undefined
      const node = this.#nodes.get(nodeId)
      if (node === undefined || node.remote?.key !== key || node.parent === orphanage) return
      if (this.#settled.isSettledSince(ticket, key)) return
      this.#news.seen(key, head?.etag)
      if (this.#tree.hasOwnLife(node)) {
        // Nothing of it was changed here before it was known: it only waits to be moved.
        const isUntouched = !node.isMetadataKnown && !node.isContentDirty && head?.etag === node.remote.etag
        if (isUntouched) this.#tree.applyHead(node, head, target)
        return
      }
      if (head === undefined) {
        if (node.kind !== 'directory') this.#tree.removeSubtree(node)
        return
      }
      if (head.etag !== node.remote.etag) this.#tree.replaceVersion(node, { ...head, key })
      this.#tree.applyHead(node, head, target)
    } finally {
      this.#settled.end(ticket)
    }
  }

  async #shared(running: Map<NodeId, Promise<void>>, id: NodeId, start: () => Promise<void>): Promise<void> {
    const known = running.get(id)
    if (known !== undefined) return known
    const promise = start().finally(() => running.delete(id))
    running.set(id, promise)
    return promise
  }
}

/** True when what is known may stand in for an answer that could not be had. */
export function mayServeStale(error: unknown): boolean {
  return (
    error instanceof StoreError && (error.kind === 'offline' || error.kind === 'retry' || error.kind === 'cancelled')
  )
}
