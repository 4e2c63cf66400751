/**
 * One drive's worker: starts it, mounts, watches, starts again, unmounts. What follows from what is decided in
 * drive-lifecycle; here it is carried out.
 * Must hold: at most one worker a drive; nothing an earlier worker says reaches the present state; a worker that
 * answers nothing is killed (its journal is on disk); `journal` is `open` before a mount is asked for.
 */
import type { Capabilities } from '../contracts/account.ts'
import { emptyDriveStatus, type DriveState, type DriveStatus } from '../contracts/drive.ts'
import { problemFrom, ProblemError, type Problem } from '../contracts/problem.ts'
import type { Transfer } from '../contracts/transfer.ts'
import { WorkerLink, type WorkerPort } from '../contracts/worker-client.ts'
import type { DriveEvent, WorkerParams, WorkerRequestName, WorkerResult } from '../contracts/worker-protocol.ts'
import { t } from '../language/language.ts'
import { driveState, step, type Lifecycle, type LifecycleEvent } from './drive-lifecycle.ts'
import type { JournalRecord } from './store-file.ts'

export interface RunningWorker {
  port: WorkerPort
  /** Asks it to end, and makes it after a few seconds. */
  end(): void
  kill(): void
}

export interface WorkerHost {
  start(label: string): RunningWorker
}

export type SupervisorListener = {
  /** State or status changed. */
  changed(): void
  transfersChanged(transfers: Transfer[], isWhole: boolean): void
  conflictsChanged(changed: { count: number; revision: number }): void
  filesChanged(folders: readonly string[]): void
  noticeRaised(problem: Problem): void
  capabilitiesProbed(capabilities: Capabilities): void
  journalChanged(journal: JournalRecord): void
}

export type SupervisorOptions = {
  /** The drive as a person knows it; it may be renamed. */
  label(): string
  workers: WorkerHost
  /** Read anew for every start: the drive, its account and its secret may have been edited. */
  mountParams(): Promise<WorkerParams<'drive:mount'>>
  journal: JournalRecord
  listener: SupervisorListener
  log: (message: string) => void
}

export type UnmountOptions = { pending: 'wait' | 'leave'; isForced: boolean; deadlineMs?: number }

type Attempt = { worker: RunningWorker; link: WorkerLink }

const readyDeadlineMs = 30_000
const mountDeadlineMs = 60_000
const unmountDeadlineMs = 30_000
const heartbeatMs = 20_000
const heartbeatDeadlineMs = 30_000
/** Two, because the deadline of one may have passed while the computer slept. */
const missedHeartbeats = 2

export class DriveSupervisor {
  readonly #options: SupervisorOptions
  #lifecycle: Lifecycle = { phase: 'unmounted' }
  #attempt: Attempt | undefined
  #status: DriveStatus
  #journal: JournalRecord
  #retryTimer: NodeJS.Timeout | undefined
  #heartbeatTimer: NodeJS.Timeout | undefined
  #settling: { phase: Lifecycle['phase']; resolve: () => void }[] = []

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#journal = options.journal
    this.#status = statusOf(options.journal)
  }

  state(): DriveState {
    return driveState(this.#lifecycle)
  }

  status(): DriveStatus {
    return this.#status
  }

  journal(): JournalRecord {
    return this.#journal
  }

  /** True where a worker holds the drive open or is about to again. */
  isLive(): boolean {
    return this.#lifecycle.phase !== 'unmounted' && this.#lifecycle.phase !== 'failed'
  }

  /** Resolves when the drive is mounted; rejects with what stands in the way, which the state shows too. */
  async mount(): Promise<void> {
    if (this.#lifecycle.phase === 'stopping') throw new ProblemError(busy(this.#options.label()))
    this.#dispatch({ kind: 'mount:asked' })
    await this.#left('starting')
    const { lifecycle } = this.#present()
    if (lifecycle.phase === 'waiting' || lifecycle.phase === 'failed') throw new ProblemError(lifecycle.problem)
  }

  /** Rejects, and the drive stays mounted, when the worker refuses; a silent worker is killed. */
  async unmount({ pending, isForced, deadlineMs }: UnmountOptions): Promise<void> {
    await this.#left('starting')
    if (this.#lifecycle.phase === 'stopping') throw new ProblemError(busy(this.#options.label()))
    this.#dispatch({ kind: 'unmount:asked' })
    const { lifecycle, attempt } = this.#present()
    if (lifecycle.phase !== 'stopping' || !attempt) return
    const params = { pending, isForced, ...(deadlineMs === undefined ? {} : { deadlineMs }) }
    try {
      const left = await attempt.link.request('drive:unmount', params, {
        deadlineMs: (deadlineMs ?? 0) + unmountDeadlineMs,
      })
      this.#setJournal(left.pendingOperations > 0 ? { state: 'pending', ...left } : { state: 'empty' })
      this.#dispatch({ kind: 'unmount:succeeded' })
      this.#setStatus(statusOf(this.#journal))
    } catch (error) {
      const problem = problemFrom(error)
      if (problem.code === 'worker-crashed') this.#giveUp(attempt, problem)
      else this.#dispatch({ kind: 'unmount:refused' })
      throw error
    }
  }

  /** Ends the worker whatever it is doing, and starts no other; what it acknowledged is in its journal. */
  abandon(): void {
    this.#dispatch({ kind: 'unmount:asked' })
    if (this.#attempt)
      this.#giveUp(this.#attempt, {
        code: 'cancelled',
        message: t('main.drive-ended', { label: this.#options.label() }),
      })
    this.#dispatch({ kind: 'unmount:asked' })
  }

  /** Resolves when the present unmount, if any, is over. */
  async settled(): Promise<void> {
    await this.#left('stopping')
  }

  request<N extends WorkerRequestName>(name: N, params: WorkerParams<N>, deadlineMs: number): Promise<WorkerResult<N>> {
    if (this.#lifecycle.phase !== 'mounted' || !this.#attempt) {
      const message = t('main.drive-not-mounted', { label: this.#options.label() })
      return Promise.reject(
        new ProblemError({ code: 'not-found', message, remedy: t('main.drive-not-mounted.remedy') }),
      )
    }
    return this.#attempt.link.request(name, params, { deadlineMs })
  }

  /** Reads the state anew: it may have changed at any await. */
  #present(): { lifecycle: Lifecycle; attempt: Attempt | undefined } {
    return { lifecycle: this.#lifecycle, attempt: this.#attempt }
  }

  #dispatch(event: LifecycleEvent): void {
    const before = this.#lifecycle
    const next = step(before, event, Date.now())
    if (next === before) return
    this.#lifecycle = next
    this.#options.log(
      `${this.#options.label()}: ${before.phase} → ${next.phase}${'problem' in next ? ` (${describe(next.problem)})` : ''}`,
    )
    this.#enter(next)
    this.#options.listener.changed()
    const over = this.#settling.filter(({ phase }) => phase !== next.phase)
    this.#settling = this.#settling.filter(({ phase }) => phase === next.phase)
    for (const { resolve } of over) resolve()
  }

  #enter(next: Lifecycle): void {
    clearTimeout(this.#retryTimer)
    clearTimeout(this.#heartbeatTimer)
    if (next.phase === 'waiting')
      this.#retryTimer = setTimeout(() => this.#dispatch({ kind: 'retry:due' }), next.retryAtMs - Date.now())
    if (next.phase === 'mounted') this.#watch(0)
    if (next.phase === 'unmounted' || next.phase === 'failed' || next.phase === 'waiting') this.#dropWorker()
    if (next.phase === 'starting') void this.#start()
  }

  async #start(): Promise<void> {
    const journalBefore = this.#journal
    let attempt: Attempt | undefined
    try {
      const params = await this.#options.mountParams()
      attempt = this.#openAttempt()
      await attempt.link.ready(readyDeadlineMs)
      this.#setJournal({ state: 'open' })
      const result = await attempt.link.request('drive:mount', params, { deadlineMs: mountDeadlineMs })
      if (attempt !== this.#attempt) return
      if (result.capabilities) this.#options.listener.capabilitiesProbed(result.capabilities)
      this.#dispatch({ kind: 'mount:succeeded' })
      await attempt.link.refresh()
    } catch (error) {
      if (attempt && attempt !== this.#attempt) return
      const problem = problemFrom(error)
      if (attempt && problem.code === 'worker-crashed') {
        this.#giveUp(attempt, problem)
        return
      }
      // The worker said no: it has written nothing that was not there before.
      this.#setJournal(journalBefore)
      this.#dispatch({ kind: 'mount:failed', problem })
    }
  }

  #openAttempt(): Attempt {
    const worker = this.#options.workers.start(this.#options.label())
    const isPresent = () => this.#attempt?.worker === worker
    const link = new WorkerLink({
      port: worker.port,
      onEvent: (event) => isPresent() && this.#hear(event),
      onSnapshot: ({ status, transfers }) => {
        if (!isPresent()) return
        this.#setStatus(status)
        this.#options.listener.transfersChanged(transfers, true)
      },
      onViolation: (explanation) => this.#options.log(`${this.#options.label()}: ${explanation}`),
    })
    const attempt = { worker, link }
    this.#attempt = attempt
    worker.port.onClose((problem) => isPresent() && this.#giveUp(attempt, { ...problem, ...comesBack() }))
    return attempt
  }

  #hear(event: DriveEvent): void {
    const { listener } = this.#options
    if (event.kind === 'status:changed') this.#setStatus(event.status)
    else if (event.kind === 'transfers:changed') listener.transfersChanged(event.transfers, false)
    else if (event.kind === 'capabilities:probed') listener.capabilitiesProbed(event.capabilities)
    else if (event.kind === 'conflicts:changed') listener.conflictsChanged(event)
    else if (event.kind === 'files:changed') listener.filesChanged(event.folders)
    else if (event.kind === 'notice:raised') listener.noticeRaised(event.problem)
    else if (event.kind === 'drive:detached') this.#detached()
  }

  /** Another program unmounted it: close the journal properly, and do not fight. */
  #detached(): void {
    if (this.#lifecycle.phase !== 'mounted') return
    const message = t('main.drive-detached', { label: this.#options.label() })
    this.#options.listener.noticeRaised({ code: 'mount-failed', message, remedy: t('main.drive-detached.remedy') })
    this.unmount({ pending: 'leave', isForced: true }).catch((error: unknown) =>
      this.#options.log(`${this.#options.label()}: ${describe(problemFrom(error))}`),
    )
  }

  /** The worker is dead or as good as dead. */
  #giveUp(attempt: Attempt, problem: Problem): void {
    if (attempt !== this.#attempt) return
    attempt.worker.kill()
    this.#attempt = undefined
    this.#options.listener.transfersChanged([], true)
    this.#dispatch({ kind: 'worker:ended', problem })
  }

  #dropWorker(): void {
    const attempt = this.#attempt
    if (!attempt) return
    this.#attempt = undefined
    attempt.link.close({
      code: 'cancelled',
      message: t('main.drive-unmounted', { label: this.#options.label() }),
    })
    attempt.worker.end()
    this.#options.listener.transfersChanged([], true)
  }

  #watch(missed: number): void {
    const { attempt } = this.#present()
    if (!attempt) return
    this.#heartbeatTimer = setTimeout(() => {
      attempt.link.request('drive:snapshot', {}, { deadlineMs: heartbeatDeadlineMs }).then(
        () => this.#isWatching(attempt) && this.#watch(0),
        (error: unknown) => {
          if (!this.#isWatching(attempt)) return
          const isSilent = problemFrom(error).code === 'worker-crashed'
          if (isSilent && missed + 1 >= missedHeartbeats) this.#giveUp(attempt, silent(this.#options.label()))
          else this.#watch(isSilent ? missed + 1 : 0)
        },
      )
    }, heartbeatMs)
  }

  #isWatching(attempt: Attempt): boolean {
    return attempt === this.#attempt && this.#lifecycle.phase === 'mounted'
  }

  #setStatus(status: DriveStatus): void {
    this.#status = status
    this.#options.listener.changed()
  }

  #setJournal(journal: JournalRecord): void {
    this.#journal = journal
    this.#options.listener.journalChanged(journal)
  }

  /** Resolves once the lifecycle is in another phase than `phase`. */
  #left(phase: Lifecycle['phase']): Promise<void> {
    if (this.#lifecycle.phase !== phase) return Promise.resolve()
    return new Promise((resolve) => this.#settling.push({ phase, resolve }))
  }
}

function statusOf(journal: JournalRecord): DriveStatus {
  if (journal.state !== 'pending') return emptyDriveStatus
  const { pendingOperations, unsyncedBytes } = journal
  return { ...emptyDriveStatus, pendingOperations, unsyncedBytes }
}

const comesBack = (): Pick<Problem, 'consequence' | 'remedy'> => ({
  consequence: t('main.drive-crashed.consequence'),
  remedy: t('main.drive-crashed.remedy'),
})

function busy(label: string): Problem {
  return {
    code: 'drive-busy',
    message: t('main.drive-unmounting', { label }),
    remedy: t('main.drive-unmounting.remedy'),
  }
}

function silent(label: string): Problem {
  return {
    code: 'worker-crashed',
    message: t('main.drive-silent', { label }),
    consequence: t('main.drive-silent.consequence'),
  }
}

function describe(problem: Problem): string {
  return [problem.code, problem.message, problem.detail].filter(Boolean).join(': ')
}
