/** A drive: one bucket (or a prefix of it) shown as a folder. */
import { z } from 'zod'
import { problemSchema } from './problem.ts'

export const consistencyModes = ['cached', 'close-to-open', 'strict'] as const
export type ConsistencyMode = (typeof consistencyModes)[number]

export const bucketNameSchema = z
  .string()
  .min(3)
  .max(255)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'A bucket name has letters, digits, dots, dashes and underscores.')

/** Empty, or key parts each followed by `/`. */
export const prefixSchema = z
  .string()
  .max(1024)
  .refine((prefix) => prefix === '' || prefix.endsWith('/'), 'A prefix ends with a slash.')

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

const connectionSchema = z.enum(['online', 'offline', 'blocked'])

/** What a mounted drive says about itself; `pending` counts journal operations not yet in the bucket. */
export const driveStatusSchema = z.object({
  connection: connectionSchema,
  /** Why the connection is not `online`. */
  problem: problemSchema.optional(),
  pendingOperations: z.number().int().nonnegative(),
  unsyncedBytes: z.number().nonnegative(),
  /** Of those, what the bucket does not hold yet, as part of an upload under way. */
  unsentBytes: z.number().nonnegative(),
  /** Over the last ten seconds; 0 when nothing moved. */
  uploadBytesPerSecond: z.number().nonnegative(),
  operationsPerSecond: z.number().nonnegative(),
  /** Of pinned files, what is in the bucket as well. */
  pinnedBytes: z.number().nonnegative(),
  /** What may go when room is needed. */
  evictableBytes: z.number().nonnegative(),
  /** All of it, as it takes space on this computer. */
  cachedBytes: z.number().nonnegative(),
  /** Programs are told that no space is left, and why. */
  shortage: problemSchema.optional(),
  /** Operations that wait for a person: blocked ones and conflicts. */
  needsAttention: z.number().int().nonnegative(),
  conflicts: z.number().int().nonnegative(),
  /** False where the endpoint ignores conditional writes: check-then-write stands in. */
  hasConditionalWrites: z.boolean(),
})
export type DriveStatus = z.infer<typeof driveStatusSchema>

export const emptyDriveStatus: DriveStatus = {
  connection: 'online',
  pendingOperations: 0,
  unsyncedBytes: 0,
  unsentBytes: 0,
  uploadBytesPerSecond: 0,
  operationsPerSecond: 0,
  pinnedBytes: 0,
  evictableBytes: 0,
  cachedBytes: 0,
  needsAttention: 0,
  conflicts: 0,
  hasConditionalWrites: true,
}
