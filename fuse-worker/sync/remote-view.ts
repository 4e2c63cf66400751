/**
 * What the bucket holds, as far as the drive needs to know it now: lists directories when what is known has expired, and asks for one
 * object when that is cheaper. A failed request is never taken for absence. Several callers wanting the same thing
 * share one request. Offline, what is known stays good.
 */
import type { Journal } from '../journal/journal.ts'
import type { NodeKeys } from '../metadata/node-keys.ts'
import { orphanage, rootId, type Node, type NodeId } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import type { Clock } from '../runtime/clock.ts'
import type { NamePlatform } from '../s3/names.ts'
import { nameFromSegment } from '../s3/names.ts'
import { StoreError, type ObjectHead, type ObjectListing, type ObjectStore } from '../s3/store.ts'
import { isSymlinkHead } from './attributes.ts'
import type { Connection } from './connection.ts'
import type { Asked, ListingMerge } from './listing-merge.ts'
import type { SettledKeys } from './settled-keys.ts'
import type { TreeChanges } from './tree-changes.ts'

/** How long an answer of the bucket is trusted. */
export type Trust = { listingMs: number; openMs: number }

/** A directory being listed; `large` resolves once its first page has turned out not to be all. */
type Listing = { whole: Promise<void>; large: Promise<void> }

const requestDeadlineMs = 20_000
const warmUpDelayMs = 1_000
/** Bodies up to this may be symbolic links, whose kind only their metadata tells. */
export const longestTarget = 4_095

export class RemoteView {
  readonly #store: ObjectStore
  readonly #connection: Connection
  readonly #nodes: Nodes
  readonly #keys: NodeKeys
  readonly #journal: Journal
  readonly #tree: TreeChanges
  readonly #listingMerge: ListingMerge
  readonly #settled: SettledKeys
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
    keys: NodeKeys
    journal: Journal
    tree: TreeChanges
    listingMerge: ListingMerge
    settled: SettledKeys
    clock: Clock
    trust: Trust
    platform: NamePlatform
  }) {
    this.#store = options.store
    this.#connection = options.connection
    this.#nodes = options.nodes
    this.#keys = options.keys
    this.#journal = options.journal
    this.#tree = options.tree
    this.#listingMerge = options.listingMerge
    this.#settled = options.settled
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
    if (directory.id !== rootId && directory.remote === undefined && this.#journal.putOf(directory.id) !== undefined) {
      return true
    }
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

  /** Learns the metadata of small objects just listed (links among them), without anybody waiting for it. */
  async warmUp(directoryId: NodeId, most: number): Promise<void> {
    // Whoever lists a directory looks at its entries next, and should not have to share the line with this.
    await new Promise<void>((resolve) => this.#clock.after(warmUpDelayMs, resolve))
    if (this.#isClosed || this.#nodes.get(directoryId) === undefined) return
    const unknown = [...this.#nodes.children(directoryId).values()].filter(
      (node) => !node.isMetadataKnown && node.size <= longestTarget && !this.#tree.hasOwnLife(node),
    )
    const queue = unknown.slice(0, most).map((node) => node.id)
    const next = async (): Promise<void> => {
      for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
        if (this.#isClosed || !this.#connection.isOnline) return
        await this.revalidate(id).catch(() => undefined)
      }
    }
    await Promise.all([next(), next()])
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
      if (!isLocal || !this.isListingFresh(node)) await this.loadSubtree(node.id)
      else await this.#loadLocalSubtree(node.id)
    }
  }

  async #loadLocalSubtree(directoryId: NodeId): Promise<void> {
    for (const node of [...this.#nodes.children(directoryId).values()]) {
      if (node.kind !== 'directory') continue
      if (this.isListingFresh(node)) await this.#loadLocalSubtree(node.id)
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
    await this.#asking(directoryId, async (asked, prefix) => {
      const objects: ObjectListing[] = []
      const prefixes: string[] = []
      let continuationToken: string | undefined
      do {
        const page = await this.#page(prefix, continuationToken)
        objects.push(...page.objects)
        prefixes.push(...page.prefixes)
        continuationToken = page.continuationToken
        if (continuationToken !== undefined) {
          this.#large.add(directoryId)
          turnedLarge()
        } else if (objects.length + prefixes.length === page.objects.length + page.prefixes.length) {
          this.#large.delete(directoryId)
        }
      } while (continuationToken !== undefined && !this.#isClosed)
      await this.#merge(asked, prefix, objects, prefixes)
    })
  }

  async #listFirstPage(directoryId: NodeId): Promise<void> {
    await this.#asking(directoryId, async (asked, prefix) => {
      const page = await this.#page(prefix, undefined)
      if (page.continuationToken !== undefined) this.#large.add(directoryId)
      else await this.#merge(asked, prefix, page.objects, page.prefixes)
    })
  }

  async #asking(directoryId: NodeId, ask: (asked: Asked, prefix: string) => Promise<void>): Promise<void> {
    const directory = this.#nodes.get(directoryId)
    if (directory === undefined) return
    const ticket = this.#settled.begin()
    try {
      await ask({ directoryId, ticket, askedAtMs: this.#clock.now() }, this.#keys.ofChildren(directory))
    } finally {
      this.#settled.end(ticket)
    }
  }

  #page(prefix: string, continuationToken: string | undefined): ReturnType<ObjectStore['list']> {
    return this.#store.list(
      { prefix, delimiter: '/', ...(continuationToken === undefined ? {} : { continuationToken }) },
      { signal: AbortSignal.timeout(requestDeadlineMs) },
    )
  }

  async #merge(
    asked: Asked,
    prefix: string,
    objects: readonly ObjectListing[],
    prefixes: readonly string[],
  ): Promise<void> {
    const { directoryId, ticket } = asked
    if (this.#isClosed) return
    const listing = this.#listingMerge.read(directoryId, prefix, objects, prefixes, ticket)
    const isDone = await this.#listingMerge.merge(asked, listing, () => this.#isClosed)
    const directory = isDone ? this.#nodes.get(directoryId) : undefined
    if (directory?.isMetadataKnown === false) void this.revalidate(directoryId).catch(() => undefined)
  }

  /** One name of a large directory: the object of that key, and whether anything lies below it as a prefix. */
  async #lookUpOne(directoryId: NodeId, segment: string): Promise<void> {
    const directory = this.#nodes.get(directoryId)
    if (directory === undefined) return
    const key = this.#keys.ofChildren(directory) + segment
    const ticket = this.#settled.begin()
    try {
      const signal = AbortSignal.timeout(requestDeadlineMs)
      const [head, below] = await Promise.all([
        this.#store.head(key, { signal }),
        this.#store.list({ prefix: `${key}/`, maxKeys: 1 }, { signal }),
      ])
      const name = nameFromSegment(segment, this.#platform)
      if (below.objects.length > 0 && this.#listingMerge.isFolder(directoryId, segment, `${key}/`, ticket)) {
        this.#listingMerge.mergeEntry(directoryId, { kind: 'directory', name, segment, prefix: `${key}/` }, ticket)
      } else if (head !== undefined) {
        this.#listingMerge.mergeEntry(directoryId, { kind: 'object', name, segment, object: { ...head, key } }, ticket)
      } else this.#listingMerge.forgetAbsent(directoryId, name, ticket)
    } finally {
      this.#settled.end(ticket)
    }
  }

  async #head(nodeId: NodeId): Promise<void> {
    const asked = this.#nodes.get(nodeId)
    const key = asked?.remote?.key
    if (asked === undefined || key === undefined || asked.parent === orphanage) return
    const ticket = this.#settled.begin()
    try {
      const signal = AbortSignal.timeout(requestDeadlineMs)
      const head = await this.#store.head(key, { signal })
      const target = head !== undefined && isSymlinkHead(head) ? await this.#readTarget(key, head, signal) : undefined
      const node = this.#nodes.get(nodeId)
      if (node === undefined || node.remote?.key !== key || node.parent === orphanage) return
      if (this.#settled.isSettledSince(ticket, key) || this.#tree.hasOwnLife(node)) return
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

  async #readTarget(key: string, head: ObjectHead, signal: AbortSignal): Promise<string> {
    const { body } = await this.#store.get(key, { ifMatch: head.etag }, { signal })
    const pieces: Uint8Array[] = []
    for await (const piece of body) pieces.push(piece)
    return Buffer.concat(pieces).toString('utf8')
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
