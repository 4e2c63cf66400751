/**
 * Folders as the window lists them: windows of rows from what is known, at once; a listing that is old or missing is asked of the bucket
 * behind the answer. Folders that were listed lately are watched, and told of when rows of them changed; a drive that
 * nobody looks at costs nothing here.
 */
import type { FileQuery, FileWindow, FolderListing } from '../../contracts/file.ts'
import { ProblemError, problemFrom, type Problem } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import type { DriveDatabase, Statement, Touched } from '../metadata/database.ts'
import { rootId, type Node, type NodeId } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import type { Clock } from '../runtime/clock.ts'
import { StoreError } from '../s3/store.ts'
import type { Connection } from '../sync/connection.ts'
import type { RemoteView } from '../sync/remote-view.ts'
import type { FolderUse } from '../sync/sweep.ts'
import type { WarmUp } from '../sync/warm-up.ts'
import type { Entries } from './entries.ts'
import { FolderOrder, type Order } from './folder-order.ts'

const burstMs = 250
/** A folder nobody listed for so long is not watched any more. */
const watchedMs = 120_000
const mostWatched = 4
/** So many changes in one burst are not looked at one by one. */
const manyChanges = 2_000
/** A folder that is slow to list is not listed again and again while somebody looks at it. */
const leastPauseMs = 15_000
const pausePerListing = 10

type Watched = {
  path: string
  order: FolderOrder
  seenAtMs: number
  isListing: boolean
  notBeforeMs: number
  problem: Problem | undefined
}

export type FoldersOptions = {
  database: DriveDatabase
  nodes: Nodes
  entries: Entries
  remote: RemoteView
  connection: Connection
  folderUse: FolderUse
  warmUp: WarmUp
  clock: Clock
  /** Throws ProblemError. */
  find: (path: string) => Promise<Node>
  emit: (folders: string[]) => void
  /** Somebody looks at files. */
  onLook: () => void
}

export class Folders {
  readonly #options: FoldersOptions
  readonly #nodeOfContent: Statement
  readonly #watched = new Map<NodeId, Watched>()
  readonly #changed = new Set<NodeId>()
  /** Of commits since the last burst. */
  readonly #touchedNodes = new Set<NodeId>()
  readonly #touchedContents = new Set<number>()
  #cancelBurst: (() => void) | undefined
  #isClosed = false
  /** No two orders of a folder share one. */
  #revisions = 0

  constructor(options: FoldersOptions) {
    this.#options = options
    const { database, connection } = options
    this.#nodeOfContent = database.prepare('SELECT id FROM nodes WHERE content = ? AND content <> 0')
    database.onCommitted((touched) => this.#note(touched))
    connection.onChange(() => this.allChanged())
  }

  /** Throws ProblemError when there is no such folder. */
  async list(query: FileQuery): Promise<FileWindow> {
    const { clock, folderUse, entries } = this.#options
    const folder = await this.#folder(query.path)
    const watched = this.#watch(folder, query)
    folderUse.note(folder, clock.now())
    this.#options.onLook()
    this.#refresh(folder, watched)
    this.#digest()
    // Before the rows: they may be of later than this, and not the other way round.
    const listing = this.#listingOf(folder, watched)
    const { ids, total, isSorting } = await watched.order.window(query.from, query.count)
    const rows = entries.of(ids).map(({ entry }) => entry)
    const window = { revision: watched.order.revision, total, entries: rows, listing }
    return isSorting ? { ...window, isSorting } : window
  }

  /** What cannot be seen in the database changed. */
  allChanged(): void {
    for (const folder of this.#watched.keys()) this.#change(folder)
  }

  close(): void {
    this.#isClosed = true
    for (const { order } of this.#watched.values()) order.close()
    this.#cancelBurst?.()
  }

  async #folder(path: string): Promise<NodeId> {
    const { nodes, find } = this.#options
    let known: Node | undefined = nodes.require(rootId)
    for (const name of path === '' ? [] : path.split('/')) {
      known = known === undefined ? undefined : nodes.child(known.id, name)
      if (known?.kind !== 'directory') known = undefined
    }
    const node = known ?? (await find(path))
    if (node.kind === 'directory') return node.id
    throw new ProblemError({ code: 'invalid-input', message: t('worker.no-folder', { path }) })
  }

  #watch(folder: NodeId, { path, sort, isDescending }: FileQuery): Watched {
    const { clock } = this.#options
    const known = this.#watched.get(folder)
    this.#watched.delete(folder)
    const isSame = known?.order.order.sort === sort && known.order.order.isDescending === isDescending
    const order = isSame ? known.order : this.#orderOf(folder, { sort, isDescending }, known?.order)
    const fresh = { isListing: false, notBeforeMs: 0, problem: undefined }
    const watched = Object.assign(known ?? { ...fresh, path, order, seenAtMs: 0 }, {
      path,
      order,
      seenAtMs: clock.now(),
    })
    this.#watched.set(folder, watched)
    for (const [other, { seenAtMs }] of this.#watched)
      if (this.#watched.size > mostWatched || clock.now() - seenAtMs > watchedMs) this.#forget(other)
    return watched
  }

  #orderOf(folder: NodeId, order: Order, sibling: FolderOrder | undefined): FolderOrder {
    const { database, nodes, clock } = this.#options
    const parts = { database, nodes, clock, onMade: () => this.#change(folder) }
    const made = new FolderOrder(folder, order, parts, sibling)
    made.revision = ++this.#revisions * 1_000_000
    sibling?.close()
    return made
  }

  #forget(folder: NodeId): void {
    this.#watched.get(folder)?.order.close()
    this.#watched.delete(folder)
  }

  #refresh(folder: NodeId, watched: Watched): void {
    const { nodes, remote, clock } = this.#options
    const node = nodes.get(folder)
    if (node === undefined || watched.isListing || clock.now() < watched.notBeforeMs) return
    if (remote.isListingFresh(node)) {
      watched.problem = undefined
      return
    }
    watched.isListing = true
    void this.#listAgain(folder, watched)
  }

  async #listAgain(folder: NodeId, watched: Watched): Promise<void> {
    const { remote, warmUp, clock } = this.#options
    const begunAtMs = clock.now()
    try {
      await remote.list(folder)
      watched.problem = undefined
      warmUp.listed(folder)
    } catch (error) {
      watched.problem = error instanceof StoreError ? error.problem : problemFrom(error)
    }
    watched.isListing = false
    const now = clock.now()
    watched.notBeforeMs = now + Math.max(leastPauseMs, pausePerListing * (now - begunAtMs))
    this.#change(folder)
  }

  #listingOf(folder: NodeId, { isListing, problem }: Watched): FolderListing {
    const { nodes, connection } = this.#options
    const isFirst = nodes.get(folder)?.listedAtMs === 0
    const { state } = connection
    if (state.state !== 'closed') return { state: 'unreachable', isFirst, problem: state.problem }
    if (isListing) return { state: 'fetching', isFirst }
    return problem === undefined ? { state: 'known' } : { state: 'unreachable', isFirst, problem }
  }

  #note({ nodes, extents }: Touched): void {
    if (this.#watched.size === 0 || (nodes.size === 0 && extents.size === 0)) return
    for (const id of nodes) this.#touchedNodes.add(id)
    for (const content of extents.keys()) this.#touchedContents.add(content)
    this.#burst()
  }

  /** What was noted of commits becomes folders that changed. */
  #digest(): void {
    const nodes = [...this.#touchedNodes]
    const contents = [...this.#touchedContents]
    this.#touchedNodes.clear()
    this.#touchedContents.clear()
    if (nodes.length + contents.length > manyChanges) {
      for (const { order } of this.#watched.values()) order.forget()
      this.allChanged()
      return
    }
    for (const id of nodes) this.#touchedNode(id)
    for (const content of contents) this.#touchedContent(content)
  }

  #touchedNode(id: NodeId): void {
    const { nodes } = this.#options
    const node = nodes.get(id)
    for (const [folder, { order }] of this.#watched) {
      if (node?.parent !== folder && !order.has(id)) continue
      order.touch(id)
      this.#change(folder)
    }
    // What happens further down shows in the badge of the folder it is in.
    for (let at = node; at !== undefined && at.id !== rootId; at = nodes.get(at.parent))
      if (this.#watched.has(at.parent)) this.#change(at.parent)
  }

  #touchedContent(content: number): void {
    const row = this.#nodeOfContent.get(content)
    const node = row === undefined ? undefined : this.#options.nodes.get(Number(row['id']))
    if (node !== undefined && this.#watched.has(node.parent)) this.#change(node.parent)
  }

  #change(folder: NodeId): void {
    if (!this.#watched.has(folder)) return
    this.#changed.add(folder)
    this.#burst()
  }

  #burst(): void {
    if (this.#isClosed) return
    this.#cancelBurst ??= this.#options.clock.after(burstMs, () => {
      this.#digest()
      // Only now: what the digest finds is told of here, and needs no burst of its own.
      this.#cancelBurst = undefined
      const paths = [...this.#changed].map((id) => this.#watched.get(id)?.path).filter((path) => path !== undefined)
      this.#changed.clear()
      if (paths.length > 0) this.#options.emit(paths)
    })
  }
}
