/**
 * The tree of nodes: rows in the database, with those in use also in memory. A directory's children are loaded together, so that
 * a lookup in a warm directory touches neither disk nor network. The objects handed out are the live ones: change one and
 * `save` it inside the same transaction. After a rollback, and when many directories have been loaded, memory is dropped
 * and read again, so never keep a Node across an `await`; keep its id.
 *
 * A directory too large to be loaded without others waiting is loaded in slices (`load`), and until it is its names are looked up one by one.
 *
 * Must hold: a node in a loaded directory is the one found by its id. Memory is bounded between two turns of the event loop,
 * when nobody may hold a Node: the directories in use stay, and every node that is ahead of its row.
 */
import { takingTurns } from '../runtime/turns.ts'
import type { DriveDatabase, Statement } from './database.ts'
import { orphanage, rootId, type Node, type NodeFields, type NodeId } from './node.ts'
import { nodeColumns, nodeFromRow, valuesOf, type NodeRow } from './node-rows.ts'

const idsReservedAtOnce = 1_000
/** With this many in memory (about 1 KB each), directories not used lately are dropped. */
const mostHotNodes = 20_000
/** A directory with more children is not loaded at once: a row takes up to 40 µs. */
const largeDirectory = 2_000
const rowsPerSlice = 100

export class Nodes {
  #byId = new Map<NodeId, Node>()
  readonly #childrenByParent = new Map<NodeId, Map<string, Node>>()
  /** Directories of which only some children are loaded yet. */
  readonly #loading = new Map<NodeId, { children: Map<string, Node>; done: Promise<void> }>()
  readonly #upsert: Statement
  readonly #selectOne: Statement
  readonly #selectChildren: Statement
  readonly #selectSlice: Statement
  readonly #selectChild: Statement
  readonly #countAtMost: Statement
  readonly #countFolders: Statement
  readonly #delete: Statement
  readonly #database: DriveDatabase
  readonly #mostHot: number
  /** Directories asked for since memory was last gone through. */
  readonly #usedLately = new Set<NodeId>()
  #isAhead: (id: NodeId) => boolean = () => false
  #coolAt: number
  #isCooling = false
  #nextId: NodeId
  /** Ids up to this are spoken for in the database, so that none is given out twice, not even after a crash. */
  #reservedId: NodeId

  constructor(database: DriveDatabase, mostHot = mostHotNodes) {
    this.#mostHot = mostHot
    this.#coolAt = mostHot
    const columns = nodeColumns.join(', ')
    const updates = nodeColumns.slice(1).map((column) => `${column} = excluded.${column}`)
    this.#upsert = database.prepare(
      `INSERT INTO nodes (${columns}) VALUES (${nodeColumns.map(() => '?').join(', ')})
       ON CONFLICT (id) DO UPDATE SET ${updates.join(', ')}`,
    )
    this.#selectOne = database.prepare(`SELECT ${columns} FROM nodes WHERE id = ?`)
    this.#selectChildren = database.prepare(`SELECT ${columns} FROM nodes WHERE parent = ?`)
    this.#selectSlice = database.prepare(
      `SELECT ${columns} FROM nodes WHERE parent = ? AND name > ? ORDER BY name LIMIT ${rowsPerSlice}`,
    )
    this.#selectChild = database.prepare('SELECT id FROM nodes WHERE parent = ? AND name = ?')
    this.#countAtMost = database.prepare('SELECT count(*) AS count FROM (SELECT 1 FROM nodes WHERE parent = ? LIMIT ?)')
    this.#countFolders = database.prepare("SELECT count(*) AS count FROM nodes WHERE parent = ? AND kind = 'directory'")
    this.#delete = database.prepare('DELETE FROM nodes WHERE id = ?')
    this.#database = database
    const last = Number(database.prepare('SELECT max(id) AS last FROM nodes').get()?.['last'] ?? 0)
    // An inode number is never given out twice in the life of a drive's cache: what was deleted stays deleted.
    this.#nextId = Math.max(last, rootId, Number(database.getMeta('lastNodeId') ?? 0)) + 1
    this.#reservedId = this.#nextId - 1
    database.onRollback(() => this.#forget())
  }

  /** Nodes of whom memory knows more than their rows, and which therefore stay. */
  keepAhead(isAhead: (id: NodeId) => boolean): void {
    this.#isAhead = isAhead
  }

  /** How many are in memory. */
  get hotCount(): number {
    return this.#byId.size
  }

  get(id: NodeId): Node | undefined {
    const known = this.#byId.get(id)
    if (known !== undefined) return known
    const row = this.#selectOne.get(id)
    return row === undefined ? undefined : this.#remember(nodeFromRow(row as NodeRow))
  }

  require(id: NodeId): Node {
    const node = this.get(id)
    if (node === undefined) throw new Error(`no node ${id}`)
    return node
  }

  /** By exact name first; then an NFC and an NFD spelling of one name are one file. */
  child(parent: NodeId, name: string): Node | undefined {
    const exact = this.exactChild(parent, name)
    if (exact !== undefined || isAscii(name)) return exact
    const children = this.children(parent)
    const wanted = name.normalize('NFC')
    for (const child of children.values()) if (child.name.normalize('NFC') === wanted) return child
    return undefined
  }

  exactChild(parent: NodeId, name: string): Node | undefined {
    if (this.#childrenByParent.has(parent) || !this.#isLarge(parent)) return this.#children(parent).get(name)
    const row = this.#selectChild.get(parent, name)
    return row === undefined ? undefined : this.get(Number(row['id']))
  }

  children(parent: NodeId): ReadonlyMap<string, Node> {
    return this.#children(parent)
  }

  /** Before `children` of a directory that may be large, for who can wait; undefined when there is nothing to wait for. */
  load(parent: NodeId): Promise<void> | undefined {
    if (this.#childrenByParent.has(parent) || !this.#isLarge(parent)) return undefined
    const loading = this.#loading.get(parent)
    if (loading !== undefined) return loading.done
    const children = new Map<string, Node>()
    const done = this.#loadInSlices(parent, children)
    this.#loading.set(parent, { children, done })
    return done
  }

  /** How many children, up to `atMost`. */
  childCount(parent: NodeId, atMost = Number.MAX_SAFE_INTEGER): number {
    const known = this.#childrenByParent.get(parent)
    if (known !== undefined) return Math.min(known.size, atMost)
    return Number(this.#countAtMost.get(parent, atMost)?.['count'])
  }

  folderCount(parent: NodeId): number {
    return Number(this.#countFolders.get(parent)?.['count'])
  }

  insert(fields: NodeFields): Node {
    const node: Node = { id: this.#newId(), ...fields }
    this.#write(node)
    this.#remember(node)
    this.#listOf(node.parent)?.set(node.name, node)
    return node
  }

  /** Creates the root with its fixed id, if it is not there. */
  ensureRoot(fields: NodeFields): Node {
    const found = this.get(rootId)
    if (found !== undefined) return found
    const root: Node = { id: rootId, ...fields }
    this.#write(root)
    return this.#remember(root)
  }

  save(node: Node): void {
    this.#write(node)
  }

  /** Gives a node another place; the place must be free. */
  move(node: Node, parent: NodeId, name: string, segment: string): void {
    this.#listOf(node.parent)?.delete(node.name)
    node.parent = parent
    node.name = name
    node.segment = segment
    this.#write(node)
    this.#listOf(parent)?.set(name, node)
  }

  remove(node: Node): void {
    this.#delete.run(node.id)
    this.#database.touchNode(node.id)
    this.#byId.delete(node.id)
    this.#listOf(node.parent)?.delete(node.name)
    this.#childrenByParent.delete(node.id)
    this.#loading.delete(node.id)
    this.#usedLately.delete(node.id)
  }

  orphans(): Node[] {
    return [...this.#children(orphanage).values()]
  }

  /** From the root down; undefined for an orphan or a descendant of one. */
  ancestry(node: Node): Node[] | undefined {
    const line: Node[] = []
    let current: Node | undefined = node
    while (current !== undefined && current.id !== rootId) {
      line.push(current)
      if (current.parent === orphanage) return undefined
      current = this.get(current.parent)
    }
    return line.reverse()
  }

  #write(node: Node): void {
    this.#upsert.run(...valuesOf(node))
    this.#database.touchNode(node.id)
  }

  #children(parent: NodeId): Map<string, Node> {
    const known = this.#childrenByParent.get(parent)
    this.#usedLately.add(parent)
    if (known !== undefined) return known
    const children = new Map<string, Node>()
    for (const row of this.#selectChildren.all(parent)) {
      const id = Number((row as NodeRow).id)
      const node = this.#byId.get(id) ?? this.#remember(nodeFromRow(row as NodeRow))
      children.set(node.name, node)
    }
    this.#childrenByParent.set(parent, children)
    return children
  }

  #isLarge(parent: NodeId): boolean {
    return this.childCount(parent, largeDirectory + 1) > largeDirectory
  }

  /** Where changes of a directory's children are kept up with. */
  #listOf(parent: NodeId): Map<string, Node> | undefined {
    return this.#childrenByParent.get(parent) ?? this.#loading.get(parent)?.children
  }

  async #loadInSlices(parent: NodeId, children: Map<string, Node>): Promise<void> {
    const others = takingTurns()
    for (let last = ''; ;) {
      await others()
      // Dropped after a rollback or with the directory, or somebody could not wait.
      if (this.#loading.get(parent)?.children !== children || this.#childrenByParent.has(parent)) break
      const rows = this.#selectSlice.all(parent, last) as NodeRow[]
      for (const row of rows) {
        const node = this.#byId.get(Number(row.id)) ?? this.#remember(nodeFromRow(row))
        children.set(node.name, node)
        last = String(row.name)
      }
      if (rows.length === rowsPerSlice) continue
      this.#childrenByParent.set(parent, children)
      this.#usedLately.add(parent)
      break
    }
    if (this.#loading.get(parent)?.children === children) this.#loading.delete(parent)
  }

  #newId(): NodeId {
    const id = this.#nextId++
    if (id > this.#reservedId) {
      this.#database.setMeta('lastNodeId', String(id + idsReservedAtOnce))
      this.#reservedId = id + idsReservedAtOnce
    }
    return id
  }

  #remember(node: Node): Node {
    this.#byId.set(node.id, node)
    if (this.#byId.size > this.#coolAt && !this.#isCooling) {
      this.#isCooling = true
      setImmediate(() => this.#cool())
    }
    return node
  }

  #cool(): void {
    this.#isCooling = false
    const kept = new Map<NodeId, Node>()
    for (const [parent, children] of this.#childrenByParent) {
      if (this.#usedLately.has(parent)) for (const node of children.values()) kept.set(node.id, node)
      else this.#childrenByParent.delete(parent)
    }
    this.#usedLately.clear()
    for (const { children } of this.#loading.values()) for (const node of children.values()) kept.set(node.id, node)
    for (const node of this.#byId.values()) if (this.#isAhead(node.id)) kept.set(node.id, node)
    this.#byId = kept
    // What cannot be dropped must not be gone through at every step.
    this.#coolAt = kept.size + this.#mostHot
  }

  #forget(): void {
    // The reservation may have been part of what was rolled back.
    this.#reservedId = this.#nextId - 1
    this.#byId.clear()
    this.#childrenByParent.clear()
    this.#loading.clear()
  }
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false
  return true
}
