/** Main without Electron: the real desks and fleet over real worker processes and a store in memory. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { AccountTestProgress } from '../../contracts/account.ts'
import { accountDesk } from '../account-desk.ts'
import { appStore } from '../app-store.ts'
import { cacheDesk } from '../caches/cache-desk.ts'
import { openCachePlace } from '../caches/cache-place.ts'
import { placeInspector } from '../caches/place-inspector.ts'
import { driveDesk } from '../drive-desk.ts'
import { DriveFleet } from '../drive-fleet.ts'
import { keyDesk } from '../key-desk.ts'
import { openKeyFile } from '../key-file.ts'
import type { Keychain } from '../keychain.ts'
import { noticeBoard } from '../notice-board.ts'
import { accountSecrets } from '../secrets.ts'
import { emptyStore, keyFilePath, type StoreShape } from '../store-file.ts'
import { transferBoard } from '../transfer-board.ts'
import { nodeWorkerHost } from './node-worker-host.ts'
import { sampleAccount, sampleDrive } from './samples.ts'
import { tempFolder } from './temp-folder.ts'

/** On the `folder` of an earlier one it is that one after a restart. */
export function testApplication(part: Partial<StoreShape> = {}, folder = tempFolder()) {
  const places = { homeDirectory: join(folder, 'home'), userDataDirectory: join(folder, 'data') }
  const mountpoint = join(folder, 'mount')
  for (const path of [...Object.values(places), mountpoint]) mkdirSync(path, { recursive: true })

  const written: StoreShape[] = []
  const initial = { ...emptyStore(), accounts: [{ account: sampleAccount() }], ...part }
  const store = appStore({ initial, write: (next) => void written.push(next) })
  const notices = noticeBoard({ changed: () => {} })
  const entries = new Map([['account:account-1', '{"secretAccessKey":"s3cret"}']])
  const keychain: Keychain = {
    get: (name) => Promise.resolve(entries.get(name)),
    set: (name, password) => Promise.resolve(void entries.set(name, password)),
    delete: (name) => Promise.resolve(void entries.delete(name)),
  }
  const keyFile = openKeyFile({
    path: keyFilePath(places.userDataDirectory),
    nowMs: () => Date.now(),
    damaged: (problem) => notices.raise(problem),
  })
  const secrets = accountSecrets({ keychain, keyFile, changed: () => {} })
  const workers = nodeWorkerHost()
  const transfers = transferBoard()
  const events = {
    changed: () => {},
    transfersChanged: () => {},
    transfersCleared: () => {},
    conflictsChanged: () => {},
    filesChanged: () => {},
  }
  const { userDataDirectory } = places
  const fleet = new DriveFleet({
    store,
    secrets,
    workers,
    events,
    transfers,
    notices,
    cacheForMount: (drive) => caches.forMount(drive),
    log: () => {},
  })
  const changed = () => {}
  const place = openCachePlace({ userDataDirectory, damaged: (problem) => notices.raise(problem) })
  const inspector = placeInspector({ workers, platform: 'linux' })
  const caches = cacheDesk({ place, store, fleet, inspector, changed, log: () => {} })
  const steps: { testId: string; step: AccountTestProgress }[] = []
  const accounts = accountDesk({
    store,
    secrets,
    workers,
    notices,
    changed,
    stepped: (testId, step) => void steps.push({ testId, step }),
    routeTo: () => Promise.resolve({ kind: 'direct' }),
    pushAccount: (one) => fleet.pushAccount(one),
  })
  const drives = driveDesk({ store, fleet, places, caches, changed })
  const keys = keyDesk({ keyFile, changed, unlocked: () => fleet.mountFailedFor('keys-locked') })
  const newDrive = sampleDrive({ id: '', mountpoint })
  return {
    folder,
    places,
    place,
    inspector,
    caches,
    mountpoint,
    written,
    store,
    entries,
    keychain,
    keyFile,
    keys,
    workers,
    transfers,
    notices,
    fleet,
    accounts,
    steps,
    drives,
    newDrive,
  }
}
