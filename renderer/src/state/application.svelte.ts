import { createContext } from 'svelte'
import type { AccountTestProgress } from '../../../contracts/account.ts'
import type { CacheMove } from '../../../contracts/cache-place.ts'
import type {
  AccountView,
  CloudMountBridge,
  DriveView,
  IpcEvent,
  IpcParams,
  IpcReply,
  IpcRequestName,
  IpcResult,
  KeyFileState,
  Settings,
  Snapshot,
} from '../../../contracts/ipc.ts'
import type { Mounting, MountBlocker, MountSetup } from '../../../contracts/mounting.ts'
import type { Problem } from '../../../contracts/problem.ts'
import { t } from '../../../language/language.ts'
import type { Transfer } from '../../../contracts/transfer.ts'
import type { UpdateState } from '../../../contracts/update.ts'
import { entriesOf, noEntries, withEntry } from './entries.ts'
import { Feed } from './feed.ts'
import { sortTransfers, tableOf, transferKey, withChanged, withoutIds } from './transfer-table.ts'
import { transferTotals } from '../words/transfer-words.ts'

export type QuitQuestion = Omit<Extract<IpcEvent, { kind: 'quit:asked' }>, 'kind'>

/** What the window knows, built from the snapshot and the events after it; and the one way to ask main for something. */
export class Application {
  accounts = $state.raw<readonly AccountView[]>([])
  drives = $state.raw<readonly DriveView[]>([])
  notices = $state.raw<readonly Problem[]>([])
  settings = $state.raw<Settings>({ opensAtLogin: false, keepsRunningWhenClosed: true, theme: 'system' })
  platform = $state<Snapshot['platform']>('linux')
  appVersion = $state('')
  mountRoot = $state('')
  mountBlocker = $state.raw<MountBlocker>()
  mountSetup = $state.raw<MountSetup>({ state: 'idle' })
  keychainProblem = $state.raw<Problem>()
  keyFile = $state<KeyFileState>('absent')
  cacheMove = $state.raw<CacheMove>()
  update = $state.raw<UpdateState>({ state: 'idle' })
  /** Of each drive's conflicts: another number whenever they are not what they were. */
  conflictRevisions = $state.raw(noEntries<string, number>())
  /** Another number whenever something happened. */
  activityRevision = $state(0)
  /** Of folders that were listed lately: another number whenever their rows changed. */
  #folderChanges = $state.raw(noEntries<string, number>())
  #folderChangeCount = 0
  #heardTest: { testId: string; listener: (step: AccountTestProgress) => void } | undefined
  /** The tray or a notification asks for this screen; taken by who shows it. */
  askedScreen = $state.raw<Pick<Extract<IpcEvent, { kind: 'screen:asked' }>, 'screen' | 'driveId'>>()
  quitQuestion = $state.raw<QuitQuestion>()
  /** `failed`: main did not answer; there is nothing to show. */
  phase = $state<'loading' | 'ready' | 'failed'>('loading')
  loadProblem = $state.raw<Problem>()

  #table = $state.raw(tableOf([]))
  readonly transfers = $derived(sortTransfers(this.#table))
  readonly totals = $derived(transferTotals(this.#table.values()))

  readonly #bridge: CloudMountBridge
  readonly #feed: Feed

  constructor(bridge: CloudMountBridge) {
    this.#bridge = bridge
    this.#feed = new Feed({
      bridge,
      onSnapshot: (snapshot) => this.#load(snapshot),
      onEvent: (event) => this.#apply(event),
      onFailure: (problem) => this.#fail(problem),
    })
  }

  start(): Promise<void> {
    return this.#feed.start()
  }

  async request<N extends IpcRequestName>(name: N, params: IpcParams<N>): Promise<IpcReply<IpcResult<N>>> {
    try {
      // A reactive object cannot cross the bridge; requests are plain data.
      return await this.#bridge.request(name, JSON.parse(JSON.stringify(params)) as IpcParams<N>)
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error)
      const [message, remedy] = [t('shell.unanswered'), t('shell.unanswered.remedy')]
      return { ok: false, problem: { code: 'internal', message, remedy, detail } }
    }
  }

  driveName(id: string): string {
    return this.driveView(id)?.drive.name ?? ''
  }

  accountName(id: string): string {
    return this.accounts.find((view) => view.account.id === id)?.account.name ?? ''
  }

  driveView(id: string): DriveView | undefined {
    return this.drives.find((view) => view.drive.id === id)
  }

  /** Another number whenever the rows of this folder may have changed. */
  folderChange(driveId: string, path: string): number {
    return this.#folderChanges.get(folderKey(driveId, path)) ?? this.#folderChanges.get('') ?? 0
  }

  transferOf(driveId: string, id: string): Transfer | undefined {
    return this.#table.get(transferKey({ driveId, id }))
  }

  #load(snapshot: Snapshot): void {
    this.accounts = snapshot.accounts
    this.drives = snapshot.drives
    this.notices = snapshot.notices
    this.settings = snapshot.settings
    this.platform = snapshot.platform
    this.appVersion = snapshot.appVersion
    this.mountRoot = snapshot.mountRoot
    this.#setMounting(snapshot)
    this.keychainProblem = snapshot.keychainProblem
    this.keyFile = snapshot.keyFile
    this.cacheMove = snapshot.cacheMove
    this.update = snapshot.update
    this.#table = tableOf(snapshot.transfers)
    // What changed while no event came is not told: each list is asked for again.
    this.conflictRevisions = entriesOf(snapshot.drives, ({ drive }) => [drive.id, -snapshot.sequence - 1])
    this.activityRevision += 1
    this.#folderChanges = entriesOf([''], (every) => [every, ++this.#folderChangeCount])
    this.phase = 'ready'
  }

  #fail(problem: Problem): void {
    this.loadProblem = problem
    if (this.phase === 'loading') this.phase = 'failed'
  }

  /** Each step of this test as it is told, until another one is listened to: a person tests one account at a time. */
  hearTest(testId: string, listener: (step: AccountTestProgress) => void): void {
    this.#heardTest = { testId, listener }
  }

  #setMounting({ mountBlocker, mountSetup }: Mounting): void {
    this.mountBlocker = mountBlocker
    this.mountSetup = mountSetup
  }

  #apply(event: IpcEvent): void {
    switch (event.kind) {
      case 'accounts:changed':
        this.accounts = event.accounts
        break
      case 'keys:changed':
        this.keyFile = event.keyFile
        this.keychainProblem = event.keychainProblem
        break
      case 'mounting:changed':
        this.#setMounting(event)
        break
      case 'updates:changed':
        this.update = event.update
        break
      case 'caches:changed':
        this.cacheMove = event.cacheMove
        break
      case 'account:stepped':
        if (this.#heardTest?.testId === event.testId) this.#heardTest.listener(event.step)
        break
      case 'drives:changed':
        this.drives = event.drives
        break
      case 'transfers:changed':
        this.#table = withChanged(this.#table, event.transfers)
        break
      case 'transfers:cleared':
        this.#table = withoutIds(this.#table, event.ids)
        break
      case 'conflicts:changed':
        this.conflictRevisions = withEntry(this.conflictRevisions, event.driveId, event.revision)
        break
      case 'activity:changed':
        this.activityRevision += 1
        break
      case 'files:changed':
        this.#folderChanges = event.folders.reduce(
          (changes, path) => withEntry(changes, folderKey(event.driveId, path), ++this.#folderChangeCount),
          this.#folderChanges,
        )
        break
      case 'screen:asked':
        this.askedScreen = event
        break
      case 'notices:changed':
        this.notices = event.notices
        break
      case 'settings:changed':
        this.settings = event.settings
        break
      case 'quit:asked': {
        const { kind: _kind, ...question } = event
        this.quitQuestion = question
        break
      }
      case 'quit:settled':
        this.quitQuestion = undefined
        break
    }
  }
}

/** No drive has an empty id: the empty key is every folder's. */
function folderKey(driveId: string, path: string): string {
  return `${driveId}/${path}`
}

export const [getApplication, setApplication] = createContext<Application>()
