/**
 * The rows of one folder in one order. Made once, in slices, so that no program waits for a large folder to be read and sorted;
 * from then on it follows single changes. Holds ids and what they are sorted by, nothing else of the nodes.
 */
import type { FileSort } from '../../contracts/file.ts'
import type { DriveDatabase, Statement } from '../metadata/database.ts'
import type { NodeId } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import { sortKey } from './fold.ts'

export type Order = { sort: FileSort; isDescending: boolean }

type Row = { id: NodeId; isFolder: boolean; name: string; nameKey: string; value: number }

const rowsPerSlice = 2_000
/** With more changes at once it is cheaper to begin anew. */
const mostChanges = 500

export class FolderOrder {
  readonly folder: NodeId
  readonly order: Order
  readonly #nodes: Nodes
  readonly #names: Statement
  readonly #folders: Statement
  readonly #values: Statement
  #rows: Row[] = []
  readonly #byId = new Map<NodeId, Row>()
  readonly #changed = new Set<NodeId>()
  #making: Promise<void> | undefined
  #isForgotten = true
  /** Another one whenever a row may have changed its place. */
  revision = 0

  constructor(folder: NodeId, order: Order, parts: { database: DriveDatabase; nodes: Nodes }) {
    this.folder = folder
    this.order = order
    this.#nodes = parts.nodes
    const { database } = parts
    this.#names = database.prepare('SELECT id, name FROM nodes WHERE parent = ? AND name > ? ORDER BY name LIMIT ?')
    this.#folders = database.prepare("SELECT id FROM nodes WHERE parent = ? AND kind = 'directory'")
    this.#values = database.prepare(`SELECT id, size, mtime FROM nodes WHERE id IN (SELECT value FROM json_each(?))`)
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

  /** The ids of a window, and of how many. Brought up to date first. */
  async window(from: number, count: number): Promise<{ ids: NodeId[]; total: number }> {
    if (this.#isForgotten || this.#changed.size > mostChanges) await this.#make()
    else await this.#making
    // While a folder changes faster than it is read, the rows are those of a moment ago.
    if (this.#changed.size <= mostChanges) this.#follow()
    return { ids: this.#rows.slice(from, from + count).map(({ id }) => id), total: this.#rows.length }
  }

  #make(): Promise<void> {
    this.#making ??= this.#read()
      .catch((error: unknown) => {
        this.#isForgotten = true
        throw error
      })
      .finally(() => (this.#making = undefined))
    return this.#making
  }

  async #read(): Promise<void> {
    this.#changed.clear()
    this.#isForgotten = false
    const rows: Row[] = []
    const folders = new Set(this.#folders.all(this.folder).map((row) => Number(row['id'])))
    for (let last = ''; ;) {
      const slice = this.#names.all(this.folder, last, rowsPerSlice)
      for (const row of slice) {
        const [id, name] = [Number(row['id']), String(row['name'])]
        rows.push({ id, isFolder: folders.has(id), name, nameKey: sortKey(name), value: 0 })
        last = name
      }
      if (slice.length < rowsPerSlice) break
      await turn()
    }
    if (this.order.sort !== 'name') await this.#readValues(rows)
    const sorted = await sortedInSlices(rows, (a, b) => this.#compare(a, b))
    this.#byId.clear()
    for (const row of sorted) this.#byId.set(row.id, row)
    this.#rows = sorted
    this.revision++
  }

  /** In the order of their ids, which is that of the disk. */
  async #readValues(rows: readonly Row[]): Promise<void> {
    const byId = [...rows].sort((a, b) => a.id - b.id)
    for (let start = 0; start < byId.length; start += rowsPerSlice) {
      const slice = new Map(byId.slice(start, start + rowsPerSlice).map((row) => [row.id, row]))
      for (const found of this.#values.all(JSON.stringify([...slice.keys()]))) {
        const row = slice.get(Number(found['id']))
        const value = Number(found[this.order.sort === 'size' ? 'size' : 'mtime'])
        if (row !== undefined) row.value = row.isFolder && this.order.sort === 'size' ? 0 : value
      }
      await turn()
    }
  }

  #follow(): void {
    const rows = this.#rows
    for (const id of this.#changed) {
      const before = this.#byId.get(id)
      const after = this.#rowOf(id)
      if (before !== undefined && after !== undefined && this.#compare(before, after) === 0) continue
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
    this.#changed.clear()
  }

  #rowOf(id: NodeId): Row | undefined {
    const node = this.#nodes.get(id)
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

/** Where the row is, or would be. */
function placeOf(rows: readonly Row[], row: Row, compare: (a: Row, b: Row) => number): number {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const other = rows[middle]
    if (other !== undefined && compare(other, row) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** A merge sort that lets others go on between slices. */
async function sortedInSlices<T>(items: readonly T[], compare: (a: T, b: T) => number): Promise<T[]> {
  const runs: T[][] = []
  for (let start = 0; start < items.length; start += rowsPerSlice) {
    runs.push(items.slice(start, start + rowsPerSlice).sort(compare))
    await turn()
  }
  while (runs.length > 1) {
    const merged: T[] = []
    const [left = [], right = []] = [runs.shift(), runs.shift()]
    for (let l = 0, r = 0; l < left.length || r < right.length;) {
      const [a, b] = [left[l], right[r]]
      const takesLeft = b === undefined || (a !== undefined && compare(a, b) <= 0)
      const taken = takesLeft ? a : b
      if (takesLeft) l++
      else r++
      if (taken !== undefined) merged.push(taken)
      if (merged.length % (4 * rowsPerSlice) === 0) await turn()
    }
    runs.push(merged)
  }
  return runs[0] ?? []
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
