/** What this computer lacks to mount drives with, and what can be done about it. */
import { z } from 'zod'
import { problemSchema } from './problem.ts'

/** Pages of the internet that the window may ask for, by name: it cannot ask for any other. */
export const webLinkSchema = z.enum(['macfuse'])
export type WebLink = z.infer<typeof webLinkSchema>

export const missingPartSchema = z.enum(['helper', 'library', 'device', 'permission', 'macfuse', 'windows'])
export type MissingPart = z.infer<typeof missingPartSchema>

export const mountFixSchema = z.discriminatedUnion('kind', [
  /** Runs only when it is asked for; `command` is exactly what is run, and the system asks for an administrator. */
  z.object({ kind: z.literal('run'), does: z.enum(['install', 'load']), command: z.string(), byHand: z.string() }),
  /** Nothing here can run it for the person. */
  z.object({ kind: z.literal('by-hand'), does: z.enum(['install', 'load', 'permit']), command: z.string() }),
  z.object({ kind: z.literal('page'), link: webLinkSchema }),
  z.object({ kind: z.literal('none') }),
])
export type MountFix = z.infer<typeof mountFixSchema>

export const mountBlockerSchema = z.object({
  problem: problemSchema,
  missing: z.array(missingPartSchema),
  fix: mountFixSchema,
})
export type MountBlocker = z.infer<typeof mountBlockerSchema>

/** The run of a fix; `output` is the end of what it said. */
export const mountSetupSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('idle') }),
  /** Once the system has begun, it is not interrupted: packages half installed help nobody. */
  z.object({ state: z.literal('running'), canCancel: z.boolean(), output: z.string() }),
  z.object({ state: z.literal('failed'), problem: problemSchema, output: z.string() }),
])
export type MountSetup = z.infer<typeof mountSetupSchema>

export const mountingSchema = z.object({
  /** Absent: drives can be mounted. */
  mountBlocker: mountBlockerSchema.optional(),
  mountSetup: mountSetupSchema,
})
export type Mounting = z.infer<typeof mountingSchema>
