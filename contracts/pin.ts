/** A pin: a file or folder that a person keeps on this computer, whatever else has to leave the cache. */
import { z } from 'zod'
import { problemSchema } from './problem.ts'

export const pinStateSchema = z.discriminatedUnion('state', [
  /** Everything of it was here when it was last looked at. */
  z.object({ state: z.literal('ready') }),
  z.object({ state: z.literal('fetching') }),
  /** Goes on by itself: offline, or a server that said "not now". */
  z.object({ state: z.literal('waiting'), problem: problemSchema }),
  /** Tried again now and then; better after the person has done something. */
  z.object({ state: z.literal('failed'), problem: problemSchema }),
])
export type PinState = z.infer<typeof pinStateSchema>

export const pinSchema = z.object({
  /** Path inside the drive, with `/` between names and none in front; empty for the whole drive. */
  path: z.string(),
  isFolder: z.boolean(),
  /** Of what is known of it so far. */
  files: z.number().int().nonnegative(),
  readyFiles: z.number().int().nonnegative(),
  sizeBytes: z.number().nonnegative(),
  readyBytes: z.number().nonnegative(),
  status: pinStateSchema,
})
export type Pin = z.infer<typeof pinSchema>
