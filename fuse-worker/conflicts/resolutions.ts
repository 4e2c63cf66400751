/**
 * Choices between the two sides of a conflict: recorded in the operation, carried out when they are due. Must hold: nothing of
 * either side goes before it is whole and on the disk in the recovery folder (or in the bucket's own history); a choice is
 * carried out only on the two versions it was made for, looked at again in the turn of the change itself; a choice that
 * cannot be carried out yet stays, is tried again, and can be taken back.
 */
import type { ChoiceOutcome, Choices, PendingChoice, ResolutionKind, SeenSides } from '../../contracts/conflict.ts'
import { ProblemError, type Problem } from '../../contracts/problem.ts'
import type { ContentStore } from '../cache/content-store.ts'
import { isDiskFull } from '../cache/room.ts'
import type { Journal } from '../journal/journal.ts'
import type { Choice } from '../journal/operation.ts'
import type { DriveDatabase } from '../metadata/database.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import { StoreError, type ObjectStore } from '../s3/store.ts'
import { retryDelayMs } from '../sync/backoff.ts'
import { conflictProblem, conflictState } from '../sync/conflict-words.ts'
import type { Connection } from '../sync/connection.ts'
import { DueQueue } from '../sync/due-queue.ts'
import { openProblem, problemOf } from './choice-problems.ts'
import type { RecoveryFolder } from './recovery-folder.ts'
import type { Settlement } from './settlement.ts'
import { isInHistory, type Sides, type Standoff } from './sides.ts'
import { MovedOn, type SideWriter } from './side-writer.ts'

const mostRunning = 4
const lookAgainMs = 1_000

export type ResolutionsOptions = {
  sides: Sides
  settlement: Settlement
  writer: SideWriter
  recovered: RecoveryFolder
  journal: Journal
  database: DriveDatabase
  contents: ContentStore
  store: ObjectStore
  connection: Connection
  clock: Clock
  log: Log
  /** How a choice stands has changed, without the journal. */
  onChange: () => void
}

/** What is known of a choice besides what the journal holds. */
type Standing = { state: PendingChoice['state']; notBeforeMs: number; attempts: number; problem?: Problem }

const fresh: Standing = { state: 'waiting', notBeforeMs: 0, attempts: 0 }

export class Resolutions {
  readonly #options: ResolutionsOptions
  readonly #standings = new Map<number, Standing>()
  readonly #running = new Map<number, AbortController>()
  readonly #due = new DueQueue()
  #timerAtMs = Infinity
  #cancelTimer: (() => void) | undefined
  #isStopped = true

  constructor(options: ResolutionsOptions) {
    this.#options = options
    options.connection.onChange(() => this.#connectionChanged())
  }

  /** Choices made before, in an earlier process too, are carried out from now on. */
  start(): void {
    this.#isStopped = false
    for (const { operation } of this.#options.sides.all()) this.#enqueue(operation.id)
    this.#arm()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancelTimer?.()
    for (const controller of this.#running.values()) controller.abort()
    while (this.#running.size > 0) await new Promise((resolve) => setImmediate(resolve))
  }

  choose({ choices, delayMs }: Choices): ChoiceOutcome[] {
    return this.#options.database.transaction(() =>
      choices.map(({ kind, ...seen }) => this.#choose(kind, seen, delayMs)),
    )
  }

  /** What is carried out already stays; what is under way ends without a change. */
  undo(ids: readonly string[]): void {
    const { sides, database } = this.#options
    database.transaction(() => {
      for (const id of ids) {
        const standoff = sides.get(Number(id))
        if (standoff?.operation.status.choice !== undefined) this.#dropChoice(standoff)
      }
    })
  }

  /** Answers once the text has taken the place of mine, and is on its way. Throws ProblemError and StoreError. */
  async merge(seen: SeenSides, text: string): Promise<ChoiceOutcome> {
    const { sides, settlement, contents } = this.#options
    const id = Number(seen.id)
    const agreed = (): Standoff | undefined => {
      const found = sides.get(id)
      return found !== undefined && sides.isSeen(found, seen) ? found : undefined
    }
    const first = sides.get(id)
    if (first === undefined) return { id: seen.id, outcome: 'gone' }
    if (agreed() === undefined || this.#running.has(id)) return { id: seen.id, outcome: 'moved-on' }
    if (first.node.kind !== 'file' || sides.isOpenForWriting(first))
      throw new ProblemError(openProblem(sides.pathOf(first)))
    const controller = new AbortController()
    this.#running.set(id, controller)
    const bytes = Buffer.from(text)
    const merged = contents.create(0)
    let isDone = false
    const kept: string[] = []
    try {
      await this.#keepMine(first, controller.signal, kept)
      await this.#keepTheirs(first, controller.signal, kept)
      contents.write(merged, bytes, 0)
      await contents.sync(merged)
      const standoff = agreed()
      if (standoff === undefined || sides.isOpenForWriting(standoff)) throw new MovedOn()
      settlement.takeMerged(standoff, merged, bytes.length)
      isDone = true
      return { id: seen.id, outcome: 'chosen' }
    } catch (error) {
      if (isDiskFull(error)) throw new ProblemError(problemOf(error), { cause: error })
      if (!isMovedOn(error)) throw error
      await this.lookAgain(id)
      return { id: seen.id, outcome: 'moved-on' }
    } finally {
      this.#running.delete(id)
      this.changed(id)
      if (!isDone) {
        contents.removeFiles(merged)
        this.#options.recovered.remove(kept)
      }
    }
  }

  /** As a person is shown it. */
  pendingOf({ operation }: Standoff): PendingChoice | undefined {
    const { choice } = operation.status
    if (choice === undefined) return undefined
    const standing = this.#standings.get(operation.id)
    const state = this.#running.has(operation.id) ? 'applying' : (standing?.state ?? 'waiting')
    return {
      kind: choice.kind,
      appliesAt: choice.appliesAtMs,
      state,
      ...(standing?.problem === undefined ? {} : { problem: standing.problem }),
    }
  }

  /** The journal tells of every change of a conflict. */
  changed(id: number): void {
    this.#enqueue(id)
    this.#arm()
  }

  #choose(kind: ResolutionKind, seen: SeenSides, delayMs: number): ChoiceOutcome {
    const { sides, journal, clock } = this.#options
    const standoff = sides.get(Number(seen.id))
    const live = journal.get(Number(seen.id))
    if (standoff === undefined || live === undefined) return { id: seen.id, outcome: 'gone' }
    if (!sides.isSeen(standoff, seen)) return { id: seen.id, outcome: 'moved-on' }
    if (kind !== 'theirs' && !sides.isWhole(standoff)) return { id: seen.id, outcome: 'not-whole' }
    this.#running.get(live.id)?.abort()
    this.#standings.delete(live.id)
    const choice: Choice = {
      kind,
      revision: seen.revision,
      theirsEtag: seen.theirsEtag,
      appliesAtMs: clock.now() + delayMs,
    }
    journal.setStatus(live, { ...standoff.operation.status, choice })
    return { id: seen.id, outcome: 'chosen' }
  }

  #dropChoice({ operation }: Standoff): void {
    const live = this.#options.journal.get(operation.id)
    if (live === undefined) return
    this.#running.get(operation.id)?.abort()
    this.#standings.delete(operation.id)
    const { choice: _dropped, ...status } = operation.status
    this.#options.journal.setStatus(live, status)
  }

  /** Inside transactions too: the work begins in a turn of its own. */
  #arm(): void {
    const { clock } = this.#options
    const nextAtMs = this.#running.size < mostRunning ? (this.#due.nextAtMs ?? Infinity) : Infinity
    if (this.#isStopped || nextAtMs >= this.#timerAtMs) return
    this.#cancelTimer?.()
    this.#timerAtMs = nextAtMs
    this.#cancelTimer = clock.after(Math.max(0, nextAtMs - clock.now()), () => this.#pump())
  }

  #enqueue(id: number): void {
    const atMs = this.#dueAtMs(id)
    if (atMs !== undefined && atMs !== Infinity) this.#due.push(id, atMs)
  }

  #dueAtMs(id: number): number | undefined {
    const choice = this.#options.sides.get(id)?.operation.status.choice
    if (choice === undefined || this.#running.has(id)) return undefined
    return Math.max(choice.appliesAtMs, this.#standings.get(id)?.notBeforeMs ?? 0)
  }

  #pump(): void {
    this.#timerAtMs = Infinity
    const nowMs = this.#options.clock.now()
    while (!this.#isStopped && this.#running.size < mostRunning) {
      const id = this.#due.take(nowMs)
      if (id === undefined) break
      const atMs = this.#dueAtMs(id)
      if (atMs === undefined) continue
      if (atMs <= nowMs) this.#launch(id)
      else if (atMs !== Infinity) this.#due.push(id, atMs)
    }
    this.#arm()
  }

  #launch(id: number): void {
    const controller = new AbortController()
    this.#running.set(id, controller)
    this.#options.onChange()
    void this.#carryOut(id, controller.signal)
      .catch((error: unknown) => this.#failed(id, controller.signal, error))
      .catch((error: unknown) => this.#options.log.error('what came of a choice could not be recorded', error))
      .finally(() => {
        this.#running.delete(id)
        this.#options.onChange()
        this.#enqueue(id)
        this.#arm()
      })
  }

  async #carryOut(id: number, signal: AbortSignal): Promise<void> {
    const standoff = this.#agreed(id)
    const kind = standoff?.operation.status.choice?.kind
    if (standoff === undefined || kind === undefined) return
    const { sides, settlement, recovered, writer } = this.#options
    // Nothing is kept beside what was deleted.
    const isBoth = kind === 'both' && standoff.theirs !== undefined
    const isAboutName = kind === 'theirs' || isBoth
    if (isAboutName && sides.isOpenForWriting(standoff)) {
      this.#waitForClose(id)
      return
    }
    const kept: string[] = []
    try {
      if (kind === 'theirs') await this.#prepareTheirs(standoff, signal, kept)
      else await writer.bringHere(standoff, signal)
      if (kind === 'mine' || (kind === 'both' && !isBoth)) await this.#keepTheirs(standoff, signal, kept)
      signal.throwIfAborted()
      const now = this.#agreed(id)
      if (now === undefined) throw new MovedOn()
      if (isAboutName && sides.isOpenForWriting(now)) throw new MovedOn()
      if (kind === 'theirs') settlement.takeTheirs(now)
      else if (isBoth && now.theirs !== undefined) settlement.keepBoth({ ...now, theirs: now.theirs })
      else settlement.keepMine(now)
      this.#standings.delete(id)
      kept.length = 0
    } finally {
      recovered.remove(kept)
    }
  }

  /** The conflict with both sides as they were chosen between; a choice that is about others goes. */
  #agreed(id: number): Standoff | undefined {
    const { sides } = this.#options
    const standoff = sides.get(id)
    const choice = standoff?.operation.status.choice
    if (standoff === undefined || choice === undefined) return undefined
    const seen = { id: String(id), revision: choice.revision, theirsEtag: choice.theirsEtag }
    const isLacking = choice.kind !== 'theirs' && !sides.isWhole(standoff)
    if (sides.isSeen(standoff, seen) && !isLacking) return standoff
    this.#dropChoice(standoff)
    return undefined
  }

  async #prepareTheirs(standoff: Standoff, signal: AbortSignal, kept: string[]): Promise<void> {
    const { operation, theirs } = standoff
    const head = await this.#options.store.head(operation.key, { signal })
    if (head?.etag !== theirs?.etag) throw new MovedOn()
    await this.#keepMine(standoff, signal, kept)
  }

  async #keepMine(standoff: Standoff, signal: AbortSignal, kept: string[]): Promise<void> {
    const { sides, recovered, writer } = this.#options
    const { node } = standoff
    const about = { path: sides.pathOf(standoff), side: 'mine' as const, modifiedAt: node.mtimeMs }
    const entry = await recovered.keep({ ...about, version: sides.revisionOf(standoff) }, (file) =>
      writer.mine(node.id, file, signal),
    )
    if (entry.isNew) kept.push(entry.id)
  }

  async #keepTheirs(standoff: Standoff, signal: AbortSignal, kept: string[]): Promise<void> {
    const { sides, recovered, writer, store } = this.#options
    const { operation, theirs } = standoff
    if (theirs === undefined || isInHistory(theirs)) {
      const head = await store.head(operation.key, { signal })
      if (head?.etag !== theirs?.etag) throw new MovedOn()
      return
    }
    const about = { path: sides.pathOf(standoff), side: 'theirs' as const, modifiedAt: theirs.modifiedAt }
    const entry = await recovered.keep({ ...about, version: `${operation.key} ${theirs.etag}` }, async (file) => {
      await writer.theirs(operation.key, theirs, file, signal)
      return { isIncomplete: false }
    })
    if (entry.isNew) kept.push(entry.id)
  }

  #waitForClose(id: number): void {
    const notBeforeMs = this.#options.clock.now() + lookAgainMs
    this.#standings.set(id, { ...fresh, state: 'waiting-for-close', notBeforeMs })
  }

  async #failed(id: number, signal: AbortSignal, error: unknown): Promise<void> {
    const { sides, clock } = this.#options
    const isOver = (): boolean =>
      signal.aborted || this.#isStopped || sides.get(id)?.operation.status.choice === undefined
    if (isOver()) return
    if (!isMovedOn(error)) {
      this.#tryLater(id, error)
      return
    }
    try {
      await this.lookAgain(id)
      if (!isOver()) this.#standings.set(id, { ...fresh, notBeforeMs: clock.now() + lookAgainMs })
    } catch (failure) {
      if (!isOver()) this.#tryLater(id, failure)
    }
  }

  #tryLater(id: number, error: unknown): void {
    const { clock, log, connection } = this.#options
    const attempts = (this.#standings.get(id)?.attempts ?? 0) + 1
    const isOffline = error instanceof StoreError && (error.kind === 'offline' || error.kind === 'cancelled')
    if (!(error instanceof StoreError || error instanceof ProblemError || isDiskFull(error)))
      log.error('a choice could not be carried out', error, { id })
    const pauseMs = lookAgainMs + retryDelayMs(attempts, Math.random())
    this.#standings.set(id, {
      state: isOffline ? 'waiting' : 'failed',
      notBeforeMs: isOffline && !connection.isOnline ? Infinity : clock.now() + pauseMs,
      attempts,
      problem: problemOf(error),
    })
  }

  /** One of the sides moved on: the conflict shows what there is now, and the choice goes if it was about another version. */
  async lookAgain(id: number): Promise<void> {
    const { sides, store, journal, clock } = this.#options
    const before = sides.get(id)
    if (before === undefined) return
    const head = await store.head(before.operation.key)
    const standoff = sides.get(id)
    const live = journal.get(id)
    if (standoff === undefined || live === undefined || standoff.operation.key !== before.operation.key) return
    if (head?.etag === standoff.theirs?.etag) {
      this.#agreed(id)
      return
    }
    const theirs = head === undefined ? 'deleted' : live.base.kind === 'absent' ? 'created' : 'edited'
    const problem = conflictProblem(sides.pathOf(standoff), theirs)
    this.#standings.delete(id)
    journal.setStatus(live, conflictState(live.status, { problem, theirs: head }, clock.now()))
  }

  #connectionChanged(): void {
    if (!this.#options.connection.isOnline) return
    for (const [id, standing] of this.#standings) {
      if (standing.state !== 'waiting') continue
      standing.notBeforeMs = 0
      this.#enqueue(id)
    }
    this.#arm()
  }
}

/** Also when the bucket says so while theirs is read. */
function isMovedOn(error: unknown): boolean {
  return (
    error instanceof MovedOn || (error instanceof StoreError && (error.kind === 'conflict' || error.kind === 'absent'))
  )
}
