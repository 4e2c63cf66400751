/**
 * The job behind the rename of a folder: lists where its keys were, page by page, and makes of each the two operations that bring it to
 * its new place. All there is to resume is in the database (origins, journal), so a death between any two steps costs the listing of
 * one folder. Must hold: a bounded number of these operations waits at any time; no other folder's key is ever taken.
 */
import { problemFrom, type Problem } from '../../contracts/problem.ts'
import type { Journal } from '../journal/journal.ts'
import type { Operation } from '../journal/operation.ts'
import type { DriveDatabase } from '../metadata/database.ts'
import type { Node, NodeId } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import type { Origin, Origins } from '../metadata/origins.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import { StoreError, type ListPage, type ObjectListing, type ObjectStore } from '../s3/store.ts'
import { retryDelayMs } from './backoff.ts'
import type { Connection } from './connection.ts'
import type { ListingMerge } from './listing-merge.ts'
import type { MoveRecord, MoveRecords } from './move-records.ts'
import { writeBackMs, type Placement } from './placement.ts'
import type { SettledKeys } from './settled-keys.ts'
import type { TreeChanges } from './tree-changes.ts'

/** Two operations an object: with the next page there are 2,000 at most. */
const pageSize = 500
const mostBeforeNextPage = 1_000
const roomCheckMs = 250
const deadlineMs = 20_000

export class Moves {
  readonly #database: DriveDatabase
  readonly #nodes: Nodes
  readonly #journal: Journal
  readonly #origins: Origins
  readonly #placement: Placement
  readonly #records: MoveRecords
  readonly #merge: ListingMerge
  readonly #tree: TreeChanges
  readonly #settled: SettledKeys
  readonly #store: ObjectStore
  readonly #connection: Connection
  readonly #clock: Clock
  readonly #log: Log
  readonly #uploads: { readonly hasShutOutMove: boolean }
  readonly #onChange: (record: MoveRecord) => void
  readonly #onFinished: (record: MoveRecord) => void
  /** Folders that could not be listed, with the reason and when they are tried again. */
  readonly #failed = new Map<string, { attempts: number; retryAtMs: number; problem: Problem; isRefused: boolean }>()
  #running: Promise<void> | undefined
  #wake: (() => void) | undefined
  #removalsUntilRoom = 0
  #abort: (() => void) | undefined
  #cancelTimer: (() => void) | undefined
  #isStopped = true

  constructor(options: {
    database: DriveDatabase
    nodes: Nodes
    journal: Journal
    origins: Origins
    placement: Placement
    records: MoveRecords
    merge: ListingMerge
    tree: TreeChanges
    settled: SettledKeys
    store: ObjectStore
    connection: Connection
    clock: Clock
    log: Log
    uploads: { readonly hasShutOutMove: boolean }
    onChange: (record: MoveRecord) => void
    onFinished: (record: MoveRecord) => void
  }) {
    this.#database = options.database
    this.#nodes = options.nodes
    this.#journal = options.journal
    this.#origins = options.origins
    this.#placement = options.placement
    this.#records = options.records
    this.#merge = options.merge
    this.#tree = options.tree
    this.#settled = options.settled
    this.#store = options.store
    this.#connection = options.connection
    this.#clock = options.clock
    this.#log = options.log
    this.#uploads = options.uploads
    this.#onChange = options.onChange
    this.#onFinished = options.onFinished
    this.#connection.onChange(() => this.#arm(0))
  }

  start(): void {
    this.#isStopped = false
    for (const { node } of this.#records.all()) this.#noteProgress(node)
    this.#arm(0)
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancelTimer?.()
    this.#wake?.()
    this.#abort?.()
    await this.#running
  }

  get canGoOn(): boolean {
    if (this.#running !== undefined) return this.#wake === undefined
    return this.#candidates().some((origin) => this.#failed.get(keyOf(origin))?.isRefused !== true)
  }

  /** Why a folder that was renamed cannot be moved in the bucket at the moment. */
  get problem(): Problem | undefined {
    for (const { problem } of this.#failed.values()) return problem
    return undefined
  }

  /** Called inside the transaction of a rename. The job begins when a save by renames would be over. */
  folderMoved(node: NodeId): void {
    this.#noteProgress(node)
    this.#arm(writeBackMs)
  }

  /** Everything now: a failure is not waited for either. */
  hurry(): void {
    this.#failed.clear()
    this.#arm(0)
  }

  /** A folder with an origin was removed, or is back where its keys are. Called inside a transaction. */
  keysWereLetGo(): void {
    if (this.#isStopped) return
    this.#clock.after(0, () => {
      if (!this.#isStopped) for (const { node } of this.#records.all()) this.#noteProgress(node)
    })
  }

  operationRemoved({ move }: Operation): void {
    if (move === undefined) return
    this.#noteProgress(move)
    if (--this.#removalsUntilRoom <= 0) this.#wake?.()
  }

  #arm(delayMs: number): void {
    if (this.#isStopped || this.#origins.isEmpty) return
    this.#cancelTimer?.()
    this.#cancelTimer = this.#clock.after(delayMs, () => this.#begin())
  }

  #begin(): void {
    if (this.#running !== undefined || this.#isStopped) return
    this.#running = this.#expandAll().finally(() => {
      this.#running = undefined
      this.#armRetry()
    })
  }

  /** Offline nothing is tried again: the end of that begins the job anew. */
  #armRetry(): void {
    const origins = new Set(this.#origins.inOrder().map(keyOf))
    for (const key of [...this.#failed.keys()]) if (!origins.has(key)) this.#failed.delete(key)
    if (!this.#connection.isOnline) return
    const retryAtMs = Math.min(...this.#candidates().map((origin) => this.#retryAtMs(origin)))
    if (Number.isFinite(retryAtMs)) this.#arm(Math.max(1, retryAtMs - this.#clock.now()))
  }

  async #expandAll(): Promise<void> {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      try {
        await this.#expand(next)
        this.#failed.delete(keyOf(next))
      } catch (error) {
        this.#noteFailure(next, error)
      }
    }
  }

  #next(): Origin | undefined {
    if (this.#isStopped || this.#origins.isEmpty || !this.#connection.isOnline) return undefined
    const nowMs = this.#clock.now()
    return this.#candidates().find((origin) => this.#retryAtMs(origin) <= nowMs)
  }

  /** Not what lies below one that has to wait: that may turn out to be another folder's. */
  #candidates(): Origin[] {
    if (this.#failed.size === 0) return [this.#origins.first()].filter((origin) => origin !== undefined)
    const candidates: Origin[] = []
    const nowMs = this.#clock.now()
    const waiting: string[] = []
    for (const origin of this.#origins.inOrder()) {
      if (waiting.some((prefix) => origin.prefix.startsWith(prefix))) continue
      candidates.push(origin)
      // Outer prefixes come first, so the first that can go is the one to go.
      if (this.#retryAtMs(origin) <= nowMs) break
      waiting.push(origin.prefix)
    }
    return candidates
  }

  #retryAtMs(origin: Origin): number {
    return this.#failed.get(keyOf(origin))?.retryAtMs ?? 0
  }

  async #expand(origin: Origin): Promise<void> {
    const seen = new Set<string>()
    let continuationToken: string | undefined
    do {
      await this.#room()
      if (this.#isStopped) return
      const ticket = this.#settled.begin()
      try {
        const page = await this.#list(origin.prefix, continuationToken)
        // The folder went, or came back, while its keys were listed.
        if (!this.#isActive(origin)) return
        this.#takePage(origin, page, ticket)
        for (const { key } of page.objects) seen.add(key)
        continuationToken = page.continuationToken
      } finally {
        this.#settled.end(ticket)
      }
    } while (continuationToken !== undefined)
    this.#conclude(origin, seen)
  }

  async #list(prefix: string, continuationToken: string | undefined): Promise<ListPage> {
    const controller = new AbortController()
    this.#abort = () => controller.abort()
    const timer = setTimeout(this.#abort, deadlineMs)
    try {
      const from = continuationToken === undefined ? {} : { continuationToken }
      return await this.#store.list(
        { prefix, delimiter: '/', maxKeys: pageSize, ...from },
        { signal: controller.signal },
      )
    } finally {
      clearTimeout(timer)
      this.#abort = undefined
    }
  }

  #isActive({ node, prefix }: Origin): boolean {
    if (this.#isStopped) return false
    if (this.#nodes.get(node) !== undefined) return this.#origins.of(node).includes(prefix)
    this.#origins.removeAll(node)
    return false
  }

  /** The children are learnt first, each by itself, and then all of them follow their folder in one step. */
  #takePage({ node: id, prefix }: Origin, page: ListPage, ticket: number): void {
    const listing = this.#merge.reader(prefix)
    this.#merge.read(id, listing, { ...page, isLast: true }, ticket)
    for (const entry of listing.entries.values()) this.#merge.mergeEntry(id, prefix, entry, ticket)
    const move = this.#records.ownerOf(id)
    this.#database.transaction(() => {
      let items = 0
      if (listing.marker !== undefined && !this.#settled.isSettledSince(ticket, prefix)) {
        items += this.#takeMarker(this.#nodes.require(id), listing.marker, move)
      }
      for (const entry of listing.entries.values()) {
        const child = this.#nodes.child(id, entry.name)
        if (child === undefined) continue
        if (entry.kind === 'directory') this.#claim(child, entry.prefix, ticket)
        else if (child.remote?.key === entry.object.key && this.#placement.settle(child, move)) items++
      }
      this.#records.addItems(move, items)
    })
    if (move !== undefined) this.#noteProgress(move)
  }

  /** The folder's own object: where it is not what the folder stands on, it only has to go. */
  #takeMarker(directory: Node, marker: ObjectListing, move: NodeId | undefined): number {
    const { queued, running } = this.#journal.slot(marker.key)
    if (running !== undefined || (queued !== undefined && queued.base.kind !== 'absent')) return 0
    if (directory.remote === undefined && this.#journal.putOf(directory.id) === undefined) {
      this.#tree.adoptMarker(directory, marker)
    }
    if (this.#placement.settle(directory, move)) return 1
    if (directory.remote?.key === marker.key) return 0
    const base = { kind: 'version', etag: marker.etag } as const
    this.#journal.vacate(marker.key, directory.id, base, this.#clock.now(), move)
    return 0
  }

  /** A folder made here in the meantime, where another client has put something under the old name. */
  #claim(child: Node, prefix: string, ticket: number): void {
    if (child.kind !== 'directory' || child.isLocalOnly || this.#merge.isLeaving(prefix, ticket)) return
    if (!this.#merge.prefixesOf(child).includes(prefix)) this.#origins.add(child.id, prefix)
  }

  /** Every page was taken: what is known to have stood here and was not seen is gone, and the prefix is let go. */
  #conclude(origin: Origin, seen: ReadonlySet<string>): void {
    const { node: id, prefix } = origin
    if (!this.#isActive(origin)) return
    for (const child of [...this.#nodes.children(id).values()]) {
      if (child.kind === 'directory' || child.remote?.key !== prefix + child.segment) continue
      if (seen.has(child.remote.key) || this.#tree.hasOwnLife(child)) continue
      if (this.#placement.isDisplaced(child)) this.#tree.removeSubtree(child)
    }
    const move = this.#records.ownerOf(id)
    this.#database.transaction(() => {
      this.#origins.remove(id, prefix)
      if (!this.#origins.has(id)) this.#settleRest(this.#nodes.require(id), move)
    })
    if (move !== undefined) this.#noteProgress(move)
  }

  #settleRest(directory: Node, move: NodeId | undefined): void {
    const children = [...this.#nodes.children(directory.id).values()]
    let items = 0
    for (const node of [directory, ...children]) {
      const isOwn = node === directory || node.kind !== 'directory'
      if (isOwn && !node.isLocalOnly && this.#placement.settle(node, move)) items++
    }
    this.#records.addItems(move, items)
    // A folder that only the keys below it implied has none any more: it gets an object of its own.
    const isEmpty = children.length === 0 && directory.remote === undefined
    if (isEmpty) this.#placement.wishPut(directory, this.#clock.now())
  }

  #hasRoom(): boolean {
    // Where two folders change places, the one waits for the other's keys, and no number of operations may hold that up.
    return this.#uploads.hasShutOutMove || this.#journal.countOfMoves() <= mostBeforeNextPage
  }

  async #room(): Promise<void> {
    while (!this.#isStopped && !this.#hasRoom()) {
      this.#removalsUntilRoom = this.#journal.countOfMoves() - mostBeforeNextPage
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.after(roomCheckMs, resolve)
        this.#wake = () => {
          cancel()
          resolve()
        }
      })
      this.#wake = undefined
    }
  }

  #noteFailure(origin: Origin, error: unknown): void {
    if (error instanceof StoreError && (error.kind === 'offline' || error.kind === 'cancelled')) {
      if (!this.#connection.isOnline) return
    }
    if (!(error instanceof StoreError)) this.#log.error('a folder could not be moved', error, { prefix: origin.prefix })
    const attempts = (this.#failed.get(keyOf(origin))?.attempts ?? 0) + 1
    const problem = error instanceof StoreError ? error.problem : problemFrom(error)
    const retryAtMs = this.#clock.now() + Math.max(1_000, retryDelayMs(attempts, Math.random()))
    const isRefused = error instanceof StoreError && (error.kind === 'blocked' || error.kind === 'invalid')
    this.#failed.set(keyOf(origin), { attempts, retryAtMs, problem, isRefused })
    const move = this.#records.ownerOf(origin.node)
    if (move !== undefined) this.#noteProgress(move)
  }

  #noteProgress(move: NodeId): void {
    const record = this.#records.get(move)
    if (record === undefined) return
    const finished = this.#records.finishIfDone(move)
    if (finished === undefined) this.#onChange(record)
    else this.#onFinished(finished)
  }
}

const keyOf = ({ node, prefix }: Origin): string => `${node} ${prefix}`
