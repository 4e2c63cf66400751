/**
 * What the database's own indexes tell of one folder without reading its nodes: how many there are, their names, and windows of them,
 * folders first, in the order of the bytes of their names. A name has no slash, so slashes part what comes as one text: a row each costs
 * three times as much.
 */
import type { DriveDatabase, Statement } from '../metadata/database.ts'
import type { NodeId } from '../metadata/node.ts'

/** With more folders among the files they stand where their names put them. */
const mostFoldersFirst = 5_000

export class FolderIndex {
  readonly #folder: NodeId
  readonly #atMost: Statement
  readonly #names: Statement
  readonly #folders: Statement
  readonly #foldersByName: Statement
  readonly #files: Statement
  readonly #all: Statement

  constructor(database: DriveDatabase, folder: NodeId) {
    this.#folder = folder
    this.#atMost = database.prepare('SELECT count(*) AS count FROM (SELECT 1 FROM nodes WHERE parent = ? LIMIT ?)')
    this.#names = database.prepare(
      `SELECT group_concat(id || '/' || name, '/') AS found FROM
         (SELECT id, name FROM nodes WHERE parent = ? AND name > ? ORDER BY name LIMIT ?)`,
    )
    const folders = "SELECT id FROM nodes WHERE parent = ?1 AND kind = 'directory'"
    this.#folders = database.prepare(folders)
    this.#foldersByName = database.prepare(`${folders} ORDER BY name LIMIT ?2 OFFSET ?3`)
    const files = `SELECT id FROM nodes INDEXED BY nodes_by_place WHERE parent = ?1`
    this.#files = database.prepare(`${files} AND id NOT IN (${folders}) ORDER BY name LIMIT ?2 OFFSET ?3`)
    this.#all = database.prepare(`${files} ORDER BY name LIMIT ?2 OFFSET ?3`)
  }

  hasMoreThan(count: number): boolean {
    return this.#count(count + 1) > count
  }

  folders(): Set<NodeId> {
    return new Set(idsOf(this.#folders.all(this.#folder)))
  }

  /** By name, in slices between which others may go on. */
  *names(perSlice: number): Generator<{ id: NodeId; name: string }[]> {
    for (let last = ''; ;) {
      const found = this.#names.get(this.#folder, last, perSlice)?.['found']
      const parts = typeof found === 'string' ? found.split('/') : []
      const slice: { id: NodeId; name: string }[] = []
      for (let at = 0; at + 1 < parts.length; at += 2) {
        last = parts[at + 1] ?? last
        slice.push({ id: Number(parts[at]), name: last })
      }
      yield slice
      if (slice.length < perSlice) return
    }
  }

  window(from: number, count: number): { ids: NodeId[]; total: number } {
    const total = this.#count(Number.MAX_SAFE_INTEGER)
    const folders = this.folders().size
    if (folders > mostFoldersFirst) return { ids: idsOf(this.#all.all(this.#folder, count, from)), total }
    const first = from >= folders ? [] : idsOf(this.#foldersByName.all(this.#folder, count, from))
    const left = count - first.length
    const files = left === 0 ? [] : idsOf(this.#files.all(this.#folder, left, Math.max(0, from - folders)))
    return { ids: [...first, ...files], total }
  }

  #count(atMost: number): number {
    return Number(this.#atMost.get(this.#folder, atMost)?.['count'])
  }
}

const idsOf = (rows: ReturnType<Statement['all']>): NodeId[] => rows.map((row) => Number(row['id']))
