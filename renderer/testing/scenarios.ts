import type { Account, Capabilities } from '../../contracts/account.ts'
import type { Conflict, RecoveredFile } from '../../contracts/conflict.ts'
import { emptyDriveStatus, type Drive, type DriveState, type DriveStatus } from '../../contracts/drive.ts'
import type { AccountView, DriveView, Snapshot } from '../../contracts/ipc.ts'
import type { MountBlocker } from '../../contracts/mounting.ts'
import type { Problem } from '../../contracts/problem.ts'
import {
  conflictStates,
  longConflicts,
  longRecovered,
  manyConflicts,
  someConflicts,
  someRecovered,
} from './scenario-conflicts.ts'
import { fileEntry, longFiles, manyFiles, someFiles } from './scenario-files.ts'
import type { FileTree } from './scenario-files.ts'
import { signIns } from './scenario-sign-in.ts'
import { manyTransfers, someTransfers, troubledTransfers } from './scenario-transfers.ts'

export const scenarioNames = [
  'first-run',
  'one-account',
  'full',
  'errors',
  'trouble',
  'long-names',
  'many',
  'signed-out',
  'conflicts',
  'conflict-states',
  'many-conflicts',
  'many-files',
  'blocked-machine',
  'blocked-first-run',
  'locked-keys',
  'no-answer',
] as const
export type ScenarioName = (typeof scenarioNames)[number]
export type Scenario =
  | {
      snapshot: Snapshot
      /** By the drive's id. */
      conflicts?: Record<string, Conflict[]>
      recovered?: Record<string, RecoveredFile[]>
      files?: Record<string, FileTree>
    }
  | { failure: Problem }

const strong: Capabilities = {
  probedAt: 0,
  putIfNoneMatch: 'honoured',
  putIfMatch: 'honoured',
  ifMatchForm: 'quoted',
  completeIfNoneMatch: 'honoured',
  completeIfMatch: 'honoured',
  deleteIfMatch: 'honoured',
  copySourceIfMatch: 'honoured',
  uploadPartCopy: 'honoured',
  checksums: 'honoured',
  versioning: 'enabled',
  objectLock: 'off',
  clockSkewMs: 120,
}
const weak: Capabilities = { ...strong, putIfMatch: 'ignored', putIfNoneMatch: 'ignored', versioning: 'off' }

function account(change: Partial<Account> & { id: string }, capabilities?: Capabilities): AccountView {
  const plain: Account = {
    id: change.id,
    name: 'Studio',
    provider: 'aws',
    region: 'eu-central-1',
    addressing: 'virtual',
    credentials: { kind: 'static', accessKeyId: 'AKIAEXAMPLE7Q2M' },
  }
  return { account: { ...plain, ...change }, ...(capabilities ? { capabilities } : {}) }
}

function drive(
  change: Partial<Drive> & { id: string },
  state: DriveState,
  status: Partial<DriveStatus> = {},
): DriveView {
  return {
    drive: {
      accountId: 'a1',
      name: 'Photos',
      bucket: 'studio-photos',
      prefix: '',
      mountpoint: '/home/ana/CloudMount/Photos',
      isReadOnly: false,
      consistency: 'close-to-open',
      mountsAtStart: true,
      ...change,
    },
    state,
    status: { ...emptyDriveStatus, ...status },
  }
}

const accounts: AccountView[] = [
  account({ id: 'a1' }, strong),
  account(
    {
      id: 'a2',
      name: 'Backup',
      provider: 'wasabi',
      endpoint: 'https://s3.eu-central-1.wasabisys.com',
      addressing: 'path',
    },
    weak,
  ),
  account({
    id: 'a3',
    name: 'Public data',
    provider: 'minio',
    endpoint: 'https://minio.lab.example:9000',
    addressing: 'path',
    credentials: { kind: 'anonymous' },
  }),
]

const mounted: DriveState = { state: 'mounted' }

function fullDrives(): DriveView[] {
  return [
    drive({ id: 'd1', cacheLimitBytes: 20e9 }, mounted, {
      pendingOperations: 7,
      unsyncedBytes: 1_412_000_000,
      unsentBytes: 1_050_000_000,
      uploadBytesPerSecond: 4_200_000,
      operationsPerSecond: 0.4,
      pinnedBytes: 2_100_000_000,
      evictableBytes: 9_900_000_000,
      cachedBytes: 12_400_000_000,
    }),
    drive(
      {
        id: 'd2',
        name: 'Contracts',
        bucket: 'company',
        prefix: 'legal/contracts/',
        mountpoint: '/home/ana/CloudMount/Contracts',
      },
      mounted,
      {
        evictableBytes: 84_300_000,
        cachedBytes: 84_300_000,
      },
    ),
    drive(
      { id: 'd3', accountId: 'a2', name: 'Nightly backup', bucket: 'backup-eu', mountpoint: '/mnt/backup' },
      mounted,
      {
        connection: 'offline',
        pendingOperations: 3,
        unsyncedBytes: 12_400_000,
        evictableBytes: 2_087_600_000,
        cachedBytes: 2_100_000_000,
        hasConditionalWrites: false,
      },
    ),
    drive(
      {
        id: 'd4',
        accountId: 'a3',
        name: 'Weather archive',
        bucket: 'open-weather',
        mountpoint: '/home/ana/CloudMount/Weather archive',
        isReadOnly: true,
      },
      { state: 'unmounted' },
    ),
  ]
}

function brokenDrives(): DriveView[] {
  const denied: Problem = {
    code: 'access-denied',
    message: 'These keys may no longer write to “studio-photos”.',
    consequence: 'Your 2 changes are kept on this computer.',
    remedy: 'Ask for permission to write, or choose other keys under Accounts; the uploads go on by themselves.',
    detail: 'AccessDenied, request 7Q2MA0C4E1',
  }
  return [
    drive({ id: 'd1' }, mounted, {
      connection: 'blocked',
      problem: denied,
      pendingOperations: 2,
      unsyncedBytes: 4e6,
      needsAttention: 2,
      cachedBytes: 9e9,
    }),
    drive({ id: 'd2', name: 'Contracts', bucket: 'company', prefix: 'legal/' }, mounted, {
      pendingOperations: 3,
      needsAttention: 3,
      conflicts: 2,
      cachedBytes: 84e6,
    }),
    drive(
      { id: 'd3', name: 'Video', bucket: 'studio-video', mountpoint: '/home/ana/Video' },
      {
        state: 'failed',
        problem: {
          code: 'mountpoint-not-empty',
          message: 'The folder /home/ana/Video is not empty, so the drive cannot appear there.',
          remedy: 'Empty the folder, or choose another one under Edit.',
        },
      },
    ),
    drive(
      { id: 'd4', name: 'Scans', bucket: 'scans' },
      {
        state: 'restarting',
        retryAt: Date.now() + 8000,
        problem: { code: 'worker-crashed', message: 'The drive “Scans” stopped unexpectedly.' },
      },
      { pendingOperations: 1, unsyncedBytes: 900 },
    ),
    drive(
      { id: 'd5', name: 'Old projects', bucket: 'old' },
      { state: 'unmounting' },
      { pendingOperations: 4, unsyncedBytes: 2e7 },
    ),
    drive({ id: 'd6', name: 'Press kit', bucket: 'press' }, { state: 'mounting' }),
  ]
}

/** The worker's own words, of drives that go on working. */
function troubledDrives(): DriveView[] {
  const now = Date.now()
  return [
    drive({ id: 'd1', cacheLimitBytes: 20e9 }, mounted, {
      pendingOperations: 31,
      unsyncedBytes: 9_700_000_000,
      unsentBytes: 8_100_000_000,
      uploadBytesPerSecond: 3_100_000,
      pinnedBytes: 10_300_000_000,
      cachedBytes: 20_000_000_000,
      shortage: {
        code: 'cache-full',
        message: 'The drive’s cache is at its limit, and everything in it is waiting for upload, pinned or in use.',
        consequence:
          'Programs are told that no space is left. What they had saved before is safe and goes on being uploaded.',
        remedy: 'Wait until some of it is uploaded, or give the drive a larger limit. Writing goes on by itself.',
      },
    }),
    drive({ id: 'd2', name: 'Contracts', bucket: 'company', prefix: 'legal/' }, mounted, {
      connection: 'offline',
      problem: offline,
      offlineSince: now - 23 * 60_000,
      lastHeardAt: now - 24 * 60_000,
      pendingOperations: 4,
      unsyncedBytes: 12_400_000,
      pinnedBytes: 310_000_000,
      evictableBytes: 1_400_000_000,
      cachedBytes: 1_722_400_000,
    }),
    drive({ id: 'd3', name: 'Scans', bucket: 'scans' }, mounted, {
      pendingOperations: 2,
      unsyncedBytes: 9_400_000,
      needsAttention: 2,
      evictableBytes: 74_600_000,
      cachedBytes: 84_000_000,
    }),
  ]
}

const offline: Problem = {
  code: 'offline',
  message: 'The service does not answer.',
  remedy: 'The drive tries again by itself.',
}

const rebuilt: Problem = {
  code: 'database-rebuilt',
  message: '“Contracts”: The database of this drive was damaged and has been put together again.',
  consequence:
    'Put back, and in the queue for upload: 3 files with changes (“q3.xlsx”, “nda.docx”, “IMG_4711.cr3”) and 1 other change. Nothing in the bucket was overwritten; a file that changed there meanwhile is shown as a conflict.',
  remedy:
    'The damaged files are kept in /home/ana/.config/CloudMount/drives/5b0e2a0e-6f1c-4c52-9a57-0b7e2f0c1d34/damaged-2026-11-21T09-14-02. Delete that folder when nothing is missing.',
  detail: 'SQLITE_CORRUPT: database disk image is malformed',
}

const long =
  'A very long name that somebody gave this because it was imported from another program and nobody shortened it'
const arabic = 'صور العطلة الصيفية في الجبال'

function longDrives(): DriveView[] {
  return [
    drive(
      {
        id: 'd1',
        name: long,
        bucket: 'b'.repeat(63),
        prefix: `${'folder-'.repeat(20)}/`,
        mountpoint: `/home/ana/${long}/${long}`,
        isReadOnly: true,
      },
      mounted,
      { pendingOperations: 1_234_567, unsyncedBytes: 9.87e12, cachedBytes: 1.2e13 },
    ),
    drive({ id: 'd2', name: arabic, bucket: 'rtl', prefix: `${arabic}/`, mountpoint: `/home/ana/${arabic}` }, mounted),
  ]
}

function base(change: Partial<Snapshot> = {}): Scenario {
  return {
    snapshot: {
      sequence: 0,
      accounts: [],
      drives: [],
      transfers: [],
      notices: [],
      settings: { opensAtLogin: false, keepsRunningWhenClosed: true, theme: 'system' },
      platform: 'linux',
      appVersion: '0.1.0',
      update: { state: 'idle' },
      keyFile: 'absent',
      mountRoot: '/home/ana/CloudMount',
      mountSetup: { state: 'idle' },
      ...change,
    },
  }
}

const noFuse: MountBlocker = {
  problem: {
    code: 'fuse-missing',
    message: 'FUSE is not complete on this computer: the program fusermount and the library libfuse 2 are missing.',
    remedy: 'Install it from the packages of your system.',
  },
  missing: ['helper', 'library'],
  fix: {
    kind: 'run',
    does: 'install',
    command: '/usr/bin/pkexec --disable-internal-agent /usr/bin/apt-get install --yes fuse3 libfuse2',
    byHand: 'sudo apt-get install --yes fuse3 libfuse2',
  },
}
const noKeychain: Problem = {
  code: 'keychain-unavailable',
  message: 'No keychain is unlocked.',
  remedy:
    'Sign in to your desktop’s keyring (GNOME Keyring or KWallet), then try again. AWS profiles work without one.',
}

const keysLocked: Problem = {
  code: 'keys-locked',
  message: 'The key file is locked, and the secret key of Studio may be in it.',
  consequence: 'Drives whose keys are in it wait; nothing is lost.',
  remedy: 'Unlock it with your passphrase.',
}

function withConflicts(conflicts: Record<string, Conflict[]>, recovered: Record<string, RecoveredFile[]>): Scenario {
  const drives = fullDrives().map((view) => {
    const count = conflicts[view.drive.id]?.length ?? 0
    return { ...view, status: { ...view.status, conflicts: count, needsAttention: count } }
  })
  return { ...base({ accounts, drives, transfers: someTransfers() }), conflicts, recovered }
}

function signedOut(): Scenario {
  const all = signIns(long)
  const names = ['Photos', 'Contracts', 'Scans', 'Archive']
  return base({
    accounts: all.map(({ credentials }, index) => account({ id: `a${index}`, name: `Account ${index}`, credentials })),
    drives: all.map(({ status }, index) =>
      drive({ id: `d${index}`, accountId: `a${index}`, name: names[index] ?? '' }, mounted, status),
    ),
  })
}

export function scenarioOf(name: string | null): Scenario {
  switch (name) {
    case 'first-run':
      return base()
    case 'one-account':
      return base({ accounts: accounts.slice(0, 1) })
    case 'errors':
      return base({
        accounts: accounts.slice(0, 2),
        drives: brokenDrives(),
        transfers: someTransfers(),
        notices: [
          { code: 'internal', message: '4 uploads were taken up again where they had stopped.' },
          {
            code: 'disk-full',
            message: 'The disk is nearly full.',
            consequence: 'New files are refused until there is room.',
            remedy: 'Free some space, or set a cache limit under Edit.',
          },
        ],
      })
    case 'trouble':
      return base({
        accounts: accounts.slice(0, 1),
        drives: troubledDrives(),
        transfers: troubledTransfers(),
        notices: [rebuilt],
      })
    case 'signed-out':
      return signedOut()
    case 'long-names':
      return {
        files: { d1: longFiles(long, arabic) },
        ...base({
          accounts: [account({ id: 'a1', name: long, endpoint: `https://${'sub.'.repeat(30)}example.com` }, weak)],
          drives: longDrives(),
          transfers: someTransfers().map((transfer, index) => ({
            ...transfer,
            path: index % 2 ? `${arabic}/${arabic}.txt` : `${long}/${long}.tiff`,
          })),
          notices: [{ code: 'internal', message: `${long}. ${long}.` }],
        }),
      }
    case 'many':
      return base({ accounts, drives: fullDrives(), transfers: manyTransfers(10_000) })
    case 'many-files':
      return { ...base({ accounts, drives: fullDrives() }), files: { d1: manyFiles(100_000) } }
    case 'conflicts':
      return {
        ...withConflicts({ d2: someConflicts() }, { d2: someRecovered() }),
        files: { d2: { '': [fileEntry('notes.txt', { badge: 'conflict' })] } },
      }
    case 'conflict-states':
      return withConflicts({ d1: conflictStates(), d2: longConflicts(long, arabic) }, { d2: longRecovered(long) })
    case 'many-conflicts':
      return withConflicts({ d1: manyConflicts(950), d2: someConflicts(), d3: manyConflicts(43) }, {})
    case 'blocked-machine':
      return base({
        accounts: accounts.slice(0, 1),
        drives: fullDrives().slice(3),
        mountBlocker: noFuse,
        keychainProblem: noKeychain,
      })
    case 'blocked-first-run':
      return base({ mountBlocker: noFuse })
    case 'locked-keys':
      return base({
        accounts: accounts.slice(0, 1),
        drives: [drive({ id: 'd1' }, { state: 'failed', problem: keysLocked }), ...fullDrives().slice(3)],
        keychainProblem: noKeychain,
        keyFile: 'locked',
      })
    case 'no-answer':
      return {
        failure: { code: 'internal', message: 'The settings could not be read.', remedy: 'Restart CloudMount.' },
      }
    default:
      return {
        ...base({ accounts, drives: fullDrives(), transfers: someTransfers() }),
        files: { d1: someFiles(), d3: { '': [fileEntry('backup.tar', { badge: 'waiting' })] } },
      }
  }
}

export { strong as strongCapabilities }
