/**
 * All drives and their supervisors: what the store remembers of each, what its worker tells, and what the window is to
 * know of it. One supervisor a drive, for as long as the drive exists.
 */
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { isAbsolute, relative, sep } from 'node:path'
import type { Account } from '../contracts/account.ts'
import { usualLogLevel, type LogLevel } from '../contracts/diagnostics.ts'
import type { Drive, DriveState, DriveStatus } from '../contracts/drive.ts'
import type { DriveView } from '../contracts/ipc.ts'
import type { DriveLimits } from '../contracts/limits.ts'
import type { Pin } from '../contracts/pin.ts'
import { problemFrom, ProblemError, type Problem, type ProblemCode } from '../contracts/problem.ts'
import { pendingOf, type Pending } from '../contracts/upload-estimate.ts'
import type { WorkerParams, WorkerRequestName, WorkerResult } from '../contracts/worker-protocol.ts'
import type { ProxyRoute } from '../contracts/proxy.ts'
import { t } from '../language/language.ts'
import type { AppStore } from './app-store.ts'
import { DriveSupervisor, type UnmountOptions, type WorkerHost } from './drive-supervisor.ts'
import type { EventStream } from './event-stream.ts'
import { LatePush } from './late-push.ts'
import type { NoticeBoard } from './notice-board.ts'
import type { Secrets } from './secrets.ts'
import { waitForUploads } from './upload-wait.ts'
import type { DriveRecord, JournalRecord } from './store-file.ts'
import { workerTransferId, type TransferBoard } from './transfer-board.ts'

export type DriveFleetOptions = {
  store: AppStore
  secrets: Pick<Secrets, 'load'>
  workers: WorkerHost
  events: Pick<EventStream, 'changed' | 'transfersChanged' | 'transfersCleared' | 'conflictsChanged' | 'filesChanged'>
  transfers: TransferBoard
  notices: Pick<NoticeBoard, 'raise'>
  /** How much of the line a drive begins with. */
  limitsOf?: (id: string) => DriveLimits
  /** Where the drive's cache is; throws what keeps it from being mounted there now. */
  cacheForMount(drive: Drive): string
  /** The way to the services of an account; absent: as the environment says. */
  routeTo?: (account: Account) => Promise<ProxyRoute>
  log: (message: string) => void
}

/** Long enough for a slow line; the window can stop waiting at any time by leaving the rest queued. */
const syncDeadlineMs = 6 * 60 * 60_000
/** For what was written while the drive was being unmounted: a person who waits has waited before. */
const lastUploadsMs = 60_000
const transferDeadlineMs = 15_000
/** Longer than a lookup on a slow network takes. */
const pinDeadlineMs = 60_000
const reconnectDeadlineMs = 15_000
const credentialsDeadlineMs = 15_000
const configureDeadlineMs = 15_000
/** What quitting gives a worker to unmount before it is killed. */
const lastUnmountMs = 15_000
const earlierWords = {
  keys: { message: 'main.earlier-keys', remedy: 'main.earlier-keys.remedy' },
  proxy: { message: 'main.earlier-proxy', remedy: 'main.earlier-proxy.remedy' },
  settings: { message: 'main.earlier-settings', remedy: 'main.earlier-settings.remedy' },
} as const

export class DriveFleet {
  readonly #options: DriveFleetOptions
  readonly #supervisors = new Map<string, DriveSupervisor>()
  readonly #offline = new Set<string>()
  readonly #late = new LatePush((id) => this.state(id).state)

  constructor(options: DriveFleetOptions) {
    this.#options = options
  }

  views(): DriveView[] {
    return this.#options.store.drives().map(({ drive }) => this.view(drive.id))
  }

  view(id: string): DriveView {
    const supervisor = this.#supervisor(id)
    return { drive: this.#record(id).drive, state: supervisor.state(), status: supervisor.status() }
  }

  state(id: string): DriveState {
    return this.#supervisor(id).state()
  }

  journal(id: string): JournalRecord {
    return this.#supervisor(id).journal()
  }

  isLive(id: string): boolean {
    return this.#supervisor(id).isLive()
  }

  mount(id: string): Promise<void> {
    return this.#supervisor(id).mount()
  }

  /** Resolves with what stays queued on this computer. */
  async unmount(id: string, options: UnmountOptions): Promise<Pending> {
    const deadlineMs = options.deadlineMs ?? (options.pending === 'wait' ? lastUploadsMs : undefined)
    await this.#supervisor(id).unmount({ ...options, ...(deadlineMs === undefined ? {} : { deadlineMs }) })
    return pendingOf([this.#supervisor(id).status()])
  }

  /** Waits for the uploads; resolves with how many changes are left when no more can be hoped for. */
  sync(id: string): Promise<number> {
    return waitForUploads({
      sync: () => this.#syncOnce(id),
      statuses: () => [this.#supervisor(id).status()],
      isCancelled: () => !this.isLive(id),
    })
  }

  async #syncOnce(id: string): Promise<number> {
    const params = { deadlineMs: syncDeadlineMs }
    const left = await this.#supervisor(id).request('drive:sync', params, syncDeadlineMs + 30_000)
    return left.pendingOperations
  }

  /** An offline drive tries at once. */
  async reconnect(id: string): Promise<void> {
    await this.#supervisor(id).request('network:changed', {}, reconnectDeadlineMs)
  }

  /** The computer woke up, or its network came or changed. */
  networkChanged(): void {
    for (const [id] of this.#live()) this.#tryNow(id)
    // Another network may want another proxy.
    void this.routesChanged()
  }

  async retryTransfer(driveId: string, id: string): Promise<void> {
    const params = { transferId: workerTransferId(driveId, id) }
    await this.#supervisor(driveId).request('transfer:retry', params, transferDeadlineMs)
  }

  async prioritizeTransfer(driveId: string, id: string): Promise<void> {
    const params = { transferId: workerTransferId(driveId, id) }
    await this.#supervisor(driveId).request('transfer:prioritize', params, transferDeadlineMs)
  }

  async pauseTransfer(driveId: string, id: string): Promise<void> {
    const params = { transferId: workerTransferId(driveId, id) }
    await this.#supervisor(driveId).request('transfer:pause', params, transferDeadlineMs)
  }

  async cancelTransfer(driveId: string, id: string): Promise<void> {
    const params = { transferId: workerTransferId(driveId, id) }
    await this.#supervisor(driveId).request('transfer:cancel', params, transferDeadlineMs)
  }

  async pins(id: string): Promise<Pin[]> {
    return (await this.#supervisor(id).request('pin:list', {}, pinDeadlineMs)).pins
  }

  /** `path` is a whole path of this computer. */
  async pin(id: string, path: string): Promise<Pin[]> {
    return (await this.#supervisor(id).request('pin:add', { path: this.locate(id, path) }, pinDeadlineMs)).pins
  }

  /** `path` is inside the drive. */
  async unpin(id: string, path: string): Promise<Pin[]> {
    return (await this.#supervisor(id).request('pin:remove', { path }, pinDeadlineMs)).pins
  }

  /** From a whole path of this computer to one inside the drive. */
  locate(id: string, path: string): string {
    const { mountpoint, name } = this.#record(id).drive
    const within = relative(mountpoint, path)
    if (within.split(sep)[0] !== '..' && !isAbsolute(within)) return within.split(sep).join('/')
    throw new ProblemError({
      code: 'invalid-input',
      message: t('main.not-on-drive', { path, name }),
      remedy: t('main.not-on-drive.remedy', { mountpoint }),
    })
  }

  /** For what a drive's worker answers by itself. */
  ask<N extends WorkerRequestName>(
    id: string,
    name: N,
    params: WorkerParams<N>,
    deadlineMs: number,
  ): Promise<WorkerResult<N>> {
    return this.#supervisor(id).request(name, params, deadlineMs)
  }

  /** An edited account reaches the drives that are using it; those that are not read it when they mount. */
  async pushAccount({ id: accountId }: Account): Promise<void> {
    const using = this.#options.store.drives().filter(({ drive }) => drive.accountId === accountId)
    await Promise.all(using.map(({ drive }) => this.#tell(drive.id, 'keys', () => this.#sendAccount(drive.id))))
  }

  async #sendAccount(id: string): Promise<void> {
    const { account } = accountOf(this.#record(id).drive, this.#options.store)
    const secret = await this.#options.secrets.load(account)
    await this.ask(id, 'drive:credentials', { account, secret }, credentialsDeadlineMs)
  }

  /** Every drive that is mounted goes by the proxy that is set now; the others ask when they mount. */
  async routesChanged(): Promise<void> {
    const { routeTo, store } = this.#options
    if (routeTo === undefined) return
    const send = async (id: string): Promise<void> => {
      const proxy = await routeTo(accountOf(this.#record(id).drive, store).account)
      await this.ask(id, 'drive:proxy', { proxy }, credentialsDeadlineMs)
    }
    await Promise.all(this.#live().map(([id]) => this.#tell(id, 'proxy', () => send(id))))
  }

  /** What a mounted drive can take over at once; one that is not reads it when it mounts. */
  async configure({ id }: Drive): Promise<void> {
    await this.#tell(id, 'settings', async () => {
      const { cacheLimitBytes, conflictPolicy, conflictRules, storageClass, encryption } = this.#record(id).drive
      const params = { cacheLimitBytes, conflictPolicy, conflictRules, storageClass, encryption }
      await this.ask(id, 'drive:configure', params, configureDeadlineMs)
    })
  }

  #tell(id: string, what: keyof typeof earlierWords, send: () => Promise<void>): Promise<void> {
    return this.#late.push(id, what, async () => {
      try {
        await send()
      } catch (error) {
        const record = this.#options.store.drives().find(({ drive }) => drive.id === id)
        // One that has gone since reads it when it is mounted again.
        if (record === undefined || this.state(id).state !== 'mounted') return
        const { detail, message: reason } = problemFrom(error)
        const { message, remedy } = earlierWords[what]
        const { name } = record.drive
        this.#options.notices.raise({
          code: 'internal',
          message: t(message, { name }),
          remedy: t(remedy),
          detail: detail ?? reason,
        })
      }
    })
  }

  /** A drive that is just starting learns it with everything else. */
  setLogLevel(level: LogLevel): void {
    this.#tellMounted('log:level', { level })
  }

  /** A process begins with the language of that moment; one that is just mounting keeps it. */
  setLanguage(language: string): void {
    this.#tellMounted('language:use', { language })
  }

  #tellMounted<N extends WorkerRequestName>(name: N, params: WorkerParams<N>): void {
    for (const [id, supervisor] of this.#live())
      if (this.state(id).state === 'mounted')
        supervisor
          .request(name, params, configureDeadlineMs)
          .catch((error: unknown) => this.#options.log(`${this.#record(id).drive.name}: ${problemFrom(error).message}`))
  }

  /** What would still be to upload by the drives that could do it now. */
  pending(): Pending {
    return pendingOf(this.statuses())
  }

  /** Of the drives that are there, or about to be again. */
  statuses(): DriveStatus[] {
    return this.#live().map(([, supervisor]) => supervisor.status())
  }

  /** What all drives, mounted or not, have queued on this computer. */
  queued(): Pending {
    return pendingOf(this.views().map(({ status }) => status))
  }

  /**
   * As `sync`, of all drives together; rejects with the first thing that stands in the way of any of them. A person who waits ends
   * pauses by that; otherwise a drive that is paused stays so.
   */
  syncAll(isCancelled: () => boolean, { endsPauses }: { endsPauses: boolean }): Promise<number> {
    const isWanted = ({ pendingOperations, pause }: DriveStatus) =>
      pendingOperations > 0 && (endsPauses || pause === undefined)
    const syncEach = async (): Promise<number> => {
      const waiting = this.#live().filter(([, supervisor]) => isWanted(supervisor.status()))
      const left = await Promise.all(waiting.map(([id]) => this.#syncOnce(id)))
      return left.reduce((sum, count) => sum + count, 0)
    }
    return waitForUploads({ sync: syncEach, statuses: () => this.statuses(), isCancelled })
  }

  mountAtStart(): void {
    for (const { drive } of this.#options.store.drives()) if (drive.mountsAtStart) this.#mountBehind(drive)
  }

  /** Drives that could not be mounted for a reason that is gone now. */
  mountFailedFor(...reasons: ProblemCode[]): void {
    for (const { drive, state } of this.views())
      if (state.state === 'failed' && reasons.includes(state.problem.code)) this.#mountBehind(drive)
  }

  #mountBehind({ id, name }: Drive): void {
    // The drive's state shows what went wrong.
    this.mount(id).catch((error: unknown) => this.#options.log(`${name}: ${problemFrom(error).message}`))
  }

  /** Answers what refused because it is in use; with `isForced` nothing does. A worker that does not answer is killed. */
  async unmountAll({ isForced }: { isForced: boolean }): Promise<Problem[]> {
    const refusals = await Promise.all(
      this.#live().map(async ([id, supervisor]) => {
        const timer = setTimeout(() => supervisor.abandon(), lastUnmountMs)
        try {
          await supervisor.settled()
          await this.unmount(id, { pending: 'leave', isForced })
          return []
        } catch (error) {
          const problem = problemFrom(error)
          this.#options.log(`unmounting at the end: ${problem.message}`)
          if (problem.code === 'drive-busy' && !isForced) return [problem]
          supervisor.abandon()
          return []
        } finally {
          clearTimeout(timer)
        }
      }),
    )
    return refusals.flat()
  }

  /** The drive's place in everything but the store is forgotten; it must not be live. */
  forget(id: string): void {
    this.#supervisors.delete(id)
    this.#offline.delete(id)
    this.#options.events.transfersCleared(this.#options.transfers.removeDrive(id))
  }

  /** A drive that gets through again is news for the other drives of its account, whose next try may be half a minute away. */
  #shareConnection(id: string): void {
    const supervisor = this.#supervisors.get(id)
    if (supervisor === undefined) return
    const { connection } = supervisor.status()
    if (supervisor.isLive() && (connection === 'offline' || connection === 'signed-out')) {
      this.#offline.add(id)
      return
    }
    if (!this.#offline.delete(id) || supervisor.state().state !== 'mounted') return
    const { accountId } = this.#record(id).drive
    for (const other of this.#offline) if (this.#record(other).drive.accountId === accountId) this.#tryNow(other)
  }

  /** A worker that is just starting looks at the network by itself. */
  #tryNow(id: string): void {
    this.reconnect(id).catch((error: unknown) => this.#options.log(`reconnecting: ${problemFrom(error).message}`))
  }

  #live(): [string, DriveSupervisor][] {
    return [...this.#supervisors].filter(([, supervisor]) => supervisor.isLive())
  }

  #record(id: string): DriveRecord {
    const record = this.#options.store.drives().find(({ drive }) => drive.id === id)
    if (!record) throw new ProblemError({ code: 'not-found', message: t('main.drive-gone') })
    return record
  }

  #supervisor(id: string): DriveSupervisor {
    const record = this.#record(id)
    const known = this.#supervisors.get(id)
    if (known) return known
    const supervisor = this.#supervise(record)
    this.#supervisors.set(id, supervisor)
    return supervisor
  }

  #supervise({ drive: { id }, journal }: DriveRecord): DriveSupervisor {
    const { store, events, transfers, notices, log } = this.#options
    return new DriveSupervisor({
      label: () => {
        const name = store.drives().find(({ drive }) => drive.id === id)?.drive.name
        return name === undefined ? t('main.drive-unnamed') : t('notifications.name', { name })
      },
      workers: this.#options.workers,
      mountParams: () => this.#mountParams(id),
      journal,
      listener: {
        changed: () => {
          events.changed('drives')
          this.#shareConnection(id)
          this.#late.stateChanged(id)
        },
        transfersChanged: (told, isWhole) => {
          const { changed, removedIds } = transfers.update(id, told, isWhole)
          events.transfersChanged(changed)
          events.transfersCleared(removedIds)
        },
        conflictsChanged: ({ count, revision }) =>
          events.conflictsChanged({ kind: 'conflicts:changed', driveId: id, count, revision }),
        filesChanged: (folders) => events.filesChanged(id, folders),
        noticeRaised: (problem) => notices.raise(ofDrive(this.#record(id).drive, problem)),
        capabilitiesProbed: (capabilities) => {
          const { accountId } = this.#record(id).drive
          const probed = (record: { account: Account }) => record.account.id === accountId
          store.setAccounts(store.accounts().map((record) => (probed(record) ? { ...record, capabilities } : record)))
          events.changed('accounts')
        },
        journalChanged: (next) =>
          store.setDrives(store.drives().map((one) => (one.drive.id === id ? { ...one, journal: next } : one))),
      },
      log,
    })
  }

  async #mountParams(id: string) {
    const { drive, journal } = this.#record(id)
    const { account, capabilities } = accountOf(drive, this.#options.store)
    const secret = await this.#options.secrets.load(account)
    const { logLevel = usualLogLevel } = this.#options.store.settings()
    const cacheDirectory = this.#options.cacheForMount(drive)
    await prepareCache(cacheDirectory, journal, drive)
    const limits = this.#options.limitsOf?.(id)
    const proxy = await this.#options.routeTo?.(account)
    return {
      ...{ drive, account, secret, cacheDirectory, logLevel },
      ...(capabilities ? { capabilities } : {}),
      ...(limits ? { limits } : {}),
      ...(proxy ? { proxy } : {}),
    }
  }
}

/** A drive knows what happened to it, and a person with several drives needs to know to which. */
function ofDrive({ name }: Drive, problem: Problem): Problem {
  return problem.message.includes(`“${name}”`)
    ? problem
    : { ...problem, message: t('main.of-drive', { name, message: problem.message }) }
}

/** A folder that held unsynced data and is gone (a disk that is not connected) is not silently begun anew. */
async function prepareCache(directory: string, journal: JournalRecord, drive: Drive): Promise<void> {
  if (journal.state !== 'empty' && !existsSync(directory))
    throw new ProblemError({
      code: 'database-damaged',
      message: t('main.cache-missing', { name: drive.name, directory }),
      consequence: t('main.cache-missing.consequence'),
      remedy: t('main.cache-missing.remedy'),
    })
  await mkdir(directory, { recursive: true, mode: 0o700 })
}

function accountOf(drive: Drive, store: AppStore) {
  const record = store.accounts().find(({ account }) => account.id === drive.accountId)
  if (record) return record
  const message = t('main.drive-without-account', { name: drive.name })
  throw new ProblemError({ code: 'not-found', message, remedy: t('main.drive-without-account.remedy') })
}
