/**
 * A drive in the hands of a worker: the local drive on a real bucket, on the kernel, and reporting to its host. Must hold: the folder
 * shows the drive before anything is uploaded; an unmount that is refused leaves everything as it was; after an unmount
 * everything a program was promised is in the bucket or in the journal.
 */
import { isAbsolute } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { type Account, type Capabilities, type Secret } from '../contracts/account.ts'
import type { DriveStatus } from '../contracts/drive.ts'
import type { DriveLimits } from '../contracts/limits.ts'
import { isSignInProblem, ProblemError, type Problem } from '../contracts/problem.ts'
import type { ProxyRoute } from '../contracts/proxy.ts'
import type { DriveEvent, WorkerParams, WorkerResult } from '../contracts/worker-protocol.ts'
import { t } from '../language/language.ts'
import type { ConflictDesk } from './conflicts/conflict-desk.ts'
import { LocalDrive } from './drive.ts'
import type { DriveFiles } from './drive-files.ts'
import { EndpointProbe } from './endpoint-probe.ts'
import { mountKernel } from './fuse/binding.ts'
import { inspectMountpoint, mountpointProblem, clearStaleMount } from './fuse/mountpoint.ts'
import type { KernelMount } from './fuse/kernel.ts'
import { systemClock } from './runtime/clock.ts'
import type { Log } from './runtime/log.ts'
import { NetworkWatch } from './runtime/network-watch.ts'
import { ownAwsPlaces } from './s3/aws-files.ts'
import { logStore } from './s3/logged-store.ts'
import { probeCapabilities, probeToken } from './s3/probe.ts'
import { presignGet, type PresignedLink } from './s3/sdk-presign.ts'
import { SignInKeeper } from './sign-in-keeper.ts'
import { hasConditionalWrites, identityOf, knownCapabilities, storeFor, type Access } from './store-access.ts'
import type { ConnectionState } from './sync/connection.ts'
import type { DrivePause } from './sync/drive-pause.ts'
import type { Pins } from './sync/pins.ts'
import { standingOf } from './sync/standing.ts'
import { switchableStore, type SwitchableStore } from './sync/switchable-store.ts'
import { withEncryption, type NewObjects } from './sync/new-objects.ts'
import { TransferDesk } from './transfer-desk.ts'
import type { Versions } from './versions/versions.ts'

type MountParams = WorkerParams<'drive:mount'>

const statusIntervalMs = 250
/** Longer than a worker that was left alone takes to end. */
const handoverMs = 12_000
const defaultDrainMs = 60_000

export class MountedDrive {
  readonly transfers: TransferDesk
  readonly #params: MountParams
  readonly #local: LocalDrive
  readonly #store: SwitchableStore
  readonly #emit: (event: DriveEvent) => void
  readonly #log: Log
  readonly #networkWatch = new NetworkWatch({ clock: systemClock, onChange: () => this.tryNow() })
  readonly #signIn: SignInKeeper
  #account: Account
  #secret: Secret
  #proxy: ProxyRoute | undefined
  readonly #probe: EndpointProbe
  #kernel: KernelMount | undefined
  #lastStatus = ''
  #newObjects: NewObjects
  #isShort = false
  #cancelStatus: (() => void) | undefined

  private constructor(options: {
    params: MountParams
    local: LocalDrive
    store: SwitchableStore
    capabilities: Capabilities | undefined
    emit: (event: DriveEvent) => void
    log: Log
  }) {
    this.#params = options.params
    this.#local = options.local
    this.#store = options.store
    this.#emit = options.emit
    this.#log = options.log
    this.#account = options.params.account
    this.#secret = options.params.secret
    this.#proxy = options.params.proxy
    this.#newObjects = newObjectsOf(options.params.drive)
    this.#signIn = new SignInKeeper({
      clock: systemClock,
      places: ownAwsPlaces(),
      renewed: () => this.#signInChanged(),
      ended: () => this.#local.connection.tryNow(),
    })
    this.#signIn.use(this.#account.credentials, this.#secret)
    this.transfers = new TransferDesk(this.#local)
    this.#probe = new EndpointProbe({
      clock: systemClock,
      connection: this.#local.connection,
      known: options.capabilities,
      probe: () => this.#tryEndpoint(),
      onLearnt: (capabilities) => {
        this.#local.setMeta('capabilities', JSON.stringify(capabilities))
        this.#renewStore()
        this.#emit({ kind: 'capabilities:probed', capabilities })
      },
      onFailed: (error) => this.#log.error('the endpoint could not be probed', error),
    })
  }

  /** Throws ProblemError; then nothing is mounted and nothing is held. */
  static async mount(
    params: MountParams,
    emit: (event: DriveEvent) => void,
    log: Log,
    onDamaged: (problem: Problem) => void,
  ): Promise<{ drive: MountedDrive; result: WorkerResult<'drive:mount'> }> {
    await assertMountable(params)
    const store = switchableStore(storeFor(params, undefined))
    const holder: { drive?: MountedDrive } = {}
    const open = (): LocalDrive =>
      new LocalDrive({
        id: params.drive.id,
        store: logStore(store, log, () => systemClock.now()),
        prefix: params.drive.prefix,
        cacheDirectory: params.cacheDirectory,
        cacheLimitBytes: params.drive.cacheLimitBytes,
        identity: identityOf(params),
        mountpoint: params.drive.mountpoint,
        isReadOnly: params.drive.isReadOnly,
        consistency: params.drive.consistency,
        limits: params.limits,
        localOnlyPatterns: params.drive.localOnlyPatterns,
        platform: process.platform === 'darwin' ? 'darwin' : 'linux',
        owner: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
        clock: systemClock,
        log,
        newObjects: () => holder.drive?.newObjects ?? params.drive,
        canCopyParts: () => holder.drive?.capabilities?.uploadPartCopy === 'honoured',
        conflictPolicy: params.drive.conflictPolicy,
        conflictRules: params.drive.conflictRules,
        onConflicts: (changed) => emit({ kind: 'conflicts:changed', ...changed }),
        onFiles: (folders) => emit({ kind: 'files:changed', folders }),
        onTransfers: (transfers) => emit({ kind: 'transfers:changed', transfers }),
        onDamaged,
      })
    const local = await whenFree(open)
    const known = knownCapabilities(local)
    // What an earlier mount learnt of the endpoint decides how this one writes, too.
    if (known !== undefined) store.use(storeFor(params, known))
    const drive = new MountedDrive({ params, local, store, capabilities: known, emit, log })
    holder.drive = drive
    try {
      await local.assertReachable()
      await drive.#attach()
    } catch (error) {
      drive.#signIn.stop()
      await local.close()
      throw error
    }
    for (const problem of local.notices) emit({ kind: 'notice:raised', problem })
    local.forgetNotices()
    void drive.#begin()
    const { capabilities } = drive
    return {
      drive,
      result: { mountpoint: params.drive.mountpoint, ...(capabilities === undefined ? {} : { capabilities }) },
    }
  }

  get capabilities(): Capabilities | undefined {
    return this.#probe.known
  }

  get newObjects(): NewObjects {
    return this.#newObjects
  }

  get pause(): DrivePause {
    return this.#local.pause
  }

  get pins(): Pins {
    return this.#local.pins
  }

  get versions(): Versions {
    return this.#local.versions
  }

  get files(): DriveFiles {
    return this.#local.files
  }

  get conflicts(): ConflictDesk {
    return this.#local.conflicts
  }

  get status(): DriveStatus {
    const { connection, journal, shortage } = this.#local
    const pause = this.pause.current
    const { blockedBy, ...counts } = standingOf(journal.operations())
    const signIn = this.#signIn.current
    const { capabilities } = this
    return {
      ...connectionOf(connection.state, blockedBy),
      ...(signIn === undefined ? {} : { signIn }),
      ...(pause === undefined ? {} : { pause }),
      ...this.#offlineTimes(),
      pendingOperations: journal.size,
      ...this.#local.space(),
      ...this.#local.pace(),
      ...(shortage === undefined ? {} : { shortage }),
      ...counts,
      // Where nothing is written nothing is weaker, and what is not known is not claimed.
      hasConditionalWrites:
        this.#params.drive.isReadOnly || capabilities === undefined || hasConditionalWrites(capabilities),
    }
  }

  limitTransfers(limits: DriveLimits): void {
    this.#local.limitTransfers(limits)
  }

  /** A link that needs no account, and ends. */
  async share(path: string, expiresInSeconds: number): Promise<PresignedLink> {
    const key = await this.#local.files.shareableKey(path)
    const { bucket } = this.#params.drive
    return presignGet({ ...this.#access, bucket, key, expiresInSeconds })
  }

  limitCache(limitBytes: number | undefined): void {
    this.#local.limitCache(limitBytes)
  }

  /** For uploads that begin from now on; what was refused may pass now. */
  keepNewObjects(choice: NewObjects): void {
    const next = newObjectsOf(choice)
    if (isDeepStrictEqual(next, this.#newObjects)) return
    this.#newObjects = next
    this.#local.uploader.retryBlocked()
  }

  #offlineTimes(): Pick<DriveStatus, 'offlineSince' | 'lastHeardAt'> {
    const { connection, lastHeardAtMs } = this.#local
    if (connection.state.state === 'closed') return {}
    const heard = lastHeardAtMs === undefined ? {} : { lastHeardAt: lastHeardAtMs }
    return { offlineSince: connection.state.sinceMs, ...heard }
  }

  /** Whoever wants everything uploaded ends a pause, also of single transfers. */
  async sync(deadlineMs: number): Promise<number> {
    this.#local.persist()
    this.pause.end()
    this.#local.uploader.retryHeld()
    return this.#local.uploader.drain(deadlineMs)
  }

  useCredentials(account: Account, secret: Secret): void {
    this.#account = account
    this.#secret = secret
    this.#signIn.use(account.credentials, secret)
    this.#renewStore()
    this.#goOn()
  }

  useProxy(proxy: ProxyRoute): void {
    this.#proxy = proxy
    this.#renewStore()
    this.#goOn()
  }

  #forgetKeys(): void {
    try {
      this.#renewStore()
    } catch (error) {
      this.#log.error('the sign-in could not be read anew', error)
    }
  }

  #signInChanged(): void {
    this.#forgetKeys()
    this.#goOn()
  }

  /** Reads anew what signs: what is under way goes on with what it began with. */
  #renewStore(): void {
    this.#store.use(storeFor({ ...this.#params, ...this.#access }, this.capabilities))
  }

  get #access(): Access {
    return { account: this.#account, secret: this.#secret, proxy: this.#proxy }
  }

  #goOn(): void {
    this.#local.uploader.retryBlocked()
    this.#local.connection.tryNow()
    this.#probe.again()
  }

  /** The network changed, the computer woke, or the person does not want to wait. */
  tryNow(): void {
    this.pause.look()
    this.#local.connection.tryNow()
  }

  async unmount(options: WorkerParams<'drive:unmount'>): Promise<WorkerResult<'drive:unmount'>> {
    this.#local.persist()
    await this.#kernel?.unmount({ isForced: options.isForced })
    this.#kernel = undefined
    this.#local.persist()
    if (options.pending === 'wait') {
      this.pause.end()
      this.#local.uploader.retryHeld()
      await this.#local.uploader.drain(options.deadlineMs ?? defaultDrainMs)
    }
    const { pendingOperations, unsyncedBytes } = this.status
    this.#cancelStatus?.()
    this.#networkWatch.stop()
    this.#signIn.stop()
    this.#probe.stop()
    await this.#local.close()
    return { pendingOperations, unsyncedBytes }
  }

  async #attach(): Promise<void> {
    const { drive, allowOther } = this.#params
    this.#kernel = await mountKernel({
      mountpoint: drive.mountpoint,
      operations: this.#local.operations,
      sourceName: `cloudmount:${drive.bucket}/${drive.prefix}`,
      volumeName: drive.name,
      isReadOnly: drive.isReadOnly,
      attributeSeconds: drive.consistency === 'strict' ? 0 : 1,
      // Root mounts for the machine, as with any other file system; anybody else mounts for himself.
      allowOther: allowOther ?? process.getuid?.() === 0,
      onDetached: () => {
        this.#kernel = undefined
        this.#local.persist()
        this.#emit({ kind: 'drive:detached' })
      },
      onUnexpectedError: (error, operation, path) => this.#log.error('an operation failed', error, { operation, path }),
    })
  }

  /** Behind the mount: what the endpoint honours is learnt before the first upload relies on it. */
  async #begin(): Promise<void> {
    this.#watchNetwork()
    void this.#greet()
    this.#reportStatus()
    if (!this.#params.drive.isReadOnly) await this.#probe.ask()
    if (!this.#probe.isStopped) this.#local.start()
  }

  async #greet(): Promise<void> {
    const problem = await this.#local.greet()
    if (problem === undefined) return
    // A drive that is signed out says so for as long as it is, and what to do.
    if (isSignInProblem(problem)) this.#local.connection.tryNow()
    else this.#emit({ kind: 'notice:raised', problem })
  }

  /** Only while the drive is offline does it matter that the network is another one. */
  #watchNetwork(): void {
    const { connection } = this.#local
    connection.onChange(() => {
      if (connection.isOnline) this.#networkWatch.stop()
      else this.#networkWatch.start()
      // What was refused must not be remembered: the next try asks the profile for keys again.
      const { state } = connection
      if (state.state === 'open' && isSignInProblem(state.problem)) this.#forgetKeys()
    })
  }

  async #tryEndpoint(): Promise<Capabilities> {
    const { bucket, prefix } = this.#params.drive
    // Recorded first: a probe that dies half-way is found, and what it left is removed, by the next one.
    const token = this.#local.getMeta('probeToken') ?? probeToken()
    this.#local.setMeta('probeToken', token)
    const { capabilities, writeProblem } = await probeCapabilities({
      ...this.#access,
      bucket,
      prefix,
      token,
      attributes: withEncryption({ metadata: {} }, this.#newObjects),
    })
    if (writeProblem !== undefined) throw new ProblemError(writeProblem)
    return capabilities
  }

  #reportStatus(): void {
    const { status } = this
    const text = JSON.stringify(status)
    if (status.shortage !== undefined && !this.#isShort) this.#emit({ kind: 'notice:raised', problem: status.shortage })
    this.#isShort = status.shortage !== undefined
    if (text !== this.#lastStatus) this.#emit({ kind: 'status:changed', status })
    this.#lastStatus = text
    this.#cancelStatus = systemClock.after(statusIntervalMs, () => this.#reportStatus())
  }
}

function connectionOf(
  state: ConnectionState,
  blocked: Problem | undefined,
): Pick<DriveStatus, 'connection' | 'problem'> {
  if (state.state !== 'closed')
    return { connection: isSignInProblem(state.problem) ? 'signed-out' : 'offline', problem: state.problem }
  return blocked === undefined ? { connection: 'online' } : { connection: 'blocked', problem: blocked }
}

/** A process that was left alone takes a while to let go of its cache; whoever wants it meanwhile waits. */
export async function whenFree<T>(open: () => T): Promise<T> {
  const giveUpAtMs = systemClock.now() + handoverMs
  for (;;) {
    try {
      return open()
    } catch (error) {
      const isTaken = error instanceof ProblemError && error.problem.code === 'drive-in-use'
      if (!isTaken || systemClock.now() > giveUpAtMs) throw error
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
}

async function assertMountable({ drive }: MountParams): Promise<void> {
  if (!isAbsolute(drive.mountpoint)) {
    throw new ProblemError({
      code: 'invalid-input',
      message: t('worker.mountpoint-not-full', { mountpoint: drive.mountpoint }),
      remedy: t('worker.mountpoint-not-full.remedy'),
    })
  }
  await clearStaleMount(drive.mountpoint)
  const problem = mountpointProblem(await inspectMountpoint(drive.mountpoint))
  if (problem !== undefined) throw new ProblemError(problem)
}

const newObjectsOf = ({ storageClass, encryption }: NewObjects): NewObjects => ({ storageClass, encryption })
