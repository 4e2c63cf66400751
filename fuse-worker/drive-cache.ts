/**
 * What a drive has on this computer: its database and what is read from it, its content, and the second record of what the bucket
 * does not have. Opened, and put right, before anything is asked of the bucket.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BaseCopies } from './cache/base-copies.ts'
import { prepareCacheDirectory } from './cache/cache-directory.ts'
import { ContentStore } from './cache/content-store.ts'
import type { DriveOptions } from './drive-options.ts'
import { Handles } from './fs/handles.ts'
import { Journal } from './journal/journal.ts'
import { openDriveDatabase } from './journal/open-database.ts'
import { damageMarkName } from './journal/rebuild.ts'
import { damagedProblem } from './journal/rebuilt-problem.ts'
import { recover, type RecoveryReport } from './journal/recovery.ts'
import { salvageName } from './journal/salvage-file.ts'
import { SalvageLog } from './journal/salvage-log.ts'
import type { DriveDatabase } from './metadata/database.ts'
import { NodeKeys } from './metadata/node-keys.ts'
import { blankNode } from './metadata/node.ts'
import { Nodes } from './metadata/nodes.ts'
import { Origins } from './metadata/origins.ts'
import { Bases } from './sync/bases.ts'
import { ContentStanding } from './sync/content-standing.ts'
import { UnreadVersions } from './sync/unread-versions.ts'
import type { NodeDefaults } from './sync/tree-changes.ts'

/** Beside the limit of the cache: the smaller of the two. */
const mostBaseBytes = 32 * 1024 * 1024
const mostBaseShare = 0.1

export type DriveCache = {
  database: DriveDatabase
  nodes: Nodes
  journal: Journal
  handles: Handles
  contents: ContentStore
  keys: NodeKeys
  origins: Origins
  bases: Bases
  unread: UnreadVersions
  defaults: NodeDefaults
  recovery: RecoveryReport
  salvage: SalvageLog
}

/** Throws ProblemError when it cannot be used; then it was not touched. */
export function openDriveCache(options: DriveOptions): DriveCache {
  const { clock, log, cacheDirectory } = options
  prepareCacheDirectory(cacheDirectory)
  const { database, replayedTransactions } = openDriveDatabase({ ...options, nowMs: clock.now() })
  const nodes = new Nodes(database, options.mostHotNodes)
  const journal = new Journal(database, () => clock.now())
  const handles = new Handles()
  const standing = new ContentStanding({ database, nodes, journal, openFiles: handles })
  const contents = new ContentStore({
    database,
    directory: join(cacheDirectory, 'content'),
    limitBytes: options.cacheLimitBytes,
    standingOf: (content) => standing.of(content),
    isPinned: (content) => standing.isPinned(content),
    now: () => clock.now(),
    log,
  })
  const defaults: NodeDefaults = { fileMode: 0o644, directoryMode: 0o755, ...options.owner }
  nodes.ensureRoot(rootFields(defaults, clock.now()))
  const keys = new NodeKeys(nodes, options.prefix)
  const recovery = recover({ database, nodes, contents, journal, keys, cacheDirectory })
  log.info('recovered', { ...recovery, lostFiles: recovery.lostFiles.join(), replayedTransactions })
  const origins = new Origins(database)
  const bases = basesOf(options, { journal, nodes, keys, contents })
  const salvage = followDatabase(options, database, (node) => journal.putOf(node) !== undefined || origins.has(node))
  const unread = new UnreadVersions(database)
  return { database, nodes, journal, handles, contents, keys, origins, bases, unread, defaults, recovery, salvage }
}

function basesOf(
  { cacheDirectory, log }: DriveOptions,
  parts: Pick<DriveCache, 'journal' | 'nodes' | 'keys' | 'contents'>,
): Bases {
  const mostBytes = (): number => Math.min(mostBaseBytes, parts.contents.space.room.limitBytes * mostBaseShare)
  const copies = new BaseCopies({ directory: join(cacheDirectory, 'bases'), mostBytes, log })
  return new Bases({ ...parts, copies })
}

function followDatabase(
  { cacheDirectory, identity, log, onDamaged }: DriveOptions,
  database: DriveDatabase,
  hasPut: (node: number) => boolean,
): SalvageLog {
  const salvage = new SalvageLog({ database, path: join(cacheDirectory, salvageName), identity, log, hasPut })
  salvage.begin()
  database.onDamaged((error) => {
    // The next start must not rely on it again, however it looks by then.
    writeFileSync(join(cacheDirectory, damageMarkName), String(error))
    onDamaged?.(damagedProblem(error))
  })
  return salvage
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
