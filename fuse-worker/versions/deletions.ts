/**
 * The deleted files below a prefix, found by looking through every version there. A search is bounded and goes on from
 * where it stopped: the token says which key is decided, or how far into the history of the next one it came.
 */
import { z } from 'zod'
import { ProblemError } from '../../contracts/problem.ts'
import type { ObjectStore, VersionListing, VersionMarker } from '../s3/store.ts'
import { showsHistory } from './history.ts'

/** A key that is deleted now, and the newest content it had. */
export type Deletion = { key: string; versionId: string; sizeBytes: number; modifiedAtMs: number; deletedAtMs: number }

export type Deletions = { found: Deletion[]; hasHistory: boolean; more?: string }

const mostPages = 10
/** More than anybody reads; the search goes on when it is asked to. */
const mostFound = 1_000

const tokenSchema = z.object({
  key: z.string(),
  /** The key was deleted then, and its content is not found yet. */
  pending: z.object({ deletedAtMs: z.number(), versionId: z.string() }).optional(),
})

/** Takes a key's versions in the order of a listing, and answers each deleted file once. Pure. */
export class DeletionScan {
  #key: string | undefined
  /** Of the key at hand, if it is deleted and has shown no content yet. */
  #deletedAtMs: number | undefined

  constructor(from?: { key: string; deletedAtMs: number | undefined }) {
    this.#key = from?.key
    this.#deletedAtMs = from?.deletedAtMs
  }

  /** Undefined when nothing more is to be learnt of the key at hand. */
  get pendingSinceMs(): number | undefined {
    return this.#deletedAtMs
  }

  get key(): string | undefined {
    return this.#key
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
  const scan = new DeletionScan(from && { key: from.key, deletedAtMs: from.pending?.deletedAtMs })
  let after: VersionMarker | undefined = from && markerOf(from)
  const found: Deletion[] = []
  let hasHistory = from !== undefined
  for (let pages = 1; ; pages++) {
    const page = await store.listVersions({ prefix, ...(after === undefined ? {} : { after }) })
    for (const version of page.versions) {
      hasHistory ||= showsHistory(version)
      const deletion = scan.take(version)
      if (deletion !== undefined && !isFolderMarker(deletion)) found.push(deletion)
    }
    if (page.next === undefined) return { found, hasHistory }
    const deletedAtMs = scan.pendingSinceMs
    const { key, versionId } = page.next
    const isPending = deletedAtMs !== undefined && versionId !== undefined && key === scan.key
    // What is left of the history of a key that is decided is skipped.
    const at = isPending ? { key, pending: { deletedAtMs, versionId } } : { key: scan.key ?? key }
    after = markerOf(at)
    if (pages >= mostPages || found.length >= mostFound) return { found, hasHistory, more: JSON.stringify(at) }
  }
}

/** A folder is there again with any file in it. */
const isFolderMarker = ({ key, sizeBytes }: Deletion): boolean => key.endsWith('/') && sizeBytes === 0

const markerOf = ({ key, pending }: z.infer<typeof tokenSchema>): VersionMarker =>
  pending === undefined ? { key } : { key, versionId: pending.versionId }

function parsed(token: string): z.infer<typeof tokenSchema> {
  try {
    return tokenSchema.parse(JSON.parse(token))
  } catch (error) {
    const message = 'The search for deleted files cannot go on from there.'
    throw new ProblemError({ code: 'invalid-input', message, remedy: 'Begin it again.' }, { cause: error })
  }
}
