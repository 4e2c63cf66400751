/**
 * What ties a drive's cache to its bucket: how the bucket is looked at (`watchBucket`), and how changes get there (`sendChanges`).
 * Only constructs; nothing runs until it is started.
 */
import { randomBytes } from 'node:crypto'
import type { Transfer } from '../contracts/transfer.ts'
import { hostname } from 'node:os'
import { ConflictDesk } from './conflicts/conflict-desk.ts'
import type { ConflictFeed } from './conflicts/conflict-feed.ts'
import type { DriveCache } from './drive-cache.ts'
import { sweepByMode, trustByMode, type DriveOptions } from './drive-options.ts'
import { OpenUploads } from './journal/open-uploads.ts'
import type { DriveDatabase } from './metadata/database.ts'
import type { KernelOperations } from './fuse/kernel.ts'
import type { NodeKeys } from './metadata/node-keys.ts'
import type { Node } from './metadata/node.ts'
import type { Nodes } from './metadata/nodes.ts'
import type { ObjectStore } from './s3/store.ts'
import { throttledStore, type Rates } from './s3/throttled-store.ts'
import { TokenBucket } from './s3/token-bucket.ts'
import { AbandonedUploads } from './sync/abandoned-uploads.ts'
import { BucketNews } from './sync/bucket-news.ts'
import { breakerStore } from './sync/breaker-store.ts'
import { ConflictFinder } from './sync/conflict-finder.ts'
import { ConflictOutcome } from './sync/conflict-outcome.ts'
import { ConflictWatch } from './sync/conflict-watch.ts'
import { Connection } from './sync/connection.ts'
import { CopySources } from './sync/copy-sources.ts'
import { Downloads } from './sync/downloads.ts'
import { DownloadPace } from './sync/download-pace.ts'
import { DrivePause } from './sync/drive-pause.ts'
import { ListingMerge } from './sync/listing-merge.ts'
import { MoveRecords, transferIdOf, type MoveRecord } from './sync/move-records.ts'
import { Moves } from './sync/moves.ts'
import { OperationRunner } from './sync/operation-runner.ts'
import { OwnWrites } from './sync/own-writes.ts'
import { Pins } from './sync/pins.ts'
import { Placement } from './sync/placement.ts'
import { Relocation } from './sync/relocation.ts'
import { RemoteView } from './sync/remote-view.ts'
import { ReplacedUnread, type KeepReplaced } from './sync/replaced-unread.ts'
import { SameContent } from './sync/same-content.ts'
import { SettledKeys } from './sync/settled-keys.ts'
import { FolderUse, Sweep } from './sync/sweep.ts'
import { TransferFeed, type Described } from './sync/transfer-feed.ts'
import { TreeChanges } from './sync/tree-changes.ts'
import { UploadPace } from './sync/upload-pace.ts'
import { Uploader } from './sync/uploader.ts'
import { WarmUp } from './sync/warm-up.ts'
import { historyStore } from './versions/history-store.ts'

export type BucketWatch = {
  connection: Connection
  store: ObjectStore
  pause: DrivePause
  rates: Rates
  downloadPace: DownloadPace
  settled: SettledKeys
  news: BucketNews
  tree: TreeChanges
  downloads: Downloads
  listingMerge: ListingMerge
  remote: RemoteView
  folderUse: FolderUse
  sweep: Sweep | undefined
  warmUp: WarmUp
}

export function watchBucket(options: DriveOptions, cache: DriveCache, feed: TransferFeed): BucketWatch {
  const { clock, platform } = options
  const { database, nodes, journal, handles, contents, keys, origins, unread, defaults } = cache
  const connection = new Connection({
    clock,
    probe: (call) => options.store.list({ prefix: options.prefix, maxKeys: 1 }, call),
  })
  const { uploadBytesPerSecond, downloadBytesPerSecond } = options.limits ?? {}
  const rates = {
    up: new TokenBucket(clock, uploadBytesPerSecond),
    down: new TokenBucket(clock, downloadBytesPerSecond),
  }
  const store = throttledStore(breakerStore(options.store, { connection, clock }), rates)
  const downloadPace = new DownloadPace(clock, feed)
  const pause = new DrivePause({ clock, record: database })
  const settled = new SettledKeys()
  const news = new BucketNews(journal)
  const now = (): number => clock.now()
  const tree = new TreeChanges({
    ...{ database, nodes, contents, journal, keys, origins, unread, defaults, now },
    openFiles: handles,
  })
  const downloads = new Downloads({
    store: historyStore(store, clock),
    contents,
    database,
    observer: downloadPace,
    pause,
    now,
  })
  const listingMerge = new ListingMerge({
    ...{ database, nodes, keys, origins, journal, tree, settled, news, clock, platform },
  })
  const trust = trustByMode[options.consistency]
  const remote = new RemoteView({
    ...{ store, connection, nodes, origins, journal, tree, settled, news, listingMerge, clock, trust, platform },
  })
  const folderUse = new FolderUse()
  const revalidate = (node: number): Promise<void> => remote.revalidate(node)
  const warmUp = new WarmUp({ nodes, tree, connection, clock, revalidate })
  const rule = sweepByMode[options.consistency]
  const sweep =
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
  return {
    connection,
    store,
    pause,
    rates,
    downloadPace,
    settled,
    news,
    tree,
    downloads,
    listingMerge,
    remote,
    folderUse,
    sweep,
    warmUp,
  }
}

export type Sending = {
  uploads: OpenUploads
  abandoned: AbandonedUploads
  pace: UploadPace
  uploader: Uploader
  conflictWatch: ConflictWatch
  placement: Placement
  records: MoveRecords
  moves: Moves
  relocation: Relocation
}

export function sendChanges(
  options: DriveOptions,
  cache: DriveCache,
  watch: BucketWatch,
  others: { feed: TransferFeed; conflicts: ConflictFeed; keepReplaced: KeepReplaced },
): Sending {
  const { feed, conflicts, keepReplaced } = others
  const { clock, log } = options
  const { database, nodes, journal, keys, origins } = cache
  const { connection, store } = watch
  const uploads = new OpenUploads(database)
  const abandoned = new AbandonedUploads({ store, uploads, connection, clock, log })
  const pace = new UploadPace(clock)
  const now = (): number => clock.now()
  const placement = new Placement({ journal, keys, now })
  const records = new MoveRecords({ database, journal, nodes, origins, now })
  const finding = findingOf(cache, watch)
  const runner = runnerOf(options, cache, watch, { uploads, pace, feed, finding, keepReplaced })
  const late: { moves?: Moves } = {}
  const sources = sourcesOf(cache, watch)
  const uploader = uploaderOf(options, cache, watch, {
    runner,
    sources,
    abandoned,
    pace,
    feed,
    conflicts,
    moves: () => late.moves,
  })
  journal.observe(uploader)
  const moves = movesOf(options, cache, watch, { placement, records, uploader, feed })
  late.moves = moves
  origins.observe(() => {
    uploader.keysWereLetGo()
    moves.keysWereLetGo()
  })
  const relocation = new Relocation({
    ...{ database, nodes, keys, journal, origins, placement, records },
    onMoved: (directory) => moves.folderMoved(directory),
  })
  const conflictWatch = new ConflictWatch({
    ...{ connection, store, journal, clock, log, news: watch.news, ...finding },
    isHeldBack: (put) => origins.covers(put.key) || sources.operationNeeding(put) !== undefined,
  })
  return { uploads, abandoned, pace, uploader, conflictWatch, placement, records, moves, relocation }
}

type Finding = { ownWrites: OwnWrites; finder: ConflictFinder; outcome: ConflictOutcome }

function findingOf({ database, nodes, contents, journal, keys }: DriveCache, { store, tree }: BucketWatch): Finding {
  const same = new SameContent({ store, contents })
  return {
    ownWrites: new OwnWrites({ store, database, nodes, journal }),
    finder: new ConflictFinder({ store, nodes, contents, same }),
    outcome: new ConflictOutcome({ database, nodes, contents, journal, keys, tree }),
  }
}

function runnerOf(
  options: DriveOptions,
  { database, nodes, contents, journal, keys, unread }: DriveCache,
  { store, downloads, tree }: BucketWatch,
  parts: {
    uploads: OpenUploads
    pace: UploadPace
    feed: TransferFeed
    finding: Finding
    keepReplaced: KeepReplaced
  },
): OperationRunner {
  const { uploads, pace, feed, finding, keepReplaced } = parts
  return new OperationRunner({
    replacedUnread: new ReplacedUnread({ store, nodes, keys, unread, keep: keepReplaced }),
    ...{ store, database, nodes, contents, journal, uploads, keys, downloads, tree, ...finding },
    now: () => options.clock.now(),
    canCopyParts: options.canCopyParts,
    newObjects: options.newObjects ?? (() => ({})),
    writerId: writerId(database),
    onProgress: (operation, progress) => {
      pace.progressed(operation, progress)
      feed.operationProgressed(operation, progress.doneBytes)
    },
  })
}

function sourcesOf(
  { database, nodes, contents, journal, handles }: DriveCache,
  { downloads, remote }: BucketWatch,
): CopySources {
  return new CopySources({
    ...{ database, nodes, contents, downloads, journal },
    openFiles: handles,
    learn: (node) => remote.revalidate(node),
  })
}

function uploaderOf(
  { clock, log }: DriveOptions,
  { nodes, journal, origins, bases }: DriveCache,
  { connection, settled, pause }: BucketWatch,
  parts: {
    runner: OperationRunner
    sources: CopySources
    abandoned: AbandonedUploads
    pace: UploadPace
    feed: TransferFeed
    conflicts: ConflictFeed
    /** Made after the uploader, which they use. */
    moves: () => Moves | undefined
  },
): Uploader {
  const { runner, sources, abandoned, pace, feed, conflicts, moves } = parts
  return new Uploader({
    ...{ journal, runner, sources, connection, pause, clock, log },
    sizeOf: (node) => nodes.get(node)?.size ?? 0,
    expansion: {
      get remaining() {
        return origins.size
      },
      get canGoOn() {
        return moves()?.canGoOn ?? false
      },
      get problem() {
        return moves()?.problem
      },
      covers: (key) => origins.covers(key),
      hurry: () => moves()?.hurry(),
    },
    observer: {
      operationChanged: (operation) => {
        feed.operationChanged(operation)
        conflicts.operationChanged(operation)
        if (operation.status.state === 'running') pace.begun(operation.id)
        if (operation.kind === 'delete') abandoned.look()
      },
      operationRemoved: (operation, reason) => {
        settled.settle(operation.key)
        feed.operationRemoved(operation, reason)
        conflicts.operationRemoved(operation)
        bases.operationRemoved(operation)
        pace.ended(operation.id, reason === 'done')
        abandoned.look()
        moves()?.operationRemoved(operation)
      },
    },
  })
}

function movesOf(
  options: DriveOptions,
  { database, nodes, journal, origins }: DriveCache,
  { listingMerge: merge, tree, settled, store, connection, pause }: BucketWatch,
  parts: { placement: Placement; records: MoveRecords; uploader: Uploader; feed: TransferFeed },
): Moves {
  const { clock, log } = options
  const { placement, records, uploader, feed } = parts
  const moves: Moves = new Moves({
    ...{ database, nodes, journal, origins, placement, records, merge, tree, settled, store, connection, clock, log },
    uploads: uploader,
    onChange: (record) =>
      feed.transferChanged(transferIdOf(record), () => {
        const current = records.get(record.node)
        return current && moveTransfer(options.id, current, { records, moves, connection, pause })
      }),
    onFinished: (record) => {
      const finished = records.transferOf(record, options.id, {
        state: record.isUndo ? 'cancelled' : 'done',
        finishedAt: clock.now(),
      })
      feed.transferChanged(finished.id, () => finished)
    },
  })
  return moves
}

export function moveTransfer(
  driveId: string,
  record: MoveRecord,
  parts: { records: MoveRecords; moves: Moves; connection: Connection; pause: DrivePause },
): Transfer {
  const { records, connection, pause } = parts
  const { problem } = parts.moves
  if (!connection.isOnline || pause.isOn) return records.transferOf(record, driveId, { state: 'queued' })
  return records.transferOf(
    record,
    driveId,
    problem === undefined ? { state: 'running', bytesPerSecond: 0 } : { state: 'blocked', problem },
  )
}

export function feedOf(options: DriveOptions, cache: DriveCache, others: () => Transfer[]): TransferFeed {
  const { nodes, keys, journal } = cache
  return new TransferFeed({
    driveId: options.id,
    clock: options.clock,
    describe: (node, key) => describe(nodes, keys, node, key),
    journal,
    others,
    emit: options.onTransfers,
  })
}

export function conflictsOf(
  options: DriveOptions,
  { database, nodes, keys, contents, journal, handles, bases }: DriveCache,
  { tree, downloads, store, connection }: BucketWatch,
  { feed, operations }: { feed: ConflictFeed; operations: KernelOperations },
): ConflictDesk {
  const { clock, log, platform, cacheDirectory, owner, conflictPolicy = 'ask', conflictRules = [] } = options
  return new ConflictDesk({
    ...{ database, nodes, keys, contents, journal, tree, downloads, store, connection, clock, log, platform },
    ...{ feed, operations, cacheDirectory, bases },
    history: historyStore(store, clock),
    openFiles: handles,
    host: options.hostName ?? hostname(),
    now: () => clock.now(),
    settings: { policy: conflictPolicy, rules: conflictRules },
    owner: { ...owner, pid: process.pid },
  })
}

export function pinsOf(
  { clock, log }: DriveOptions,
  { database, nodes, keys, contents, handles }: DriveCache,
  { downloads, remote, connection }: BucketWatch,
  find: (path: string) => Promise<Node>,
): Pins {
  return new Pins({
    ...{ database, nodes, keys, contents, downloads, remote, connection, clock, log, find },
    openFiles: handles,
  })
}

function writerId(database: DriveDatabase): string {
  const known = database.getMeta('writerId')
  if (known !== undefined) return known
  const made = randomBytes(9).toString('base64url')
  database.setMeta('writerId', made)
  return made
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
