/**
 * Adding, editing and removing drives. Must hold: a drive's cache and journal always belong to one bucket and prefix,
 * and nothing that is not in the bucket is deleted unless the person said so.
 */
import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import type { Drive } from '../contracts/drive.ts'
import type { DriveView } from '../contracts/ipc.ts'
import { ProblemError, type Problem } from '../contracts/problem.ts'
import { t } from '../language/language.ts'
import type { AppStore } from './app-store.ts'
import type { CacheDesk } from './caches/cache-desk.ts'
import type { DriveFleet } from './drive-fleet.ts'
import { normalizeFolder, placementProblem, prepareMountpoint, type Places } from './mountpoint-rules.ts'
import type { JournalRecord } from './store-file.ts'

export type DriveDesk = {
  save(drive: Drive): Promise<DriveView>
  remove(id: string, discardsUnsynced: boolean): Promise<void>
}

export function driveDesk(options: {
  store: AppStore
  fleet: DriveFleet
  places: Places
  caches: Pick<CacheDesk, 'of' | 'assertAtRest' | 'mountpointProblem'>
  changed(): void
}): DriveDesk {
  const { store, fleet, places, caches } = options
  return {
    async save(asked) {
      caches.assertAtRest()
      const drive = withPlaces(asked, places)
      const before = store.drives().find((record) => record.drive.id === drive.id)?.drive
      if (drive.id !== '' && !before) throw new ProblemError({ code: 'not-found', message: t('main.drive-gone') })
      refuseIf(accountProblem(drive, store) ?? nameProblem(drive, store))
      refuseIf(placementProblem(drive, othersOf(drive, store), places) ?? caches.mountpointProblem(drive.mountpoint))
      if (before) refuseIf(editProblem(before, drive, fleet))
      if (before?.mountpoint !== drive.mountpoint) await prepareMountpoint(drive.mountpoint, places)

      if (before && isOtherBucket(before, drive)) await deleteCache(caches.of(before))
      const saved = before ? drive : { ...drive, id: randomUUID() }
      store.setDrives(
        before
          ? store.drives().map((record) => (record.drive.id === saved.id ? { ...record, drive: saved } : record))
          : [...store.drives(), { drive: saved, journal: { state: 'empty' } }],
      )
      options.changed()
      if (before && isConfiguredAnew(before, saved)) await fleet.configure(saved)
      return fleet.view(saved.id)
    },
    async remove(id, discardsUnsynced) {
      caches.assertAtRest()
      const { drive, state, status } = fleet.view(id)
      if (state.state === 'mounted' && !discardsUnsynced && status.pendingOperations > 0)
        throw new ProblemError(unsynced(drive, { state: 'pending', ...status }))
      if (fleet.isLive(id)) await fleet.unmount(id, { pending: 'leave', isForced: false })
      const journal = fleet.journal(id)
      if (!discardsUnsynced && journal.state !== 'empty') throw new ProblemError(unsynced(drive, journal))
      store.setDrives(store.drives().filter((record) => record.drive.id !== id))
      fleet.forget(id)
      options.changed()
      await deleteCache(caches.of(drive))
    },
  }
}

function withPlaces(drive: Drive, places: Places): Drive {
  const { cacheDirectory, ...rest } = drive
  return {
    ...rest,
    mountpoint: normalizeFolder(drive.mountpoint, places),
    ...(cacheDirectory === undefined ? {} : { cacheDirectory: normalizeFolder(cacheDirectory, places) }),
  }
}

function othersOf(drive: Drive, store: AppStore): Drive[] {
  return store.drives().flatMap((record) => (record.drive.id === drive.id ? [] : [record.drive]))
}

function accountProblem(drive: Drive, store: AppStore): Problem | undefined {
  if (store.accounts().some(({ account }) => account.id === drive.accountId)) return undefined
  return {
    code: 'not-found',
    message: t('main.drive-account-gone'),
    remedy: t('main.drive-account-gone.remedy'),
  }
}

function nameProblem(drive: Drive, store: AppStore): Problem | undefined {
  const name = drive.name.trim().toLowerCase()
  const isTaken = othersOf(drive, store).some((other) => other.name.trim().toLowerCase() === name)
  if (!isTaken) return undefined
  return {
    code: 'already-exists',
    message: t('main.drive-name-taken', { name: drive.name }),
    remedy: t('main.drive-name-taken.remedy'),
  }
}

/** What a mounted drive takes over at once. */
function isConfiguredAnew(before: Drive, after: Drive): boolean {
  const names = ['cacheLimitBytes', 'conflictPolicy', 'conflictRules', 'storageClass', 'encryption'] as const
  return names.some((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
}

function isOtherBucket(before: Drive, after: Drive): boolean {
  const names = ['accountId', 'bucket', 'prefix', 'cacheDirectory'] as const
  return names.some((name) => before[name] !== after[name])
}

function editProblem(before: Drive, after: Drive, fleet: DriveFleet): Problem | undefined {
  const isOther = isOtherBucket(before, after)
  if ((isOther || before.mountpoint !== after.mountpoint) && fleet.isLive(before.id))
    return {
      code: 'drive-in-use',
      message: t('main.drive-mounted', { name: before.name }),
      remedy: t('main.drive-mounted.remedy'),
    }
  const journal = fleet.journal(before.id)
  return isOther && journal.state !== 'empty' ? unsynced(before, journal) : undefined
}

function unsynced(drive: Drive, journal: JournalRecord): Problem {
  return {
    code: 'drive-in-use',
    message:
      journal.state === 'pending'
        ? t('main.drive-unsynced', { count: journal.pendingOperations, name: drive.name })
        : t('main.drive-unsynced.perhaps', { name: drive.name }),
    consequence: t('main.drive-unsynced.consequence'),
    remedy: t('main.drive-unsynced.remedy'),
  }
}

/** The folder is named by the drive's id, so that nothing but its own can be meant. */
async function deleteCache(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true })
}

function refuseIf(problem: Problem | undefined): void {
  if (problem) throw new ProblemError(problem)
}
