/** Versions: what a bucket with versioning still holds of a file, its deletions among them. */
import { z } from 'zod'
import { problemSchema } from './problem.ts'

export const fileVersionSchema = z.object({
  versionId: z.string(),
  /** `deleted`: S3's delete marker. */
  kind: z.enum(['content', 'deleted']),
  /** What the key holds now. */
  isCurrent: z.boolean(),
  etag: z.string().optional(),
  sizeBytes: z.number().nonnegative(),
  /** Epoch ms. */
  modifiedAt: z.number(),
})
export type FileVersion = z.infer<typeof fileVersionSchema>

/** A file of a folder that was deleted and has an older version to come back to. */
export const deletedFileSchema = z.object({
  /** Path inside the drive. */
  path: z.string(),
  /** The newest version with content. */
  versionId: z.string(),
  sizeBytes: z.number().nonnegative(),
  /** Epoch ms. */
  modifiedAt: z.number(),
  deletedAt: z.number(),
})
export type DeletedFile = z.infer<typeof deletedFileSchema>

/** Which version of which file; the path is inside the drive. */
export const versionPlaceSchema = z.object({ path: z.string().max(8192), versionId: z.string().max(1024) })
export type VersionPlace = z.infer<typeof versionPlaceSchema>

export const fileVersionsSchema = z.object({
  /** False: the bucket keeps no history, and what is listed is all there is. */
  isVersioned: z.boolean(),
  /** Newest first. */
  versions: z.array(fileVersionSchema),
  /** There are older ones than these. */
  isTruncated: z.boolean(),
})
export type FileVersions = z.infer<typeof fileVersionsSchema>

export const deletedFilesSchema = z.object({
  isVersioned: z.boolean(),
  files: z.array(deletedFileSchema),
  /** Asked with this as `after`, the search goes on; a page may be empty and not be the last. */
  more: z.string().optional(),
})
export type DeletedFiles = z.infer<typeof deletedFilesSchema>

/** `moved-on`: the file has another version now than the person saw; nothing was done. */
export const restoreOutcomeSchema = z.enum(['restored', 'moved-on'])
export type RestoreOutcome = z.infer<typeof restoreOutcomeSchema>

export const undeleteOutcomeSchema = z.object({
  path: z.string(),
  /** `exists`: there is something of that name again; it stays as it is. */
  outcome: z.enum(['restored', 'exists', 'failed']),
  /** Why, of a failed one. */
  problem: problemSchema.optional(),
})
export type UndeleteOutcome = z.infer<typeof undeleteOutcomeSchema>
