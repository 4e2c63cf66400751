/**
 * The rows of one folder in one order. Made once, in slices, so that no program waits for a large folder to be read and sorted;
 * from then on it follows single changes. Holds ids and what they are sorted by, nothing else of the nodes.
 * Nobody waits for a large folder either: until its order is made, windows come in the order of the index (`folder-index.ts`), or as they
 * were when it was last made.
 */
import type { FileSort } from '../../contracts/file.ts'
import type { DriveDatabase, Statement } from '../metadata/database.ts'
import type { NodeId } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import type { Clock } from '../runtime/clock.ts'
import { takingTurns } from '../runtime/turns.ts'
import { FolderIndex } from './folder-index.ts'
import { sortKey } from './fold.ts'
import { placeOf, sortedInSlices } from './sorting.ts'

export type Order = { sort: FileSort; isDescending: boolean }

export type OrderedWindow = { ids: NodeId[]; total: number; isSorting: boolean }

type Row = { id: NodeId; isFolder: boolean; name: string; nameKey: string; value: number }

const rowsPerStep = 500
/** With more changes at once it is cheaper to begin anew. */
const mostChanges = 500
/** Of a folder with more rows nobody waits for the order. */
const largeFolder = 5_000
/** While a folder keeps changing it is not sorted again and again. */
const pausePerMaking = 4

export type FolderOrderParts = {
  database: DriveDatabase
  nodes: Nodes
  clock: Clock
  /** Windows that were answered meanwhile are to be asked for again. */
  onMade: () => void
}

export class FolderOrder {
  readonly folder: NodeId
  readonly order: Order
  readonly #parts: FolderOrderParts
  readonly #index: FolderIndex
  readonly #values: Statement
  readonly #readNames: () => Promise<Row[]>
  #rows: Row[] = []
  #byId = new Map<NodeId, Row>()
  readonly #changed = new Set<NodeId>()
  #making: Promise<void> | undefined
  #isForgotten = true
  #isMade = false
  /** Somebody looks at the folder in another order already, and sees that until this one is made. */
  #waits: boolean
  #notBeforeMs = 0
  #cancelMaking: (() => void) | undefined
  /** Another one whenever a row may have changed its place. */
  revision = 0

  /** `sibling`: the same folder in another order, whose names need not be read again. */
  constructor(folder: NodeId, order: Order, parts: FolderOrderParts, sibling?: FolderOrder) {
    this.folder = folder
    this.order = order
    this.#parts = parts
    this.#index = new FolderIndex(parts.database, folder)
    this.#values = parts.database.prepare(
      `SELECT group_concat(id || '/' || size || '/' || mtime, '/') AS found FROM nodes
       WHERE id IN (SELECT value FROM json_each(?))`,
    )
    this.#waits = sibling?.isMade === true
    this.#readNames = () => sibling?.copied() ?? this.#namesInSlices()
  }

  get isMade(): boolean {
    return this.#isMade
  }

  has(id: NodeId): boolean {
    return this.#byId.has(id)
  }

  /** Its row may be another one, or gone, or have come. */
  touch(id: NodeId): void {
    this.#changed.add(id)
  }

  /** Too much changed: it is made anew when it is asked for. */
  forget(): void {
    this.#isForgotten = true
  }

  close(): void {
    this.#cancelMaking?.()
    this.#notBeforeMs = Infinity
  }

  /** The ids of a window, and of how many. */
  async window(from: number, count: number): Promise<OrderedWindow> {
    const isBehind = this.#isForgotten || this.#changed.size > mostChanges || this.#making !== undefined
    const isLarge = isBehind && !this.#waits && this.#index.hasMoreThan(largeFolder)
    if (isLarge) {
      this.#makeLater()
      if (!this.#isMade) return { ...this.#index.window(from, count), isSorting: true }
    } else if (isBehind) await this.#make()
    // While a folder changes faster than it is read, the rows are those of a moment ago.
    if (!this.#isForgotten && this.#changed.size <= mostChanges) await this.#follow()
    return {
      ids: this.#rows.slice(from, from + count).map(({ id }) => id),
      total: this.#rows.length,
      isSorting: isLarge,
    }
  }

  /** What another order of the folder begins with, if it can: the sorting is its own. */
  copied(): Promise<Row[]> | undefined {
    if (this.#isForgotten || this.#making !== undefined || this.#changed.size > 0) return undefined
    return this.#copiedInSteps([...this.#rows])
  }

  async #copiedInSteps(rows: readonly Row[]): Promise<Row[]> {
    const others = takingTurns()
    const copies: Row[] = []
    for (const row of rows) {
      copies.push({ ...row, value: 0 })
      if (copies.length % rowsPerStep === 0) await others()
    }
    return copies
  }

  #makeLater(): void {
    if (this.#making !== undefined || this.#cancelMaking !== undefined) return
    const { clock } = this.#parts
    const make = (): void => {
      this.#cancelMaking = undefined
      this.#make().then(this.#parts.onMade, () => undefined)
    }
    const pauseMs = this.#notBeforeMs - clock.now()
    if (pauseMs > 0) this.#cancelMaking = clock.after(pauseMs, make)
    else make()
  }

  #make(): Promise<void> {
    const { clock } = this.#parts
    const begunAtMs = clock.now()
    this.#making ??= this.#read()
      .catch((error: unknown) => {
        this.#isForgotten = true
        throw error
      })
      .finally(() => {
        this.#making = undefined
        this.#notBeforeMs = clock.now() + pausePerMaking * (clock.now() - begunAtMs)
      })
    return this.#making
  }

  async #read(): Promise<void> {
    this.#changed.clear()
    this.#isForgotten = false
    const rows = await this.#readNames()
    if (this.order.sort !== 'name') await this.#readValues(rows)
    const sorted = await sortedInSlices(rows, this.#compare)
    const others = takingTurns()
    const byId = new Map<NodeId, Row>()
    for (const row of sorted) {
      byId.set(row.id, row)
      if (byId.size % rowsPerStep === 0) await others()
    }
    this.#byId = byId
    this.#rows = sorted
    this.#isMade = true
    this.#waits = false
    this.revision++
  }

  async #namesInSlices(): Promise<Row[]> {
    const rows: Row[] = []
    const others = takingTurns()
    const folders = this.#index.folders()
    for (const slice of this.#index.names(rowsPerStep)) {
      for (const { id, name } of slice)
        rows.push({ id, isFolder: folders.has(id), name, nameKey: sortKey(name), value: 0 })
      await others()
    }
    return rows
  }

  /** In the order of their ids, which is that of the disk. */
  async #readValues(rows: readonly Row[]): Promise<void> {
    const others = takingTurns()
    const byId = await sortedInSlices(rows, (a, b) => a.id - b.id)
    for (let start = 0; start < byId.length; start += rowsPerStep) {
      const slice = new Map(byId.slice(start, start + rowsPerStep).map((row) => [row.id, row]))
      const found = String(this.#values.get(JSON.stringify([...slice.keys()]))?.['found'] ?? '').split('/')
      for (let at = 0; at + 2 < found.length; at += 3) {
        const row = slice.get(Number(found[at]))
        const value = Number(found[at + (this.order.sort === 'size' ? 1 : 2)])
        if (row !== undefined) row.value = row.isFolder && this.order.sort === 'size' ? 0 : value
      }
      await others()
    }
  }

  async #follow(): Promise<void> {
    const others = takingTurns()
    for (const id of this.#changed) {
      this.#changed.delete(id)
      this.#followOne(id)
      await others()
      if (this.#isForgotten) return
    }
  }

  #followOne(id: NodeId): void {
    const rows = this.#rows
    const before = this.#byId.get(id)
    const after = this.#rowOf(id)
    if (before !== undefined && after !== undefined && this.#compare(before, after) === 0) return
    if (before !== undefined) {
      rows.splice(placeOf(rows, before, this.#compare), 1)
      this.#byId.delete(id)
    }
    if (after !== undefined) {
      rows.splice(placeOf(rows, after, this.#compare), 0, after)
      this.#byId.set(id, after)
    }
    if (before !== undefined || after !== undefined) this.revision++
  }

  #rowOf(id: NodeId): Row | undefined {
    const node = this.#parts.nodes.get(id)
    if (node?.parent !== this.folder || node.id === this.folder) return undefined
    const isFolder = node.kind === 'directory'
    const { sort } = this.order
    const value = sort === 'name' || (isFolder && sort === 'size') ? 0 : sort === 'size' ? node.size : node.mtimeMs
    return { id, isFolder, name: node.name, nameKey: sortKey(node.name), value }
  }

  readonly #compare = (a: Row, b: Row): number => {
    if (a.isFolder !== b.isFolder) return a.isFolder ? -1 : 1
    const direction = this.order.isDescending ? -1 : 1
    if (a.value !== b.value) return a.value < b.value ? -direction : direction
    // Equal ones stay in the order of their names, whichever way the sizes or times go.
    const byName = compareText(a.nameKey, b.nameKey) || compareText(a.name, b.name) || a.id - b.id
    return this.order.sort === 'name' ? direction * byName : byName
  }
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
