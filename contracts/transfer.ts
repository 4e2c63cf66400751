/** A transfer: bytes (or a deletion, or a server-side move) on their way between this machine and the bucket. */
import { z } from 'zod'
import { problemSchema } from './problem.ts'

export const transferStateSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('queued') }),
  z.object({ state: z.literal('running'), bytesPerSecond: z.number().nonnegative() }),
  /** Failed for now; tried again by itself at `retryAt` (epoch ms). */
  z.object({ state: z.literal('waiting'), retryAt: z.number(), problem: problemSchema }),
  /** The person stopped it: it goes on with `transfer:retry`, or when everything is asked to be uploaded. */
  z.object({ state: z.literal('paused') }),
  /** Stays until the person acts: `transfer:retry` or `transfer:discard`. */
  z.object({ state: z.literal('blocked'), problem: problemSchema }),
  z.object({ state: z.literal('conflict'), problem: problemSchema }),
  z.object({ state: z.literal('done'), finishedAt: z.number() }),
  z.object({ state: z.literal('cancelled'), finishedAt: z.number() }),
])
export type TransferState = z.infer<typeof transferStateSchema>

export const transferKinds = ['upload', 'download', 'delete', 'copy', 'folder', 'move'] as const
export type TransferKind = (typeof transferKinds)[number]

/** A folder on its way to another place: each object below it is one item. */
export const moveProgressSchema = z.object({
  /** Path inside the drive that the folder had. */
  from: z.string(),
  doneItems: z.number().int().nonnegative(),
  totalItems: z.number().int().nonnegative(),
  /** The old place is still being listed: there may be more items than the total says. */
  isCounting: z.boolean(),
  /** Called back by the person: `path` is where it was before. */
  isUndo: z.boolean(),
})
export type MoveProgress = z.infer<typeof moveProgressSchema>

export const transferSchema = z.object({
  id: z.string(),
  driveId: z.string(),
  kind: z.enum(transferKinds),
  /** Path inside the drive, with `/` between names and none in front. */
  path: z.string(),
  sizeBytes: z.number().nonnegative(),
  doneBytes: z.number().nonnegative(),
  attempts: z.number().int().nonnegative(),
  queuedAt: z.number(),
  status: transferStateSchema,
  /** How a person can stop it; absent where that makes no sense, as for what a program is reading. */
  stops: z.enum(['by-pause', 'by-cancel']).optional(),
  /** Of kind `move`. */
  move: moveProgressSchema.optional(),
})
export type Transfer = z.infer<typeof transferSchema>
