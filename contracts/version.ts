/** Versions: what a bucket with versioning still holds of a file, its deletions among them. */
import { z } from 'zod'

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
