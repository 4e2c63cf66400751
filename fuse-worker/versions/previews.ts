/**
 * Versions as read-only files of this computer, to be looked at or opened. A version never changes, so that one that is
 * here is used again; only the last few are kept, and none beyond a start.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Preview } from '../../contracts/conflict.ts'
import { ProblemError } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import type { ObjectStore } from '../s3/store.ts'
import { writeVersionFile } from './version-file.ts'

const mostKept = 20

export class VersionPreviews {
  readonly #directory: string
  readonly #store: ObjectStore
  readonly #signal: AbortSignal
  /** By folder, in the order in which they were asked for last. */
  readonly #kept = new Map<string, Promise<Preview>>()

  constructor(options: { directory: string; store: ObjectStore; signal: AbortSignal }) {
    this.#directory = options.directory
    this.#store = options.store
    this.#signal = options.signal
    rmSync(this.#directory, { recursive: true, force: true })
  }

  /** Throws StoreError, and ProblemError `file-too-large` when it has more bytes than that. */
  async of(
    key: string,
    { path, versionId }: { path: string; versionId: string },
    atMostBytes: number | undefined,
  ): Promise<Preview> {
    const id = createHash('sha256').update(`${versionId}\0${key}`).digest('hex').slice(0, 32)
    if (atMostBytes !== undefined && !this.#kept.has(id)) await this.#assertSmall(key, { path, versionId }, atMostBytes)
    const preview = this.#kept.get(id) ?? this.#make(id, key, { path, versionId })
    this.#use(id, preview)
    return bounded(await preview, path, atMostBytes)
  }

  #use(id: string, preview: Promise<Preview>): void {
    this.#kept.delete(id)
    this.#kept.set(id, preview)
    preview.catch(() => {
      if (this.#kept.get(id) === preview) this.#kept.delete(id)
    })
    this.#dropOldest()
  }

  async #assertSmall(key: string, of: { path: string; versionId: string }, atMostBytes: number): Promise<void> {
    const head = await this.#store.headVersion(key, of.versionId, { signal: this.#signal })
    if (head === undefined) throw versionGone(of.path)
    bounded({ path: '', sizeBytes: head.sizeBytes }, of.path, atMostBytes)
  }

  async #make(id: string, key: string, of: { path: string; versionId: string }): Promise<Preview> {
    const folder = join(this.#directory, id)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const target = join(folder, of.path.split('/').at(-1) ?? 'version')
    const asked = { key, versionId: of.versionId, target, mode: 0o400, signal: this.#signal }
    await writeVersionFile(this.#store, asked)
    return { path: target, sizeBytes: statSync(target).size }
  }

  #dropOldest(): void {
    const [oldest] = this.#kept.keys()
    if (oldest === undefined || this.#kept.size <= mostKept) return
    this.#kept.delete(oldest)
    rmSync(join(this.#directory, oldest), { recursive: true, force: true })
  }
}

function bounded(preview: Preview, path: string, atMostBytes: number | undefined): Preview {
  if (atMostBytes === undefined || preview.sizeBytes <= atMostBytes) return preview
  throw new ProblemError({
    code: 'file-too-large',
    message: t('worker.version-too-large', { path }),
    remedy: t('worker.version-too-large.remedy'),
  })
}

export function versionGone(path: string): ProblemError {
  return new ProblemError({
    code: 'not-found',
    message: t('worker.version-gone', { path }),
    remedy: t('worker.version-gone.remedy'),
  })
}
