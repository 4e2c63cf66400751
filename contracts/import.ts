/**
 * What other programs know of accounts and buckets, offered to be taken over. Secrets are never part of it: main reads them again
 * from where they were found when the person has chosen.
 */
import { z } from 'zod'
import { credentialSourceSchema, providerIds, secretSchema } from './account.ts'
import { problemSchema } from './problem.ts'

const importSources = ['aws', 'rclone', 'cyberduck'] as const
export type ImportSource = (typeof importSources)[number]

/** What has to be typed, because the other program keeps it elsewhere. */
export const importMissingSchema = z.enum(['accessKeyId', 'secretAccessKey'])
export type ImportMissing = z.infer<typeof importMissingSchema>

const placeSchema = z.object({ bucket: z.string(), prefix: z.string() })

export const importCandidateSchema = z.object({
  /** The same each time the same entry is found. */
  id: z.string(),
  source: z.enum(importSources),
  /** The file it stands in. */
  path: z.string(),
  /** As it is called there. */
  name: z.string(),
  becomes: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('account'),
      provider: z.enum(providerIds),
      endpoint: z.string().optional(),
      region: z.string(),
      /** Absent where the access key has to be typed. */
      credentials: credentialSourceSchema.optional(),
      missing: z.array(importMissingSchema),
      /** Where it names a bucket: a drive can be added with it. */
      place: placeSchema.optional(),
      /** The account here that is the same one, if there is one. */
      existing: z.object({ name: z.string(), hasDrive: z.boolean() }).optional(),
    }),
    z.object({ kind: z.literal('nothing'), reason: z.string() }),
  ]),
})
export type ImportCandidate = z.infer<typeof importCandidateSchema>

export const importsFoundSchema = z.object({
  candidates: z.array(importCandidateSchema),
  /** Files that are there and could not be read. */
  problems: z.array(problemSchema),
})
export type ImportsFound = z.infer<typeof importsFoundSchema>

export const importChoiceSchema = z.object({
  id: z.string(),
  addsDrive: z.boolean(),
  /** What was missing. */
  accessKeyId: z.string().max(256).optional(),
  secret: secretSchema.optional(),
})
export type ImportChoice = z.infer<typeof importChoiceSchema>

export const importOutcomeSchema = z.object({
  id: z.string(),
  /** As they are called here now. */
  accountName: z.string().optional(),
  driveName: z.string().optional(),
  problem: problemSchema.optional(),
})
export type ImportOutcome = z.infer<typeof importOutcomeSchema>
