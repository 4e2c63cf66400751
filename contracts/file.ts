/** Files: what the window's browser shows of a drive, and what can be done with it there. Paths are inside the drive. */
import { z } from 'zod'
import { problemSchema } from './problem.ts'

/** Names with `/` between them and none in front; empty for the drive itself. */
export const drivePathSchema = z
  .string()
  .max(8192)
  .refine(isDrivePath, 'has to be a path inside the drive, with “/” between names and none in front')

function isDrivePath(path: string): boolean {
  if (path === '') return true
  return !path.includes('\0') && path.split('/').every((name) => name !== '' && name !== '.' && name !== '..')
}

const drivePathsSchema = z.array(drivePathSchema).min(1).max(10_000)
/** A whole path of this computer. */
const sourceSchema = z.string().max(8192)

/** What can be done with a file that has it is said in docs/design.md; the order is from the quiet ones to the loud ones. */
export const fileBadges = [
  'online-only',
  'cached',
  'pinned',
  'local-only',
  'waiting',
  'uploading',
  'blocked',
  'conflict',
] as const
export type FileBadge = (typeof fileBadges)[number]

export const fileEntrySchema = z.object({
  name: z.string(),
  kind: z.enum(['file', 'folder', 'link']),
  /** Of a folder 0. */
  sizeBytes: z.number().nonnegative(),
  /** Epoch ms. */
  modifiedAt: z.number(),
  /** Of a folder: the loudest that is known of what is below it, `pinned`, or absent. */
  badge: z.enum(fileBadges).optional(),
  /** `with-folder`: a folder above it is kept offline, so that is where it can be released. */
  kept: z.enum(['itself', 'with-folder']).optional(),
  /** How much of it is on this computer; of a folder 0. */
  cachedBytes: z.number().nonnegative(),
  /** Why it is `waiting`, `blocked` or in `conflict`, where there is more to say than that. */
  problem: problemSchema.optional(),
  /** Of its upload, while there is one. */
  transferId: z.string().optional(),
})
export type FileEntry = z.infer<typeof fileEntrySchema>

export const fileSorts = ['name', 'size', 'modified'] as const
export type FileSort = (typeof fileSorts)[number]

export const fileQuerySchema = z.object({
  path: drivePathSchema,
  sort: z.enum(fileSorts),
  isDescending: z.boolean(),
  /** The window's first row, and how many rows it has. */
  from: z.number().int().nonnegative(),
  count: z.number().int().min(1).max(1_000),
})
export type FileQuery = z.infer<typeof fileQuerySchema>

/** How far what is shown of a folder can be relied on. */
export const folderListingSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('known') }),
  /** The bucket is being asked; `isFirst`: this folder was never listed before, so what is shown may be next to nothing. */
  z.object({ state: z.literal('fetching'), isFirst: z.boolean() }),
  /** The bucket could not be asked: what is known is shown, which with `isFirst` may be next to nothing. */
  z.object({ state: z.literal('unreachable'), isFirst: z.boolean(), problem: problemSchema }),
])
export type FolderListing = z.infer<typeof folderListingSchema>

export const fileWindowSchema = z.object({
  /** Another one whenever rows may have changed place. */
  revision: z.number(),
  /** Rows of the whole folder. */
  total: z.number().int().nonnegative(),
  /** Folders first in either direction, then by the sort; equal ones by name. */
  entries: z.array(fileEntrySchema),
  /** They are not in this order yet, but in some other by name: told of like a change once they are. */
  isSorting: z.boolean().optional(),
  listing: folderListingSchema,
})
export type FileWindow = z.infer<typeof fileWindowSchema>

export const fileSearchSchema = z.object({
  /** Words, of which a name has to hold every one; case and accents do not matter. */
  text: z.string().max(1024),
  /** Only at any depth below this folder. */
  under: drivePathSchema.optional(),
  limit: z.number().int().min(1).max(1_000),
})
export type FileSearch = z.infer<typeof fileSearchSchema>

export const fileMatchSchema = fileEntrySchema.extend({ path: z.string() })
export type FileMatch = z.infer<typeof fileMatchSchema>

export const fileMatchesSchema = z.object({
  /** Names that begin with the text first. */
  matches: z.array(fileMatchSchema),
  /** There are more than were asked for. */
  isTruncated: z.boolean(),
  /** Names are still being read into the index: ask again in a moment. */
  isIndexing: z.boolean(),
})
export type FileMatches = z.infer<typeof fileMatchesSchema>

/** The object of a file, as the bucket told it. */
export const fileObjectSchema = z.object({
  key: z.string(),
  etag: z.string(),
  versionId: z.string().optional(),
  sizeBytes: z.number().nonnegative(),
  /** Epoch ms; absent where only a listing has told of the object. */
  modifiedAt: z.number().optional(),
  contentType: z.string().optional(),
  /** As the bucket says it; absent where it says nothing, which is the standard one. */
  storageClass: z.string().optional(),
  encryption: z.string().optional(),
  metadata: z.record(z.string(), z.string()),
})
export type FileObject = z.infer<typeof fileObjectSchema>

export const filePropertiesSchema = z.object({
  path: z.string(),
  entry: fileEntrySchema,
  bucket: z.discriminatedUnion('state', [
    z.object({ state: z.literal('there'), object: fileObjectSchema }),
    /** Not in the bucket: never sent, gone, or a folder that only the keys below it imply. */
    z.object({ state: z.literal('absent'), key: z.string().optional() }),
    /** Could not be asked now; `known` is what was known before. */
    z.object({ state: z.literal('unreachable'), problem: problemSchema, known: fileObjectSchema.optional() }),
  ]),
})
export type FileProperties = z.infer<typeof filePropertiesSchema>

export const fileShareSchema = z.object({
  path: drivePathSchema,
  expiresInSeconds: z
    .number()
    .int()
    .min(60)
    .max(7 * 24 * 3600),
})

export const sharedSchema = z.object({
  /** Epoch ms. */
  expiresAt: z.number(),
  /** The keys of the account end sooner than was asked for, and the link with them. */
  isShortened: z.boolean(),
  /** The keys are those of a session whose end is not known: the link ends with it, even before `expiresAt`. */
  endsWithSession: z.boolean(),
})

export const filePathsSchema = z.object({ paths: drivePathsSchema })
export const filePathSchema = z.object({ path: drivePathSchema })

/** Why bytes stay on this computer when space is freed. */
export const stayReasons = ['kept', 'unsent', 'open', 'local-only'] as const

export const freedSchema = z.object({
  freedFiles: z.number().int(),
  freedBytes: z.number(),
  stays: z.array(
    z.object({
      reason: z.enum(stayReasons),
      files: z.number().int(),
      bytes: z.number(),
      /** One of them. */
      path: z.string(),
    }),
  ),
})
export type Freed = z.infer<typeof freedSchema>

/** What became of each of the paths that were asked about; a folder is one of them, with everything below it. */
export const fileOutcomeSchema = z.object({
  /** As it was asked about: inside the drive, or a whole path of this computer. */
  path: z.string(),
  outcome: z.enum(['done', 'skipped', 'failed', 'cancelled']),
  /** Where it is now, if it is: a whole path of this computer, or inside the drive. */
  target: z.string().optional(),
  /** Why, of a failed one; of a folder, what went wrong first. */
  problem: problemSchema.optional(),
})
export type FileOutcome = z.infer<typeof fileOutcomeSchema>

export const fileOutcomesSchema = z.object({ outcomes: z.array(fileOutcomeSchema) })

export const fileUploadSchema = z.object({
  /** The folder on the drive that gets them. */
  path: drivePathSchema,
  sources: z.array(sourceSchema).min(1).max(10_000),
  /** Absent: nothing is done when a name is taken, and `clashes` tells which are. */
  onClash: z.enum(['rename', 'replace', 'skip']).optional(),
})
export type FileUpload = z.infer<typeof fileUploadSchema>

export const fileUploadedSchema = fileOutcomesSchema.extend({
  /** Names that are taken, when `onClash` did not say what to do about them: then nothing was done. */
  clashes: z.array(z.string()),
})
export type FileUploaded = z.infer<typeof fileUploadedSchema>

/** One name, without `/`. */
const nameSchema = z.string().min(1).max(1024)
export const fileMakeFolderSchema = z.object({ path: drivePathSchema, name: nameSchema })
export const fileRenameSchema = z.object({ path: drivePathSchema, name: nameSchema })

export const filesChangedSchema = z.object({
  /** Folders that were listed lately and have rows that changed. */
  folders: z.array(z.string()),
})
