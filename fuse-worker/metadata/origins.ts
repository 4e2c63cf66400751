/**
 * Where the keys of a renamed folder still are: an origin is a prefix of the bucket (absolute, ending in `/`) right below which this
 * folder has keys that have not become operations yet. A folder renamed again before that has more than one. Must hold: a file that
 * stands on another key than that of its place, and has no put, is in a folder with the origin it stands below.
 */
import { afterPrefix, type DriveDatabase, type Statement } from './database.ts'
import type { NodeId } from './node.ts'

export type Origin = { node: NodeId; prefix: string }

export class Origins {
  readonly #byNode = new Map<NodeId, Set<string>>()
  readonly #byPrefix = new Map<string, Set<NodeId>>()
  readonly #database: DriveDatabase
  readonly #insert: Statement
  readonly #delete: Statement
  readonly #within: Statement
  readonly #inOrder: Statement
  readonly #first: Statement

  #onLetGo: () => void = () => undefined

  constructor(database: DriveDatabase) {
    this.#database = database
    // A row whose folder is gone says nothing any more.
    database.prepare('DELETE FROM origins WHERE node NOT IN (SELECT id FROM nodes)').run()
    this.#insert = database.prepare('INSERT INTO origins (prefix, node) VALUES (?, ?)')
    this.#delete = database.prepare('DELETE FROM origins WHERE prefix = ? AND node = ?')
    this.#within = database.prepare('SELECT 1 FROM origins WHERE prefix >= ? AND prefix < ? LIMIT 1')
    this.#first = database.prepare('SELECT prefix, node FROM origins ORDER BY prefix, node LIMIT 1')
    this.#inOrder = database.prepare('SELECT prefix, node FROM origins ORDER BY prefix, node')
    this.#load()
    database.onRollback(() => this.#load())
  }

  /** Called when an origin is gone, inside the transaction that removes it. */
  observe(onLetGo: () => void): void {
    this.#onLetGo = onLetGo
  }

  get isEmpty(): boolean {
    return this.#byNode.size === 0
  }

  /** Folders that still have one. */
  get size(): number {
    return this.#byNode.size
  }

  has(node: NodeId): boolean {
    return this.#byNode.has(node)
  }

  of(node: NodeId): readonly string[] {
    return [...(this.#byNode.get(node) ?? [])]
  }

  nodes(): IterableIterator<NodeId> {
    return this.#byNode.keys()
  }

  first(): Origin | undefined {
    const row = this.#first.get()
    return row === undefined ? undefined : { node: Number(row['node']), prefix: String(row['prefix']) }
  }

  /** Outer prefixes before those below them. */
  inOrder(): Origin[] {
    return this.#inOrder.all().map((row) => ({ node: Number(row['node']), prefix: String(row['prefix']) }))
  }

  add(node: NodeId, prefix: string): void {
    if (this.#byNode.get(node)?.has(prefix) === true) return
    this.#insert.run(prefix, node)
    this.#database.touchNode(node)
    this.#remember(node, prefix)
  }

  remove(node: NodeId, prefix: string): void {
    this.#delete.run(prefix, node)
    forget(this.#byNode, node, prefix)
    forget(this.#byPrefix, prefix, node)
    this.#onLetGo()
  }

  removeAll(node: NodeId): void {
    for (const prefix of this.of(node)) this.remove(node, prefix)
  }

  /** Whether the key (or prefix) is or lies below an origin: what the bucket has there belongs to a folder elsewhere. */
  covers(key: string, apartFrom?: Origin): boolean {
    if (this.isEmpty) return false
    for (let cut = key.indexOf('/'); cut >= 0; cut = key.indexOf('/', cut + 1)) {
      const prefix = key.slice(0, cut + 1)
      const nodes = this.#byPrefix.get(prefix)
      if (nodes === undefined) continue
      if (prefix !== apartFrom?.prefix || nodes.size > 1 || !nodes.has(apartFrom.node)) return true
    }
    return false
  }

  /** Whether this prefix (ending in `/`) is an origin, or one lies below it. */
  isAnyWithin(prefix: string): boolean {
    return !this.isEmpty && this.#within.get(prefix, afterPrefix(prefix)) !== undefined
  }

  #remember(node: NodeId, prefix: string): void {
    this.#byNode.set(node, (this.#byNode.get(node) ?? new Set()).add(prefix))
    this.#byPrefix.set(prefix, (this.#byPrefix.get(prefix) ?? new Set()).add(node))
  }

  #load(): void {
    this.#byNode.clear()
    this.#byPrefix.clear()
    for (const { node, prefix } of this.inOrder()) this.#remember(node, prefix)
  }
}

function forget<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const values = map.get(key)
  values?.delete(value)
  if (values?.size === 0) map.delete(key)
}
