/**
 * What a host (Electron main, or the CLI) and a fuse-worker say to each other over one message port.
 * Requests carry a `requestId` and get exactly one reply; events carry a sequence number without gaps, and a host that
 * sees a gap asks for a `snapshot`. Both ends validate what arrives.
 */
import { z } from 'zod'
import {
  accountSchema,
  accountTestProgressSchema,
  accountTestSchema,
  capabilitiesSchema,
  secretSchema,
} from './account.ts'
import {
  choiceOutcomeSchema,
  choicesSchema,
  conflictPolicies,
  conflictRuleSchema,
  conflictsSchema,
  mergedSchema,
  outcomesSchema,
  previewSchema,
  recoveredFilesSchema,
  sideOfSchema,
} from './conflict.ts'
import { logLevelSchema } from './diagnostics.ts'
import { driveSchema, driveStatusSchema, objectEncryptionSchema, storageClassSchema } from './drive.ts'
import {
  fileMakeFolderSchema,
  fileMatchesSchema,
  fileOutcomesSchema,
  filePathSchema,
  filePathsSchema,
  filePropertiesSchema,
  fileQuerySchema,
  fileRenameSchema,
  filesChangedSchema,
  fileSearchSchema,
  fileShareSchema,
  fileUploadedSchema,
  fileUploadSchema,
  fileWindowSchema,
  freedSchema,
  sharedSchema,
} from './file.ts'
import { driveLimitsSchema } from './limits.ts'
import { pauseSchema } from './pause.ts'
import { pinSchema } from './pin.ts'
import { problemSchema } from './problem.ts'
import { proxyRouteSchema } from './proxy.ts'
import { transferSchema } from './transfer.ts'
import {
  deletedFilesSchema,
  fileVersionsSchema,
  restoreOutcomeSchema,
  undeleteOutcomeSchema,
  versionPlaceSchema,
} from './version.ts'

/** Before the tag of the language, among the arguments a worker is started with. */
export const languageArgument = '--language='

/** Each request's name, what it carries, and what its reply holds. */
export const workerRequests = {
  /** Opens the drive's cache and journal and mounts it. One drive a worker. */
  'drive:mount': {
    params: z.object({
      drive: driveSchema,
      account: accountSchema,
      secret: secretSchema,
      cacheDirectory: z.string(),
      capabilities: capabilitiesSchema.optional(),
      allowOther: z.boolean().optional(),
      logLevel: logLevelSchema.optional(),
      limits: driveLimitsSchema.optional(),
      /** Absent: as the environment says. */
      proxy: proxyRouteSchema.optional(),
    }),
    result: z.object({ mountpoint: z.string(), capabilities: capabilitiesSchema.optional() }),
  },
  /**
   * `wait` ends a pause and uploads what is pending first (bounded by `deadlineMs`), `leave` keeps it in the journal for the next mount.
   * Fails with `drive-busy` while programs use the drive, unless `isForced`.
   */
  'drive:unmount': {
    params: z.object({ pending: z.enum(['wait', 'leave']), deadlineMs: z.number().optional(), isForced: z.boolean() }),
    result: z.object({ pendingOperations: z.number(), unsyncedBytes: z.number() }),
  },
  'drive:snapshot': {
    params: z.object({}),
    result: z.object({ sequence: z.number(), status: driveStatusSchema, transfers: z.array(transferSchema) }),
  },
  /** Takes effect at once, also on what is under way; what is absent is not limited. */
  'drive:limit': { params: driveLimitsSchema, result: z.object({}) },
  /** What nobody waits for rests, over restarts too, until the moment it names or until it is resumed. */
  'drive:pause': { params: pauseSchema, result: z.object({}) },
  'drive:resume': { params: z.object({}), result: z.object({}) },
  /** Ends a pause, also of single transfers, and uploads what is pending at once; resolves when nothing is pending, or rejects with what stands in the way. */
  'drive:sync': { params: z.object({ deadlineMs: z.number() }), result: z.object({ pendingOperations: z.number() }) },
  /** Takes effect at once. What is stored over a lower limit goes bit by bit; without one only the disk is a limit. */
  'drive:configure': {
    params: z.object({
      cacheLimitBytes: z.number().int().positive().optional(),
      conflictPolicy: z.enum(conflictPolicies).optional(),
      conflictRules: z.array(conflictRuleSchema).optional(),
      storageClass: storageClassSchema.optional(),
      encryption: objectEncryptionSchema.optional(),
    }),
    result: z.object({}),
  },
  /** Of a worker without a drive. Fails with `cache-unusable` where a cache cannot live in `directory`; leaves nothing there. */
  'cache:try': { params: z.object({ directory: z.string() }), result: z.object({}) },
  /** Of a worker without a drive. Fails with `drive-in-use` while somebody has the cache in `directory` open. */
  'cache:seal': { params: z.object({ directory: z.string() }), result: z.object({}) },
  /** How much is logged from now on. */
  'log:level': { params: z.object({ level: logLevelSchema }), result: z.object({}) },
  /** What is said from now on is said in it; a worker starts with the one in its arguments. */
  'language:use': { params: z.object({ language: z.string() }), result: z.object({}) },
  'drive:credentials': { params: z.object({ account: accountSchema, secret: secretSchema }), result: z.object({}) },
  /** For every request that begins from now on; those under way end as they began. */
  'drive:proxy': { params: z.object({ proxy: proxyRouteSchema }), result: z.object({}) },
  /** The network changed, the computer woke, or the person asks: an offline drive tries at once. */
  'network:changed': { params: z.object({}), result: z.object({}) },
  'transfer:retry': { params: z.object({ transferId: z.string() }), result: z.object({}) },
  /** Of one that is queued: it goes before all others, also after a restart. */
  'transfer:prioritize': { params: z.object({ transferId: z.string() }), result: z.object({}) },
  /** Of a change: it waits until it is retried or everything is asked to be uploaded, also over a restart. */
  'transfer:pause': { params: z.object({ transferId: z.string() }), result: z.object({}) },
  /** Of a copy, a saved version or a folder's move, which goes back. */
  'transfer:cancel': { params: z.object({ transferId: z.string() }), result: z.object({}) },
  /** What is kept on this computer, and how much of it is here. Paths as in `Pin`; an added one may cost a lookup. */
  'pin:list': { params: z.object({}), result: z.object({ pins: z.array(pinSchema) }) },
  'pin:add': { params: z.object({ path: z.string() }), result: z.object({ pins: z.array(pinSchema) }) },
  'pin:remove': { params: z.object({ path: z.string() }), result: z.object({ pins: z.array(pinSchema) }) },
  /** Of a change that is not in the bucket: it is given up for what the bucket has, and kept among the recovered files. */
  'transfer:discard': { params: z.object({ transferId: z.string() }), result: z.object({}) },
  'conflict:list': { params: z.object({}), result: conflictsSchema },
  'conflict:resolve': { params: choicesSchema, result: outcomesSchema },
  /** Takes choices back that are not carried out yet; others stay as they are. */
  'conflict:undo': { params: z.object({ ids: z.array(z.string()) }), result: z.object({}) },
  /** Answers once the text is in place of this side. */
  'conflict:merge': { params: mergedSchema, result: choiceOutcomeSchema },
  /** Fails with `file-too-large` when it has more bytes than that. */
  'conflict:preview': {
    params: sideOfSchema.extend({ atMostBytes: z.number().optional() }),
    result: previewSchema,
  },
  'recovered:list': { params: z.object({}), result: recoveredFilesSchema },
  'recovered:preview': {
    params: z.object({ id: z.string(), atMostBytes: z.number().optional() }),
    result: previewSchema,
  },
  /** Puts it back on the drive, as a new file beside whatever has its name; `path` is inside the drive. */
  'recovered:restore': { params: z.object({ id: z.string() }), result: z.object({ path: z.string() }) },
  'recovered:remove': { params: z.object({ ids: z.array(z.string()) }), result: z.object({}) },
  /** The history of one file, of a deleted one too, newest first. Paths are inside the drive. */
  'version:list': { params: z.object({ path: z.string() }), result: fileVersionsSchema },
  /** One version as a read-only file of this computer. Fails with `file-too-large` when it has more bytes than that. */
  'version:preview': {
    params: versionPlaceSchema.extend({ atMostBytes: z.number().optional() }),
    result: previewSchema,
  },
  /** Writes one version to `target`, a whole path of this computer off this drive. Shown as a transfer; ends when it is there. */
  'version:save': { params: versionPlaceSchema.extend({ target: z.string() }), result: z.object({}) },
  /**
   * Makes this version the file's content again, by a copy inside the bucket. `currentEtag` is of the version that was
   * current when the person looked, absent for a deleted file.
   */
  'version:restore': {
    params: versionPlaceSchema.extend({ currentEtag: z.string().optional() }),
    result: z.object({ outcome: restoreOutcomeSchema }),
  },
  /** Deleted files of a folder and below it ('' for the whole drive); a long search is answered in pages. */
  'version:deleted': {
    params: z.object({ path: z.string(), after: z.string().optional() }),
    result: deletedFilesSchema,
  },
  'version:undelete': {
    params: z.object({ files: z.array(versionPlaceSchema) }),
    result: z.object({ outcomes: z.array(undeleteOutcomeSchema) }),
  },
  /** A window of a folder, from what is known; a listing that is old or missing is asked for behind it. */
  'file:list': { params: fileQuerySchema, result: fileWindowSchema },
  /** Fails with `cancelled` when another search has come meanwhile. */
  'file:search': { params: fileSearchSchema, result: fileMatchesSchema },
  /** All of a file, in base64, if it is on this computer: nothing is downloaded. Fails with `file-too-large` when it has more bytes than that. */
  'file:peek': {
    params: filePathSchema.extend({ atMostBytes: z.number() }),
    result: z.object({ bytes: z.string().optional() }),
  },
  'file:properties': { params: filePathSchema, result: filePropertiesSchema },
  /** A link that needs no account. Fails where the bucket has not got the file as it is here. */
  'file:share': { params: fileShareSchema, result: sharedSchema.extend({ url: z.string() }) },
  'file:keep': { params: filePathsSchema, result: z.object({}) },
  'file:release': { params: filePathsSchema, result: z.object({}) },
  /** What the bucket has too leaves this computer, now. */
  'file:free': { params: filePathsSchema, result: freedSchema },
  /** Copies into `target`, a folder of this computer off this drive, beside whatever is there. Shown as a transfer. */
  'file:download': {
    params: filePathsSchema.extend({ target: z.string() }),
    result: fileOutcomesSchema,
  },
  /** Copies files and folders of this computer onto the drive, as a program would. Shown as a transfer. */
  'file:upload': { params: fileUploadSchema, result: fileUploadedSchema },
  'file:makeFolder': { params: fileMakeFolderSchema, result: filePathSchema },
  'file:rename': { params: fileRenameSchema, result: filePathSchema },
  /** Folders with everything in them. */
  'file:delete': { params: filePathsSchema, result: fileOutcomesSchema },
  /** Needs no drive: any worker can answer for an account. */
  'account:test': {
    params: z.object({
      account: accountSchema,
      secret: secretSchema,
      bucket: z.string().optional(),
      proxy: proxyRouteSchema.optional(),
    }),
    result: accountTestSchema,
  },
  /** Ends the test that runs: it removes what it wrote and answers with what it found. */
  'account:stop': { params: z.object({}), result: z.object({}) },
  /** Whether an endpoint answers that way. Needs no drive. */
  'proxy:test': {
    params: z.object({ proxy: proxyRouteSchema, endpoint: z.string() }),
    result: z.object({ problem: problemSchema.optional() }),
  },
} as const satisfies Record<string, { params: z.ZodType; result: z.ZodType }>

export type WorkerRequestName = keyof typeof workerRequests
export type WorkerParams<N extends WorkerRequestName> = z.infer<(typeof workerRequests)[N]['params']>
export type WorkerResult<N extends WorkerRequestName> = z.infer<(typeof workerRequests)[N]['result']>

export const hostMessageSchema = z.object({
  type: z.literal('request'),
  requestId: z.number().int(),
  name: z.string().refine((name): name is WorkerRequestName => name in workerRequests, 'unknown request'),
  params: z.unknown(),
})
export type HostMessage = z.infer<typeof hostMessageSchema>

export const driveEventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('status:changed'), status: driveStatusSchema }),
  /** Transfers that are new or changed; finished ones are reported once and then forgotten by the worker. */
  z.object({ kind: z.literal('transfers:changed'), transfers: z.array(transferSchema) }),
  z.object({ kind: z.literal('capabilities:probed'), capabilities: capabilitiesSchema }),
  /** A conflict came, went or changed; `revision` is another one each time. */
  z.object({ kind: z.literal('conflicts:changed'), count: z.number(), revision: z.number() }),
  /** Rows of folders that were listed lately changed; a few times a second at most. */
  filesChangedSchema.extend({ kind: z.literal('files:changed') }),
  /** Of the account that is being tested. */
  z.object({ kind: z.literal('account:stepped'), step: accountTestProgressSchema }),
  /** Something a person should read once. */
  z.object({ kind: z.literal('notice:raised'), problem: problemSchema }),
  /** The kernel ended the mount (`umount` by another program). */
  z.object({ kind: z.literal('drive:detached') }),
])
export type DriveEvent = z.infer<typeof driveEventSchema>

export const workerMessageSchema = z.discriminatedUnion('type', [
  /** Sent once, when the worker is ready for requests. */
  z.object({ type: z.literal('ready') }),
  z.discriminatedUnion('ok', [
    z.object({ type: z.literal('reply'), requestId: z.number().int(), ok: z.literal(true), result: z.unknown() }),
    z.object({ type: z.literal('reply'), requestId: z.number().int(), ok: z.literal(false), problem: problemSchema }),
  ]),
  z.object({ type: z.literal('event'), sequence: z.number().int(), event: driveEventSchema }),
])
export type WorkerMessage = z.infer<typeof workerMessageSchema>

/** The one thing a worker gets from its host: Electron's `parentPort` or Node's IPC channel behind one shape. */
export interface HostPort {
  post(message: WorkerMessage): void
  onMessage(listener: (message: unknown) => void): void
  /** The host is gone: drain and unmount. */
  onClose(listener: () => void): void
}
