/**
 * Moves the caches of all drives to another folder, with everything in them that is not in a bucket yet. Must hold: at every
 * moment the pointer names a place that is whole; nothing is copied while a process has it open; the old copies are deleted only
 * after the pointer would survive a power failure; whatever goes wrong before the switch leaves the old place as it was.
 */
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { CacheMove } from '../../contracts/cache-place.ts'
import { isMoving } from '../../contracts/cache-place.ts'
import { problemFrom, ProblemError, type Problem } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import type { AppStore } from '../app-store.ts'
import type { DriveFleet } from '../drive-fleet.ts'
import { cacheOf, syncFolder, type CachePlace, type Leftover } from './cache-place.ts'
import type { PlaceInspector } from './place-inspector.ts'
import { missingProblem, takenProblem } from './place-rules.ts'
import { copyTree, readTree, removeTrees, type Tree } from './tree-copy.ts'

export type CacheMoverOptions = {
  place: CachePlace
  store: Pick<AppStore, 'drives'>
  fleet: Pick<DriveFleet, 'isLive' | 'mount' | 'unmount' | 'journal'>
  inspector: Pick<PlaceInspector, 'seal'>
  nowMs: () => number
  changed(): void
  log: (message: string) => void
}

export class CacheMover {
  readonly #options: CacheMoverOptions
  #state: CacheMove | undefined
  #cancelling = new AbortController()
  /** False: the switch would not survive a power failure now. */
  #isDurable = true
  /** Of what earlier moves left behind; a new move waits for it. */
  #sweeping: Promise<void> = Promise.resolve()

  constructor(options: CacheMoverOptions) {
    this.#options = options
  }

  state(): CacheMove | undefined {
    return this.#state
  }

  /** Why no drive can be mounted, changed in its place, or removed now. */
  hindrance(): Problem | undefined {
    if (this.#state?.phase !== 'preparing' && this.#state?.phase !== 'copying') return undefined
    return {
      code: 'drive-busy',
      message: t('main.caches-moving-mount'),
      consequence: t('main.caches-moving-mount.consequence'),
      remedy: t('main.caches-moving-mount.remedy'),
    }
  }

  /** At the start: what a move that was cut off left behind. */
  sweep(): void {
    this.#sweeping = this.#sweep().catch((error: unknown) =>
      this.#options.log(`caches: ${problemFrom(error).message} is left to be deleted`),
    )
  }

  cancel(): void {
    this.#cancelling.abort()
  }

  /** An outcome was read. */
  dismiss(): void {
    if (!isMoving(this.#state)) this.#tell(undefined)
  }

  /** Resolves when it is over, whatever came of it: `state` says. `to` must have been checked. */
  async move(to: string): Promise<void> {
    if (isMoving(this.#state)) throw new ProblemError(this.hindrance() ?? alreadyMoving())
    this.#cancelling = new AbortController()
    this.#isDurable = true
    this.#tell({ phase: 'preparing', to })
    const from = this.#options.place.directory()
    const resting: string[] = []
    try {
      await this.#sweeping
      await this.#rest(resting)
      const caches = this.#cachesIn(from)
      await this.#options.inspector.seal(caches.map((name) => join(from, name)))
      await this.#copy(from, to, caches)
    } catch (error) {
      await this.#undo(to, resting, error)
      return
    }
    this.#tell({ phase: 'finishing', to })
    this.#mount(resting)
    const problem = await this.#clear()
    this.#tell({ phase: 'done', to, ...(problem ? { problem } : {}) })
  }

  /** Every drive in the place is unmounted, with what it has queued; `resting` gets those to mount again. */
  async #rest(resting: string[]): Promise<void> {
    const { fleet } = this.#options
    for (const { id } of this.#drives()) {
      this.#signal.throwIfAborted()
      if (!fleet.isLive(id)) continue
      await fleet.unmount(id, { pending: 'leave', isForced: false })
      resting.push(id)
    }
  }

  /** Names of the folders to move. */
  #cachesIn(from: string): string[] {
    const { fleet } = this.#options
    const drives = this.#drives()
    const missing = drives.find(({ id }) => fleet.journal(id).state !== 'empty' && !existsSync(join(from, id)))
    if (missing) throw new ProblemError(missingProblem(join(from, missing.id)))
    return drives.map(({ id }) => id).filter((id) => existsSync(join(from, id)))
  }

  async #copy(from: string, to: string, names: string[]): Promise<void> {
    const { place } = this.#options
    const taken = names.find((name) => existsSync(join(to, name)))
    if (taken !== undefined) throw new ProblemError(takenProblem(join(to, taken)))
    const trees = new Map<string, Tree>()
    for (const name of names) trees.set(name, await readTree(join(from, name), { signal: this.#signal }))

    const earlier = place.leftovers()
    await place.replace({ directory: from, leftovers: [...earlier, { directory: to, names }] })
    await mkdir(to, { recursive: true, mode: 0o700 })
    const copied = this.#progress(to, [...trees.values()])
    for (const [name, tree] of trees)
      await copyTree(join(from, name), join(to, name), tree, { signal: this.#signal, copied })
    await syncFolder(to)
    await syncFolder(dirname(to))

    this.#signal.throwIfAborted()
    await this.#switch(to, [...earlier, { directory: from, names }])
  }

  /** From here on nothing is undone. */
  async #switch(to: string, leftovers: readonly Leftover[]): Promise<void> {
    this.#isDurable = await this.#options.place.replace({ directory: to, leftovers })
    this.#options.log(`caches: now in ${to}${this.#isDurable ? '' : ', not synced'}`)
  }

  #progress(to: string, trees: readonly Tree[]): (bytes: number) => void {
    const { nowMs } = this.#options
    const totalBytes = trees.reduce((sum, { diskBytes }) => sum + diskBytes, 0)
    const startedMs = nowMs()
    let doneBytes = 0
    const tell = (bytes: number): void => {
      doneBytes += bytes
      const bytesPerSecond = (doneBytes * 1000) / Math.max(1, nowMs() - startedMs)
      this.#tell({ phase: 'copying', to, doneBytes, totalBytes, bytesPerSecond })
    }
    tell(0)
    return tell
  }

  async #undo(to: string, resting: readonly string[], error: unknown): Promise<void> {
    const { place, log } = this.#options
    const isCancelled = this.#signal.aborted
    const problem = problemOf(error, place.directory())
    log(`caches: not moved: ${isCancelled ? 'cancelled' : `${problem.message} ${problem.detail ?? ''}`}`)
    this.#tell({ phase: 'undoing', to })
    this.#mount(resting)
    await this.#clear()
    this.#tell(isCancelled ? { phase: 'cancelled', to } : { phase: 'failed', to, problem })
  }

  /** A drive's own state shows what went wrong with it. */
  #mount(ids: readonly string[]): void {
    const { fleet, log } = this.#options
    for (const id of ids) fleet.mount(id).catch((error: unknown) => log(`caches: ${problemFrom(error).message}`))
  }

  async #clear(): Promise<Problem | undefined> {
    if (!this.#isDurable) return undefined
    try {
      await this.#sweep()
      return undefined
    } catch (error) {
      this.#options.log(`caches: ${String(error)}`)
      return notCleared(this.#options.place.leftovers(), error)
    }
  }

  async #sweep(): Promise<void> {
    const { place } = this.#options
    if (place.leftovers().length === 0) return
    const used = new Set(this.#options.store.drives().map(({ drive }) => cacheOf(place, drive)))
    for (const { directory, names } of place.leftovers())
      await removeTrees(
        directory,
        names.filter((name) => !used.has(join(directory, name))),
      )
    await place.replace({ directory: place.directory(), leftovers: [] })
  }

  /** Those without a cache folder of their own. */
  #drives(): { id: string }[] {
    const drives = this.#options.store.drives().map(({ drive }) => drive)
    return drives.filter(({ cacheDirectory }) => cacheDirectory === undefined)
  }

  get #signal(): AbortSignal {
    return this.#cancelling.signal
  }

  #tell(state: CacheMove | undefined): void {
    this.#state = state
    this.#options.changed()
  }
}

function problemOf(error: unknown, from: string): Problem {
  const kept = t('main.caches-kept', { from })
  if (error instanceof ProblemError) return { ...error.problem, consequence: kept }
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const detail = error instanceof Error ? error.message : String(error)
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return {
      code: 'disk-full',
      message: t('main.caches-disk-full'),
      consequence: kept,
      remedy: t('main.caches-disk-full.remedy'),
      detail,
    }
  return {
    code: 'cache-unusable',
    message: t('main.caches-not-copied'),
    consequence: kept,
    remedy: t('main.caches-not-copied.remedy'),
    detail,
  }
}

function notCleared(leftovers: readonly Leftover[], error: unknown): Problem {
  const places = leftovers.map(({ directory }) => directory).join(' and ')
  return {
    code: 'cache-unusable',
    message: t('main.caches-not-cleared', { places }),
    consequence: t('main.caches-not-cleared.consequence'),
    detail: error instanceof Error ? error.message : String(error),
  }
}

function alreadyMoving(): Problem {
  return {
    code: 'drive-busy',
    message: t('main.caches-moving-already'),
    remedy: t('main.caches-moving-already.remedy'),
  }
}
