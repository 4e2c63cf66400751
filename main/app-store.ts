/**
 * The accounts, drives and settings that main remembers; the only importer of electron-store. Nothing secret is in it.
 * Reads come from memory, every change is on disk (atomically) before the setter returns.
 */
import ElectronStore from 'electron-store'
import type { Settings } from '../contracts/ipc.ts'
import type { AccountRecord, DriveRecord, StoreShape } from './store-file.ts'
import { storeName } from './store-file.ts'

export type AppStore = {
  settings(): Settings
  accounts(): AccountRecord[]
  drives(): DriveRecord[]
  setSettings(settings: Settings): void
  setAccounts(accounts: AccountRecord[]): void
  setDrives(drives: DriveRecord[]): void
}

export function openAppStore(options: { directory: string; initial: StoreShape }): AppStore {
  // No schema of electron-store's own: `loadStore` has validated the file and set a damaged one aside.
  const file = new ElectronStore<StoreShape>({ cwd: options.directory, name: storeName, clearInvalidConfig: false })
  return appStore({ initial: options.initial, write: (store) => (file.store = store) })
}

/** Over any way to write the whole. */
export function appStore(options: { initial: StoreShape; write(store: StoreShape): void }): AppStore {
  let store = options.initial
  const change = (part: Partial<StoreShape>) => {
    const next = { ...store, ...part }
    options.write(next)
    store = next
  }
  return {
    settings: () => store.settings,
    accounts: () => store.accounts,
    drives: () => store.drives,
    setSettings: (settings) => change({ settings }),
    setAccounts: (accounts) => change({ accounts }),
    setDrives: (drives) => change({ drives }),
  }
}
