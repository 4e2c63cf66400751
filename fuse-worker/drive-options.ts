/** What a drive is made with, and what its consistency mode comes to. */
import type { ConflictPolicy, ConflictRule } from '../contracts/conflict.ts'
import type { ConsistencyMode } from '../contracts/drive.ts'
import type { DriveLimits } from '../contracts/limits.ts'
import type { Problem } from '../contracts/problem.ts'
import type { Transfer } from '../contracts/transfer.ts'
import type { Clock } from './runtime/clock.ts'
import type { Log } from './runtime/log.ts'
import type { ObjectStore } from './s3/store.ts'
import type { Trust } from './sync/remote-view.ts'
import type { NewObjects } from './sync/new-objects.ts'
import type { SweepRule } from './sync/sweep-plan.ts'

/** In strict mode everything is asked for when it is looked at, so there is nothing to look at behind. */
export const sweepByMode: Record<ConsistencyMode, SweepRule | undefined> = {
  cached: { againAfterMs: 60_000 },
  'close-to-open': { againAfterMs: 30_000 },
  strict: undefined,
}

export const trustByMode: Record<ConsistencyMode, Trust> = {
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
  /** Where it is mounted; absent in tests without a kernel. */
  mountpoint?: string
  isReadOnly: boolean
  consistency: ConsistencyMode
  platform: 'linux' | 'darwin' | 'win32'
  owner: { uid: number; gid: number }
  clock: Clock
  log: Log
  canCopyParts: () => boolean
  /** How what is written is kept; it may change at any time. Absent: as the bucket does by itself. */
  newObjects?: () => NewObjects
  onTransfers: (transfers: Transfer[]) => void
  /** The database was found to be damaged: this drive must end, and the next start puts it right. */
  onDamaged?: (problem: Problem) => void
  onConflicts?: (changed: { count: number; revision: number }) => void
  /** Rows of these folders, which were listed lately, changed. */
  onFiles?: (folders: string[]) => void
  conflictPolicy?: ConflictPolicy | undefined
  conflictRules?: readonly ConflictRule[] | undefined
  /** Of this computer, in the names of conflicted copies; absent: as the system says. */
  hostName?: string
  limits?: DriveLimits | undefined
  /** How many nodes stay in memory; absent: enough. */
  mostHotNodes?: number
  /** Absent: the usual ones. */
  localOnlyPatterns?: readonly string[] | undefined
}
