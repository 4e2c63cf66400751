/**
 * Decides which operation goes next, and what happens to one that failed. At most one operation a key; an operation that
 * would destroy what another still has to copy from waits for it; everything else in parallel, small ones beside large ones.
 * While the drive is paused only what somebody waits for goes on.
 */
import { mostParallelUploads } from '../../contracts/limits.ts'
import type { Problem } from '../../contracts/problem.ts'
import type { Journal, JournalObserver } from '../journal/journal.ts'
import { heldStatus, isHeld, type Operation } from '../journal/operation.ts'
import type { NodeId } from '../metadata/node.ts'
import { assertNever } from '../runtime/assert-never.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import { StoreError } from '../s3/store.ts'
import { conflictState } from './conflict-words.ts'
import type { Connection } from './connection.ts'
import type { CopySources } from './copy-sources.ts'
import type { DrivePause } from './drive-pause.ts'
import { isForeseen, statusAfter } from './operation-failure.ts'
import type { OperationRunner } from './operation-runner.ts'
import { ParkedOperations } from './parked-operations.ts'
import type { RunResult } from './run-result.ts'
import { UploadQueue, type QueueName } from './upload-queue.ts'
import { UploadWaiters } from './upload-waiters.ts'

const mostRunning = mostParallelUploads
const mostLarge = 4
const outdatedDelayMs = 1_000
const recordAgainMs = 2_000
const readByOrphanDelayMs = 500
const detachAgainMs = 30_000
/** What was refused is tried again by itself: rights come back, quotas are raised, and nobody tells us. */
const refusedAgainMs = 60 * 60_000

/** What is still to come from folders that were renamed, and the keys they have not let go of. */
export interface Expansion {
  /** Folders whose keys have not all become operations yet. */
  readonly remaining: number
  /** False when that waits for something only time or a person can change. */
  readonly canGoOn: boolean
  /** What stands in the way of letting this key go; undefined while it just takes its time. */
  readonly problem: Problem | undefined
  covers(key: string): boolean
  hurry(): void
}

type Attempt = { readonly controller: AbortController; ended: Promise<void> }

export class Uploader implements JournalObserver {
  readonly #journal: Journal
  readonly #runner: OperationRunner
  readonly #connection: Connection
  readonly #sources: CopySources
  readonly #pause: DrivePause
  readonly #clock: Clock
  readonly #log: Log
  readonly #observer: JournalObserver
  readonly #queue: UploadQueue
  readonly #running = new Map<number, Attempt>()
  readonly #held = new Set<number>()
  #largeRunning = 0
  readonly #parked = new ParkedOperations()
  readonly #detaching = new Set<number>()
  /** Puts whose key still holds what belongs to a renamed folder. */
  readonly #shutOut = new Set<number>()
  #cancelReopening: (() => void) | undefined
  readonly #expansion: Expansion
  readonly #waiters = new UploadWaiters()
  readonly #idleWaiters: (() => void)[] = []
  #cancelTimer: (() => void) | undefined
  #cancelRefused: (() => void) | undefined
  #timerAtMs = Infinity
  #mostRunning = mostRunning
  #isStopped = true

  constructor(options: {
    journal: Journal
    runner: OperationRunner
    connection: Connection
    sources: CopySources
    pause: DrivePause
    clock: Clock
    log: Log
    sizeOf: (node: NodeId) => number
    expansion: Expansion
    /** Told of every change as well: the transfers a person sees. */
    observer: JournalObserver
  }) {
    this.#journal = options.journal
    this.#runner = options.runner
    this.#connection = options.connection
    this.#sources = options.sources
    this.#pause = options.pause
    this.#clock = options.clock
    this.#log = options.log
    this.#queue = new UploadQueue(options)
    this.#expansion = options.expansion
    this.#observer = options.observer
    this.#connection.onChange(() => {
      this.#waiters.connectionChanged(this.#connection.state)
      this.#pump()
    })
    this.#pause.onChange(() => this.#pauseChanged())
  }

  /** How many at once; what is running beyond that ends by itself. */
  limit(mostAtOnce: number = mostRunning): void {
    this.#mostRunning = mostAtOnce
    if (!this.#isStopped) this.#pump()
  }

  start(): void {
    this.#isStopped = false
    for (const operation of this.#journal.operations()) this.#queue.add(operation)
    this.#tryRefused()
    this.#pump()
  }

  /** Ends what is running; it stays in the journal. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancelTimer?.()
    this.#cancelRefused?.()
    this.#cancelReopening?.()
    const attempts = [...this.#running.values()]
    for (const { controller } of attempts) controller.abort()
    await Promise.allSettled(attempts.map(({ ended }) => ended))
  }

  operationChanged(operation: Operation): void {
    this.#observer.operationChanged(operation)
    this.#waiters.changed(operation)
    if (this.#isStopped) return
    // Who waits for it to be copied from its old key need not wait for a person.
    if (operation.status.state === 'conflict') this.#unpark(operation.id)
    this.#queue.add(operation)
    this.#arm()
  }

  operationRemoved(operation: Operation, reason: 'done' | 'cancelled'): void {
    this.#observer.operationRemoved(operation, reason)
    this.#waiters.ended(operation.id)
    this.#unpark(operation.id)
    this.#shutOut.delete(operation.id)
    if (this.#journal.size === 0) for (const resolve of this.#idleWaiters.splice(0)) resolve()
    this.#arm()
  }

  /** Whether a folder's move waits for keys that another folder has not let go of. */
  get hasShutOutMove(): boolean {
    for (const id of this.#shutOut) if (this.#journal.get(id)?.move !== undefined) return true
    return false
  }

  /** A renamed folder has let keys go: who waited for one is looked at again, in a turn of its own. */
  keysWereLetGo(): void {
    if (this.#isStopped || this.#shutOut.size === 0 || this.#cancelReopening !== undefined) return
    this.#cancelReopening = this.#clock.after(0, () => this.#reopen())
  }

  /** Resolves when the bucket has the node as it is now; rejects with the first thing that stands in the way. */
  async uploadNow(node: NodeId): Promise<void> {
    for (let put = this.#journal.putOf(node); put !== undefined; put = this.#journal.putOf(node)) {
      this.#connection.check()
      const { id, status } = put
      if (status.state === 'blocked' || status.state === 'conflict') throw new StoreError(status.state, status.problem)
      const ended = this.#waiters.wait(id)
      if (status.state === 'queued') this.#journal.defer(put, 0)
      else this.#lookAgain([put])
      await ended
    }
  }

  /** Everything that can be uploaded, at once. Resolves with how many operations are left when nothing more can be done. */
  async drain(deadlineMs: number): Promise<number> {
    const giveUpAtMs = this.#clock.now() + deadlineMs
    this.#queue.isHurrying = true
    this.#expansion.hurry()
    this.#lookAgain(this.#journal.operations())
    this.#pump()
    while (this.#left > 0 && this.#canGoOn() && this.#clock.now() < giveUpAtMs) {
      await new Promise<void>((resolve) => {
        this.#idleWaiters.push(resolve)
        this.#clock.after(Math.min(200, Math.max(1, giveUpAtMs - this.#clock.now())), resolve)
      })
      this.#pump()
    }
    this.#queue.isHurrying = false
    return this.#left
  }

  get #left(): number {
    return this.#journal.size + this.#expansion.remaining
  }

  /** The person has done something about it. */
  retry(id: number): void {
    const operation = this.#journal.get(id)
    if (operation === undefined || operation.status.state === 'running') return
    this.#held.delete(id)
    operation.attempts = 0
    operation.dueAtMs = 0
    this.#journal.setStatus(operation, { state: 'queued' })
    this.#connection.tryNow()
  }

  /** Before all others that are queued. */
  prioritize(id: number): void {
    const operation = this.#journal.get(id)
    if (operation?.status.state === 'queued') this.#journal.prioritize(operation)
  }

  /** What refused them may not any more; what a person stopped stays stopped. */
  retryBlocked(): void {
    for (const operation of [...this.#journal.operations()]) {
      const { state } = operation.status
      if ((state === 'blocked' || state === 'waiting') && !isHeld(operation)) this.retry(operation.id)
    }
  }

  /** Who wants everything uploaded wants these too. */
  retryHeld(): void {
    for (const operation of [...this.#journal.operations()]) if (isHeld(operation)) this.retry(operation.id)
  }

  /** The person wants it to wait: the attempt under way ends, and the next one begins when the person says so. */
  async hold(id: number): Promise<void> {
    const operation = this.#journal.get(id)
    if (operation === undefined || operation.status.state === 'conflict') return
    this.#held.add(id)
    const attempt = this.#running.get(id)
    if (attempt === undefined) {
      this.#held.delete(id)
      this.#journal.setStatus(operation, heldStatus())
      return
    }
    attempt.controller.abort()
    await attempt.ended
  }

  #tryRefused(): void {
    for (const operation of [...this.#journal.operations()]) {
      if (operation.status.state === 'blocked' && !isHeld(operation)) this.retry(operation.id)
    }
    this.#cancelRefused = this.#clock.after(refusedAgainMs, () => this.#tryRefused())
  }

  /** False when all that is left needs a person or a network. */
  #canGoOn(): boolean {
    if (!this.#connection.isOnline || this.#pause.isOn) return false
    if (this.#expansion.remaining > 0 && this.#expansion.canGoOn) return true
    const stuck = this.#behindConflicts()
    for (const { id, status } of this.#journal.operations()) {
      if (status.state === 'running' || status.state === 'waiting') return true
      if (status.state === 'queued' && !stuck.has(id)) return true
    }
    return false
  }

  /** Deletions of the old names of files in conflict. */
  #behindConflicts(): Set<number> {
    const stuck = new Set<number>()
    for (const [first, behind] of this.#parked.entries()) {
      if (this.#journal.get(first)?.status.state !== 'conflict') continue
      for (const id of behind) if (this.#journal.get(id)?.kind === 'delete') stuck.add(id)
    }
    return stuck
  }

  /** What was passed over when it was due. */
  #lookAgain(operations: Iterable<Operation>): void {
    for (const operation of [...operations]) this.#queue.add(operation)
    this.#arm()
  }

  #pauseChanged(): void {
    if (this.#isStopped) return
    if (!this.#pause.isOn) this.#lookAgain(this.#journal.operations())
    else for (const [id, { controller }] of this.#running) if (!this.#mayGo(id)) controller.abort()
  }

  /** During a pause what somebody waits for goes on, and what has to go before it. */
  #mayGo(id: number): boolean {
    if (!this.#pause.isOn) return true
    return this.#waiters.some((waited) => waited === id || this.#parked.isWaitingFor(waited, id))
  }

  /** Called from inside transactions: the work itself starts in a turn of its own. */
  #arm(): void {
    const { nextAtMs } = this.#queue
    if (this.#isStopped || nextAtMs === Infinity || nextAtMs >= this.#timerAtMs) return
    this.#cancelTimer?.()
    this.#timerAtMs = nextAtMs
    this.#cancelTimer = this.#clock.after(Math.max(0, nextAtMs - this.#clock.now()), () => this.#pump())
  }

  #pump(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    this.#timerAtMs = Infinity
    if (this.#isStopped || !this.#connection.isOnline) return
    while (this.#running.size < this.#mostRunning) {
      const operation = this.#takeNext()
      if (operation === undefined) break
      this.#launch(operation)
    }
    if (this.#running.size < this.#mostRunning) this.#arm()
  }

  #takeNext(): Operation | undefined {
    for (const name of this.#queue.order) {
      const operation = name === 'large' && this.#largeRunning >= mostLarge ? undefined : this.#take(name)
      if (operation !== undefined) return operation
    }
    return undefined
  }

  #take(name: QueueName): Operation | undefined {
    const queue = this.#queue
    const nowMs = this.#clock.now()
    for (let id = queue.take(name, nowMs); id !== undefined; id = queue.take(name, nowMs)) {
      const operation = this.#journal.get(id)
      if (operation === undefined || !this.#mayGo(id)) continue
      const dueAtMs = queue.dueAtMs(operation)
      if (dueAtMs === undefined || this.#journal.slot(operation.key).running !== undefined) continue
      if (dueAtMs > nowMs) {
        queue.addAt(operation, dueAtMs)
        continue
      }
      if (operation.kind === 'put' && this.#expansion.covers(operation.key)) {
        this.#shutOutFor(operation)
        continue
      }
      const first = this.#runningPutBefore(operation) ?? this.#sources.operationNeeding(operation)
      if (first !== undefined) this.#park(operation, first)
      else if (this.#sources.isReadByOrphan(operation)) queue.addAt(operation, nowMs + readByOrphanDelayMs)
      else return operation
    }
    return undefined
  }

  /** A file renamed while it is being sent arrives under its old name first, and is copied from there instead of sent twice. */
  #runningPutBefore({ kind, node }: Operation): Operation | undefined {
    if (kind !== 'put') return undefined
    for (const id of this.#running.keys()) {
      const running = this.#journal.get(id)
      if (running?.kind === 'put' && running.node === node) return running
    }
    return undefined
  }

  #reopen(): void {
    this.#cancelReopening = undefined
    for (const id of this.#shutOut) {
      const operation = this.#journal.get(id)
      if (operation !== undefined) this.#queue.add(operation)
    }
    this.#shutOut.clear()
    this.#arm()
  }

  #shutOutFor(operation: Operation): void {
    const { problem } = this.#expansion
    if (problem === undefined) this.#shutOut.add(operation.id)
    else this.#journal.setStatus(operation, this.#afterFailure(operation, new StoreError('retry', problem)))
  }

  #park(operation: Operation, first: Operation): void {
    this.#parked.park(operation.id, first.id)
    const isRing = this.#parked.isWaitingFor(first.id, operation.id)
    if (this.#pause.isOn && !isRing) this.#queue.add(first)
    // A ring of renames: nobody can go first on the server. And a conflict holds back only its own file: the deletion of its old
    // name waits with it, but not what another file is to put there. So it brings its bytes here and uploads them, one day.
    const isOthers = operation.kind === 'put' && first.status.state === 'conflict'
    if (isOthers || isRing) this.#detach(first)
  }

  #detach(first: Operation): void {
    if (this.#detaching.has(first.id)) return
    this.#detaching.add(first.id)
    const ended = this.#sources.detach(first).finally(() => this.#detaching.delete(first.id))
    void ended.then(
      () => this.#unpark(first.id),
      (error: unknown) => {
        // It may have ended by itself meanwhile.
        const state = this.#journal.get(first.id)?.status.state
        if (state === 'queued') this.#journal.setStatus(first, this.#afterFailure(first, error))
        else if (state === 'conflict') this.#clock.after(detachAgainMs, () => this.#unpark(first.id))
        else this.#unpark(first.id)
      },
    )
  }

  #unpark(id: number): void {
    for (const waiting of this.#parked.take(id)) {
      const operation = this.#journal.get(waiting)
      if (operation !== undefined) this.#queue.add(operation)
    }
    this.#arm()
  }

  #launch(operation: Operation): void {
    const attempt: Attempt = { controller: new AbortController(), ended: Promise.resolve() }
    const isLarge = this.#queue.queueOf(operation) === 'large'
    this.#running.set(operation.id, attempt)
    if (isLarge) this.#largeRunning++
    attempt.ended = this.#runner
      .run(operation, attempt.controller.signal)
      .catch((error: unknown): RunResult => ({ kind: 'failed', error }))
      .then((result) => this.#record(operation.id, result))
      .finally(() => {
        this.#running.delete(operation.id)
        this.#unpark(operation.id)
        if (isLarge) this.#largeRunning--
        this.#pump()
      })
  }

  /** What came of an attempt must get into the journal, if not now (a full disk) then later. */
  #record(id: number, result: RunResult): void {
    try {
      this.#settle(id, result)
    } catch (error) {
      this.#log.error('what came of an operation could not be recorded', error, { id })
      if (!this.#isStopped) this.#clock.after(recordAgainMs, () => this.#record(id, result))
    }
  }

  #settle(id: number, result: RunResult): void {
    const operation = this.#journal.get(id)
    if (operation === undefined || result.kind === 'done') return
    switch (result.kind) {
      case 'outdated':
        operation.dueAtMs = this.#clock.now() + (this.#queue.isHurrying ? 0 : outdatedDelayMs)
        this.#journal.fail(operation, this.#held.delete(id) ? heldStatus() : { state: 'queued' })
        return
      case 'conflict':
        this.#log.warn('conflict', { key: operation.key })
        this.#journal.fail(operation, conflictState(operation.status, result, this.#clock.now()))
        return
      case 'failed':
        this.#journal.fail(operation, this.#afterFailure(operation, result.error))
        return
      default:
        return assertNever(result)
    }
  }

  #afterFailure(operation: Operation, error: unknown): Operation['status'] {
    if (!isForeseen(error)) this.#log.error('an operation failed unexpectedly', error, { key: operation.key })
    return statusAfter(error, {
      attempts: operation.attempts,
      isHeld: this.#held.delete(operation.id),
      nowMs: this.#clock.now(),
      random: Math.random(),
    })
  }
}
