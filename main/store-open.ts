/** The store on disk; the only importer of electron-store. Every change is written atomically before the setter returns. */
import ElectronStore from 'electron-store'
import { appStore, type AppStore } from './app-store.ts'
import { storeName, type StoreShape } from './store-file.ts'

export function openAppStore(options: { directory: string; initial: StoreShape }): AppStore {
  // No schema of electron-store's own: `loadStore` has validated the file and set a damaged one aside.
  const file = new ElectronStore<StoreShape>({ cwd: options.directory, name: storeName, clearInvalidConfig: false })
  return appStore({ initial: options.initial, write: (store) => (file.store = store) })
}
