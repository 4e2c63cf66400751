/** A drive: one bucket (or a prefix of it) shown as a folder. */
import { z } from 'zod'
import { t } from '../language/language.ts'
import { conflictPolicies, conflictRuleSchema } from './conflict.ts'
import { isPattern } from './local-only.ts'
import { pauseSchema } from './pause.ts'
import { problemSchema } from './problem.ts'

export const consistencyModes = ['cached', 'close-to-open', 'strict'] as const
export type ConsistencyMode = (typeof consistencyModes)[number]

export const bucketNameSchema = z
  .string()
  .min(3)
  .max(255)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, { error: () => t('shared.bucket-name') })

/** Empty, or key parts each followed by `/`. */
export const prefixSchema = z
  .string()
  .max(1024)
  .refine((prefix) => prefix === '' || prefix.endsWith('/'), { error: () => t('shared.prefix') })

/** One of a name: `*` stands for any characters, `[a-p]` for one of a range. */
export const localOnlyPatternSchema = z
  .string()
  .min(1, { error: () => t('shared.pattern.empty') })
  .max(255, { error: () => t('shared.pattern.long') })
  .refine((pattern) => !pattern.includes('/'), { error: () => t('shared.pattern.slash') })
  .refine(isPattern, { error: () => t('shared.pattern.brackets') })
  .refine((pattern) => !/^\*+$/.test(pattern), { error: () => t('shared.pattern.stars') })

export const localOnlyPatternsSchema = z.array(localOnlyPatternSchema).max(200)

/** Objects of these have to be restored before anybody can read them, which a drive cannot wait for. */
export const archivedStorageClasses: readonly string[] = ['GLACIER', 'DEEP_ARCHIVE']

/** In the service's own words; some have classes of their own. */
export const storageClassSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, { error: () => t('shared.storage-class') })
  .refine((name) => !archivedStorageClasses.includes(name.toUpperCase()), {
    error: () => t('shared.storage-class.archive'),
  })

/** By the service, with keys of its own or with one of its key management, the account's own or the named one. */
export const objectEncryptionSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('sse-s3') }),
  z.object({ kind: z.literal('sse-kms'), keyId: z.string().min(1).max(2048).optional() }),
])
export type ObjectEncryption = z.infer<typeof objectEncryptionSchema>

export const driveSchema = z.object({
  id: z.string().min(1).max(64),
  accountId: z.string().min(1).max(64),
  name: z.string().min(1).max(200),
  bucket: bucketNameSchema,
  prefix: prefixSchema,
  mountpoint: z.string().min(1).max(1000),
  /** Absent: the application's cache folder. */
  cacheDirectory: z.string().max(4096).optional(),
  cacheLimitBytes: z.number().int().positive().optional(),
  isReadOnly: z.boolean(),
  consistency: z.enum(consistencyModes),
  mountsAtStart: z.boolean(),
  /** Names that live in the cache of this machine and are never uploaded; absent: the usual ones. */
  localOnlyPatterns: localOnlyPatternsSchema.optional(),
  /** What is done with a conflict as soon as it is found; absent: a person is asked. */
  conflictPolicy: z.enum(conflictPolicies).optional(),
  /** The same for everything below a folder. */
  conflictRules: z.array(conflictRuleSchema).max(200).optional(),
  /** Of files that are new in the bucket; absent: the bucket's usual one. */
  storageClass: storageClassSchema.optional(),
  /** Of every object written that has no key of its own; absent: as the bucket does by itself. */
  encryption: objectEncryptionSchema.optional(),
})
export type Drive = z.infer<typeof driveSchema>

export const driveStateSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('unmounted') }),
  z.object({ state: z.literal('mounting') }),
  z.object({ state: z.literal('mounted') }),
  z.object({ state: z.literal('unmounting') }),
  /** The worker died; it is started again at `retryAt` (epoch ms). */
  z.object({ state: z.literal('restarting'), retryAt: z.number(), problem: problemSchema }),
  z.object({ state: z.literal('failed'), problem: problemSchema }),
])
export type DriveState = z.infer<typeof driveStateSchema>

/** `signed-out`: the bucket can be reached, but what signs for it has ended; only a person can renew it. */
const connectionSchema = z.enum(['online', 'offline', 'signed-out', 'blocked'])

/** Of keys that end. */
export const signInSchema = z.object({
  /** Epoch ms; absent where nothing says when. */
  endsAt: z.number().optional(),
  /** What is typed into a terminal to sign in again; absent where keys are entered by hand or come from another program. */
  command: z.string().optional(),
})
export type SignIn = z.infer<typeof signInSchema>

/** What a mounted drive says about itself; `pending` counts journal operations not yet in the bucket. */
export const driveStatusSchema = z.object({
  connection: connectionSchema,
  /** Why the connection is not `online`. */
  problem: problemSchema.optional(),
  signIn: signInSchema.optional(),
  /** While uploads and downloads that nobody waits for rest. */
  pause: pauseSchema.optional(),
  /** Epoch ms, while offline or signed out: since when, and when the bucket last answered anything at all, if it ever did. */
  offlineSince: z.number().optional(),
  lastHeardAt: z.number().optional(),
  pendingOperations: z.number().int().nonnegative(),
  unsyncedBytes: z.number().nonnegative(),
  /** Of those, what the bucket does not hold yet, as part of an upload under way. */
  unsentBytes: z.number().nonnegative(),
  /** Over the last ten seconds; 0 when nothing moved. */
  uploadBytesPerSecond: z.number().nonnegative(),
  downloadBytesPerSecond: z.number().nonnegative(),
  operationsPerSecond: z.number().nonnegative(),
  /** Of pinned files, what is in the bucket as well. */
  pinnedBytes: z.number().nonnegative(),
  /** What may go when room is needed. */
  evictableBytes: z.number().nonnegative(),
  /** All of it, as it takes space on this computer. */
  cachedBytes: z.number().nonnegative(),
  /** Programs are told that no space is left, and why. */
  shortage: problemSchema.optional(),
  /** Operations that the person paused, one by one; not those of a drive that is paused. */
  pausedOperations: z.number().int().nonnegative(),
  /** Operations that wait for a person: blocked ones and conflicts. */
  needsAttention: z.number().int().nonnegative(),
  conflicts: z.number().int().nonnegative(),
  /** False where the endpoint was found to ignore conditional writes: check-then-write stands in. */
  hasConditionalWrites: z.boolean(),
})
export type DriveStatus = z.infer<typeof driveStatusSchema>

export const emptyDriveStatus: DriveStatus = {
  connection: 'online',
  pendingOperations: 0,
  unsyncedBytes: 0,
  unsentBytes: 0,
  uploadBytesPerSecond: 0,
  downloadBytesPerSecond: 0,
  operationsPerSecond: 0,
  pinnedBytes: 0,
  evictableBytes: 0,
  cachedBytes: 0,
  pausedOperations: 0,
  needsAttention: 0,
  conflicts: 0,
  hasConditionalWrites: true,
}
