/**
 * What the window and main say to each other. Both ends are derived from these two tables: main registers one handler
 * a request, preload exposes one function a request, and a contract test compares the two.
 */
import { z } from 'zod'
import { t } from '../language/language.ts'
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
  conflictsSchema,
  mergedSchema,
  outcomesSchema,
  recoveredFilesSchema,
  sideContentSchema,
  sideOfSchema,
} from './conflict.ts'
import { activitySchema } from './activity.ts'
import { cacheCheckSchema, cacheMoveSchema, cachePlaceSchema } from './cache-place.ts'
import { bundleSchema, logLevelSchema } from './diagnostics.ts'
import { driveSchema, driveStateSchema, driveStatusSchema } from './drive.ts'
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
import { importChoiceSchema, importOutcomeSchema, importsFoundSchema } from './import.ts'
import { shortestPassphrase } from './passphrase.ts'
import { transferLimitsSchema } from './limits.ts'
import { pauseSpans } from './pause.ts'
import { mountingSchema, webLinkSchema } from './mounting.ts'
import { notificationKindSchema } from './notification.ts'
import { pinSchema } from './pin.ts'
import { problemSchema } from './problem.ts'
import { proxyPasswordSchema, proxySettingsSchema, proxyTestSchema } from './proxy.ts'
import { transferSchema } from './transfer.ts'
import { updateChannels, updateStateSchema } from './update.ts'
import {
  deletedFilesSchema,
  fileVersionsSchema,
  restoreOutcomeSchema,
  undeleteOutcomeSchema,
  versionPlaceSchema,
} from './version.ts'

export const accountViewSchema = z.object({ account: accountSchema, capabilities: capabilitiesSchema.optional() })
export type AccountView = z.infer<typeof accountViewSchema>

export const driveViewSchema = z.object({ drive: driveSchema, state: driveStateSchema, status: driveStatusSchema })
export type DriveView = z.infer<typeof driveViewSchema>

export const settingsSchema = z.object({
  opensAtLogin: z.boolean(),
  keepsRunningWhenClosed: z.boolean(),
  theme: z.enum(['system', 'light', 'dark']),
  /** Absent: the usual one. */
  logLevel: logLevelSchema.optional(),
  /** Notifications that are turned off; absent: none. */
  silenced: z.array(notificationKindSchema).optional(),
  /** Absent: as much as there is. */
  limits: transferLimitsSchema.optional(),
  /** A tag of the language file; absent: the system's language, as far as there is it. */
  language: z.string().max(35).optional(),
  /** Absent: stable versions. */
  updateChannel: z.enum(updateChannels).optional(),
  /** Absent: as the system says. Changed by `proxy:save` alone. */
  proxy: proxySettingsSchema.optional(),
})
export type Settings = z.infer<typeof settingsSchema>

/** The file that keys are encrypted in where there is no keychain: `locked` until its passphrase was given. */
export const keyFileStateSchema = z.enum(['absent', 'locked', 'open'])
export type KeyFileState = z.infer<typeof keyFileStateSchema>

const passphraseSchema = z.string().max(1024)
const newPassphraseSchema = passphraseSchema.min(shortestPassphrase, {
  error: () => t('shared.passphrase', { count: shortestPassphrase }),
})

/** Everything the window shows; `sequence` is that of the last event it includes. */
export const snapshotSchema = z.object({
  sequence: z.number().int(),
  accounts: z.array(accountViewSchema),
  drives: z.array(driveViewSchema),
  transfers: z.array(transferSchema),
  notices: z.array(problemSchema),
  settings: settingsSchema,
  platform: z.enum(['linux', 'darwin', 'win32']),
  appVersion: z.string(),
  /** The folder new drives are suggested in; main makes a missing folder directly under it when a drive is mounted. */
  mountRoot: z.string(),
  /** Why drives cannot be mounted on this machine at all (no FUSE), if so, and how putting that right goes on. */
  ...mountingSchema.shape,
  /** Why keys cannot be stored (no keychain), if so. */
  keychainProblem: problemSchema.optional(),
  keyFile: keyFileStateSchema,
  /** A move of the caches that is going on, or that ended and nobody has read how. */
  cacheMove: cacheMoveSchema.optional(),
  update: updateStateSchema,
})
export type Snapshot = z.infer<typeof snapshotSchema>

const id = z.object({ id: z.string() })
const nothing = z.object({})
const ofDrive = z.object({ driveId: z.string() })
const placeInDrive = ofDrive.extend({ path: z.string().max(8192) })
const versionInDrive = ofDrive.extend(versionPlaceSchema.shape)

export const ipcRequests = {
  'app:snapshot': { params: nothing, result: snapshotSchema },
  /**
   * `secret` absent on an edit keeps the stored one. The account's id is chosen by main when empty. `keepIn` says where the secret
   * goes when no keychain takes it; without it the request then fails with `keychain-unavailable`, and nothing is saved.
   */
  'account:save': {
    params: z.object({
      account: accountSchema.extend({ id: z.string().max(64) }),
      secret: secretSchema.optional(),
      capabilities: capabilitiesSchema.optional(),
      keepIn: z.enum(['session', 'file']).optional(),
    }),
    result: accountViewSchema,
  },
  /** What other programs know: in the usual places, or in the file at `path`, which was chosen in a dialog. Saves nothing. */
  'import:find': { params: z.object({ path: z.string().max(8192).optional() }), result: importsFoundSchema },
  /** `path` as it was found with; `keepIn` as in `account:save`. One outcome a choice. */
  'import:apply': {
    params: z.object({
      path: z.string().max(8192).optional(),
      choices: z.array(importChoiceSchema).max(1000),
      keepIn: z.enum(['session', 'file']).optional(),
    }),
    result: z.object({ outcomes: z.array(importOutcomeSchema) }),
  },
  /** Makes the key file; refused where there is one. */
  'keys:create': { params: z.object({ passphrase: newPassphraseSchema }), result: nothing },
  /** Drives that wait for it are mounted. */
  'keys:unlock': { params: z.object({ passphrase: passphraseSchema }), result: nothing },
  'keys:passphrase': { params: z.object({ passphrase: passphraseSchema, next: newPassphraseSchema }), result: nothing },
  /** Deletes the key file, and every key that is nowhere else. */
  'keys:forget': { params: nothing, result: nothing },
  /**
   * Unmounts and removes its drives with their caches, and wipes its secret. Removes nothing when a drive is in use, or when
   * something in one is not in the bucket, unless `discardsUnsynced`.
   */
  'account:remove': { params: z.object({ id: z.string(), discardsUnsynced: z.boolean() }), result: nothing },
  /** Tests what is in the form, before it is saved; `secret` absent uses the stored one. With a `testId` each step is told as it happens. */
  'account:test': {
    params: z.object({
      account: accountSchema.extend({ id: z.string().max(64) }),
      secret: secretSchema.optional(),
      bucket: z.string().optional(),
      testId: z.string().min(1).max(64).optional(),
    }),
    result: accountTestSchema,
  },
  /** Nothing it wrote stays behind. One that is over is left alone. */
  'account:stop': { params: z.object({ testId: z.string() }), result: nothing },
  'account:profiles': { params: nothing, result: z.object({ profiles: z.array(z.string()) }) },
  'drive:save': {
    params: z.object({ drive: driveSchema.extend({ id: z.string().max(64) }) }),
    result: driveViewSchema,
  },
  /** Refused while anything in its journal is not in the bucket, unless `discardsUnsynced`. */
  'drive:remove': { params: z.object({ id: z.string(), discardsUnsynced: z.boolean() }), result: nothing },
  'drive:mount': { params: id, result: nothing },
  'drive:unmount': {
    params: z.object({ id: z.string(), pending: z.enum(['wait', 'leave']), isForced: z.boolean() }),
    /** What stays queued on this computer. */
    result: z.object({ pendingOperations: z.number(), unsyncedBytes: z.number() }),
  },
  'drive:open': { params: id, result: nothing },
  /** Without an id every mounted drive. Remembered by the drive, also over a restart. */
  'drive:pause': { params: z.object({ id: z.string().optional(), span: z.enum(pauseSpans) }), result: nothing },
  'drive:resume': { params: z.object({ id: z.string().optional() }), result: nothing },
  /** Ends a pause and waits for the uploads; answers what is left when no more can be hoped for. */
  'drive:sync': { params: id, result: z.object({ pendingOperations: z.number() }) },
  'pin:list': { params: id, result: z.object({ pins: z.array(pinSchema) }) },
  /** `path` is a whole path of this computer, on the drive. */
  'pin:add': {
    params: z.object({ id: z.string(), path: z.string().max(8192) }),
    result: z.object({ pins: z.array(pinSchema) }),
  },
  /** `path` is as the pin has it, inside the drive. */
  'pin:remove': {
    params: z.object({ id: z.string(), path: z.string().max(8192) }),
    result: z.object({ pins: z.array(pinSchema) }),
  },
  /** From a whole path of this computer to the path inside the drive; refused when it is not on the drive. */
  'drive:locate': { params: placeInDrive, result: z.object({ path: z.string() }) },
  /** As the worker's requests of the same names; paths are inside the drive. */
  'version:list': { params: placeInDrive, result: fileVersionsSchema },
  'version:content': { params: versionInDrive, result: sideContentSchema },
  /** Opens a read-only copy with the system's program for it. */
  'version:open': { params: versionInDrive, result: nothing },
  /** Asks with the system's dialog where to; `target` is absent when the person cancelled. Ends when it is there. */
  'version:save': { params: versionInDrive, result: z.object({ target: z.string().optional() }) },
  'version:restore': {
    params: versionInDrive.extend({ currentEtag: z.string().max(1024).optional() }),
    result: z.object({ outcome: restoreOutcomeSchema }),
  },
  'version:deleted': {
    params: placeInDrive.extend({ after: z.string().max(8192).optional() }),
    result: deletedFilesSchema,
  },
  'version:undelete': {
    params: ofDrive.extend({ files: z.array(versionPlaceSchema).max(10_000) }),
    result: z.object({ outcomes: z.array(undeleteOutcomeSchema) }),
  },
  /** As the worker's requests of the same names, where nothing else is said. */
  'file:list': { params: ofDrive.extend(fileQuerySchema.shape), result: fileWindowSchema },
  'file:search': { params: ofDrive.extend(fileSearchSchema.shape), result: fileMatchesSchema },
  /** Absent where not all of the file is on this computer: nothing is downloaded to be shown. */
  'file:content': {
    params: ofDrive.extend(filePathSchema.shape),
    result: z.object({ content: sideContentSchema.optional() }),
  },
  'file:properties': { params: ofDrive.extend(filePathSchema.shape), result: filePropertiesSchema },
  /** The link goes to the clipboard and nowhere else: whoever has it can read the file. */
  'file:share': { params: ofDrive.extend(fileShareSchema.shape), result: sharedSchema },
  'file:keep': { params: ofDrive.extend(filePathsSchema.shape), result: nothing },
  'file:release': { params: ofDrive.extend(filePathsSchema.shape), result: nothing },
  'file:free': { params: ofDrive.extend(filePathsSchema.shape), result: freedSchema },
  /** Asks with the system's dialog for the folder; `target` is absent when the person cancelled. Ends when all is there. */
  'file:download': {
    params: ofDrive.extend(filePathsSchema.shape),
    result: fileOutcomesSchema.extend({ target: z.string().optional() }),
  },
  /** Without `sources` the system's dialog asks for files; they come back, for the question about names that are taken. */
  'file:upload': {
    params: ofDrive.extend(fileUploadSchema.partial({ sources: true }).shape),
    result: fileUploadedSchema.extend({ sources: fileUploadSchema.shape.sources.optional() }),
  },
  'file:makeFolder': { params: ofDrive.extend(fileMakeFolderSchema.shape), result: filePathSchema },
  'file:rename': { params: ofDrive.extend(fileRenameSchema.shape), result: filePathSchema },
  'file:delete': { params: ofDrive.extend(filePathsSchema.shape), result: fileOutcomesSchema },
  /** With the system's program for it; a folder in the file manager. */
  'file:open': { params: ofDrive.extend(filePathSchema.shape), result: nothing },
  /** Shows it in the file manager, in its folder. */
  'file:reveal': { params: ofDrive.extend(filePathSchema.shape), result: nothing },
  /** The person does not want to wait for the next try of a drive that is offline. */
  'drive:reconnect': { params: id, result: nothing },
  /** What is typed into a terminal to sign in again, to the clipboard. */
  'drive:copySignIn': { params: id, result: nothing },
  /** The window heard that the computer is online again. */
  'network:changed': { params: nothing, result: nothing },
  'transfer:retry': { params: z.object({ driveId: z.string(), transferId: z.string() }), result: nothing },
  /** Of one that is queued: it goes before all others of its drive, also after a restart. */
  'transfer:prioritize': { params: z.object({ driveId: z.string(), transferId: z.string() }), result: nothing },
  /** Of a change: it waits until it is retried, also over a restart. */
  'transfer:pause': { params: z.object({ driveId: z.string(), transferId: z.string() }), result: nothing },
  /** Of a copy, a saved version or a folder's move, which goes back. */
  'transfer:cancel': { params: z.object({ driveId: z.string(), transferId: z.string() }), result: nothing },
  /** Of a change that is not in the bucket: it is given up for what the bucket has, and kept among the recovered files. */
  'transfer:discard': { params: z.object({ driveId: z.string(), transferId: z.string() }), result: nothing },
  'conflict:list': { params: ofDrive, result: conflictsSchema },
  'conflict:resolve': { params: ofDrive.extend(choicesSchema.shape), result: outcomesSchema },
  /** Takes choices back that are not carried out yet; others stay as they are. */
  'conflict:undo': { params: ofDrive.extend({ ids: z.array(z.string()) }), result: nothing },
  /** Answers once the text is in place of this side. */
  'conflict:merge': { params: ofDrive.extend(mergedSchema.shape), result: choiceOutcomeSchema },
  'conflict:content': { params: ofDrive.extend(sideOfSchema.shape), result: sideContentSchema },
  /** Opens a copy nobody can change in the person's own program. */
  'conflict:open': { params: ofDrive.extend(sideOfSchema.shape), result: nothing },
  'recovered:list': { params: ofDrive, result: recoveredFilesSchema },
  'recovered:content': { params: ofDrive.extend({ id: z.string() }), result: sideContentSchema },
  'recovered:open': { params: ofDrive.extend({ id: z.string() }), result: nothing },
  /** Puts it back on the drive, as a new file beside whatever has its name; `path` is inside the drive. */
  'recovered:restore': { params: ofDrive.extend({ id: z.string() }), result: z.object({ path: z.string() }) },
  'recovered:remove': { params: ofDrive.extend({ ids: z.array(z.string()) }), result: nothing },
  'transfer:clear': { params: nothing, result: nothing },
  /** Looks again whether drives can be mounted here. Those that could not be are mounted when they can. */
  'mounting:check': { params: nothing, result: mountingSchema },
  /** Runs the very command that is shown; the system asks for an administrator. Answers when it has begun. */
  'mounting:setUp': { params: nothing, result: nothing },
  /** Takes it back while the system still asks. */
  'mounting:cancel': { params: nothing, result: nothing },
  /** In the person's browser. */
  'link:open': { params: z.object({ link: webLinkSchema }), result: nothing },
  /** To the clipboard, because the page may not. */
  'text:copy': { params: z.object({ text: z.string().max(20_000) }), result: nothing },
  'notice:dismiss': { params: z.object({ index: z.number().int().nonnegative() }), result: nothing },
  'settings:save': { params: z.object({ settings: settingsSchema }), result: settingsSchema },
  'caches:place': { params: nothing, result: cachePlaceSchema },
  /** What a move to a folder in this one would mean; absent: back to the usual place. Fails with what speaks against it. Changes nothing. */
  'caches:check': { params: z.object({ folder: z.string().max(4096).optional() }), result: cacheCheckSchema },
  /** As checked, and checked again. Answers when it has begun; the rest is told by `caches:changed`. */
  'caches:move': { params: z.object({ folder: z.string().max(4096).optional() }), result: nothing },
  /** Until the new place counts. */
  'caches:cancel': { params: nothing, result: nothing },
  /** How a move ended was read. */
  'caches:dismiss': { params: nothing, result: nothing },
  /** Answers when it is known; what came of it is told by `updates:changed`, as with the others. */
  'updates:check': { params: nothing, result: nothing },
  'updates:download': { params: nothing, result: nothing },
  'updates:cancel': { params: nothing, result: nothing },
  /** Quits as ever, with its question, and begins again as the new version. */
  'updates:restart': { params: nothing, result: nothing },
  /**
   * `proxy` absent: as the system says. `password` absent keeps the stored one of the same user; `keepIn` as in `account:save`.
   * Drives go by it at once.
   */
  'proxy:save': {
    params: z.object({
      proxy: proxySettingsSchema.optional(),
      password: proxyPasswordSchema.optional(),
      keepIn: z.enum(['session', 'file']).optional(),
    }),
    result: settingsSchema,
  },
  /** Tests what is in the form, before it is saved, with the endpoints of the accounts. */
  'proxy:test': {
    params: z.object({ proxy: proxySettingsSchema.optional(), password: proxyPasswordSchema.optional() }),
    result: proxyTestSchema,
  },
  /** Newest last. */
  'activity:list': { params: nothing, result: z.object({ entries: z.array(activitySchema) }) },
  /** Made anew, without secrets and without names. */
  'diagnostics:bundle': { params: nothing, result: bundleSchema },
  /** The very text that was shown, to the clipboard, or to a file that the system's dialog asks for. */
  'diagnostics:copy': { params: bundleSchema, result: nothing },
  'diagnostics:save': { params: bundleSchema, result: z.object({ target: z.string().optional() }) },
  /** The system's own chooser; absent when the person cancelled. */
  'dialog:directory': {
    params: z.object({ title: z.string().max(200), start: z.string().max(4096).optional() }),
    result: z.object({ path: z.string().optional() }),
  },
  'dialog:file': {
    params: z.object({ title: z.string().max(200), start: z.string().max(4096).optional() }),
    result: z.object({ path: z.string().optional() }),
  },
  'quit:answer': { params: z.object({ answer: z.enum(['wait', 'leave', 'cancel']) }), result: nothing },
} as const satisfies Record<string, { params: z.ZodType; result: z.ZodType }>

export type IpcRequestName = keyof typeof ipcRequests
export type IpcParams<N extends IpcRequestName> = z.infer<(typeof ipcRequests)[N]['params']>
export type IpcResult<N extends IpcRequestName> = z.infer<(typeof ipcRequests)[N]['result']>

/** One channel carries every event, in order, each with the next sequence number. */
export const ipcEventChannel = 'app:event'
/** The bridge's own answer to each event, by which main knows that the window keeps up. Never seen by the window. */
export const ipcEventSeenChannel = 'app:event-seen'

export const ipcEventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('accounts:changed'), accounts: z.array(accountViewSchema) }),
  z.object({ kind: z.literal('account:stepped'), testId: z.string(), step: accountTestProgressSchema }),
  z.object({
    kind: z.literal('keys:changed'),
    keyFile: keyFileStateSchema,
    keychainProblem: problemSchema.optional(),
  }),
  z.object({ kind: z.literal('drives:changed'), drives: z.array(driveViewSchema) }),
  mountingSchema.extend({ kind: z.literal('mounting:changed') }),
  z.object({ kind: z.literal('transfers:changed'), transfers: z.array(transferSchema) }),
  z.object({ kind: z.literal('transfers:cleared'), ids: z.array(z.string()) }),
  /** Conflicts of one drive came, went or changed; `revision` is another one each time. */
  z.object({ kind: z.literal('conflicts:changed'), driveId: z.string(), count: z.number(), revision: z.number() }),
  /** Rows of folders that were listed lately changed: list what is shown of them again. */
  filesChangedSchema.extend({ kind: z.literal('files:changed'), driveId: z.string() }),
  /** The tray or a notification asks for one of the window's screens, and for a drive there. */
  z.object({
    kind: z.literal('screen:asked'),
    screen: z.enum(['conflicts', 'drives', 'transfers']),
    driveId: z.string().optional(),
  }),
  /** Something happened, or happened again; asked for by whoever shows it. */
  z.object({ kind: z.literal('activity:changed') }),
  z.object({ kind: z.literal('notices:changed'), notices: z.array(problemSchema) }),
  z.object({ kind: z.literal('settings:changed'), settings: settingsSchema }),
  z.object({ kind: z.literal('updates:changed'), update: updateStateSchema }),
  z.object({ kind: z.literal('caches:changed'), cacheMove: cacheMoveSchema.optional() }),
  /** The person asked to quit while bytes are not in the bucket; answered by `quit:answer`. */
  z.object({
    kind: z.literal('quit:asked'),
    unsyncedBytes: z.number(),
    pendingOperations: z.number(),
    /** It was answered with `wait`, and the waiting came to nothing. */
    isAgain: z.boolean(),
  }),
  z.object({ kind: z.literal('quit:settled') }),
])
export type IpcEvent = z.infer<typeof ipcEventSchema>

export const ipcEventMessageSchema = z.object({ sequence: z.number().int(), event: ipcEventSchema })
export type IpcEventMessage = z.infer<typeof ipcEventMessageSchema>

/** What crosses the bridge as the answer to a request: a rejected promise would lose the problem's fields. */
export type IpcReply<T> = { ok: true; result: T } | { ok: false; problem: z.infer<typeof problemSchema> }

/** The whole of `window.cloudmount`. */
export interface CloudMountBridge {
  request<N extends IpcRequestName>(name: N, params: IpcParams<N>): Promise<IpcReply<IpcResult<N>>>
  /** Where dropped files are on this computer; empty for one that is not a file of this computer. */
  pathsOf(files: readonly object[]): string[]
  /** Returns the function that stops listening. */
  onEvent(listener: (message: IpcEventMessage) => void): () => void
}
