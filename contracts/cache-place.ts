/** Where the drives' caches are on this computer, and what becomes of them when that place changes. */
import { z } from 'zod'
import { problemSchema } from './problem.ts'

/** As it is now, measured when it was asked for. */
export const cachePlaceSchema = z.object({
  directory: z.string(),
  /** In the folder of the settings, where they are unless a person chose another place. */
  isUsual: z.boolean(),
  /** What the caches take of the disk. */
  usedBytes: z.number(),
  /** Absent when the disk cannot be asked. */
  freeBytes: z.number().optional(),
  /** The folder is not there: its disk is not connected. */
  problem: problemSchema.optional(),
})
export type CachePlaceView = z.infer<typeof cachePlaceSchema>

/** What a move to a folder would mean. Warnings do not stop it; what does is the problem the request fails with. */
export const cacheCheckSchema = z.object({
  /** Where the caches would be: a folder of their own in the chosen one. */
  directory: z.string(),
  usedBytes: z.number(),
  freeBytes: z.number(),
  /** On the same disk nothing has to be copied. */
  isSameDisk: z.boolean(),
  warnings: z.array(problemSchema),
  /** Names of the drives that are unmounted meanwhile. */
  mounted: z.array(z.string()),
  /** What is on this computer only, and moves along. */
  pendingOperations: z.number(),
  unsyncedBytes: z.number(),
})
export type CacheCheck = z.infer<typeof cacheCheckSchema>

/** `to` is the folder the caches move to. */
export const cacheMoveSchema = z.discriminatedUnion('phase', [
  /** Drives are unmounted, and what there is is counted. */
  z.object({ phase: z.literal('preparing'), to: z.string() }),
  z.object({
    phase: z.literal('copying'),
    to: z.string(),
    doneBytes: z.number(),
    totalBytes: z.number(),
    bytesPerSecond: z.number(),
  }),
  /** It was cancelled, or failed: what was copied so far is deleted and the drives are mounted again. */
  z.object({ phase: z.literal('undoing'), to: z.string() }),
  /** The new place counts; the drives are mounted again and the old copies deleted. */
  z.object({ phase: z.literal('finishing'), to: z.string() }),
  /** The caches are where they were. */
  z.object({ phase: z.literal('failed'), to: z.string(), problem: problemSchema }),
  z.object({ phase: z.literal('cancelled'), to: z.string() }),
  /** `problem`: something was left that the person may want to know of. */
  z.object({ phase: z.literal('done'), to: z.string(), problem: problemSchema.optional() }),
])
export type CacheMove = z.infer<typeof cacheMoveSchema>

export function isMoving(move: CacheMove | undefined): boolean {
  return move !== undefined && move.phase !== 'failed' && move.phase !== 'cancelled' && move.phase !== 'done'
}
