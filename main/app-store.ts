/** The accounts, drives and settings that main remembers, over any way to write the whole. Nothing secret is in it. */
import type { Settings } from '../contracts/ipc.ts'
import type { AccountRecord, DriveRecord, StoreShape } from './store-file.ts'

export type AppStore = {
  settings(): Settings
  accounts(): AccountRecord[]
  drives(): DriveRecord[]
  setSettings(settings: Settings): void
  setAccounts(accounts: AccountRecord[]): void
  setDrives(drives: DriveRecord[]): void
}

/** Reads come from memory; a change that could not be written is not made. */
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
