/** What happened, for a person to read later: one entry an event, or a burst of the same on one drive. */
import { z } from 'zod'

export const activityKinds = [
  'uploaded',
  'downloaded',
  'deleted',
  'moved',
  'folder-made',
  'freed',
  'offline',
  'online',
  'signed-out',
  'signed-in',
  'paused',
  'resumed',
  'conflict-found',
  'conflict-over',
  'chose-mine',
  'chose-theirs',
  'chose-both',
  'choice-undone',
  'kept-mine',
  'kept-theirs',
  'kept-both',
  'restored',
  'blocked',
  'unblocked',
  'notice',
  'mounted',
  'unmounted',
  'failed',
  'restarting',
  'drive-added',
  'drive-changed',
  'drive-removed',
  'account-added',
  'account-changed',
  'account-removed',
] as const
export type ActivityKind = (typeof activityKinds)[number]

export const activitySchema = z.object({
  id: z.number().int(),
  kind: z.enum(activityKinds),
  /** Epoch ms of the first and of the last thing in it. */
  since: z.number(),
  at: z.number(),
  count: z.number().int().positive(),
  driveId: z.string().optional(),
  /** Of the drive or the account, as it was called then. */
  name: z.string().optional(),
  /** Inside the drive: of the one file, or of the first of many. */
  path: z.string().optional(),
  /** What it was before a move. */
  from: z.string().optional(),
  /** Why, or what, in words. */
  message: z.string().optional(),
})
export type Activity = z.infer<typeof activitySchema>
