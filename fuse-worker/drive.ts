/**
 * One drive: constructs the parts and ties them together, without a kernel and without a host. The mounted drive (worker) and
 * the test suites that run in process both stand on this. The only place where these parts are made.
 */
import { writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Transfer } from '../contracts/transfer.ts'
import type { ConsistencyMode } from '../contracts/drive.ts'
import { defaultLocalOnlyPatterns, localOnlyMatcher } from '../contracts/local-only.ts'
import { ProblemError, type Problem } from '../contracts/problem.ts'
import { prepareCacheDirectory } from './cache/cache-directory.ts'
import { ContentStore } from './cache/content-store.ts'
import { diskSpace } from './cache/disk-space.ts'
import { Filesystem } from './fs/filesystem.ts'
import { Handles } from './fs/handles.ts'
import { undoMove } from './fs/undo-move.ts'
import { Volume } from './fs/volume.ts'
import { createPathAdapter } from './fuse/path-adapter.ts'
import { FsError, type KernelOperations } from './fuse/kernel.ts'
import { Journal } from './journal/journal.ts'
import { lostProblem } from './journal/lost-problem.ts'
import { openDriveDatabase } from './journal/open-database.ts'
import { OpenUploads } from './journal/open-uploads.ts'
import { damageMarkName, forgetRebuilt, rebuiltOf } from './journal/rebuild.ts'
import { damagedProblem, rebuiltProblem } from './journal/rebuilt-problem.ts'
import { recover, type RecoveryReport } from './journal/recovery.ts'
import { salvageName } from './journal/salvage-file.ts'
import { SalvageLog } from './journal/salvage-log.ts'
import type { DriveDatabase } from './metadata/database.ts'
import { NodeKeys } from './metadata/node-keys.ts'
import { blankNode, rootId, type Node } from './metadata/node.ts'
import { Nodes } from './metadata/nodes.ts'
import { Origins } from './metadata/origins.ts'
import type { Clock } from './runtime/clock.ts'
import type { Log } from './runtime/log.ts'
import { StoreError, type ObjectStore } from './s3/store.ts'
import { AbandonedUploads } from './sync/abandoned-uploads.ts'
import { breakerStore } from './sync/breaker-store.ts'
import { Connection } from './sync/connection.ts'
import { ContentStanding } from './sync/content-standing.ts'
import { CopySources } from './sync/copy-sources.ts'
import { Downloads } from './sync/downloads.ts'
import { ListingMerge } from './sync/listing-merge.ts'
import { MoveRecords, transferIdOf, type MoveRecord } from './sync/move-records.ts'
import { Moves } from './sync/moves.ts'
import { OperationRunner } from './sync/operation-runner.ts'
import { Pins } from './sync/pins.ts'
import { Placement } from './sync/placement.ts'
import { Relocation } from './sync/relocation.ts'
import { RemoteView, type Trust } from './sync/remote-view.ts'
import { SettledKeys } from './sync/settled-keys.ts'
import { FolderUse, Sweep } from './sync/sweep.ts'
import type { SweepRule } from './sync/sweep-plan.ts'
import { TransferFeed, type Described } from './sync/transfer-feed.ts'
import { TreeChanges, type NodeDefaults } from './sync/tree-changes.ts'
import { UploadPace } from './sync/upload-pace.ts'
import { Uploader } from './sync/uploader.ts'
import { WarmUp } from './sync/warm-up.ts'

const persistIntervalMs = 1_000
/** When chunks were last used is lost up to this long before a crash. */
const usesIntervalMs = 60_000
const shrinkPauseMs = 20
const lastHeardName = 'lastHeardAt'
/** How old the record of it may be: after a crash it is only for a person to read. */
const heardRecordMs = 60_000
const firstLookPatienceMs = 10_000
const firstLookDeadlineMs = 20_000

/** In strict mode everything is asked for when it is looked at, so there is nothing to look at behind. */
const sweepByMode: Record<ConsistencyMode, SweepRule | undefined> = {
  cached: { againAfterMs: 60_000 },
  'close-to-open': { againAfterMs: 30_000 },
  strict: undefined,
}

const trustByMode: Record<ConsistencyMode, Trust> = {
  cached: { listingMs: 300_000, openMs: 300_000 },
  'close-to-open': { listingMs: 10_000, openMs: 1_000 },
  strict: { listingMs: 0, openMs: 0 },
}

export type DriveOptions = {
  id: string
  store: ObjectStore
  prefix: string
  cacheDirectory: string
  /** Absent: only the disk is a limit. */
  cacheLimitBytes?: number | undefined
  /** What this cache belongs to; opening it for anything else is refused. */
  identity: string
  isReadOnly: boolean
  consistency: ConsistencyMode
  platform: 'linux' | 'darwin' | 'win32'
  owner: { uid: number; gid: number }
  clock: Clock
  log: Log
  canCopyParts: () => boolean
  onTransfers: (transfers: Transfer[]) => void
  /** The database was found to be damaged: this drive must end, and the next start puts it right. */
  onDamaged?: (problem: Problem) => void
  /** How many nodes stay in memory; absent: enough. */
  mostHotNodes?: number
  /** Absent: the usual ones. */
  localOnlyPatterns?: readonly string[] | undefined
}

export class LocalDrive {
  readonly operations: KernelOperations
  readonly connection: Connection
  readonly uploader: Uploader
  readonly journal: Journal
  readonly recovery: RecoveryReport
  readonly pins: Pins
  readonly #database: DriveDatabase
  readonly #nodes: Nodes
  readonly #contents: ContentStore
  readonly #remote: RemoteView
  readonly #downloads: Downloads
  readonly #volume: Volume
  readonly #feed: TransferFeed
  readonly #moves: Moves
  readonly #keys: NodeKeys
  readonly #records: MoveRecords
  readonly #id: string
  readonly #store: ObjectStore
  readonly #prefix: string
  readonly #abandoned: AbandonedUploads
  readonly #pace: UploadPace
  readonly #clock: Clock
  readonly #salvage: SalvageLog
  readonly #cacheDirectory: string
  readonly #sweep: Sweep | undefined
  readonly #warmUp: WarmUp
  #cancelPersist: (() => void) | undefined
  #cancelShrink: (() => void) | undefined
  #usesSavedAtMs = 0

  constructor(options: DriveOptions) {
    const { clock, log } = options
    prepareCacheDirectory(options.cacheDirectory)
    const { identity, cacheDirectory } = options
    const { database, replayedTransactions } = openDriveDatabase({ ...options, nowMs: clock.now() })
    const nodes = new Nodes(database, options.mostHotNodes)
    const journal = new Journal(database, () => clock.now())
    const handles = new Handles()
    const standing = new ContentStanding({ database, nodes, journal, openFiles: handles })
    const contents = new ContentStore({
      database,
      directory: join(options.cacheDirectory, 'content'),
      limitBytes: options.cacheLimitBytes,
      standingOf: (content) => standing.of(content),
      isPinned: (content) => standing.isPinned(content),
      now: () => clock.now(),
      log,
    })
    const defaults: NodeDefaults = { fileMode: 0o644, directoryMode: 0o755, ...options.owner }
    nodes.ensureRoot(rootFields(defaults, clock.now()))
    const keys = new NodeKeys(nodes, options.prefix)
    this.recovery = recover({ database, nodes, contents, journal, keys, cacheDirectory })
    log.info('recovered', { ...this.recovery, lostFiles: this.recovery.lostFiles.join(), replayedTransactions })
    const origins = new Origins(database)
    const hasPut = (node: number): boolean => journal.putOf(node) !== undefined || origins.has(node)
    const salvage = new SalvageLog({ database, path: join(cacheDirectory, salvageName), identity, log, hasPut })
    salvage.begin()
    database.onDamaged((error) => {
      // The next start must not rely on it again, however it looks by then.
      writeFileSync(join(cacheDirectory, damageMarkName), String(error))
      options.onDamaged?.(damagedProblem(error))
    })

    const connection = new Connection({
      clock,
      probe: (call) => options.store.list({ prefix: options.prefix, maxKeys: 1 }, call),
    })
    const store = breakerStore(options.store, { connection, clock })
    const settled = new SettledKeys()
    const now = (): number => clock.now()
    const placement = new Placement({ journal, keys, now })
    const records = new MoveRecords({ database, journal, nodes, origins, now })
    const tree = new TreeChanges({
      database,
      nodes,
      contents,
      journal,
      keys,
      origins,
      defaults,
      openFiles: handles,
      now,
    })
    const feed = new TransferFeed({
      driveId: options.id,
      clock,
      describe: (node, key) => describe(nodes, keys, node, key),
      operations: () => journal.operations(),
      moves: () => records.all().map((record) => this.#moveTransfer(record)),
      emit: options.onTransfers,
    })
    const downloads = new Downloads({ store, contents, database, observer: feed })
    const { platform } = options
    const listingMerge = new ListingMerge({
      database,
      nodes,
      keys,
      origins,
      journal,
      tree,
      settled,
      clock,
      platform,
    })
    const remote = new RemoteView({
      store,
      connection,
      nodes,
      origins,
      journal,
      tree,
      settled,
      listingMerge,
      clock,
      trust: trustByMode[options.consistency],
      platform,
    })
    const uploads = new OpenUploads(database)
    const abandoned = new AbandonedUploads({ store, uploads, connection, clock, log })
    const pace = new UploadPace(clock)
    const folderUse = new FolderUse()
    const revalidate = (node: number): Promise<void> => remote.revalidate(node)
    this.#warmUp = new WarmUp({ nodes, tree, connection, clock, revalidate })
    const rule = sweepByMode[options.consistency]
    this.#sweep =
      rule &&
      new Sweep({
        clock,
        connection,
        nodes,
        use: folderUse,
        openNodes: () => handles.openNodes(),
        list: (folder) => (journal.putOf(folder) === undefined ? remote.list(folder) : Promise.resolve()),
        rule,
      })
    const runner = new OperationRunner({
      store,
      database,
      nodes,
      contents,
      journal,
      uploads,
      keys,
      downloads,
      tree,
      now,
      canCopyParts: options.canCopyParts,
      writerId: writerId(database),
      onProgress: (operation, progress) => {
        pace.progressed(operation, progress)
        feed.operationProgressed(operation, progress.doneBytes)
      },
    })
    const uploader: Uploader = new Uploader({
      journal,
      runner,
      connection,
      sources: new CopySources({
        database,
        nodes,
        contents,
        downloads,
        journal,
        openFiles: handles,
        learn: (node) => remote.revalidate(node),
      }),
      clock,
      log,
      sizeOf: (node) => nodes.get(node)?.size ?? 0,
      expansion: {
        get remaining() {
          return origins.size
        },
        get canGoOn() {
          return moves.canGoOn
        },
        get problem() {
          return moves.problem
        },
        covers: (key) => origins.covers(key),
        hurry: () => moves.hurry(),
      },
      observer: {
        operationChanged: (operation) => {
          feed.operationChanged(operation)
          if (operation.status.state === 'running') pace.begun(operation.id)
          if (operation.kind === 'delete') abandoned.look()
        },
        operationRemoved: (operation, reason) => {
          settled.settle(operation.key)
          feed.operationRemoved(operation, reason)
          pace.ended(operation.id, reason === 'done')
          abandoned.look()
          moves.operationRemoved(operation)
        },
      },
    })
    journal.observe(uploader)
    this.pins = new Pins({
      database,
      nodes,
      keys,
      contents,
      downloads,
      remote,
      connection,
      openFiles: handles,
      clock,
      log,
      find: (path) => nodeAt(filesystem, path),
    })
    const moves: Moves = new Moves({
      database,
      nodes,
      journal,
      origins,
      placement,
      records,
      merge: listingMerge,
      tree,
      settled,
      store,
      connection,
      clock,
      log,
      uploads: uploader,
      onChange: (record) => feed.moveChanged(transferIdOf(record), () => this.#currentMove(record)),
      onFinished: (record) => {
        const finished = records.transferOf(record, options.id, {
          state: record.isUndo ? 'cancelled' : 'done',
          finishedAt: clock.now(),
        })
        feed.moveChanged(finished.id, () => finished)
      },
    })
    origins.observe(() => {
      uploader.keysWereLetGo()
      moves.keysWereLetGo()
    })
    const relocation = new Relocation({
      database,
      nodes,
      keys,
      journal,
      origins,
      placement,
      records,
      onMoved: (directory) => moves.folderMoved(directory),
    })
    this.#volume = new Volume({
      database,
      nodes,
      keys,
      contents,
      journal,
      origins,
      placement,
      relocation,
      remote,
      downloads,
      handles,
      folderUse,
      warmUp: this.#warmUp,
      clock,
      options: {
        isReadOnly: options.isReadOnly,
        isStrict: options.consistency === 'strict',
        platform: options.platform,
        isLocalOnlyName: localOnlyMatcher(options.localOnlyPatterns ?? defaultLocalOnlyPatterns),
      },
      uploadNow: (node) => uploader.uploadNow(node),
      statCache: diskSpace(options.cacheDirectory, clock),
    })
    const filesystem = new Filesystem(this.#volume)
    this.operations = createPathAdapter(filesystem)
    this.connection = connection
    this.uploader = uploader
    this.#moves = moves
    this.#keys = keys
    this.#records = records
    this.#id = options.id
    this.journal = journal
    this.#database = database
    this.#nodes = nodes
    this.#contents = contents
    this.#remote = remote
    this.#downloads = downloads
    this.#feed = feed
    this.#store = store
    this.#prefix = options.prefix
    this.#abandoned = abandoned
    this.#pace = pace
    this.#clock = clock
    this.#salvage = salvage
    this.#cacheDirectory = cacheDirectory
  }

  /** What the start had to decide, and what it found gone. */
  get notices(): Problem[] {
    const rebuilt = rebuiltOf(this.#database)
    const { lostFiles } = this.recovery
    return [
      ...(rebuilt === undefined ? [] : [rebuiltProblem(rebuilt, this.#cacheDirectory)]),
      ...(lostFiles.length === 0 ? [] : [lostProblem(lostFiles)]),
    ]
  }

  /** A rebuild is told at every start until this is called. */
  forgetNotices(): void {
    forgetRebuilt(this.#database)
  }

  /** The first look at a bucket never seen before: throws ProblemError saying why it cannot be used. */
  async assertReachable(): Promise<void> {
    if (this.lastHeardAtMs !== undefined || this.journal.size > 0) return
    if ((this.#nodes.get(rootId)?.listedAtMs ?? 0) > 0) return
    const endPatience = this.connection.bePatient(firstLookPatienceMs)
    try {
      await this.#look()
    } catch (error) {
      if (error instanceof StoreError) throw new ProblemError(error.problem, { cause: error })
      throw error
    } finally {
      endPatience()
    }
    this.#noteHeard()
  }

  /** What a person should know of the bucket right away: keys that are refused, a bucket that is gone, no way through. */
  async greet(): Promise<Problem | undefined> {
    try {
      await this.#look()
      // From here on the drive can be looked into offline.
      if (this.#nodes.get(rootId)?.listedAtMs === 0) await this.#remote.list(rootId)
      return undefined
    } catch (error) {
      return error instanceof StoreError ? error.problem : undefined
    }
  }

  /** When the bucket last answered anything, in this process or an earlier one. */
  get lastHeardAtMs(): number | undefined {
    const stored = this.#database.getMeta(lastHeardName)
    return this.connection.lastHeardAtMs ?? (stored === undefined ? undefined : Number(stored))
  }

  /** Uploads begin, and what is written is recorded once a second from now on. */
  start(): void {
    this.uploader.start()
    this.#abandoned.start()
    this.pins.start()
    this.#moves.start()
    this.#sweep?.start()
    this.#persistLater()
    this.#shrink()
  }

  transfers(): Transfer[] {
    return this.#feed.snapshot()
  }

  space(): ContentStore['bytes'] {
    return this.#contents.bytes
  }

  /** Why programs are told that there is no space, while they are. */
  get shortage(): Problem | undefined {
    return this.#contents.space.shortage
  }

  /** What is over a lower limit goes bit by bit, so that nobody waits for it. */
  limitCache(limitBytes: number | undefined): void {
    this.#contents.space.limitBytes = limitBytes
    this.#shrink()
  }

  pace(): { unsentBytes: number; uploadBytesPerSecond: number; operationsPerSecond: number } {
    const { heldBytes, bytesPerSecond, operationsPerSecond } = this.#pace
    const unsentBytes = Math.max(0, this.#contents.bytes.unsyncedBytes - heldBytes)
    return { unsentBytes, uploadBytesPerSecond: Math.round(bytesPerSecond), operationsPerSecond }
  }

  getMeta(name: string): string | undefined {
    return this.#database.getMeta(name)
  }

  setMeta(name: string, value: string): void {
    this.#database.setMeta(name, value)
  }

  /** Everything written is recorded; programs may still be writing. */
  persist(): void {
    this.#volume.persistAll({ seals: true })
    const heardAtMs = this.connection.lastHeardAtMs ?? 0
    if (heardAtMs - Number(this.#database.getMeta(lastHeardName) ?? 0) > heardRecordMs) this.#noteHeard()
  }

  /** Ends uploads (they stay in the journal) and closes the cache. Nothing may be called afterwards. */
  async close(): Promise<void> {
    this.#cancelPersist?.()
    this.#sweep?.close()
    this.#warmUp.close()
    this.#remote.close()
    this.#downloads.close()
    this.pins.close()
    await this.#moves.stop()
    await this.uploader.stop()
    this.#abandoned.stop()
    this.connection.close()
    this.persist()
    this.#saveUses()
    this.#noteHeard()
    this.#feed.close()
    await this.#contents.syncAll()
    await this.#database.makeDurable()
    this.#contents.close()
    this.#database.close()
    this.#salvage.close()
    this.#store.close()
  }

  /** Moves a folder back whose move is still under way. Throws ProblemError when that cannot be. */
  async cancelMove(transferId: string): Promise<void> {
    const record = this.#records.all().find((one) => transferIdOf(one) === transferId)
    const node = record === undefined ? undefined : this.#nodes.get(record.node)
    await undoMove(this.operations, record, node === undefined ? undefined : this.#keys.pathOf(node))
    if (record !== undefined) this.#database.transaction(() => this.#records.markUndo(record.node))
  }

  #currentMove(record: MoveRecord): Transfer | undefined {
    const current = this.#records.get(record.node)
    return current === undefined ? undefined : this.#moveTransfer(current)
  }

  #moveTransfer(record: MoveRecord): Transfer {
    const { problem } = this.#moves
    const status: Transfer['status'] = !this.connection.isOnline
      ? { state: 'queued' }
      : problem === undefined
        ? { state: 'running', bytesPerSecond: 0 }
        : { state: 'blocked', problem }
    return this.#records.transferOf(record, this.#id, status)
  }

  #shrink(): void {
    this.#cancelShrink?.()
    this.#cancelShrink = this.#contents.space.shrink()
      ? this.#clock.after(shrinkPauseMs, () => this.#shrink())
      : undefined
  }

  #saveUses(): void {
    this.#contents.saveUses()
    this.#usesSavedAtMs = this.#clock.now()
  }

  async #look(): Promise<void> {
    const signal = AbortSignal.timeout(firstLookDeadlineMs)
    await this.#store.list({ prefix: this.#prefix, delimiter: '/', maxKeys: 1 }, { signal })
  }

  #noteHeard(): void {
    const heardAtMs = this.connection.lastHeardAtMs
    if (heardAtMs !== undefined) this.#database.setMeta(lastHeardName, String(heardAtMs))
  }

  #persistLater(): void {
    this.#cancelPersist = this.#clock.after(persistIntervalMs, () => {
      try {
        this.#volume.persistAll({ seals: false })
        this.#salvage.tend()
        if (this.#clock.now() - this.#usesSavedAtMs > usesIntervalMs) this.#saveUses()
      } finally {
        this.#persistLater()
      }
    })
  }
}

async function nodeAt(filesystem: Filesystem, path: string): Promise<Node> {
  let id = rootId
  for (const name of path.split('/').filter((step) => step !== '')) {
    const found = await answered(path, () => filesystem.lookup.find(id, name))
    if (found === undefined)
      throw new ProblemError({ code: 'not-found', message: `There is no “${path}” on this drive.` })
    id = found.id
  }
  return filesystem.node(id)
}

/** What stood in the way of an answer, in words. */
async function answered<T>(path: string, ask: () => T | Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof FsError)) throw error
    if (error.cause instanceof StoreError) throw new ProblemError(error.cause.problem, { cause: error })
    throw new ProblemError({ code: 'not-found', message: `There is no “${path}” on this drive.` }, { cause: error })
  }
}

function writerId(database: DriveDatabase): string {
  const known = database.getMeta('writerId')
  if (known !== undefined) return known
  const made = randomBytes(9).toString('base64url')
  database.setMeta('writerId', made)
  return made
}

function rootFields(defaults: NodeDefaults, nowMs: number): Parameters<Nodes['ensureRoot']>[0] {
  return blankNode({
    parent: 0,
    name: '',
    segment: '',
    kind: 'directory',
    mode: defaults.directoryMode,
    uid: defaults.uid,
    gid: defaults.gid,
    nowMs,
  })
}

function describe(nodes: Nodes, keys: NodeKeys, id: number, key: string): Described {
  const node = nodes.get(id)
  if (node === undefined) return { path: key, sizeBytes: 0, isCopy: false, isFolder: key.endsWith('/') }
  return {
    path: keys.pathOf(node),
    sizeBytes: node.size,
    isCopy: node.kind === 'file' && !node.isContentDirty && node.remote !== undefined,
    isFolder: node.kind === 'directory',
  }
}
