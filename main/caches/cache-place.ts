/**
 * The pointer: one small file that says where the drives' caches are, and which copies of them do not count. Replaced as a
 * whole, so that whoever dies while caches move leaves one place that counts, whole, and one that is swept.
 * Must hold: a leftover is written down before its first byte exists, and forgotten after its last is gone.
 */
import { mkdir, open, rename } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Drive } from '../../contracts/drive.ts'
import type { Problem } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'

const leftoverSchema = z.object({
  directory: z.string().min(1),
  /** Folders in it. Everything else there is not ours. */
  names: z.array(
    z
      .string()
      .regex(/^[^/\\]+$/)
      .refine((name) => name !== '.' && name !== '..'),
  ),
})
export type Leftover = z.infer<typeof leftoverSchema>

const recordSchema = z.object({
  version: z.literal(1),
  /** Absent: the usual place. */
  directory: z.string().min(1).optional(),
  leftovers: z.array(leftoverSchema).optional(),
})
type PlaceRecord = z.infer<typeof recordSchema>

export type CachePlace = {
  readonly usualDirectory: string
  directory(): string
  leftovers(): readonly Leftover[]
  /**
   * Rejects when nothing was changed; afterwards both count at once. False: the change would not survive a power failure now, so
   * nothing may be deleted on the strength of it.
   */
  replace(next: { directory: string; leftovers: readonly Leftover[] }): Promise<boolean>
}

/**
 * A drive's cache and journal: a folder of its own, because unsynced data lives there and must not be taken for cache by a
 * cleaner. A drive with a place of its own keeps it, wherever the others are.
 */
export function cacheOf(place: Pick<CachePlace, 'directory'>, drive: Pick<Drive, 'id' | 'cacheDirectory'>): string {
  return join(drive.cacheDirectory ?? place.directory(), drive.id)
}

export function openCachePlace(options: { userDataDirectory: string; damaged(problem: Problem): void }): CachePlace {
  const path = join(options.userDataDirectory, 'cache-place.json')
  const usualDirectory = join(options.userDataDirectory, 'drives')
  let record = read(path, (detail) => options.damaged(unreadable(path, usualDirectory, detail)))
  return {
    usualDirectory,
    directory: () => record.directory ?? usualDirectory,
    leftovers: () => record.leftovers ?? [],
    async replace({ directory, leftovers }) {
      const next: PlaceRecord = {
        version: 1,
        ...(directory === usualDirectory ? {} : { directory }),
        ...(leftovers.length === 0 ? {} : { leftovers: [...leftovers] }),
      }
      await writeWhole(`${path}.new`, JSON.stringify(next))
      await rename(`${path}.new`, path)
      record = next
      return syncFolder(dirname(path)).then(
        () => true,
        () => false,
      )
    },
  }
}

function read(path: string, damaged: (detail: string) => void): PlaceRecord {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (!isAbsent(error)) damaged(String(error))
    return { version: 1 }
  }
  try {
    return recordSchema.parse(JSON.parse(text))
  } catch (error) {
    damaged(String(error))
    return { version: 1 }
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const file = await open(path, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** After this the names in a folder survive a power failure. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

export function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function unreadable(path: string, usualDirectory: string, detail: string): Problem {
  return {
    code: 'cache-unusable',
    message: t('main.caches-place-unreadable', { usualDirectory }),
    consequence: t('main.caches-place-unreadable.consequence'),
    remedy: t('main.caches-place-unreadable.remedy', { path }),
    detail,
  }
}
