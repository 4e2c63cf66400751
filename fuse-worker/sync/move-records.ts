/**
 * Which folders are being moved, as a person sees it: one record from the rename until everything has followed in the bucket. A folder
 * renamed again meanwhile keeps one record, with its latest path.
 */
import type { Transfer, TransferState } from '../../contracts/transfer.ts'
import type { Journal } from '../journal/journal.ts'
import type { DriveDatabase, Statement } from '../metadata/database.ts'
import type { NodeId } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import type { Origins } from '../metadata/origins.ts'

export type MoveRecord = {
  node: NodeId
  fromPath: string
  toPath: string
  startedAtMs: number
  /** Objects found so far that had to move. */
  items: number
  /** The person has called the move back. */
  isUndo: boolean
}

export class MoveRecords {
  readonly #journal: Journal
  readonly #nodes: Nodes
  readonly #origins: Origins
  readonly #now: () => number
  readonly #byNode = new Map<NodeId, MoveRecord>()
  #beginning: NodeId | undefined
  readonly #upsert: Statement
  readonly #delete: Statement
  readonly #select: Statement

  constructor(options: {
    database: DriveDatabase
    journal: Journal
    nodes: Nodes
    origins: Origins
    now: () => number
  }) {
    const { database } = options
    this.#journal = options.journal
    this.#nodes = options.nodes
    this.#origins = options.origins
    this.#now = options.now
    this.#upsert = database.prepare(
      `INSERT INTO moves (node, from_path, to_path, started_at, items, is_undo) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (node) DO UPDATE SET from_path = excluded.from_path, to_path = excluded.to_path,
       started_at = excluded.started_at, items = excluded.items, is_undo = excluded.is_undo`,
    )
    this.#delete = database.prepare('DELETE FROM moves WHERE node = ?')
    this.#select = database.prepare('SELECT * FROM moves')
    this.#load()
    database.onRollback(() => this.#load())
  }

  all(): MoveRecord[] {
    return [...this.#byNode.values()]
  }

  get(node: NodeId): MoveRecord | undefined {
    return this.#byNode.get(node)
  }

  /**
   * The folder was renamed. `rekey` gives what an earlier move of it still had to do its new keys, and says how many that are;
   * until it has, nothing counts as done.
   */
  begin(node: NodeId, fromPath: string, toPath: string, rekey: () => number): void {
    const startedAtMs = this.#byNode.get(node)?.startedAtMs ?? this.#now()
    this.#beginning = node
    try {
      const items = rekey()
      this.#save({ node, fromPath, toPath, startedAtMs, items, isUndo: false })
    } finally {
      this.#beginning = undefined
    }
  }

  markUndo(node: NodeId): void {
    const record = this.#byNode.get(node)
    if (record !== undefined) this.#save({ ...record, isUndo: true })
  }

  addItems(node: NodeId | undefined, count: number): void {
    const record = node === undefined ? undefined : this.#byNode.get(node)
    if (record !== undefined && count > 0) this.#save({ ...record, items: record.items + count })
  }

  /** The move that this folder is part of: its own, or that of a folder around it. */
  ownerOf(folder: NodeId): NodeId | undefined {
    if (this.#byNode.size === 0) return undefined
    const node = this.#nodes.get(folder)
    const line = node === undefined ? [] : (this.#nodes.ancestry(node) ?? [])
    return line.reverse().find(({ id }) => this.#byNode.has(id))?.id
  }

  /** Removes the record when nothing of the move is left to do; returns it then. */
  finishIfDone(node: NodeId): MoveRecord | undefined {
    const record = this.#byNode.get(node)
    if (record === undefined || node === this.#beginning || this.#isUnderWay(node)) return undefined
    this.#delete.run(node)
    this.#byNode.delete(node)
    return record
  }

  isListing(node: NodeId): boolean {
    for (const folder of this.#origins.nodes()) if (this.ownerOf(folder) === node) return true
    return false
  }

  transferOf(record: MoveRecord, driveId: string, status: TransferState): Transfer {
    const left = this.#journal.putsOfMove(record.node)
    return {
      id: transferIdOf(record),
      driveId,
      kind: 'move',
      path: record.toPath,
      sizeBytes: 0,
      doneBytes: 0,
      attempts: 0,
      queuedAt: record.startedAtMs,
      status,
      ...(record.isUndo ? {} : { stops: 'by-cancel' as const }),
      move: {
        from: record.fromPath,
        doneItems: Math.max(0, record.items - left),
        totalItems: record.items,
        isCounting: this.isListing(record.node),
        isUndo: record.isUndo,
      },
    }
  }

  #isUnderWay(node: NodeId): boolean {
    return this.#journal.hasAnyOfMove(node) || this.isListing(node)
  }

  #save(record: MoveRecord): void {
    const { node, fromPath, toPath, startedAtMs, items, isUndo } = record
    this.#upsert.run(node, fromPath, toPath, startedAtMs, items, isUndo ? 1 : 0)
    this.#byNode.set(node, record)
  }

  #load(): void {
    this.#byNode.clear()
    for (const row of this.#select.all()) {
      const node = Number(row['node'])
      this.#byNode.set(node, {
        node,
        fromPath: String(row['from_path']),
        toPath: String(row['to_path']),
        startedAtMs: Number(row['started_at']),
        items: Number(row['items']),
        isUndo: row['is_undo'] === 1,
      })
    }
  }
}

export const transferIdOf = ({ node, startedAtMs }: MoveRecord): string => `move-${node}-${startedAtMs}`
