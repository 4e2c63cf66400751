/**
 * Where main keeps what it remembers, for those who write it without main (the demo): the file is
 * `<user data>/cloudmount.json`, written by electron-store as plain JSON of `storeSchema`; the user data folder is
 * Electron's own (`~/.config/CloudMount` on Linux) or `--user-data-dir`. Secrets are not in it: each is one entry
 * of the OS keychain (or of the key file) with the service and account names below, its password the JSON of `secretSchema`.
 */
import { join } from 'node:path'
import { z } from 'zod'
import { accountSchema, capabilitiesSchema } from '../contracts/account.ts'
import { driveSchema } from '../contracts/drive.ts'
import { settingsSchema, type Settings } from '../contracts/ipc.ts'

/** Without `.json`, which electron-store adds. */
export const storeName = 'cloudmount'

export function storePath(userDataDirectory: string): string {
  return join(userDataDirectory, `${storeName}.json`)
}

/** Keys that a passphrase encrypts, on a machine without a keychain (key-file.ts). */
export function keyFilePath(userDataDirectory: string): string {
  return join(userDataDirectory, 'keys.json')
}

export const keychainService = 'CloudMount'

/** The keychain's account name for the secret of the account with this id. */
export function keychainAccount(accountId: string): string {
  return `account:${accountId}`
}

/**
 * What the drive's journal held when its worker last told. `open` is written before a mount and stays when the worker
 * or main dies: then nobody knows, and the drive is treated as if it held unsynced data.
 */
export const journalRecordSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('empty') }),
  z.object({ state: z.literal('open') }),
  z.object({ state: z.literal('pending'), pendingOperations: z.number(), unsyncedBytes: z.number() }),
])
export type JournalRecord = z.infer<typeof journalRecordSchema>

export const accountRecordSchema = z.object({ account: accountSchema, capabilities: capabilitiesSchema.optional() })
export type AccountRecord = z.infer<typeof accountRecordSchema>

export const driveRecordSchema = z.object({ drive: driveSchema, journal: journalRecordSchema })
export type DriveRecord = z.infer<typeof driveRecordSchema>

export const storeVersion = 1

export const storeSchema = z.object({
  version: z.literal(storeVersion),
  settings: settingsSchema,
  accounts: z.array(accountRecordSchema),
  drives: z.array(driveRecordSchema),
})
export type StoreShape = z.infer<typeof storeSchema>

export const defaultSettings: Settings = { opensAtLogin: false, keepsRunningWhenClosed: true, theme: 'system' }

export function emptyStore(): StoreShape {
  return { version: storeVersion, settings: { ...defaultSettings }, accounts: [], drives: [] }
}
