/** What a bucket with versioning still holds of a drive's files: listed, read, and brought back. */
import { realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path'
import type { Preview } from '../../contracts/conflict.ts'
import { ProblemError } from '../../contracts/problem.ts'
import type { Transfer } from '../../contracts/transfer.ts'
import type {
  DeletedFiles,
  FileVersions,
  RestoreOutcome,
  UndeleteOutcome,
  VersionPlace,
} from '../../contracts/version.ts'
import { t } from '../../language/language.ts'
import { StoreError, type ObjectStore } from '../s3/store.ts'
import { deletionsBelow } from './deletions.ts'
import { historyOf, isNotOffered } from './history.ts'
import type { VersionPlaces } from './places.ts'
import { versionGone, type VersionPreviews } from './previews.ts'
import type { Restorer } from './restorer.ts'
import type { Saves } from './saves.ts'

const undeletedAtOnce = 4

export class Versions {
  readonly #store: ObjectStore
  readonly #places: VersionPlaces
  readonly #previews: VersionPreviews
  readonly #saves: Saves
  readonly #restorer: Restorer
  /** Where the drive is mounted, if it is: the worker never touches a path in there. */
  readonly #mountpoint: string | undefined
  readonly #ending: AbortController

  constructor(options: {
    store: ObjectStore
    places: VersionPlaces
    previews: VersionPreviews
    saves: Saves
    restorer: Restorer
    mountpoint: string | undefined
    /** Ends everything under way. */
    ending: AbortController
  }) {
    this.#store = options.store
    this.#places = options.places
    this.#previews = options.previews
    this.#saves = options.saves
    this.#restorer = options.restorer
    this.#mountpoint = options.mountpoint
    this.#ending = options.ending
  }

  async list(path: string): Promise<FileVersions> {
    return historyOf(this.#store, (await this.#places.of(path)).key)
  }

  async preview(of: VersionPlace, atMostBytes?: number): Promise<Preview> {
    const { key } = await this.#places.of(of.path)
    return there(of, () => this.#previews.of(key, of, atMostBytes))
  }

  /** Ends when the version is at `target`, whole. */
  async save(of: VersionPlace, target: string): Promise<void> {
    const { key } = await this.#places.of(of.path)
    const allowed = await this.#assertElsewhere(target)
    await there(of, () => this.#saves.save(of.path, { key, versionId: of.versionId, target: allowed }))
  }

  restore(of: VersionPlace, currentEtag: string | undefined): Promise<RestoreOutcome> {
    return this.#restorer.restore(of, currentEtag)
  }

  /** Of a folder and everything below it. */
  async deleted(path: string, after: string | undefined): Promise<DeletedFiles> {
    const prefix = await this.#places.prefixOf(path)
    try {
      const { found, hasHistory, more } = await deletionsBelow(this.#store, prefix, after)
      const isVersioned = hasHistory || (await this.#store.versioning()) !== 'off'
      const files = found.flatMap(({ key, versionId, sizeBytes, modifiedAtMs, deletedAtMs }) => {
        const own = this.#places.pathOf(key)
        return own === undefined
          ? []
          : [{ path: own, versionId, sizeBytes, modifiedAt: modifiedAtMs, deletedAt: deletedAtMs }]
      })
      return more === undefined ? { isVersioned, files } : { isVersioned, files, more }
    } catch (error) {
      if (isNotOffered(error)) return { isVersioned: false, files: [] }
      throw error
    }
  }

  async undelete(files: readonly VersionPlace[]): Promise<UndeleteOutcome[]> {
    const outcomes: UndeleteOutcome[] = []
    const left = [...files.entries()]
    const work = async (): Promise<void> => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        const [index, of] = next
        outcomes[index] = await this.#restorer.undelete(of)
      }
    }
    await Promise.all(Array.from({ length: undeletedAtOnce }, work))
    return outcomes
  }

  transfers(): Transfer[] {
    return this.#saves.transfers()
  }

  cancelSave(transferId: string): void {
    this.#saves.cancel(transferId)
  }

  close(): void {
    this.#ending.abort()
  }

  async #assertElsewhere(target: string): Promise<string> {
    if (!isAbsolute(target)) throw refused(t('worker.save-not-full', { target }), t('worker.save-not-full.remedy'))
    if (this.#isOnDrive(resolve(target))) throw onDrive(target)
    const folder = await realpath(dirname(target)).catch(() => undefined)
    if (folder === undefined) throw refused(t('worker.save-no-folder', { target }), t('worker.save-no-folder.remedy'))
    const real = join(folder, basename(target))
    if (this.#isOnDrive(real)) throw onDrive(target)
    return real
  }

  #isOnDrive(path: string): boolean {
    return this.#mountpoint !== undefined && (path === this.#mountpoint || path.startsWith(this.#mountpoint + sep))
  }
}

async function there<T>({ path }: VersionPlace, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    // What is no version's id at all is answered with “invalid”.
    const isGone = error instanceof StoreError && (error.kind === 'absent' || error.kind === 'invalid')
    throw isGone ? versionGone(path) : error
  }
}

const onDrive = (target: string): ProblemError =>
  refused(t('worker.save-on-drive', { target }), t('worker.save-on-drive.remedy'))

function refused(message: string, remedy: string): ProblemError {
  return new ProblemError({ code: 'invalid-input', message, remedy })
}
