/** New versions of the application: which ones a person wants, and how far one of them is. */
import { z } from 'zod'
import { problemSchema } from './problem.ts'

export const updateChannels = ['stable', 'beta', 'off'] as const
export type UpdateChannel = (typeof updateChannels)[number]
export const usualUpdateChannel: UpdateChannel = 'stable'

/** How this copy was installed, where it does not update itself: from its source, as a package of the system, or without an address to ask. */
export const updateHindrances = ['source', 'package', 'no-feed'] as const

/** `checkedAt` is in epoch ms, of the last time an answer came. */
export const updateStateSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('unsupported'), because: z.enum(updateHindrances) }),
  z.object({ state: z.literal('idle'), checkedAt: z.number().optional() }),
  z.object({ state: z.literal('checking') }),
  z.object({ state: z.literal('available'), version: z.string(), checkedAt: z.number() }),
  z.object({
    state: z.literal('downloading'),
    version: z.string(),
    doneBytes: z.number(),
    totalBytes: z.number(),
    bytesPerSecond: z.number(),
  }),
  /** On this computer, and as it was published; installed when the person says so. */
  z.object({ state: z.literal('ready'), version: z.string() }),
  z.object({ state: z.literal('failed'), problem: problemSchema, checkedAt: z.number().optional() }),
])
export type UpdateState = z.infer<typeof updateStateSchema>
