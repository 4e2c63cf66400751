/**
 * The journal: everything the drive holds that the bucket does not know yet, one operation per key (and one behind it while that is
 * running). Written in the same transaction as the local change it stands for; a caller opens that transaction.
 * Nobody but the uploader moves an operation through its states.
 */
import { afterPrefix, type DriveDatabase, type Statement } from '../metadata/database.ts'
import type { NodeId } from '../metadata/node.ts'
import type { ETag } from '../s3/store.ts'
import { isHeld, type Base, type Operation, type OperationKind, type OperationState } from './operation.ts'
import { followSuccess, mergeDelete, mergePut, mergeVacate, type Merge, type Outcome, type Slot } from './plan.ts'

export interface JournalObserver {
  /** Called after a change in memory, inside the transaction that records it. */
  operationChanged(operation: Operation): void
  operationRemoved(operation: Operation, reason: 'done' | 'cancelled'): void
}

export class Journal {
  readonly #database: DriveDatabase
  readonly #slots = new Map<string, Slot>()
  readonly #byId = new Map<number, Operation>()
  readonly #putOfNode = new Map<NodeId, Operation>()
  readonly #insert: Statement
  readonly #update: Statement
  readonly #delete: Statement
  readonly #deletesBelow: Statement
  readonly #anyBelow: Statement
  readonly #putsBelow: Statement
  readonly #attemptedBelow: Statement
  readonly #anyOfMove: Statement
  readonly #countOfMove: Statement
  readonly #countOfMoves: Statement
  readonly #now: () => number
  #observer: JournalObserver = { operationChanged: () => undefined, operationRemoved: () => undefined }

  constructor(database: DriveDatabase, now: () => number) {
    this.#database = database
    this.#now = now
    this.#insert = database.prepare(
      `INSERT INTO journal (kind, key, node, base, state, write_ids, attempts, created_at, move)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#update = database.prepare(
      `UPDATE journal SET kind = ?, node = ?, base = ?, state = ?, write_ids = ?, attempts = ?, priority = ?, move = ?
       WHERE id = ?`,
    )
    this.#delete = database.prepare('DELETE FROM journal WHERE id = ?')
    this.#deletesBelow = database.prepare(
      `SELECT 1 FROM journal WHERE key >= ? AND key < ? AND kind = 'delete' LIMIT 1`,
    )
    this.#anyBelow = database.prepare('SELECT 1 FROM journal WHERE key >= ? AND key < ? LIMIT 1')
    this.#putsBelow = database.prepare(`SELECT id FROM journal WHERE key >= ? AND key < ? AND kind = 'put'`)
    this.#attemptedBelow = database.prepare(
      `SELECT 1 FROM journal WHERE key >= ? AND key < ? AND write_ids <> '[]' LIMIT 1`,
    )
    this.#anyOfMove = database.prepare('SELECT 1 FROM journal WHERE move = ? LIMIT 1')
    this.#countOfMove = database.prepare("SELECT count(*) AS count FROM journal WHERE move = ? AND kind = 'put'")
    this.#countOfMoves = database.prepare(
      `SELECT count(*) - 2 * total(state LIKE '{"state":"blocked"%' OR state LIKE '{"state":"conflict"%') AS count
       FROM journal WHERE move IS NOT NULL`,
    )
    this.#load()
    database.onRollback(() => this.#load())
  }

  observe(observer: JournalObserver): void {
    this.#observer = observer
  }

  get size(): number {
    return this.#byId.size
  }

  operations(): IterableIterator<Operation> {
    return this.#byId.values()
  }

  get(id: number): Operation | undefined {
    return this.#byId.get(id)
  }

  slot(key: string): Slot {
    return this.#slots.get(key) ?? {}
  }

  hasPending(key: string): boolean {
    return this.#slots.has(key)
  }

  /** The put that is queued (not running) for this node, if any: further changes to the node ride with it. */
  queuedPutOf(node: NodeId): Operation | undefined {
    const put = this.#putOfNode.get(node)
    return put !== undefined && put.status.state !== 'running' ? put : undefined
  }

  /** Any put for this node, queued or running. */
  putOf(node: NodeId): Operation | undefined {
    return this.#putOfNode.get(node)
  }

  /** Whether something below this prefix (ending in `/`) is still to be deleted: a listing may show it all the same. */
  hasDeletesBelow(prefix: string): boolean {
    return this.#byId.size > 0 && this.#deletesBelow.get(prefix, afterPrefix(prefix)) !== undefined
  }

  hasAnyBelow(prefix: string): boolean {
    return this.#anyBelow.get(prefix, afterPrefix(prefix)) !== undefined
  }

  putsBelow(prefix: string): Operation[] {
    const ids = this.#putsBelow.all(prefix, afterPrefix(prefix)).map((row) => this.#byId.get(Number(row['id'])))
    return ids.filter((operation) => operation !== undefined)
  }

  /** Whether anything below this prefix was sent, and so may be in the bucket whatever the journal still wants. */
  hasAttemptedBelow(prefix: string): boolean {
    return this.#attemptedBelow.get(prefix, afterPrefix(prefix)) !== undefined
  }

  /** Whether there are operations that are only there because this folder moved. */
  hasAnyOfMove(move: NodeId): boolean {
    return this.#anyOfMove.get(move) !== undefined
  }

  putsOfMove(move: NodeId): number {
    return Number(this.#countOfMove.get(move)?.['count'] ?? 0)
  }

  /** Operations of all moves that will go on by themselves: a put a person has to look at is left out, with the delete behind it. */
  countOfMoves(): number {
    return Number(this.#countOfMoves.get()?.['count'] ?? 0)
  }

  /**
   * The key shall have this node's content and attributes. `known` is what the bucket holds there, as the change saw it;
   * `move` is the folder whose move is the only reason for it.
   */
  wishPut(key: string, node: NodeId, known: Base, dueAtMs: number, move?: NodeId): void {
    this.#apply(key, 'put', node, mergePut(this.slot(key), known), dueAtMs, move)
  }

  /** The key shall be gone. */
  wishDelete(key: string, node: NodeId, known: Base, dueAtMs: number, move?: NodeId): void {
    this.#apply(key, 'delete', node, mergeDelete(this.slot(key), known), dueAtMs, move)
  }

  /** What the key holds belongs to this node, whose place is another one now. */
  vacate(key: string, node: NodeId, known: Base, dueAtMs: number, move?: NodeId): void {
    this.#apply(key, 'delete', node, mergeVacate(this.slot(key), node, known), dueAtMs, move)
  }

  /** The key holds another version than the one that was to be deleted, or replaced by another file; that one is to go now. */
  rebase(key: string, from: ETag, to: ETag): void {
    const { queued } = this.slot(key)
    if (queued?.base.kind !== 'version' || queued.base.etag !== from) return
    queued.base = { kind: 'version', etag: to }
    this.#write(queued)
  }

  /** There is another reason for it by now than a move. */
  own(operation: Operation): void {
    if (operation.move === undefined) return
    operation.move = undefined
    this.#write(operation)
  }

  /** A new due time; not persisted. */
  defer(operation: Operation, dueAtMs: number): void {
    operation.dueAtMs = dueAtMs
    this.#observer.operationChanged(operation)
  }

  /** Before all others from now on. */
  prioritize(operation: Operation): void {
    let highest = 0
    for (const { priority } of this.#byId.values()) highest = Math.max(highest, priority)
    operation.priority = highest + 1
    this.#write(operation)
    this.#observer.operationChanged(operation)
  }

  /** From queued to running, remembering the mark this attempt leaves in the bucket. */
  start(operation: Operation, writeId: string | undefined): void {
    this.#database.transaction(() => {
      operation.attempts++
      if (writeId !== undefined && !operation.writeIds.includes(writeId)) operation.writeIds.push(writeId)
      const slot = this.slot(operation.key)
      delete slot.queued
      slot.running = operation
      this.#slots.set(operation.key, slot)
      this.setStatus(operation, { state: 'running' })
    })
  }

  /** Also for a running operation that learnt of another base. */
  save(operation: Operation): void {
    this.#write(operation)
  }

  setStatus(operation: Operation, status: OperationState): void {
    operation.status = status
    this.#write(operation)
    this.#observer.operationChanged(operation)
  }

  /** The bucket has it. What is queued behind builds on the outcome. */
  finish(operation: Operation, outcome: Outcome): void {
    this.#database.transaction(() => {
      const { queued } = this.slot(operation.key)
      this.#forget(operation, 'done')
      const followUp = followSuccess(queued, outcome)
      if (queued === undefined || followUp.kind === 'none') return
      if (followUp.kind === 'drop') {
        this.#forget(queued, 'done')
        return
      }
      queued.base = followUp.base
      this.#write(queued)
      this.#observer.operationChanged(queued)
    })
  }

  /** The attempt failed. A wish that came meanwhile takes its place, with all it knew. */
  fail(operation: Operation, status: OperationState): void {
    this.#database.transaction(() => {
      const slot = this.slot(operation.key)
      const { queued } = slot
      if (queued !== undefined) {
        this.#giveWay(operation, queued, isAboutBoth(operation, queued, status) ? status : { state: 'queued' })
        return
      }
      delete slot.running
      slot.queued = operation
      this.setStatus(operation, status)
    })
  }

  /** Takes an operation out without sending it: the caller has undone the local change it stood for. */
  cancel(operation: Operation): void {
    this.#database.transaction(() => {
      const { queued } = this.slot(operation.key)
      if (queued === undefined || queued === operation) this.#forget(operation, 'cancelled')
      else this.#giveWay(operation, queued, queued.status)
    })
  }

  /** What is queued behind an operation that ended without an outcome builds on what that one was to build on. */
  #giveWay(operation: Operation, queued: Operation, status: OperationState): void {
    queued.base = operation.base
    queued.writeIds = [...operation.writeIds, ...queued.writeIds]
    this.#forget(operation, 'cancelled')
    if (queued.kind === 'delete' && queued.base.kind === 'absent' && queued.writeIds.length === 0) {
      this.#forget(queued, 'cancelled')
      return
    }
    this.setStatus(queued, status)
  }

  #apply(
    key: string,
    kind: OperationKind,
    node: NodeId,
    merge: Merge,
    dueAtMs: number,
    move: NodeId | undefined,
  ): void {
    const { queued } = this.slot(key)
    if (merge.kind === 'nothing') return
    if (merge.kind === 'rebase' && queued !== undefined) {
      queued.base = merge.base
      this.#write(queued)
      return
    }
    if (merge.kind === 'remove' && queued !== undefined) {
      this.#forget(queued, 'cancelled')
      return
    }
    if (merge.kind === 'insert') {
      this.#add(key, kind, node, merge.base, dueAtMs, move)
      return
    }
    if (merge.kind === 'rewrite' && queued !== undefined) {
      if (queued.kind === 'put' && this.#putOfNode.get(queued.node) === queued) this.#putOfNode.delete(queued.node)
      queued.kind = kind
      queued.node = node
      queued.base = merge.base
      queued.dueAtMs = dueAtMs
      queued.move = move
      if (kind === 'put') this.#putOfNode.set(node, queued)
      // Giving mine up needs no person: a delete never takes away a version that was not seen.
      const isKept = queued.status.state === 'conflict' || isHeld(queued)
      if (!isKept || kind === 'delete') queued.status = { state: 'queued' }
      this.#write(queued)
      this.#observer.operationChanged(queued)
    }
  }

  #add(key: string, kind: OperationKind, node: NodeId, base: Base, dueAtMs: number, move: NodeId | undefined): void {
    const status: OperationState = { state: 'queued' }
    const createdAtMs = this.#now()
    const { lastInsertRowid } = this.#insert.run(
      kind,
      key,
      node,
      JSON.stringify(base),
      JSON.stringify(status),
      '[]',
      0,
      createdAtMs,
      move ?? null,
    )
    const operation: Operation = {
      id: Number(lastInsertRowid),
      kind,
      key,
      node,
      base,
      status,
      writeIds: [],
      attempts: 0,
      createdAtMs,
      dueAtMs,
      priority: 0,
      move,
    }
    this.#index(operation)
    this.#database.touchOperation(operation.id, node)
    this.#observer.operationChanged(operation)
  }

  #forget(operation: Operation, reason: 'done' | 'cancelled'): void {
    this.#delete.run(operation.id)
    this.#byId.delete(operation.id)
    if (this.#putOfNode.get(operation.node) === operation) this.#putOfNode.delete(operation.node)
    const slot = this.slot(operation.key)
    if (slot.queued === operation) delete slot.queued
    if (slot.running === operation) delete slot.running
    if (slot.queued === undefined && slot.running === undefined) this.#slots.delete(operation.key)
    this.#database.touchOperation(operation.id, operation.node)
    this.#observer.operationRemoved(operation, reason)
  }

  #write(operation: Operation): void {
    this.#update.run(
      operation.kind,
      operation.node,
      JSON.stringify(operation.base),
      JSON.stringify(operation.status),
      JSON.stringify(operation.writeIds),
      operation.attempts,
      operation.priority,
      operation.move ?? null,
      operation.id,
    )
    this.#database.touchOperation(operation.id, operation.node)
  }

  #index(operation: Operation): void {
    this.#byId.set(operation.id, operation)
    const slot = this.slot(operation.key)
    if (operation.status.state === 'running') slot.running = operation
    else slot.queued = operation
    this.#slots.set(operation.key, slot)
    const isRunning = operation.status.state === 'running'
    // A queued one stands for what was changed since.
    if (operation.kind === 'put' && !(isRunning && this.#putOfNode.has(operation.node))) {
      this.#putOfNode.set(operation.node, operation)
    }
  }

  #load(): void {
    const dueTimes = new Map([...this.#byId.values()].map(({ id, dueAtMs }) => [id, dueAtMs]))
    this.#byId.clear()
    this.#slots.clear()
    this.#putOfNode.clear()
    for (const row of this.#database.prepare('SELECT * FROM journal ORDER BY id').all()) {
      const id = Number(row['id'])
      this.#index({
        id,
        kind: row['kind'] as OperationKind,
        key: String(row['key']),
        node: Number(row['node']),
        base: JSON.parse(String(row['base'])) as Base,
        status: JSON.parse(String(row['state'])) as OperationState,
        writeIds: JSON.parse(String(row['write_ids'])) as string[],
        attempts: Number(row['attempts']),
        createdAtMs: Number(row['created_at']),
        dueAtMs: dueTimes.get(id) ?? 0,
        priority: Number(row['priority']),
        move: row['move'] === null ? undefined : Number(row['move']),
      })
    }
  }
}

/** What stands in the way of one file is no business of the file that took its name, nor a reason to keep what is to be deleted. */
function isAboutBoth(failed: Operation, queued: Operation, { state }: OperationState): boolean {
  return state !== 'waiting' && queued.kind === 'put' && queued.node === failed.node
}
