/** One handler a request of the window: thin, each says only who does it. */
import type { Settings, Snapshot } from '../contracts/ipc.ts'
import type { Pin } from '../contracts/pin.ts'
import { ProblemError } from '../contracts/problem.ts'
import { t } from '../language/language.ts'
import { removeAccount } from './account-removal.ts'
import type { AccountDesk } from './account-desk.ts'
import type { ActivityLog } from './activity-log.ts'
import type { AppStore } from './app-store.ts'
import { cacheHandlers, type CacheDesk } from './caches/cache-desk.ts'
import { conflictHandlers } from './conflict-desk.ts'
import { diagnosticsHandlers, type DiagnosticsDeskOptions } from './diagnostics-desk.ts'
import type { DriveDesk } from './drive-desk.ts'
import type { DriveFleet } from './drive-fleet.ts'
import { fileHandlers, mountedFolder, type FileDeskOptions } from './file-desk.ts'
import type { ImportDesk } from './imports/import-desk.ts'
import type { IpcHandlers } from './ipc-dispatch.ts'
import type { KeyDesk } from './key-desk.ts'
import { mountingHandlers, type MountingHandlersOptions } from './mounting/handlers.ts'
import type { NoticeBoard } from './notice-board.ts'
import type { QuitFlow } from './quit-flow.ts'
import { pauseHandlers, type PauseDesk } from './pause-desk.ts'
import type { ProxyDesk } from './proxy-desk.ts'
import { updateHandlers, type UpdateDesk } from './updates/update-desk.ts'
import { versionHandlers } from './version-desk.ts'

export type RequestHandlersOptions = Pick<FileDeskOptions, 'chooseSources' | 'copyText' | 'reveal'> &
  MountingHandlersOptions & {
    snapshot(): Promise<Snapshot>
    accounts: AccountDesk
    drives: DriveDesk
    keys: KeyDesk
    activity: Pick<ActivityLog, 'entries'>
    store: DiagnosticsDeskOptions['store'] & Pick<AppStore, 'drives'>
    transfers: DiagnosticsDeskOptions['transfers']
    diagnostics: Pick<DiagnosticsDeskOptions, 'appVersion' | 'logPath' | 'isMountable'>
    imports: ImportDesk
    caches: CacheDesk
    updates: UpdateDesk
    fleet: Pick<
      DriveFleet,
      | 'view'
      | 'journal'
      | 'isLive'
      | 'views'
      | 'mount'
      | 'unmount'
      | 'sync'
      | 'reconnect'
      | 'networkChanged'
      | 'retryTransfer'
      | 'prioritizeTransfer'
      | 'pauseTransfer'
      | 'cancelTransfer'
      | 'pins'
      | 'pin'
      | 'unpin'
      | 'ask'
      | 'locate'
    >
    pauses: PauseDesk
    notices: NoticeBoard
    quit: Pick<QuitFlow, 'answer'>
    clearTransfers(): void
    saveSettings(settings: Settings): Settings
    proxy: Pick<ProxyDesk, 'test'>
    saveProxy: (asked: Parameters<ProxyDesk['save']>[0]) => Promise<Settings>
    profiles(): Promise<string[]>
    /** Shows a folder or a file in the person's program for it; answers what went wrong, or an empty string. */
    openPath: (path: string) => Promise<string>
    /** Where to save a file, by the system's dialog. */
    chooseTarget: (asked: { title: string; start: string }) => Promise<string | undefined>
    choose(
      what: 'directory' | 'file',
      asked: { title: string; start?: string | undefined },
    ): Promise<string | undefined>
  }

export function requestHandlers(options: RequestHandlersOptions): IpcHandlers {
  const { accounts, drives, fleet, keys, notices } = options
  return {
    ...conflictHandlers(options),
    ...versionHandlers(options),
    ...fileHandlers(options),
    ...pauseHandlers(options),
    ...diagnosticsHandlers({ ...options, ...options.diagnostics }),
    ...mountingHandlers(options),
    ...cacheHandlers(options),
    ...updateHandlers(options),
    'text:copy': async ({ text }) => {
      await options.copyText(text)
      return {}
    },
    'activity:list': () => ({ entries: [...options.activity.entries()] }),
    'app:snapshot': () => options.snapshot(),
    'account:save': (asked) => accounts.save(asked),
    'account:remove': ({ id, discardsUnsynced }) => removeAccount(id, discardsUnsynced, options).then(nothing),
    'account:test': (asked) => accounts.test(asked),
    'account:stop': ({ testId }) => {
      accounts.stopTest(testId)
      return {}
    },
    'account:profiles': async () => ({ profiles: await options.profiles() }),
    'import:find': ({ path }) => options.imports.find(path),
    'import:apply': async (asked) => ({ outcomes: await options.imports.apply(asked) }),
    'keys:create': ({ passphrase }) => keys.create(passphrase).then(nothing),
    'keys:unlock': ({ passphrase }) => keys.unlock(passphrase).then(nothing),
    'keys:passphrase': ({ passphrase, next }) => keys.changePassphrase(passphrase, next).then(nothing),
    'keys:forget': () => {
      keys.forget()
      return {}
    },
    'drive:save': ({ drive }) => drives.save(drive),
    'drive:remove': ({ id, discardsUnsynced }) => drives.remove(id, discardsUnsynced).then(nothing),
    'drive:mount': ({ id }) => fleet.mount(id).then(nothing),
    'drive:unmount': ({ id, ...how }) => fleet.unmount(id, how),
    'drive:open': async ({ id }) => {
      const mountpoint = mountedFolder(fleet.view(id))
      const failure = await options.openPath(mountpoint)
      if (failure === '') return {}
      const message = t('main.folder-not-opened', { mountpoint })
      throw new ProblemError({ code: 'internal', message, remedy: t('main.folder-not-opened.remedy'), detail: failure })
    },
    'drive:sync': async ({ id }) => ({ pendingOperations: await fleet.sync(id) }),
    'pin:list': ({ id }) => fleet.pins(id).then(asPins),
    'pin:add': ({ id, path }) => fleet.pin(id, path).then(asPins),
    'pin:remove': ({ id, path }) => fleet.unpin(id, path).then(asPins),
    'drive:reconnect': ({ id }) => fleet.reconnect(id).then(nothing),
    'drive:copySignIn': async ({ id }) => {
      const { command } = fleet.view(id).status.signIn ?? {}
      if (command !== undefined) await options.copyText(command)
      return {}
    },
    'network:changed': () => {
      fleet.networkChanged()
      return {}
    },
    'transfer:retry': ({ driveId, transferId }) => fleet.retryTransfer(driveId, transferId).then(nothing),
    'transfer:prioritize': ({ driveId, transferId }) => fleet.prioritizeTransfer(driveId, transferId).then(nothing),
    'transfer:pause': ({ driveId, transferId }) => fleet.pauseTransfer(driveId, transferId).then(nothing),
    'transfer:cancel': ({ driveId, transferId }) => fleet.cancelTransfer(driveId, transferId).then(nothing),
    'transfer:clear': () => {
      options.clearTransfers()
      return {}
    },
    'notice:dismiss': ({ index }) => {
      notices.dismiss(index)
      return {}
    },
    'proxy:save': (asked) => options.saveProxy(asked),
    'proxy:test': (asked) => options.proxy.test(asked),
    'settings:save': ({ settings }) => options.saveSettings(settings),
    'dialog:directory': async (asked) => found(await options.choose('directory', asked)),
    'dialog:file': async (asked) => found(await options.choose('file', asked)),
    'quit:answer': ({ answer }) => {
      options.quit.answer(answer)
      return {}
    },
  }
}

function asPins(pins: Pin[]): { pins: Pin[] } {
  return { pins }
}

function nothing(): Record<string, never> {
  return {}
}

function found(path: string | undefined): { path?: string } {
  return path === undefined ? {} : { path }
}
