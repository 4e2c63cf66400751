/**
 * The deleted files below a prefix, found by looking through every version there. A search is bounded and goes on from
 * where it stopped, in the middle of a key's history too. Plain paging throughout: whether a listing behind a key, and no version
 * of it, begins with that key or the next one is not the same everywhere.
 */
import { z } from 'zod'
import { ProblemError } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import type { ObjectStore, VersionListing, VersionMarker } from '../s3/store.ts'
import { showsHistory } from './history.ts'

/** A key that is deleted now, and the newest content it had. */
export type Deletion = { key: string; versionId: string; sizeBytes: number; modifiedAtMs: number; deletedAtMs: number }

export type Deletions = { found: Deletion[]; hasHistory: boolean; more?: string }

const mostPages = 10
/** More than anybody reads; the search goes on when it is asked to. */
const mostFound = 1_000

const tokenSchema = z.object({
  after: z.object({ key: z.string(), versionId: z.string().optional() }),
  /** The key looked at last; if it was deleted and its content is not found yet, then when. */
  key: z.string(),
  deletedAtMs: z.number().optional(),
})
type Token = z.infer<typeof tokenSchema>

/** Takes a key's versions in the order of a listing, and answers each deleted file once. Pure. */
export class DeletionScan {
  #key: string | undefined
  /** Of the key at hand, if it is deleted and has shown no content yet. */
  #deletedAtMs: number | undefined

  constructor(from?: Pick<Token, 'key' | 'deletedAtMs'>) {
    this.#key = from?.key
    this.#deletedAtMs = from?.deletedAtMs
  }

  get state(): Pick<Token, 'key' | 'deletedAtMs'> {
    const pending = this.#deletedAtMs === undefined ? {} : { deletedAtMs: this.#deletedAtMs }
    return { key: this.#key ?? '', ...pending }
  }

  take({ key, kind, isCurrent, versionId, sizeBytes, lastModifiedMs }: VersionListing): Deletion | undefined {
    if (key !== this.#key) {
      this.#key = key
      this.#deletedAtMs = kind === 'deleted' && isCurrent ? lastModifiedMs : undefined
      return undefined
    }
    if (this.#deletedAtMs === undefined || kind === 'deleted') return undefined
    const deletedAtMs = this.#deletedAtMs
    this.#deletedAtMs = undefined
    return { key, versionId, sizeBytes, modifiedAtMs: lastModifiedMs, deletedAtMs }
  }
}

/** Throws StoreError, and ProblemError for a token that is none. */
export async function deletionsBelow(store: ObjectStore, prefix: string, token?: string): Promise<Deletions> {
  const from = token === undefined ? undefined : parsed(token)
  const scan = new DeletionScan(from)
  let after = from?.after as VersionMarker | undefined
  const found: Deletion[] = []
  let hasHistory = from !== undefined
  for (let pages = 1; ; pages++) {
    const page = await store.listVersions({ prefix, ...(after === undefined ? {} : { after }) })
    for (const version of page.versions) {
      hasHistory ||= showsHistory(version)
      const deletion = scan.take(version)
      if (deletion !== undefined && !isFolderMarker(deletion)) found.push(deletion)
    }
    after = page.next
    if (after === undefined) return { found, hasHistory }
    if (pages >= mostPages || found.length >= mostFound) {
      return { found, hasHistory, more: JSON.stringify({ after, ...scan.state }) }
    }
  }
}

/** A folder is there again with any file in it. */
const isFolderMarker = ({ key, sizeBytes }: Deletion): boolean => key.endsWith('/') && sizeBytes === 0

function parsed(token: string): Token {
  try {
    return tokenSchema.parse(JSON.parse(token))
  } catch (error) {
    const message = t('worker.deleted-cursor')
    throw new ProblemError(
      { code: 'invalid-input', message, remedy: t('worker.deleted-cursor.remedy') },
      { cause: error },
    )
  }
}
