/**
 * The rename of a folder as one small step: the folder moves in the tree, each known folder of its subtree remembers where its keys
 * are (its origin), and only puts already on their way are given new keys. What is in the bucket follows later (moves.ts).
 */
import type { Journal } from '../journal/journal.ts'
import type { Operation } from '../journal/operation.ts'
import { afterPrefix, type DriveDatabase, type Statement } from '../metadata/database.ts'
import type { NodeKeys } from '../metadata/node-keys.ts'
import type { Node, NodeId } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import type { Origins } from '../metadata/origins.ts'
import type { MoveRecords } from './move-records.ts'
import { planOrigins } from './origin-plan.ts'
import type { Placement } from './placement.ts'

type FolderBefore = { id: NodeId; prefix: string; isInBucket: boolean; isCovered: boolean }

export class Relocation {
  readonly #database: DriveDatabase
  readonly #nodes: Nodes
  readonly #keys: NodeKeys
  readonly #journal: Journal
  readonly #origins: Origins
  readonly #placement: Placement
  readonly #records: MoveRecords
  readonly #onMoved: (directory: NodeId) => void
  readonly #foldersBelow: Statement
  readonly #standingBelow: Statement
  readonly #longestKey: Statement

  constructor(options: {
    database: DriveDatabase
    nodes: Nodes
    keys: NodeKeys
    journal: Journal
    origins: Origins
    placement: Placement
    records: MoveRecords
    /** Something may have to follow in the bucket. Called inside the transaction. */
    onMoved: (directory: NodeId) => void
  }) {
    this.#database = options.database
    this.#nodes = options.nodes
    this.#keys = options.keys
    this.#journal = options.journal
    this.#origins = options.origins
    this.#placement = options.placement
    this.#records = options.records
    this.#onMoved = options.onMoved
    this.#foldersBelow = this.#database.prepare(
      `WITH RECURSIVE below (id, path) AS (
         SELECT ?, ''
         UNION ALL
         SELECT nodes.id, below.path || nodes.segment || '/' FROM nodes JOIN below ON nodes.parent = below.id
         WHERE nodes.kind = 'directory' AND nodes.is_local_only = 0
       ) SELECT id, path FROM below`,
    )
    this.#standingBelow = this.#database.prepare('SELECT 1 FROM nodes WHERE remote_key >= ? AND remote_key < ? LIMIT 1')
    this.#longestKey = this.#database.prepare(
      'SELECT max(length(CAST(remote_key AS BLOB))) AS bytes FROM nodes WHERE remote_key >= ? AND remote_key < ?',
    )
  }

  /** The longest key below the folder, as far as it is known, in bytes. */
  longestKeyBytes(directory: Node): number {
    const prefix = this.#keys.ofChildren(directory)
    const stored = this.#longestKey.get(prefix, afterPrefix(prefix))
    const lengths = this.#journal.putsBelow(prefix).map(({ key }) => Buffer.byteLength(key))
    return Math.max(Buffer.byteLength(prefix), Number(stored?.['bytes'] ?? 0), ...lengths)
  }

  /** `move` changes the folder's place. Belongs into the caller's transaction. */
  relocate(directory: Node, move: () => void): void {
    const [fromPath, from] = [this.#keys.pathOf(directory), this.#keys.ofChildren(directory)]
    const folders = this.#foldersOf(directory, from)
    const puts = this.#journal.putsBelow(from).filter((put) => this.#isLatest(put) && this.#isWithin(put, directory))
    move()
    const to = this.#keys.ofChildren(directory)
    for (const folder of folders) this.#rememberOrigin(folder, to + folder.prefix.slice(from.length))
    this.#records.begin(directory.id, fromPath, this.#keys.pathOf(directory), () => this.#rekey(puts, directory.id))
    this.#onMoved(directory.id)
  }

  /** Returns how many of them are still part of a move alone. */
  #rekey(puts: readonly Operation[], move: NodeId): number {
    let items = 0
    for (const put of puts) {
      const node = this.#nodes.get(put.node)
      if (node !== undefined && this.#placement.rekey(put, node, move)) items++
    }
    return items
  }

  /** From the top down. */
  #foldersOf(directory: Node, prefix: string): FolderBefore[] {
    return this.#foldersBelow.all(directory.id).map((row) => {
      const [id, below] = [Number(row['id']), prefix + String(row['path'])]
      return { id, prefix: below, isInBucket: this.#isInBucket(id, below), isCovered: this.#origins.covers(below) }
    })
  }

  /** A folder made here, or moved here, has only what we put there; any other may have keys nobody has listed. */
  #isInBucket(id: NodeId, prefix: string): boolean {
    const folder = this.#nodes.require(id)
    const cameFromBucket = folder.remote !== undefined || folder.validatedAtMs > 0
    if (cameFromBucket && !this.#origins.has(id)) return true
    return this.#standingBelow.get(prefix, afterPrefix(prefix)) !== undefined || this.#journal.hasAttemptedBelow(prefix)
  }

  #rememberOrigin({ id, prefix, isInBucket, isCovered }: FolderBefore, newPrefix: string): void {
    const { add, remove } = planOrigins({
      origins: this.#origins.of(id),
      oldPrefix: prefix,
      newPrefix,
      isInBucket,
      isOldCovered: isCovered,
      isNewCovered: this.#origins.covers(newPrefix, { node: id, prefix: newPrefix }),
    })
    if (remove !== undefined) this.#origins.remove(id, remove)
    if (add !== undefined) this.#origins.add(id, add)
  }

  /** Behind one that is running another of the same node may wait, which stands for what was changed since. */
  #isLatest(put: Operation): boolean {
    return this.#journal.putOf(put.node) === put
  }

  #isWithin({ node }: Operation, directory: Node): boolean {
    const found = this.#nodes.get(node)
    return found !== undefined && (this.#nodes.ancestry(found) ?? []).some(({ id }) => id === directory.id)
  }
}
