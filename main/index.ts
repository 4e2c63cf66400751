/**
 * The entry of Electron's main process: constructs everything once and connects it. Decides nothing itself.
 * Switches: `--user-data-dir=DIR` keeps settings, caches and logs in DIR; `--hidden` opens no window.
 */
import { app, clipboard, Menu, powerMonitor, powerSaveBlocker, shell } from 'electron'
import { join } from 'node:path'
import type { Snapshot } from '../contracts/ipc.ts'
import { problemFrom } from '../contracts/problem.ts'
import { appWindow, type AppWindow } from './app-window.ts'
import { awsProfiles } from './aws-profiles.ts'
import { registerIpc, sendEvent } from './ipc.ts'
import { hiddenSwitch } from './login-item.ts'
import { defaultParent } from './mountpoint-rules.ts'
import { isNotified, notify } from './notification.ts'
import { paced } from './paced.ts'
import { declarePageScheme, pageOrigin, servePage } from './page-protocol.ts'
import { quitFlow, type QuitFlow } from './quit-flow.ts'
import { recentFiles } from './recent-files.ts'
import { requestHandlers } from './request-handlers.ts'
import { stayAwake } from './stay-awake.ts'
import { lockDownContents, lockDownNetwork } from './window-security.ts'
import { openCore, type AskedScreen, type Core } from './core.ts'
import { fileDialogs } from './file-dialogs.ts'
import { platformName, startedProgram } from './program.ts'
import { settingsDesk, type SettingsDesk } from './settings-desk.ts'
import { openTray } from './tray-actions.ts'

const program = startedProgram(__dirname)
const { places, paths, log, writeLog } = program

declarePageScheme()
lockDownContents(log)
// The drives live in their own processes: main stays to supervise them.
process.on('uncaughtException', (error) => writeLog('error', error.stack ?? error.message))
process.on('unhandledRejection', (error) => writeLog('error', problemFrom(error).message))

if (app.requestSingleInstanceLock()) void app.whenReady().then(run)
else app.exit(0)

function run(): void {
  lockDownNetwork(pageOrigin)
  servePage(paths.renderer)
  // The tray is there long before the first pace is over.
  const awake = stayAwake({
    start: () => powerSaveBlocker.start('prevent-app-suspension'),
    stop: (id) => powerSaveBlocker.stop(id),
  })
  const showDrives = () => {
    const views = core.fleet.views()
    tray.show(views, recentFiles(core.transfers.finished()))
    awake.update(views)
    core.limits.look()
  }
  const showScreen = (asked: AskedScreen) => {
    events.showScreen({ kind: 'screen:asked', ...asked })
    window.show()
  }
  const core: Core = openCore({
    ...{ program, showScreen },
    drivesChanged: paced(250, showDrives),
    isWatched: () => window.current()?.isFocused() === true,
  })
  const { store, events, fleet } = core
  const settings = settingsDesk({ program, core })
  settings.start()

  const window = openWindowHolder(core)
  const quit = quitFlow({
    fleet,
    platform: platformName(),
    showWindow: () => window.show(),
    tell: (event) => {
      if (event.kind === 'quit:settled') core.updates.stay()
      events.quit(event)
    },
    raise: (problem) => core.notices.raise(problem),
    farewell: async (message) => {
      log(`quitting: ${message}`)
      if (isNotified(store, 'queued')) await notify(message)
    },
    exit: () => {
      core.activity.flush()
      app.releaseSingleInstanceLock()
      // On a Mac the system installs it, and ends the application when it is ready to.
      if (core.updates.leave() && process.platform === 'darwin') return
      app.exit(0)
    },
  })
  connectWindow({ core, window, quit, settings, tellTray: showDrives })
  const tray = openTray(core, window, program, () => showScreen({ screen: 'conflicts' }))
  connectSystem(window, quit, core)

  core.caches.sweep()
  core.updates.start()
  fleet.mountAtStart()
  const isAwaited = core.keyState().keyFile === 'locked' && store.drives().some(({ drive }) => drive.mountsAtStart)
  if (!app.commandLine.hasSwitch(hiddenSwitch) || isAwaited) window.show()
  log(`started: CloudMount ${app.getVersion()}, Electron ${process.versions.electron}, ${process.platform}`)
}

function openWindowHolder({ store, events }: Core): AppWindow {
  return appWindow({
    preloadPath: paths.preload,
    statePath: join(places.userDataDirectory, 'window.json'),
    iconPath: join(paths.icons, 'icon.png'),
    isPackaged: app.isPackaged,
    mayClose: () => {
      if (store.settings().keepsRunningWhenClosed) return true
      app.quit()
      return false
    },
    closed: () => events.detach(),
    log,
  })
}

function connectWindow({
  core,
  window,
  quit,
  settings,
  tellTray,
}: {
  core: Core
  window: AppWindow
  quit: QuitFlow
  settings: SettingsDesk
  tellTray: () => void
}): void {
  const { store, events, fleet, notices, transfers, secrets, keyState, happened } = core
  const attach = (): number => {
    const contents = window.current()?.webContents
    return events.attach((message) => contents && sendEvent(contents, message))
  }
  const snapshot = async (): Promise<Snapshot> => {
    await secrets.probe()
    const mounting = core.mounting.check()
    return {
      sequence: attach(),
      accounts: store.accounts(),
      drives: fleet.views(),
      transfers: transfers.all(),
      notices: notices.all(),
      settings: store.settings(),
      platform: platformName(),
      appVersion: app.getVersion(),
      mountRoot: defaultParent(places),
      ...mounting,
      ...keyState(),
      ...core.cacheMove(),
      update: core.updates.state(),
    }
  }
  const handlers = happened.recorded(
    requestHandlers({
      ...core,
      quit,
      snapshot,
      clearTransfers: () => events.transfersCleared(transfers.clear()),
      saveSettings: (asked) => {
        const saved = settings.save(asked)
        tellTray()
        return saved
      },
      saveProxy: async (asked) => {
        await core.proxy.save(asked)
        events.changed('settings')
        void fleet.routesChanged()
        return store.settings()
      },
      profiles: () => awsProfiles({ homeDirectory: places.homeDirectory, environment: process.env }),
      openPath: (path) => shell.openPath(path),
      openAddress: (address) => shell.openExternal(address),
      ...fileDialogs(window),
      copyText: (text) => clipboard.writeText(text),
      reveal: (path) => shell.showItemInFolder(path),
      diagnostics: {
        appVersion: app.getVersion(),
        logPath: program.logPath,
        isMountable: () => core.mounting.current().mountBlocker === undefined,
      },
    }),
  )
  registerIpc({
    handlers,
    contents: () => window.current()?.webContents,
    origin: pageOrigin,
    eventSeen: (sequence) => events.seen(sequence),
    log,
  })
}

/** What the system and the desktop tell the application. */
function connectSystem(window: AppWindow, quit: QuitFlow, { fleet, updates }: Core): void {
  if (process.platform !== 'darwin') Menu.setApplicationMenu(null)
  app.on('second-instance', () => window.show())
  app.on('activate', () => window.show())
  // Drives stay mounted without a window.
  app.on('window-all-closed', () => {})
  app.on('before-quit', (event) => {
    event.preventDefault()
    quit.ask()
  })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    // A library that listened before Chromium took the signals over would keep this listener from ever being called.
    process.removeAllListeners(signal)
    process.on(signal, () => {
      updates.stay()
      quit.leave()
    })
  }
  const onShutdown = (event: Electron.Event) => {
    updates.stay()
    if (quit.shutDown()) event.preventDefault()
  }
  // Electron's types leave out that the event is there and can be held up.
  powerMonitor.on('shutdown', onShutdown as () => void)
  powerMonitor.on('resume', () => fleet.networkChanged())
  powerMonitor.on('unlock-screen', () => fleet.networkChanged())
}
