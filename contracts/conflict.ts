/**
 * A conflict: one file that was changed here while the bucket went on to another version than the change was built on. Both
 * sides are kept until a person, or a rule of theirs, has chosen; whatever a choice discards can be restored for a while.
 */
import { z } from 'zod'
import { problemSchema } from './problem.ts'

/** The version in the bucket, in the words of S3. `versionId` only where the bucket keeps versions. */
export const theirVersionSchema = z.object({
  etag: z.string(),
  versionId: z.string().optional(),
  sizeBytes: z.number().nonnegative(),
  /** Epoch ms. */
  modifiedAt: z.number(),
})
export type TheirVersion = z.infer<typeof theirVersionSchema>

export const mySideSchema = z.object({
  sizeBytes: z.number().nonnegative(),
  /** Epoch ms. */
  modifiedAt: z.number(),
  /** Another one whenever the content changes: a choice made for one revision is not carried out on another. */
  revision: z.string(),
  /** False when bytes of it were only in a version that the bucket no longer has. */
  isWhole: z.boolean(),
  /** A program has it open for writing; a choice that replaces or renames it waits until it is closed. */
  isOpen: z.boolean(),
})

export const resolutionKinds = ['mine', 'theirs', 'both'] as const
export type ResolutionKind = (typeof resolutionKinds)[number]

/** What was chosen for a conflict and is not carried out yet; it can be taken back until it is. */
export const pendingChoiceSchema = z.object({
  kind: z.enum([...resolutionKinds, 'merged']),
  /** Epoch ms; not before this. */
  appliesAt: z.number(),
  state: z.enum(['waiting', 'waiting-for-close', 'applying', 'failed']),
  /** Why it could not be carried out; tried again by itself. */
  problem: problemSchema.optional(),
})
export type PendingChoice = z.infer<typeof pendingChoiceSchema>

export const conflictSchema = z.object({
  id: z.string(),
  /** Path inside the drive, with `/` between names and none in front. */
  path: z.string(),
  /** `edited`: both sides changed it. `created`: both made it. `deleted`: changed here, deleted there. */
  kind: z.enum(['edited', 'created', 'deleted']),
  /** Epoch ms: when it was found. */
  since: z.number(),
  mine: mySideSchema,
  /** Absent: deleted in the bucket. */
  theirs: theirVersionSchema.optional(),
  /** The version both sides began from is here, or the history of the bucket should have it: what one side changed merges by itself. */
  hasBase: z.boolean(),
  choice: pendingChoiceSchema.optional(),
})
export type Conflict = z.infer<typeof conflictSchema>

/** What the person saw when choosing: the choice holds for these two versions and no others. */
export const seenSidesSchema = z.object({
  id: z.string(),
  revision: z.string(),
  /** Absent: the deletion was what they saw. */
  theirsEtag: z.string().optional(),
})
export type SeenSides = z.infer<typeof seenSidesSchema>

export const choiceOutcomeSchema = z.object({
  id: z.string(),
  /** `moved-on`: a side changed meanwhile; nothing was done, the conflict shows what there is now. `gone`: already settled. */
  outcome: z.enum(['chosen', 'moved-on', 'gone', 'not-whole']),
})
export type ChoiceOutcome = z.infer<typeof choiceOutcomeSchema>

export const conflictSides = ['mine', 'theirs', 'base'] as const
export type ConflictSide = (typeof conflictSides)[number]

/** What a drive does with a conflict by itself. */
export const conflictPolicies = ['ask', 'both'] as const
export type ConflictPolicy = (typeof conflictPolicies)[number]

/** For everything below a folder; the innermost rule holds, before the drive's own policy. */
export const conflictRuleSchema = z.object({ path: z.string().max(8192), policy: z.enum(['ask', ...resolutionKinds]) })
export type ConflictRule = z.infer<typeof conflictRuleSchema>

/** A version that a choice discarded, kept on this computer for a while. */
export const recoveredFileSchema = z.object({
  id: z.string(),
  /** Where it was, inside the drive. */
  path: z.string(),
  side: z.enum(['mine', 'theirs']),
  sizeBytes: z.number().nonnegative(),
  /** Epoch ms, all three. */
  modifiedAt: z.number(),
  discardedAt: z.number(),
  keptUntil: z.number(),
  /** Only where bytes of it were gone already: they are zeros in it. */
  isIncomplete: z.boolean().optional(),
})
export type RecoveredFile = z.infer<typeof recoveredFileSchema>

/** One side of something as a file of this computer, to be read or opened; nobody may change it. */
export const previewSchema = z.object({ path: z.string(), sizeBytes: z.number().nonnegative() })
export type Preview = z.infer<typeof previewSchema>

/** Bytes that the window may hold of one side, and of a text of them. */
export const largestContentBytes = 20 * 1024 * 1024
export const largestTextBytes = 2 * 1024 * 1024

/** One side as the window shows it. */
export const sideContentSchema = z.discriminatedUnion('kind', [
  /** Only a text in UTF-8 can be written back as it was, byte for byte. */
  z.object({ kind: z.literal('text'), text: z.string(), isUtf8: z.boolean() }),
  z.object({ kind: z.literal('image'), mime: z.string(), base64: z.string() }),
  z.object({ kind: z.literal('other'), reason: z.enum(['too-large', 'binary']) }),
])
export type SideContent = z.infer<typeof sideContentSchema>

/** What the requests of a worker and those of the window have in common. */
export const choicesSchema = z.object({
  choices: z.array(seenSidesSchema.extend({ kind: z.enum(resolutionKinds) })).max(100_000),
  /** How long it can be taken back before anything is done. */
  delayMs: z.number().nonnegative().max(60_000),
})
export type Choices = z.infer<typeof choicesSchema>
export const outcomesSchema = z.object({ outcomes: z.array(choiceOutcomeSchema) })
export const conflictsSchema = z.object({ conflicts: z.array(conflictSchema) })
export const mergedSchema = z.object({ seen: seenSidesSchema, text: z.string().max(largestTextBytes) })
export const sideOfSchema = z.object({ id: z.string(), side: z.enum(conflictSides) })
export const recoveredFilesSchema = z.object({ files: z.array(recoveredFileSchema) })
