/**
 * Looks into puts that wait while the bucket moves on, without sending anything: so a conflict is found before the upload is tried,
 * and one that is known follows what the bucket shows, or is over once that is the base again. At most one look at a time
 * for an operation, and few at once. What runs is left to its own condition.
 */
import type { Journal } from '../journal/journal.ts'
import type { Operation } from '../journal/operation.ts'
import { assertNever } from '../runtime/assert-never.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import { StoreError, type ObjectStore } from '../s3/store.ts'
import type { BucketNews } from './bucket-news.ts'
import type { ConflictFinder } from './conflict-finder.ts'
import type { ConflictOutcome, Outcome } from './conflict-outcome.ts'
import { conflictState } from './conflict-words.ts'
import type { Connection } from './connection.ts'
import type { OwnWrites } from './own-writes.ts'
import { UploadOutdated } from './upload-range.ts'

const mostAtOnce = 4

export class ConflictWatch {
  readonly #store: ObjectStore
  readonly #connection: Connection
  readonly #journal: Journal
  readonly #ownWrites: OwnWrites
  readonly #finder: ConflictFinder
  readonly #outcome: ConflictOutcome
  readonly #news: BucketNews
  readonly #isHeldBack: (put: Operation) => boolean
  readonly #clock: Clock
  readonly #log: Log
  readonly #looks = new Map<number, Promise<void>>()
  readonly #waiting: (() => void)[] = []
  readonly #closing = new AbortController()
  #underWay = 0
  #wasOnline = true

  constructor(options: {
    store: ObjectStore
    connection: Connection
    journal: Journal
    ownWrites: OwnWrites
    finder: ConflictFinder
    outcome: ConflictOutcome
    news: BucketNews
    /** Another file still stands on its key and may yet follow a change of theirs there. */
    isHeldBack: (put: Operation) => boolean
    clock: Clock
    log: Log
  }) {
    this.#store = options.store
    this.#connection = options.connection
    this.#journal = options.journal
    this.#ownWrites = options.ownWrites
    this.#finder = options.finder
    this.#outcome = options.outcome
    this.#news = options.news
    this.#isHeldBack = options.isHeldBack
    this.#clock = options.clock
    this.#log = options.log
    this.#connection.onChange(() => {
      const isBack = this.#connection.isOnline && !this.#wasOnline
      this.#wasOnline = this.#connection.isOnline
      if (isBack) this.#lookAtConflicts()
    })
    this.#news.listen((operation) => this.#look(operation))
  }

  start(): void {
    this.#lookAtConflicts()
  }

  /** Nothing is changed any more. */
  close(): void {
    this.#closing.abort()
  }

  /** The conflict is what the bucket shows now, or is over. Throws StoreError when the bucket cannot be asked. */
  refresh(operation: number): Promise<void> {
    const known = this.#looks.get(operation)
    if (known !== undefined) return known
    const look = this.#inTurn(() => this.#inspect(operation)).finally(() => this.#looks.delete(operation))
    this.#looks.set(operation, look)
    return look
  }

  #lookAtConflicts(): void {
    for (const { id, status } of this.#journal.operations()) if (status.state === 'conflict') this.#look(id)
  }

  #look(operation: number): void {
    void this.refresh(operation).catch((error: unknown) => {
      this.#news.forget(operation)
      if (this.#isClosed || error instanceof StoreError || error instanceof UploadOutdated) return
      this.#log.error('a conflict could not be looked into', error, { operation })
    })
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    while (this.#underWay >= mostAtOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#underWay++
    try {
      await work()
    } finally {
      this.#underWay--
      this.#waiting.shift()?.()
    }
  }

  /** Still there, and waiting for nothing but its turn, the network or a person. */
  #waitingPut(id: number): Operation | undefined {
    if (this.#isClosed) return undefined
    const operation = this.#journal.get(id)
    if (operation?.kind !== 'put' || operation.status.state === 'running') return undefined
    if (operation.base.kind !== 'pending' && !this.#isHeldBack(operation)) return operation
    this.#news.forget(id)
    return undefined
  }

  async #inspect(id: number): Promise<void> {
    const asked = this.#waitingPut(id)
    if (asked === undefined) return
    const { signal } = this.#closing
    const head = await this.#store.head(asked.key, { signal })
    const operation = this.#waitingPut(id)
    if (operation === undefined || operation.key !== asked.key) return
    const isOwn = await this.#ownWrites.explain(operation, head, signal)
    if (isOwn) {
      this.#record(id, { kind: 'outdated' })
      return
    }
    const finding = await this.#finder.find(operation, head, signal)
    if (this.#waitingPut(id) !== undefined) this.#record(id, this.#outcome.carryOut(id, finding))
  }

  #record(id: number, outcome: Outcome): void {
    const operation = this.#waitingPut(id)
    if (operation === undefined) return
    const { status } = operation
    switch (outcome.kind) {
      case 'conflict':
        if (status.state !== 'conflict') this.#log.warn('conflict', { key: operation.key })
        this.#journal.setStatus(operation, conflictState(status, outcome, this.#clock.now()))
        return
      case 'outdated':
      case 'unchanged':
        // What it was built on is there again, or is another version now that it may replace.
        if (status.state === 'conflict') this.#journal.setStatus(operation, { state: 'queued' })
        return
      case 'stale':
      case 'done':
      case 'failed':
        return
      default:
        assertNever(outcome)
    }
  }
}
