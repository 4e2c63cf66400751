/**
 * One drive, without a kernel and without a host: what it has here (`drive-cache.ts`) and what ties that to its bucket
 * (`drive-sync.ts`), under a filesystem. The mounted drive (worker) and the test suites that run in process both stand on this.
 */
import type { DriveStatus } from '../contracts/drive.ts'
import type { DriveLimits } from '../contracts/limits.ts'
import type { Transfer } from '../contracts/transfer.ts'
import { defaultLocalOnlyPatterns, localOnlyMatcher } from '../contracts/local-only.ts'
import { ProblemError, type Problem } from '../contracts/problem.ts'
import { t } from '../language/language.ts'
import type { ConflictDesk } from './conflicts/conflict-desk.ts'
import { ConflictFeed } from './conflicts/conflict-feed.ts'
import type { ContentStore } from './cache/content-store.ts'
import { diskSpace } from './cache/disk-space.ts'
import { openDriveCache, type DriveCache } from './drive-cache.ts'
import { filesOf, type DriveFiles } from './drive-files.ts'
import type { DriveOptions } from './drive-options.ts'
import {
  conflictsOf,
  feedOf,
  moveTransfer,
  pinsOf,
  sendChanges,
  watchBucket,
  type BucketWatch,
  type Sending,
} from './drive-sync.ts'
import { versionsOf } from './drive-versions.ts'
import { Filesystem } from './fs/filesystem.ts'
import { undoMove } from './fs/undo-move.ts'
import { Volume } from './fs/volume.ts'
import { createPathAdapter } from './fuse/path-adapter.ts'
import { FsError, type KernelOperations } from './fuse/kernel.ts'
import type { Journal } from './journal/journal.ts'
import { isHeld } from './journal/operation.ts'
import { lostProblem } from './journal/lost-problem.ts'
import { forgetRebuilt, rebuiltOf } from './journal/rebuild.ts'
import { rebuiltProblem } from './journal/rebuilt-problem.ts'
import type { RecoveryReport } from './journal/recovery.ts'
import { rootId, type Node } from './metadata/node.ts'
import { StoreError } from './s3/store.ts'
import type { Connection } from './sync/connection.ts'
import type { DrivePause } from './sync/drive-pause.ts'
import { transferIdOf } from './sync/move-records.ts'
import type { Pins } from './sync/pins.ts'
import type { TransferFeed } from './sync/transfer-feed.ts'
import type { Uploader } from './sync/uploader.ts'
import type { Versions } from './versions/versions.ts'

export type { DriveOptions } from './drive-options.ts'

const persistIntervalMs = 1_000
/** When chunks were last used is lost up to this long before a crash. */
const usesIntervalMs = 60_000
const shrinkPauseMs = 20
const lastHeardName = 'lastHeardAt'
/** How old the record of it may be: after a crash it is only for a person to read. */
const heardRecordMs = 60_000
const firstLookPatienceMs = 10_000
const firstLookDeadlineMs = 20_000

export class LocalDrive {
  readonly operations: KernelOperations
  readonly connection: Connection
  readonly pause: DrivePause
  readonly uploader: Uploader
  readonly journal: Journal
  readonly recovery: RecoveryReport
  readonly pins: Pins
  readonly versions: Versions
  readonly conflicts: ConflictDesk
  readonly files: DriveFiles
  readonly #options: DriveOptions
  readonly #cache: DriveCache
  readonly #watch: BucketWatch
  readonly #sending: Sending
  readonly #volume: Volume
  readonly #feed: TransferFeed
  #cancelPersist: (() => void) | undefined
  #cancelShrink: (() => void) | undefined
  #usesSavedAtMs = 0

  constructor(options: DriveOptions) {
    const cache = openDriveCache(options)
    this.#feed = feedOf(options, cache, () => [
      ...this.#moveTransfers(),
      ...this.versions.transfers(),
      ...this.files.copies.transfers(),
    ])
    const watch = watchBucket(options, cache, this.#feed)
    const conflicts = new ConflictFeed({ clock: options.clock, emit: (changed) => options.onConflicts?.(changed) })
    const sending = sendChanges(options, cache, watch, {
      ...{ feed: this.#feed, conflicts },
      keepReplaced: (...replaced) => this.conflicts.keepReplaced(...replaced),
    })
    this.pins = pinsOf(options, cache, watch, (path) => nodeAt(filesystem, path))
    this.versions = versionsOf(options, cache, watch, sending, {
      feed: this.#feed,
      find: (path) => nodeAt(filesystem, path),
      keepReplaced: (...replaced) => this.conflicts.keepReplaced(...replaced),
    })
    this.#volume = volumeOf(options, cache, watch, sending)
    const filesystem = new Filesystem(this.#volume)
    this.operations = createPathAdapter(filesystem)
    this.files = filesOf(options, cache, watch, {
      ...{ pins: this.pins, feed: this.#feed, operations: this.operations },
      find: (path) => nodeAt(filesystem, path),
    })
    this.conflicts = conflictsOf(options, cache, watch, { feed: conflicts, operations: this.operations })
    this.connection = watch.connection
    this.pause = watch.pause
    this.uploader = sending.uploader
    this.uploader.limit(options.limits?.parallelUploads)
    this.journal = cache.journal
    this.recovery = cache.recovery
    this.#options = options
    this.#cache = cache
    this.#watch = watch
    this.#sending = sending
  }

  /** What the start had to decide, and what it found gone. */
  get notices(): Problem[] {
    const rebuilt = rebuiltOf(this.#cache.database)
    const { lostFiles } = this.recovery
    return [
      ...(rebuilt === undefined ? [] : [rebuiltProblem(rebuilt, this.#options.cacheDirectory)]),
      ...(lostFiles.length === 0 ? [] : [lostProblem(lostFiles)]),
    ]
  }

  /** A rebuild is told at every start until this is called. */
  forgetNotices(): void {
    forgetRebuilt(this.#cache.database)
  }

  /** The first look at a bucket never seen before: throws ProblemError saying why it cannot be used. */
  async assertReachable(): Promise<void> {
    if (this.lastHeardAtMs !== undefined || this.journal.size > 0) return
    if ((this.#cache.nodes.get(rootId)?.listedAtMs ?? 0) > 0) return
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
      if (this.#cache.nodes.get(rootId)?.listedAtMs === 0) await this.#watch.remote.list(rootId)
      return undefined
    } catch (error) {
      return error instanceof StoreError ? error.problem : undefined
    }
  }

  /** When the bucket last answered anything, in this process or an earlier one. */
  get lastHeardAtMs(): number | undefined {
    const stored = this.#cache.database.getMeta(lastHeardName)
    return this.connection.lastHeardAtMs ?? (stored === undefined ? undefined : Number(stored))
  }

  /** Uploads begin, and what is written is recorded once a second from now on. */
  start(): void {
    this.uploader.start()
    this.#sending.abandoned.start()
    this.pins.start()
    this.files.start()
    this.conflicts.start()
    this.#sending.moves.start()
    this.#sending.conflictWatch.start()
    this.#watch.sweep?.start()
    this.#persistLater()
    this.#shrink()
  }

  transfers(): Transfer[] {
    return this.#feed.snapshot()
  }

  space(): ContentStore['bytes'] {
    return this.#cache.contents.bytes
  }

  /** Why programs are told that there is no space, while they are. */
  get shortage(): Problem | undefined {
    return this.#cache.contents.space.shortage
  }

  /** What is over a lower limit goes bit by bit, so that nobody waits for it. */
  limitCache(limitBytes: number | undefined): void {
    this.#cache.contents.space.limitBytes = limitBytes
    this.#shrink()
  }

  /** Takes effect on what is under way. */
  limitTransfers({ uploadBytesPerSecond, downloadBytesPerSecond, parallelUploads }: DriveLimits): void {
    this.#watch.rates.up.bytesPerSecond = uploadBytesPerSecond
    this.#watch.rates.down.bytesPerSecond = downloadBytesPerSecond
    this.uploader.limit(parallelUploads)
  }

  pace(): Pick<DriveStatus, 'unsentBytes' | 'uploadBytesPerSecond' | 'downloadBytesPerSecond' | 'operationsPerSecond'> {
    const { heldBytes, bytesPerSecond, operationsPerSecond } = this.#sending.pace
    const unsentBytes = Math.max(0, this.#cache.contents.bytes.unsyncedBytes - heldBytes)
    return {
      unsentBytes,
      uploadBytesPerSecond: Math.round(bytesPerSecond),
      downloadBytesPerSecond: Math.round(this.#watch.downloadPace.bytesPerSecond),
      operationsPerSecond,
    }
  }

  getMeta(name: string): string | undefined {
    return this.#cache.database.getMeta(name)
  }

  setMeta(name: string, value: string): void {
    this.#cache.database.setMeta(name, value)
  }

  /** Everything written is recorded; programs may still be writing. */
  persist(): void {
    this.#volume.persistAll({ seals: true })
    const heardAtMs = this.connection.lastHeardAtMs ?? 0
    if (heardAtMs - Number(this.#cache.database.getMeta(lastHeardName) ?? 0) > heardRecordMs) this.#noteHeard()
  }

  /** Ends uploads (they stay in the journal) and closes the cache. Nothing may be called afterwards. */
  async close(): Promise<void> {
    this.#cancelPersist?.()
    this.#watch.sweep?.close()
    this.#watch.warmUp.close()
    this.#watch.remote.close()
    this.#watch.downloads.close()
    this.pins.close()
    this.versions.close()
    this.files.close()
    this.#sending.conflictWatch.close()
    await this.conflicts.stop()
    await this.#sending.moves.stop()
    await this.uploader.stop()
    this.#sending.abandoned.stop()
    this.connection.close()
    this.pause.close()
    this.persist()
    this.#saveUses()
    this.#noteHeard()
    this.#feed.close()
    await this.#cache.contents.syncAll()
    await this.#cache.database.makeDurable()
    this.#cache.contents.close()
    this.#cache.database.close()
    this.#cache.salvage.close()
    this.#options.store.close()
  }

  /** The conflict as the bucket shows it now; it may be over. Throws StoreError when the bucket cannot be asked. */
  refreshConflict(operation: number): Promise<void> {
    return this.#sending.conflictWatch.refresh(operation)
  }

  /** Moves a folder back whose move is still under way. Throws ProblemError when that cannot be. */
  async cancelMove(transferId: string): Promise<void> {
    const record = this.#sending.records.all().find((one) => transferIdOf(one) === transferId)
    const node = record === undefined ? undefined : this.#cache.nodes.get(record.node)
    await undoMove(this.operations, record, node === undefined ? undefined : this.#cache.keys.pathOf(node))
    if (record !== undefined) this.#cache.database.transaction(() => this.#sending.records.markUndo(record.node))
  }

  /** A change is given up for what the bucket has; where that is refused it goes on as before. Throws ProblemError, StoreError. */
  async discard(id: number): Promise<void> {
    const { journal, uploader } = this
    const isStopped = journal.get(id)?.status.state === 'blocked'
    if (!isStopped) await uploader.hold(id)
    try {
      await this.conflicts.discard(id)
    } catch (error) {
      const left = journal.get(id)
      if (!isStopped && left !== undefined && isHeld(left)) uploader.retry(id)
      throw error
    }
  }

  #moveTransfers(): Transfer[] {
    const { records, moves } = this.#sending
    const { connection, pause } = this
    return records.all().map((record) => moveTransfer(this.#options.id, record, { records, moves, connection, pause }))
  }

  #shrink(): void {
    this.#cancelShrink?.()
    this.#cancelShrink = this.#cache.contents.space.shrink()
      ? this.#options.clock.after(shrinkPauseMs, () => this.#shrink())
      : undefined
  }

  #saveUses(): void {
    this.#cache.contents.saveUses()
    this.#usesSavedAtMs = this.#options.clock.now()
  }

  async #look(): Promise<void> {
    const signal = AbortSignal.timeout(firstLookDeadlineMs)
    await this.#options.store.list({ prefix: this.#options.prefix, delimiter: '/', maxKeys: 1 }, { signal })
  }

  #noteHeard(): void {
    const heardAtMs = this.connection.lastHeardAtMs
    if (heardAtMs !== undefined) this.#cache.database.setMeta(lastHeardName, String(heardAtMs))
  }

  #persistLater(): void {
    this.#cancelPersist = this.#options.clock.after(persistIntervalMs, () => {
      try {
        this.#volume.persistAll({ seals: false })
        this.#cache.salvage.tend()
        if (this.#options.clock.now() - this.#usesSavedAtMs > usesIntervalMs) this.#saveUses()
      } finally {
        this.#persistLater()
      }
    })
  }
}

function volumeOf(options: DriveOptions, cache: DriveCache, watch: BucketWatch, sending: Sending): Volume {
  const { database, nodes, keys, contents, journal, handles, origins, bases, unread } = cache
  const { remote, downloads, folderUse, warmUp } = watch
  const { placement, relocation, uploader } = sending
  const { clock, isReadOnly, platform, localOnlyPatterns = defaultLocalOnlyPatterns } = options
  return new Volume({
    ...{ database, nodes, keys, contents, journal, handles, origins, remote, downloads, folderUse, warmUp },
    ...{ placement, relocation, bases, unread, clock },
    options: {
      isReadOnly,
      isStrict: options.consistency === 'strict',
      platform,
      isLocalOnlyName: localOnlyMatcher(localOnlyPatterns),
    },
    uploadNow: (node) => uploader.uploadNow(node),
    statCache: diskSpace(options.cacheDirectory, clock),
  })
}

async function nodeAt(filesystem: Filesystem, path: string): Promise<Node> {
  let id = rootId
  for (const name of path.split('/').filter((step) => step !== '')) {
    const found = await answered(path, () => filesystem.lookup.find(id, name))
    if (found === undefined) throw new ProblemError({ code: 'not-found', message: t('worker.no-such-path', { path }) })
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
    throw new ProblemError({ code: 'not-found', message: t('worker.no-such-path', { path }) }, { cause: error })
  }
}
