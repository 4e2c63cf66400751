/** The window's requests about where the caches are, and what everybody else has to know of that place. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isMoving, type CacheCheck, type CacheMove, type CachePlaceView } from '../../contracts/cache-place.ts'
import type { Drive } from '../../contracts/drive.ts'
import { problemFrom, ProblemError, type Problem } from '../../contracts/problem.ts'
import { pendingOf } from '../../contracts/upload-estimate.ts'
import { t } from '../../language/language.ts'
import type { AppStore } from '../app-store.ts'
import type { DriveFleet } from '../drive-fleet.ts'
import type { IpcHandlers } from '../ipc-dispatch.ts'
import { isInside } from '../mountpoint-rules.ts'
import { CacheMover } from './cache-move.ts'
import { cacheOf, type CachePlace } from './cache-place.ts'
import type { PlaceInspector } from './place-inspector.ts'
import {
  cacheFolderName,
  diskProblem,
  diskWarning,
  leftBehindWarning,
  missingProblem,
  nameProblem,
  roomProblem,
} from './place-rules.ts'
import { readTree } from './tree-copy.ts'

export type CacheDesk = {
  /** Of a drive that is about to be mounted; throws what stands in the way. */
  forMount(drive: Drive): string
  of(drive: Drive): string
  /** Throws while caches are being moved. */
  assertAtRest(): void
  /** What the place of the caches has against a mountpoint. */
  mountpointProblem(mountpoint: string): Problem | undefined
  move(): CacheMove | undefined
  /** Deletes what a move that was cut off left behind. */
  sweep(): void
  view(): Promise<CachePlaceView>
  check(folder: string | undefined): Promise<CacheCheck>
  /** Resolves when the move has begun. */
  begin(folder: string | undefined): Promise<void>
  cancel(): void
  dismiss(): void
}

export type CacheDeskOptions = {
  place: CachePlace
  store: Pick<AppStore, 'drives'>
  fleet: Pick<DriveFleet, 'views' | 'isLive' | 'mount' | 'unmount' | 'journal'>
  inspector: PlaceInspector
  changed(): void
  log: (message: string) => void
}

export function cacheDesk(options: CacheDeskOptions): CacheDesk {
  const { place, store, fleet, inspector } = options
  const mover = new CacheMover({ ...options, nowMs: () => Date.now() })
  const isMissing = () => place.directory() !== place.usualDirectory && !existsSync(place.directory())
  const assertAtRest = () => refuseIf(mover.hindrance())

  const check = async (folder: string | undefined): Promise<CacheCheck> => {
    if (isMoving(mover.state())) throw new ProblemError(movingAlready())
    const directory = await targetFor(folder, options)
    const parent = folder === undefined ? dirname(directory) : await inspector.realPath(folder)
    const kind = await inspector.kind(parent)
    refuseIf(diskProblem(directory, kind))
    await inspector.tryOut(directory)
    const usedBytes = await usedBy(place.directory(), store)
    const isSameDisk =
      !isMissing() && existsSync(place.directory()) && (await inspector.canLink(place.directory(), parent))
    const freeBytes = await inspector.freeBytes(parent)
    refuseIf(roomProblem(directory, isSameDisk ? 0 : usedBytes, freeBytes))
    const views = fleet.views().filter(({ drive }) => drive.cacheDirectory === undefined)
    const warning = diskWarning(directory, kind)
    const left = isMissing() ? leftBehindWarning(place.directory()) : undefined
    return {
      ...{ directory, usedBytes, freeBytes, isSameDisk },
      warnings: [warning, left].filter((one) => one !== undefined),
      mounted: views.filter(({ drive }) => fleet.isLive(drive.id)).map(({ drive }) => drive.name),
      ...pendingOf(views.map(({ status }) => status)),
    }
  }

  return {
    forMount(drive) {
      assertAtRest()
      if (drive.cacheDirectory === undefined && isMissing()) throw new ProblemError(missingProblem(place.directory()))
      return cacheOf(place, drive)
    },
    of: (drive) => cacheOf(place, drive),
    assertAtRest,
    mountpointProblem(mountpoint) {
      const directory = place.directory()
      if (mountpoint !== directory && !isInside(mountpoint, directory) && !isInside(directory, mountpoint))
        return undefined
      const message = t('main.caches-hidden', { directory, mountpoint })
      return { code: 'mountpoint-not-permitted', message, remedy: t('main.caches-hidden.remedy') }
    },
    move: () => mover.state(),
    sweep: () => mover.sweep(),
    view: () => view({ place, store, inspector, isMissing: isMissing() }),
    check,
    async begin(folder) {
      const { directory } = await check(folder)
      mover.move(directory).catch((error: unknown) => options.log(`caches: ${problemFrom(error).message}`))
    },
    cancel: () => mover.cancel(),
    dismiss: () => mover.dismiss(),
  }
}

export function cacheHandlers({
  caches,
}: {
  caches: Pick<CacheDesk, 'view' | 'check' | 'begin' | 'cancel' | 'dismiss'>
}): Pick<IpcHandlers, Extract<keyof IpcHandlers, `caches:${string}`>> {
  return {
    'caches:place': () => caches.view(),
    'caches:check': ({ folder }) => caches.check(folder),
    'caches:move': ({ folder }) => caches.begin(folder).then(() => ({})),
    'caches:cancel': () => {
      caches.cancel()
      return {}
    },
    'caches:dismiss': () => {
      caches.dismiss()
      return {}
    },
  }
}

/** The folder for the caches in the chosen one, or the usual place; refused by its names, also by those behind links. */
async function targetFor(folder: string | undefined, options: CacheDeskOptions): Promise<string> {
  const { place, store, inspector } = options
  const surroundings = {
    current: place.directory(),
    drives: store.drives().map(({ drive }) => ({ drive, cache: cacheOf(place, drive) })),
  }
  const named = folder === undefined ? place.usualDirectory : join(folder, cacheFolderName)
  refuseIf(nameProblem(named, surroundings))
  if (folder === undefined) return named
  const real = join(await inspector.realPath(folder), cacheFolderName)
  refuseIf(nameProblem(real, surroundings))
  const current = existsSync(place.directory()) ? await inspector.realPath(place.directory()) : place.directory()
  refuseIf(nameProblem(real, { ...surroundings, current }))
  return real
}

async function view(options: {
  place: CachePlace
  store: Pick<AppStore, 'drives'>
  inspector: Pick<PlaceInspector, 'freeBytes'>
  isMissing: boolean
}): Promise<CachePlaceView> {
  const { place, store, inspector, isMissing } = options
  const directory = place.directory()
  const isUsual = directory === place.usualDirectory
  if (isMissing) return { directory, isUsual, usedBytes: 0, problem: missingProblem(directory) }
  const freeBytes = await inspector
    .freeBytes(existsSync(directory) ? directory : dirname(directory))
    .catch(() => undefined)
  const usedBytes = await usedBy(directory, store)
  return { directory, isUsual, usedBytes, ...(freeBytes === undefined ? {} : { freeBytes }) }
}

/** Drives may be at work there: what is gone while it is counted is not counted. */
async function usedBy(directory: string, store: Pick<AppStore, 'drives'>): Promise<number> {
  const ids = store.drives().flatMap(({ drive }) => (drive.cacheDirectory === undefined ? [drive.id] : []))
  const found = ids.map((id) => join(directory, id)).filter((path) => existsSync(path))
  const trees = await Promise.all(found.map((path) => readTree(path, { isLoose: true })))
  return trees.reduce((sum, { diskBytes }) => sum + diskBytes, 0)
}

function movingAlready(): Problem {
  return { code: 'drive-busy', message: t('main.caches-moving'), remedy: t('main.caches-moving.remedy') }
}

function refuseIf(problem: Problem | undefined): void {
  if (problem) throw new ProblemError(problem)
}
