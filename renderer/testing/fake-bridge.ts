import type { Activity } from '../../contracts/activity.ts'
import type { AccountTest, AccountTestStep } from '../../contracts/account.ts'
import type { CacheCheck, CacheMove, CachePlaceView } from '../../contracts/cache-place.ts'
import { emptyDriveStatus, type DriveState, type DriveStatus } from '../../contracts/drive.ts'
import type {
  CloudMountBridge,
  IpcEvent,
  IpcEventMessage,
  IpcParams,
  IpcReply,
  IpcRequestName,
  IpcResult,
  Snapshot,
} from '../../contracts/ipc.ts'
import { pauseFor, type Pause } from '../../contracts/pause.ts'
import type { ImportOutcome } from '../../contracts/import.ts'
import type { Pin } from '../../contracts/pin.ts'
import type { Problem } from '../../contracts/problem.ts'
import type { Transfer } from '../../contracts/transfer.ts'
import type { DeletedFile, FileVersion } from '../../contracts/version.ts'
import type { UpdateState } from '../../contracts/update.ts'
import { FakeConflicts } from './fake-conflicts.ts'
import { FakeFiles } from './fake-files.ts'
import { importsOf } from './scenario-imports.ts'
import { strongCapabilities } from './scenarios.ts'
import type { Scenario } from './scenarios.ts'

type Handlers = { [N in IpcRequestName]: (params: IpcParams<N>) => Promise<IpcResult<N>> | IpcResult<N> }

/** Stands in for main: keeps a snapshot, changes it as asked, and tells of every change with the next number. */
const proxyProblem: Problem = {
  code: 'proxy-refused',
  message: 'The proxy at proxy.corp:3128 makes no connection to https://minio.lab.example:9000.',
  remedy: 'Check the endpoint of the account. If it is right, ask whoever runs the proxy to let it through.',
}

export class FakeBridge implements CloudMountBridge {
  readonly asked: { name: IpcRequestName; params: unknown }[] = []
  /** What the next request of a name answers instead. */
  readonly refusals = new Map<IpcRequestName, Problem>()
  testDelayMs = 900
  /** Each step of a test ends when this has resolved. */
  stepped: (id: AccountTestStep['id']) => Promise<void> = () =>
    new Promise((done) => setTimeout(done, this.testDelayMs / 6))
  testAnswer: (bucket: string | undefined) => AccountTest = testAnswer
  /** What the import of an entry answers instead, by its id. */
  readonly importRefusals = new Map<string, Problem>()
  /** Ends the wait for uploads that was asked for last, with so many changes left. */
  settleSync: (left: number) => void = () => undefined
  pins: Pin[] = []
  readonly conflicts = new FakeConflicts({
    changed: (driveId, count, revision) => {
      this.setStatus(driveId, { conflicts: count, needsAttention: count })
      this.emit({ kind: 'conflicts:changed', driveId, count, revision })
    },
  })
  activity: Activity[] = []
  cachePlace: CachePlaceView = {
    directory: '/home/ana/.config/CloudMount/drives',
    isUsual: true,
    usedBytes: 12_400_000_000,
    freeBytes: 84_000_000_000,
  }
  cacheCheck: CacheCheck = {
    directory: '/mnt/big/CloudMount cache',
    usedBytes: 12_400_000_000,
    freeBytes: 1_900_000_000_000,
    isSameDisk: false,
    warnings: [],
    mounted: ['Studio photos', 'Scans'],
    pendingOperations: 3,
    unsyncedBytes: 12_000_000,
  }
  readonly files = new FakeFiles((event) => this.emit(event))
  versions: FileVersion[] = []
  deletedFiles: DeletedFile[] = []
  #state: Snapshot | undefined
  readonly #failure: Problem | undefined
  #listener: ((message: IpcEventMessage) => void) | undefined

  constructor(scenario: Scenario, options: { isLive: boolean }) {
    this.#state = 'snapshot' in scenario ? scenario.snapshot : undefined
    if ('snapshot' in scenario) {
      this.conflicts.begin(scenario.conflicts ?? {}, scenario.recovered ?? {})
      this.files.begin(scenario.files ?? {})
    }
    this.#failure = 'failure' in scenario ? scenario.failure : undefined
    if (options.isLive) setInterval(() => this.#progress(), 200)
  }

  get state(): Snapshot {
    if (!this.#state) throw new Error('this scenario has no state')
    return this.#state
  }

  async request<N extends IpcRequestName>(name: N, params: IpcParams<N>): Promise<IpcReply<IpcResult<N>>> {
    this.asked.push({ name, params: structuredClone(params) })
    const refusal = this.refusals.get(name) ?? this.#failure
    if (refusal) {
      this.refusals.delete(name)
      return { ok: false, problem: refusal }
    }
    const handler = this.#handlers[name] as (params: IpcParams<N>) => Promise<IpcResult<N>> | IpcResult<N>
    return { ok: true, result: structuredClone(await handler(params)) }
  }

  pathsOf(files: readonly object[]): string[] {
    return files.map((file) => `/home/ana/${(file as File).name}`)
  }

  onEvent(listener: (message: IpcEventMessage) => void): () => void {
    this.#listener = listener
    return () => (this.#listener = undefined)
  }

  emit(event: IpcEvent): void {
    const { state } = this
    state.sequence += 1
    this.#listener?.(structuredClone({ sequence: state.sequence, event }))
  }

  readonly #handlers: Handlers = {
    'app:snapshot': () => this.state,
    'account:save': ({ account, capabilities }) => {
      const id = account.id || `a${Date.now()}`
      const kept = this.state.accounts.find((view) => view.account.id === id)?.capabilities
      const known = capabilities ?? kept
      const view = { account: { ...account, id }, ...(known ? { capabilities: known } : {}) }
      this.state.accounts = [...this.state.accounts.filter((other) => other.account.id !== id), view]
      this.emit({ kind: 'accounts:changed', accounts: this.state.accounts })
      return view
    },
    'account:remove': ({ id }) => {
      this.state.drives = this.state.drives.filter(({ drive }) => drive.accountId !== id)
      this.#tellDrives()
      this.state.accounts = this.state.accounts.filter((view) => view.account.id !== id)
      this.emit({ kind: 'accounts:changed', accounts: this.state.accounts })
      return {}
    },
    'account:test': async ({ testId, bucket }) => {
      const answer = this.testAnswer(bucket)
      const { steps } = answer
      for (const step of steps) {
        if (testId !== undefined) {
          this.emit({ kind: 'account:stepped', testId, step: { id: step.id, outcome: 'running' } })
          await this.stepped(step.id)
          this.emit({ kind: 'account:stepped', testId, step })
        }
      }
      return answer
    },
    'account:stop': () => ({}),
    'import:find': ({ path }) => importsOf(path),
    'import:apply': ({ choices }) => ({
      outcomes: choices.map((choice): ImportOutcome => {
        const failed = this.importRefusals.get(choice.id)
        if (failed) return { id: choice.id, problem: failed }
        return { id: choice.id, accountName: choice.id, ...(choice.addsDrive ? { driveName: choice.id } : {}) }
      }),
    }),
    'keys:create': () => this.#setKeyFile('open'),
    'keys:unlock': () => this.#setKeyFile('open'),
    'keys:passphrase': () => ({}),
    'keys:forget': () => this.#setKeyFile('absent'),
    'account:profiles': () => ({ profiles: ['default', 'studio', 'client-work'] }),
    'drive:save': ({ drive }) => {
      const id = drive.id || `d${Date.now()}`
      const before = this.state.drives.find((view) => view.drive.id === id)
      const view = {
        state: { state: 'unmounted' as const },
        status: emptyDriveStatus,
        ...before,
        drive: { ...drive, id },
      }
      this.state.drives = [...this.state.drives.filter((other) => other.drive.id !== id), view]
      this.#tellDrives()
      return view
    },
    'drive:remove': ({ id }) => {
      this.state.drives = this.state.drives.filter((view) => view.drive.id !== id)
      this.#tellDrives()
      return {}
    },
    'drive:mount': ({ id }) => this.#pass(id, { state: 'mounting' }, { state: 'mounted' }),
    'drive:unmount': async ({ id, pending }) => {
      const before = this.state.drives.find((view) => view.drive.id === id)?.status ?? emptyDriveStatus
      await this.#pass(id, { state: 'unmounting' }, { state: 'unmounted' })
      const { pendingOperations, unsyncedBytes } = pending === 'wait' ? emptyDriveStatus : before
      return { pendingOperations, unsyncedBytes }
    },
    'drive:open': () => ({}),
    'drive:sync': () => new Promise((resolve) => (this.settleSync = (left) => resolve({ pendingOperations: left }))),
    'drive:pause': ({ id, span }) => this.#pause(id, pauseFor(span, new Date())),
    'drive:resume': ({ id }) => this.#pause(id, undefined),
    'drive:reconnect': () => ({}),
    'drive:copySignIn': () => ({}),
    'proxy:save': ({ proxy }) => {
      const { proxy: _before, ...settings } = this.state.settings
      this.state.settings = { ...settings, ...(proxy === undefined ? {} : { proxy }) }
      return this.state.settings
    },
    'proxy:test': ({ proxy }) => ({
      outcomes: [
        { endpoint: 'https://s3.eu-central-1.amazonaws.com' },
        ...(proxy?.mode === 'manual' ? [{ endpoint: 'https://minio.lab.example:9000', problem: proxyProblem }] : []),
      ],
    }),
    'network:changed': () => ({}),
    'pin:list': () => ({ pins: this.pins }),
    'pin:add': ({ path }) => {
      const added: Pin = {
        path: path.split('/').at(-1) ?? path,
        isFolder: true,
        files: 240,
        readyFiles: 12,
        sizeBytes: 1_900_000_000,
        readyBytes: 140_000_000,
        status: { state: 'fetching' },
      }
      this.pins = [...this.pins, added]
      return { pins: this.pins }
    },
    'pin:remove': ({ path }) => {
      this.pins = this.pins.filter((pin) => pin.path !== path)
      return { pins: this.pins }
    },
    'drive:locate': ({ path }) => ({ path: path.split('/').slice(-1).join('/') }),
    'version:list': () => ({ isVersioned: true, versions: this.versions, isTruncated: false }),
    'version:content': ({ versionId }) => ({ kind: 'text', isUtf8: true, text: `The text of ${versionId}.\n` }),
    'version:open': () => ({}),
    'version:save': () => ({ target: '/home/ana/Downloads/report.odt' }),
    'version:restore': () => ({ outcome: 'restored' }),
    'version:deleted': () => ({ isVersioned: true, files: this.deletedFiles }),
    'version:undelete': ({ files }) => {
      this.deletedFiles = this.deletedFiles.filter(({ path }) => !files.some((file) => file.path === path))
      return { outcomes: files.map(({ path }) => ({ path, outcome: 'restored' })) }
    },
    'transfer:retry': ({ transferId }) => this.#setTransfer(transferId, { state: 'queued' }),
    'transfer:prioritize': () => ({}),
    'transfer:pause': ({ transferId }) => this.#setTransfer(transferId, { state: 'paused' }),
    'transfer:cancel': ({ transferId }) =>
      this.#setTransfer(transferId, { state: 'cancelled', finishedAt: Date.now() }),
    'transfer:discard': ({ transferId }) =>
      this.#setTransfer(transferId, { state: 'cancelled', finishedAt: Date.now() }),
    ...this.conflicts.handlers,
    ...this.files.handlers,
    'mounting:check': () => {
      const { mountBlocker, mountSetup } = this.state
      return { ...(mountBlocker ? { mountBlocker } : {}), mountSetup }
    },
    'mounting:setUp': () => this.setMounting({ mountSetup: { state: 'running', canCancel: true, output: '' } }),
    'mounting:cancel': () => this.setMounting({ mountSetup: { state: 'idle' } }),
    'link:open': () => ({}),
    'text:copy': () => ({}),
    'transfer:clear': () => {
      const isOver = ({ status }: Transfer) => status.state === 'done' || status.state === 'cancelled'
      const ids = this.state.transfers.filter(isOver).map((transfer) => transfer.id)
      this.state.transfers = this.state.transfers.filter((transfer) => !isOver(transfer))
      this.emit({ kind: 'transfers:cleared', ids })
      return {}
    },
    'notice:dismiss': ({ index }) => {
      this.state.notices = this.state.notices.filter((_notice, other) => other !== index)
      this.emit({ kind: 'notices:changed', notices: this.state.notices })
      return {}
    },
    'settings:save': ({ settings }) => {
      this.state.settings = settings
      this.emit({ kind: 'settings:changed', settings })
      return settings
    },
    'updates:check': () => this.tellUpdate({ state: 'available', version: '0.2.0', checkedAt: Date.now() }),
    'updates:download': () => this.tellUpdate({ state: 'ready', version: '0.2.0' }),
    'updates:cancel': () => this.tellUpdate({ state: 'idle', checkedAt: Date.now() }),
    'updates:restart': () => ({}),
    'caches:place': () => this.cachePlace,
    'caches:check': () => this.cacheCheck,
    'caches:move': () => this.tellCacheMove({ phase: 'preparing', to: this.cacheCheck.directory }),
    'caches:cancel': () => this.tellCacheMove({ phase: 'cancelled', to: this.cacheCheck.directory }),
    'caches:dismiss': () => this.tellCacheMove(undefined),
    'activity:list': () => ({ entries: this.activity }),
    'diagnostics:bundle': () => ({
      text: 'CloudMount support bundle, 2026-11-21T10:00:00.000Z\n\n## drives\n[{ "drive": "drive-1", "bucket": "bucket-1" }]\n',
    }),
    'diagnostics:copy': () => ({}),
    'diagnostics:save': () => ({ target: '/home/ana/cloudmount-support.txt' }),
    'dialog:directory': () => ({ path: '/home/ana/Chosen' }),
    'dialog:file': () => ({ path: '/home/ana/ca.pem' }),
    'quit:answer': ({ answer }) => {
      if (answer !== 'wait') this.emit({ kind: 'quit:settled' })
      return {}
    },
  }

  setMounting(change: Pick<Snapshot, 'mountBlocker' | 'mountSetup'>): Record<string, never> {
    const { mountBlocker = this.state.mountBlocker, mountSetup } = change
    this.state.mountSetup = mountSetup
    this.emit({ kind: 'mounting:changed', ...(mountBlocker ? { mountBlocker } : {}), mountSetup })
    return {}
  }

  /** Everything is there: drives can be mounted. */
  makeMountable(): void {
    delete this.state.mountBlocker
    this.setMounting({ mountSetup: { state: 'idle' } })
  }

  tellUpdate(update: UpdateState): Record<string, never> {
    this.emit({ kind: 'updates:changed', update })
    return {}
  }

  tellCacheMove(cacheMove: CacheMove | undefined): Record<string, never> {
    this.emit({ kind: 'caches:changed', ...(cacheMove ? { cacheMove } : {}) })
    return {}
  }

  #setKeyFile(keyFile: Snapshot['keyFile']): Record<string, never> {
    this.state.keyFile = keyFile
    const { keychainProblem } = this.state
    this.emit({ kind: 'keys:changed', keyFile, ...(keychainProblem ? { keychainProblem } : {}) })
    return {}
  }

  #pause(id: string | undefined, pause: Pause | undefined): Record<string, never> {
    for (const { drive, state } of this.state.drives)
      if (state.state === 'mounted' && (id === undefined || id === drive.id)) this.setStatus(drive.id, { pause })
    return {}
  }

  async #pass(id: string, meanwhile: DriveState, then: DriveState): Promise<Record<string, never>> {
    this.#setDrive(id, meanwhile)
    await new Promise((done) => setTimeout(done, 300))
    this.#setDrive(id, then)
    return {}
  }

  #setDrive(id: string, state: DriveState): void {
    this.state.drives = this.state.drives.map((view) => (view.drive.id === id ? { ...view, state } : view))
    this.#tellDrives()
  }

  setStatus(id: string, status: { [K in keyof DriveStatus]?: DriveStatus[K] | undefined }): void {
    this.state.drives = this.state.drives.map((view) =>
      view.drive.id === id ? { ...view, status: { ...view.status, ...status } as DriveStatus } : view,
    )
    this.#tellDrives()
  }

  #tellDrives(): void {
    this.emit({ kind: 'drives:changed', drives: this.state.drives })
  }

  #setTransfer(id: string, status: Transfer['status']): Record<string, never> {
    this.state.transfers = this.state.transfers.map((other) => (other.id === id ? { ...other, status } : other))
    this.emit({ kind: 'transfers:changed', transfers: this.state.transfers.filter((other) => other.id === id) })
    return {}
  }

  #progress(): void {
    const now = Date.now()
    const changed = this.state.transfers.flatMap((transfer): Transfer[] => {
      if (transfer.status.state !== 'running' || transfer.sizeBytes === 0) return []
      const doneBytes = Math.min(transfer.sizeBytes, transfer.doneBytes + transfer.status.bytesPerSecond / 5)
      if (doneBytes < transfer.sizeBytes) return [{ ...transfer, doneBytes }]
      return [{ ...transfer, doneBytes, status: { state: 'done', finishedAt: now } }]
    })
    const next = this.state.transfers.find((transfer) => transfer.status.state === 'queued')
    const ended = changed.some((transfer) => transfer.status.state === 'done')
    if (ended && next) changed.push({ ...next, status: { state: 'running', bytesPerSecond: 4_000_000 } })
    const byId = new Map(changed.map((transfer) => [transfer.id, transfer]))
    this.state.transfers = this.state.transfers.map((transfer) => byId.get(transfer.id) ?? transfer)
    if (changed.length > 0) this.emit({ kind: 'transfers:changed', transfers: changed })
  }
}

function testAnswer(bucket: string | undefined): AccountTest {
  const isTried = bucket !== undefined
  return {
    steps: [
      { id: 'reachable', outcome: 'passed', summary: 'Answered in 38 ms over TLS.' },
      { id: 'signed', outcome: 'passed', summary: 'The keys are known here.' },
      { id: 'list', outcome: 'passed', summary: 'These keys may list 6 buckets.' },
      isTried
        ? { id: 'write', outcome: 'passed', summary: 'Objects can be written and deleted.' }
        : { id: 'write', outcome: 'skipped', summary: 'Name a bucket to test writing.' },
      { id: 'conditional', outcome: 'warning', summary: 'Not honoured: CloudMount looks before each write instead.' },
      { id: 'versioning', outcome: 'skipped', summary: 'Name a bucket to see its versioning.' },
    ],
    buckets: ['archive-2019', 'backup-eu', 'company', 'studio-photos', 'studio-video', 'open-weather', 'press'],
    capabilities: strongCapabilities,
  }
}
