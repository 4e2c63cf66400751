/**
 * What a person keeps on this computer: pinned files, and everything below pinned folders. Brings it here behind whatever programs
 * read, and again when the bucket has another version. Only the choice itself is remembered; what is missing is seen by
 * looking, so that a death at any moment loses nothing. A pin holds on to its place as well as to its node, because
 * programs save by putting a new file where the old one was.
 */
import type { Pin, PinState } from '../../contracts/pin.ts'
import { problemFrom, type Problem } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import type { Content, ContentStore } from '../cache/content-store.ts'
import { isDiskFull } from '../cache/room.ts'
import type { DriveDatabase, Statement } from '../metadata/database.ts'
import type { NodeKeys } from '../metadata/node-keys.ts'
import { orphanage, rootId, type Node, type NodeId } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import { StoreError } from '../s3/store.ts'
import type { Connection } from './connection.ts'
import type { Downloads, Source } from './downloads.ts'
import { openContentOf } from './node-content.ts'
import type { RemoteView } from './remote-view.ts'
import type { OpenFiles } from './tree-changes.ts'

/** How often everything is looked through, and how old the bucket's word may be by then. */
const roundMs = 60_000
const refreshMs = 5 * 60_000
const parallelFiles = 4
const nodesPerTurn = 500

type Tally = { files: number; readyFiles: number; sizeBytes: number; readyBytes: number }
type Root = { tally: Tally; status: PinState }

export class Pins {
  readonly #database: DriveDatabase
  readonly #nodes: Nodes
  readonly #keys: NodeKeys
  readonly #contents: ContentStore
  readonly #downloads: Downloads
  readonly #remote: RemoteView
  readonly #connection: Connection
  readonly #openFiles: OpenFiles
  readonly #clock: Clock
  readonly #log: Log
  readonly #find: (path: string) => Promise<Node>
  readonly #rows: Statement
  readonly #insert: Statement
  readonly #delete: Statement
  readonly #flagged: Statement
  readonly #roots = new Map<NodeId, Root>()
  #round: Promise<void> | undefined
  #isAskedAgain = false
  #isClosed = false
  #cancelTimer: (() => void) | undefined

  constructor(options: {
    database: DriveDatabase
    nodes: Nodes
    keys: NodeKeys
    contents: ContentStore
    downloads: Downloads
    remote: RemoteView
    connection: Connection
    openFiles: OpenFiles
    clock: Clock
    log: Log
    /** Throws ProblemError. */
    find: (path: string) => Promise<Node>
  }) {
    this.#database = options.database
    this.#nodes = options.nodes
    this.#keys = options.keys
    this.#contents = options.contents
    this.#downloads = options.downloads
    this.#remote = options.remote
    this.#connection = options.connection
    this.#openFiles = options.openFiles
    this.#clock = options.clock
    this.#log = options.log
    this.#find = options.find
    this.#rows = options.database.prepare('SELECT node, parent, name FROM pins')
    this.#insert = options.database.prepare(
      'INSERT INTO pins (node, parent, name) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET parent = excluded.parent, name = excluded.name',
    )
    this.#delete = options.database.prepare('DELETE FROM pins WHERE node = ?')
    this.#flagged = options.database.prepare('SELECT id FROM nodes WHERE is_pinned = 1 AND id > ? ORDER BY id LIMIT ?')
    for (const row of this.#rows.all()) this.#roots.set(Number(row['node']), newRoot())
    this.#connection.onChange(() => {
      if (this.#connection.isOnline) this.#begin()
    })
  }

  start(): void {
    this.#begin()
  }

  /** What is under way ends at its next step. */
  close(): void {
    this.#isClosed = true
    this.#cancelTimer?.()
  }

  /** Throws ProblemError when there is nothing at the path, or it cannot be told now. */
  async add(path: string): Promise<void> {
    const { id, parent, name } = await this.#find(path)
    this.#database.transaction(() => this.#insert.run(id, parent, name))
    if (!this.#roots.has(id)) this.#roots.set(id, newRoot())
    this.#begin()
  }

  /** What was kept for it may leave the cache again when room is needed. */
  async remove(path: string): Promise<void> {
    const { id } = await this.#find(path)
    this.#delete.run(id)
    this.#roots.delete(id)
    this.#begin()
  }

  /** Whether this very node was chosen, and not one above it. */
  isPin(id: NodeId): boolean {
    return this.#roots.has(id)
  }

  /** Whether this file is below a pin now. One that is no more is let go here, before the next round comes to it. */
  keeps(node: Node): boolean {
    if (this.#isCovered(node)) return true
    if (node.isPinned) this.#database.transaction(() => this.#flag(node, false))
    return false
  }

  list(): Pin[] {
    return [...this.#roots].flatMap(([id, { tally, status }]) => {
      const node = this.#nodes.get(id)
      if (node === undefined || node.parent === orphanage) return []
      return [{ path: this.#keys.pathOf(node), isFolder: node.kind === 'directory', ...tally, status }]
    })
  }

  #begin(): void {
    if (this.#isClosed) return
    if (this.#round !== undefined) {
      this.#isAskedAgain = true
      return
    }
    this.#cancelTimer?.()
    // A turn of its own: callers may be inside a transaction.
    this.#round = Promise.resolve()
      .then(() => this.#lookThrough())
      .catch((error: unknown) => {
        if (!this.#isClosed) this.#log.error('the pinned files could not be looked through', error)
      })
      .finally(() => this.#rest())
  }

  #rest(): void {
    this.#round = undefined
    if (this.#isClosed) return
    if (this.#isAskedAgain) {
      this.#isAskedAgain = false
      this.#begin()
    } else this.#cancelTimer = this.#clock.after(roundMs, () => this.#begin())
  }

  async #lookThrough(): Promise<void> {
    this.#followPlaces()
    for (const id of [...this.#roots.keys()]) {
      if (this.#isClosed) return
      await this.#keep(id)
    }
    await this.#unflagOthers()
  }

  /** A pinned file that gave its name to another one, as saving programs do it, hands its pin on. */
  #followPlaces(): void {
    this.#database.transaction(() => {
      for (const row of this.#rows.all()) {
        const [id, parent, name] = [Number(row['node']), Number(row['parent']), String(row['name'])]
        const node = this.#nodes.get(id)
        const isGone = node === undefined || node.parent === orphanage
        if (!isGone && node.parent === parent && node.name === name) continue
        const successor = this.#nodes.get(parent) === undefined ? undefined : this.#nodes.child(parent, name)
        if (isGone) {
          this.#delete.run(id)
          this.#roots.delete(id)
        } else this.#insert.run(id, node.parent, node.name)
        if (successor === undefined || successor.id === id) continue
        this.#insert.run(successor.id, parent, name)
        if (!this.#roots.has(successor.id)) this.#roots.set(successor.id, newRoot())
      }
    })
  }

  async #keep(id: NodeId): Promise<void> {
    const root = this.#roots.get(id)
    if (root === undefined) return
    const tally = noTally()
    let trouble: PinState | undefined
    // Before the first look through is over, what is seen so far is shown.
    if (root.status.state !== 'ready') root.tally = tally
    await this.#revalidate(id).catch((error: unknown) => (trouble = stateAfter(error)))
    const files = this.#filesBelow(id, (error) => (trouble ??= stateAfter(error)))
    const next = async (): Promise<void> => {
      for await (const file of files) {
        await this.#keepFile(file, root, tally).catch((error: unknown) => (trouble ??= stateAfter(error)))
      }
    }
    await Promise.all(Array.from({ length: parallelFiles }, next))
    if (this.#isClosed) return
    root.tally = tally
    root.status = trouble ?? { state: tally.readyFiles === tally.files ? 'ready' : 'fetching' }
  }

  /** Every file at or below the node, listing what has not been listed lately. Goes on past folders that cannot be listed. */
  async *#filesBelow(id: NodeId, failed: (error: unknown) => void): AsyncGenerator<NodeId> {
    const waiting = [id]
    let seen = 0
    for (let next = waiting.pop(); next !== undefined && !this.#isClosed; next = waiting.pop()) {
      if (++seen % nodesPerTurn === 0) await new Promise((resolve) => setImmediate(resolve))
      if (this.#nodes.get(next)?.kind !== 'directory') {
        yield next
        continue
      }
      try {
        await this.#refresh(next)
      } catch (error) {
        failed(error)
      }
      await this.#nodes.load(next)
      if (this.#hasEnded()) return
      if (this.#nodes.get(next) === undefined) continue
      for (const child of this.#nodes.children(next).values()) waiting.push(child.id)
    }
  }

  async #refresh(directory: NodeId): Promise<void> {
    const { listedAtMs, isLocalOnly } = this.#nodes.require(directory)
    if (isLocalOnly || !this.#isOld(listedAtMs)) return
    await this.#remote.list(directory)
  }

  /** A file pinned by itself has no listing that would tell of another version. */
  async #revalidate(id: NodeId): Promise<void> {
    const node = this.#nodes.get(id)
    if (node?.kind === 'file' && this.#isOld(node.validatedAtMs)) await this.#remote.revalidate(id)
  }

  /** Offline, what is known has to do. */
  #isOld(askedAtMs: number): boolean {
    if (askedAtMs > 0 && !this.#connection.isOnline) return false
    return this.#clock.now() - askedAtMs >= refreshMs
  }

  async #keepFile(id: NodeId, root: Root, tally: Tally): Promise<void> {
    const node = this.#nodes.get(id)
    if (node === undefined || node.kind !== 'file') return
    const { size } = node
    tally.files++
    tally.sizeBytes += size
    if (!node.isPinned) this.#database.transaction(() => this.#flag(node, true))
    const content = this.#contentOf(node)
    if (content === undefined) tally.readyBytes += size
    else {
      try {
        await this.#fetch(id, content, root, tally)
      } finally {
        if (!this.#openFiles.holds(content.id) && this.#nodes.get(id)?.isContentDirty === false) {
          this.#contents.settle(content)
        }
      }
    }
    tally.readyFiles++
  }

  async #fetch(id: NodeId, content: Content, root: Root, tally: Tally): Promise<void> {
    let readyBytes = 0
    const count = (): void => {
      const missing = this.#contents.missing(content, 0, content.baseSize)
      const nowReadyBytes =
        (this.#nodes.get(id)?.size ?? 0) - missing.reduce((sum, gap) => sum + gap.end - gap.start, 0)
      tally.readyBytes += nowReadyBytes - readyBytes
      readyBytes = nowReadyBytes
      if (missing.length > 0) root.status = { state: 'fetching' }
    }
    const source = (): Source => {
      const node = this.#nodes.get(id)
      if (node?.remote === undefined || node.content !== content.id) throw new VersionGone()
      return { node: id, key: node.remote.key, etag: node.remote.etag }
    }
    const wanted = this.#nodes.get(id)?.remote?.etag
    count()
    try {
      await this.#downloads.ensureInBackground(content, source, count)
    } catch (error) {
      if (!(error instanceof StoreError) || (error.kind !== 'conflict' && error.kind !== 'absent')) throw error
      await this.#remote.revalidate(id)
      // Another version is there by now: the next round fetches that. One that was edited here stands on the one that is gone.
      if (this.#nodes.get(id)?.remote?.etag !== wanted) this.#isAskedAgain = true
      throw new VersionGone()
    }
  }

  #contentOf(node: Node): Content | undefined {
    if (node.content === 0 && (node.remote === undefined || node.size === 0)) return undefined
    return openContentOf(node, { contents: this.#contents, nodes: this.#nodes, database: this.#database })
  }

  /** Files that are below no pin any more. */
  async #unflagOthers(): Promise<void> {
    for (let last = 0; ;) {
      const rows = this.#flagged.all(last, nodesPerTurn)
      if (rows.length === 0) return
      this.#database.transaction(() => {
        for (const row of rows) {
          const node = this.#nodes.require(Number(row['id']))
          if (!this.#isCovered(node)) this.#flag(node, false)
        }
      })
      last = Number(rows.at(-1)?.['id'])
      await new Promise((resolve) => setImmediate(resolve))
      if (this.#isClosed) return
    }
  }

  /** A method, because it changes while something is awaited. */
  #hasEnded(): boolean {
    return this.#isClosed
  }

  #isCovered(node: Node): boolean {
    if (this.#roots.has(rootId)) return true
    return (this.#nodes.ancestry(node) ?? []).some((step) => this.#roots.has(step.id))
  }

  #flag(node: Node, isPinned: boolean): void {
    if (node.isPinned === isPinned) return
    node.isPinned = isPinned
    this.#nodes.save(node)
    if (node.content !== 0) this.#contents.settle(this.#contents.open(node.content, node.baseSize))
  }
}

/** What was to be fetched is no longer the file's content. */
class VersionGone extends Error {}

const noTally = (): Tally => ({ files: 0, readyFiles: 0, sizeBytes: 0, readyBytes: 0 })
const newRoot = (): Root => ({ tally: noTally(), status: { state: 'fetching' } })

function stateAfter(error: unknown): PinState {
  if (error instanceof VersionGone) return { state: 'fetching' }
  if (error instanceof StoreError) {
    const isPassing = error.kind === 'offline' || error.kind === 'retry' || error.kind === 'cancelled'
    return { state: isPassing ? 'waiting' : 'failed', problem: error.problem }
  }
  if (isDiskFull(error)) return { state: 'failed', problem: noRoom() }
  return { state: 'failed', problem: problemFrom(error) }
}

function noRoom(): Problem {
  return {
    code: 'disk-full',
    message: t('worker.pins-no-room'),
    consequence: t('worker.pins-no-room.consequence'),
    remedy: t('worker.pins-no-room.remedy'),
  }
}
