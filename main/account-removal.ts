/**
 * Removing an account with everything that hangs on it. Must hold: nothing is removed unless everything can be; what is in no bucket
 * goes only when the person said so; buckets and what is in them are not touched.
 */
import { problemFrom, ProblemError } from '../contracts/problem.ts'
import type { Drive } from '../contracts/drive.ts'
import { t } from '../language/language.ts'
import { listInWords } from '../language/lists.ts'
import type { AccountDesk } from './account-desk.ts'
import type { AppStore } from './app-store.ts'
import type { DriveDesk } from './drive-desk.ts'
import type { DriveFleet } from './drive-fleet.ts'

export type AccountRemovalOptions = {
  store: Pick<AppStore, 'drives'>
  fleet: Pick<DriveFleet, 'view' | 'journal' | 'isLive' | 'unmount'>
  drives: Pick<DriveDesk, 'remove'>
  accounts: Pick<AccountDesk, 'remove'>
}

export async function removeAccount(
  id: string,
  discardsUnsynced: boolean,
  { store, fleet, drives, accounts }: AccountRemovalOptions,
): Promise<void> {
  const used = store.drives().flatMap(({ drive }) => (drive.accountId === id ? [drive] : []))
  const refuseUnsynced = (isUnsynced: (drive: Drive) => boolean): void => {
    const unsynced = discardsUnsynced ? [] : used.filter(isUnsynced)
    if (unsynced.length > 0) throw new ProblemError(unsyncedProblem(unsynced))
  }
  // A mounted drive's journal is open whatever it holds; its own count tells.
  refuseUnsynced((drive) =>
    fleet.isLive(drive.id)
      ? fleet.view(drive.id).status.pendingOperations > 0
      : fleet.journal(drive.id).state !== 'empty',
  )
  for (const drive of used) {
    if (!fleet.isLive(drive.id)) continue
    try {
      await fleet.unmount(drive.id, { pending: 'leave', isForced: false })
    } catch (error) {
      throw new ProblemError(notUnmounted(drive, error), { cause: error })
    }
  }
  // Something may have been written until the last moment.
  refuseUnsynced((drive) => fleet.journal(drive.id).state !== 'empty')
  for (const drive of used) await drives.remove(drive.id, discardsUnsynced)
  await accounts.remove(id)
}

function unsyncedProblem(drives: Drive[]) {
  const names = listInWords(drives.map(({ name }) => `“${name}”`))
  return {
    code: 'drive-in-use',
    message: t('main.account-unsynced', { names }),
    consequence: t('main.account-unsynced.consequence'),
    remedy: t('main.account-unsynced.remedy'),
  } as const
}

function notUnmounted(drive: Drive, error: unknown) {
  const { code, message, remedy, detail } = problemFrom(error)
  return {
    code,
    message: t('main.account-not-unmounted', { name: drive.name, message }),
    consequence: t('main.account-not-unmounted.consequence'),
    ...(remedy === undefined ? {} : { remedy }),
    ...(detail === undefined ? {} : { detail }),
  }
}
