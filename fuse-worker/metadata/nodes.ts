/**
 * The tree of nodes: rows in the database, with those in use also in memory. A directory's children are loaded together, so that
 * a lookup in a warm directory touches neither disk nor network. The objects handed out are the live ones: change one and
 * `save` it inside the same transaction. After a rollback, and when many directories have been loaded, memory is dropped
 * and read again, so never keep a Node across an `await`; keep its id.
 *
 * Must hold: a node in a loaded directory is the one found by its id. Memory is bounded between two turns of the event loop,
 * when nobody may hold a Node: the directories in use stay, and every node that is ahead of its row.
 */
import type { DriveDatabase, Statement } from './database.ts'
import { orphanage, rootId, type Node, type NodeFields, type NodeId } from './node.ts'
import { nodeColumns, nodeFromRow, valuesOf, type NodeRow } from './node-rows.ts'

const idsReservedAtOnce = 1_000
/** With this many in memory (about 1 KB each), directories not used lately are dropped. */
const mostHotNodes = 20_000

export class Nodes {
  #byId = new Map<NodeId, Node>()
  readonly #childrenByParent = new Map<NodeId, Map<string, Node>>()
  readonly #upsert: Statement
  readonly #selectOne: Statement
  readonly #selectChildren: Statement
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
    const children = this.children(parent)
    const exact = children.get(name)
    if (exact !== undefined || isAscii(name)) return exact
    const wanted = name.normalize('NFC')
    for (const child of children.values()) if (child.name.normalize('NFC') === wanted) return child
    return undefined
  }

  children(parent: NodeId): ReadonlyMap<string, Node> {
    return this.#children(parent)
  }

  insert(fields: NodeFields): Node {
    const node: Node = { id: this.#newId(), ...fields }
    this.#write(node)
    this.#remember(node)
    this.#childrenByParent.get(node.parent)?.set(node.name, node)
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
    this.#childrenByParent.get(node.parent)?.delete(node.name)
    node.parent = parent
    node.name = name
    node.segment = segment
    this.#write(node)
    this.#childrenByParent.get(parent)?.set(name, node)
  }

  remove(node: Node): void {
    this.#delete.run(node.id)
    this.#database.touchNode(node.id)
    this.#byId.delete(node.id)
    this.#childrenByParent.get(node.parent)?.delete(node.name)
    this.#childrenByParent.delete(node.id)
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
  }
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false
  return true
}
