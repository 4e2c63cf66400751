/**
 * The entry of Electron's main process: constructs everything once and connects it. Decides nothing itself.
 * Switches: `--user-data-dir=DIR` keeps settings, caches and logs in DIR; `--hidden` opens no window.
 */
import {
  app,
  clipboard,
  dialog,
  Menu,
  nativeTheme,
  powerMonitor,
  powerSaveBlocker,
  session,
  shell,
  type OpenDialogOptions,
} from 'electron'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { IpcEvent, Settings, Snapshot } from '../contracts/ipc.ts'
import { usualLogLevel, type LogLevel } from '../contracts/diagnostics.ts'
import type { NotificationKind } from '../contracts/notification.ts'
import { problemFrom } from '../contracts/problem.ts'
import { useLanguage } from '../language/language.ts'
import { nearestLanguage } from '../language/languages.ts'
import { outcomeInWords } from '../contracts/upload-estimate.ts'
import { accountDesk } from './account-desk.ts'
import type { AppStore } from './app-store.ts'
import { activityLog } from './activity-log.ts'
import { activityWatch } from './activity-watch.ts'

import { appWindow, bundledPaths, type AppWindow } from './app-window.ts'
import { awsProfiles } from './aws-profiles.ts'
import { cacheDesk } from './caches/cache-desk.ts'
import { openCachePlace } from './caches/cache-place.ts'
import { placeInspector } from './caches/place-inspector.ts'
import { conflictNotice } from './conflict-notice.ts'
import { driveDesk } from './drive-desk.ts'
import { DriveFleet } from './drive-fleet.ts'
import { eventStream, type Topic } from './event-stream.ts'
import { registerIpc, sendEvent } from './ipc.ts'
import { importDesk } from './imports/import-desk.ts'
import { readChosen, readUsualPlaces } from './imports/sources.ts'
import { keyDesk } from './key-desk.ts'
import { openKeyFile } from './key-file.ts'
import { osKeychain } from './keychain.ts'
import { fileLog, levelOfWorkerLine } from './log.ts'
import { limitDesk } from './limit-desk.ts'
import { hiddenSwitch, setOpensAtLogin } from './login-item.ts'
import { defaultParent } from './mountpoint-rules.ts'
import { runFix } from './mounting/fix-run.ts'
import { readMachine } from './mounting/machine.ts'
import { mountingDesk } from './mounting/mounting-desk.ts'
import { noticeBoard } from './notice-board.ts'
import { clickableNotice, notify } from './notification.ts'
import { paced } from './paced.ts'
import { pauseDesk } from './pause-desk.ts'
import { proxyDesk } from './proxy-desk.ts'
import { declarePageScheme, pageOrigin, servePage } from './page-protocol.ts'
import { quitFlow, type QuitFlow } from './quit-flow.ts'
import { recentFiles } from './recent-files.ts'
import { requestHandlers } from './request-handlers.ts'
import { accountSecrets } from './secrets.ts'
import { stayAwake } from './stay-awake.ts'
import { keyFilePath, storePath } from './store-file.ts'
import { openAppStore } from './store-open.ts'
import { loadStore } from './store-load.ts'
import { isFinished, transferBoard } from './transfer-board.ts'
import { transferHistory, transferHistoryPath } from './transfer-history.ts'
import { appTray, type AppTray } from './tray.ts'
import type { TrayAction } from './tray-model.ts'
import { updateDesk, updateHindrance } from './updates/update-desk.ts'
import { electronUpdates } from './updates/update-source.ts'
import { lockDownContents, lockDownNetwork } from './window-security.ts'
import { utilityWorkerHost } from './worker-host.ts'

const askedDirectory = app.commandLine.getSwitchValue('user-data-dir')
if (askedDirectory !== '') app.setPath('userData', askedDirectory)
const userDataDirectory = app.getPath('userData')
app.setAppLogsPath(join(userDataDirectory, 'logs'))
const logPath = join(userDataDirectory, 'logs', 'main.log')
const logging: { level: LogLevel } = { level: usualLogLevel }
const writeLog = fileLog({
  path: logPath,
  level: () => logging.level,
  ...(app.isPackaged ? {} : { echo: (line) => void process.stderr.write(line) }),
})
const log = (message: string) => writeLog('info', message)

const paths = bundledPaths(__dirname, app.getAppPath())
/** Where a test of an unpackaged application has another system. */
const systemRoot = app.isPackaged ? undefined : process.env['CLOUDMOUNT_SYSTEM_ROOT']
const places = { homeDirectory: app.getPath('home'), userDataDirectory }

/** A drive with many of them has to look at each. */
const conflictListMs = 30_000
const limitMs = 15_000

declarePageScheme()
lockDownContents(log)
// The drives live in their own processes: main stays to supervise them.
process.on('uncaughtException', (error) => writeLog('error', error.stack ?? error.message))
process.on('unhandledRejection', (error) => writeLog('error', problemFrom(error).message))

if (app.requestSingleInstanceLock()) void app.whenReady().then(run)
else app.exit(0)

/** What exists with or without a window. */
function openCore({ drivesChanged, showConflicts }: { drivesChanged: () => void; showConflicts: () => void }) {
  const loaded = loadStore(storePath(userDataDirectory), Date.now())
  const store = openAppStore({ directory: userDataDirectory, initial: loaded.store })
  logging.level = store.settings().logLevel ?? usualLogLevel
  speak(store.settings())
  const workers = utilityWorkerHost({
    workerPath: paths.worker,
    onOutput: (label, line) => writeLog(levelOfWorkerLine(line), `${label}: ${line}`),
  })
  const transfers = transferBoard(transferHistory({ path: transferHistoryPath(userDataDirectory), log }))
  const events = eventStream({ read: (topic) => readTopic(topic) })
  const activity = activityLog({
    path: join(userDataDirectory, 'activity.jsonl'),
    nowMs: () => Date.now(),
    changed: () => events.changed('activity'),
  })
  const notices = noticeBoard({
    changed: () => events.changed('notices'),
    raised: ({ message }) => activity.note({ kind: 'notice', message }),
  })
  if (loaded.damage) notices.raise(loaded.damage.problem)
  const keyFile = openKeyFile({
    path: keyFilePath(userDataDirectory),
    nowMs: () => Date.now(),
    damaged: (problem) => notices.raise(problem),
  })
  const keysChanged = () => events.changed('keys')
  const secrets = accountSecrets({
    keychain: osKeychain({ platform: process.platform }),
    keyFile,
    changed: keysChanged,
  })
  const changed = (topic: Topic) => {
    events.changed(topic)
    if (topic !== 'drives') return
    happened.drivesChanged(fleet.views())
    drivesChanged()
  }
  const limits = limitDesk({
    limits: () => store.settings().limits ?? {},
    drives: () => fleet.views(),
    tell: (id, share) => fleet.ask(id, 'drive:limit', share, limitMs),
    now: () => new Date(),
    log,
  })
  const fleet = new DriveFleet({
    store,
    secrets,
    workers,
    events: {
      ...events,
      changed,
      transfersChanged: (told) => {
        events.transfersChanged(told)
        happened.transfersChanged(told)
        if (told.some(isFinished)) drivesChanged()
      },
      conflictsChanged: (event) => {
        events.conflictsChanged(event)
        newConflicts.changed(event.driveId)
      },
    },
    transfers,
    notices,
    cacheForMount: (drive) => caches.forMount(drive),
    limitsOf: (id) => limits.of(id),
    routeTo: (account) => proxy.routeTo(account),
    log,
  })
  const caches = cacheDesk({
    place: openCachePlace({ userDataDirectory, damaged: (problem) => notices.raise(problem) }),
    store,
    fleet,
    inspector: placeInspector({ workers, platform: process.platform }),
    changed: () => events.changed('caches'),
    log,
  })
  const updates = openUpdates({ store, changed: () => events.changed('updates') })
  const happened = activityWatch({
    log: activity,
    driveName: (id) => store.drives().find(({ drive }) => drive.id === id)?.drive.name,
    drives: fleet.views(),
    accounts: store.accounts(),
  })
  const notice = clickableNotice(showConflicts)
  const newConflicts = conflictNotice({
    list: async (id) => (await fleet.ask(id, 'conflict:list', {}, conflictListMs)).conflicts,
    driveName: (id) => fleet.view(id).drive.name,
    tell: (message) => {
      if (!isNotified(store, 'conflicts')) return
      log(`notified: ${message}`)
      notice(message)
    },
    log,
  })
  const proxy = proxyDesk({
    ...{ store, secrets, workers },
    environment: process.env,
    resolveProxy: (url) => session.defaultSession.resolveProxy(url),
  })
  const accounts = accountDesk({
    store,
    secrets,
    workers,
    notices,
    routeTo: (account) => proxy.routeTo(account),
    pushAccount: (account) => fleet.pushAccount(account),
    stepped: (testId, step) => events.progressed({ kind: 'account:stepped', testId, step }),
    changed: () => {
      events.changed('accounts')
      happened.accountsChanged(store.accounts())
    },
  })
  const keys = keyDesk({ keyFile, changed: keysChanged, unlocked: () => fleet.mountFailedFor('keys-locked') })
  const drives = driveDesk({ store, fleet, places, caches, changed: () => changed('drives') })
  const pauses = pauseDesk({ fleet, now: () => new Date() })
  const mounting = mountingDesk({
    look: () => readMachine({ platform: process.platform, searchPath: process.env['PATH'] ?? '', root: systemRoot }),
    run: runFix,
    outputPath: join(userDataDirectory, 'logs', 'set-up.log'),
    changed: () => events.changed('mounting'),
    mountable: () => fleet.mountFailedFor('fuse-missing', 'fuse-not-permitted'),
    log,
  })

  const importPlaces = { homeDirectory: places.homeDirectory, environment: process.env }
  const imports = importDesk({
    read: (path) => (path === undefined ? readUsualPlaces(importPlaces) : readChosen(path)),
    store,
    accounts,
    drives,
    places,
  })
  const keyState = (): KeyState => {
    const keychainProblem = secrets.keychainProblem()
    return { keyFile: keyFile.state(), ...(keychainProblem ? { keychainProblem } : {}) }
  }
  const cacheMove = (): Pick<Snapshot, 'cacheMove'> => {
    const move = caches.move()
    return move ? { cacheMove: move } : {}
  }
  const readTopic = (topic: Topic): IpcEvent => {
    if (topic === 'activity') return { kind: 'activity:changed' }
    if (topic === 'accounts') return { kind: 'accounts:changed', accounts: store.accounts() }
    if (topic === 'drives') return { kind: 'drives:changed', drives: fleet.views() }
    if (topic === 'mounting') return { kind: 'mounting:changed', ...mounting.current() }
    if (topic === 'updates') return { kind: 'updates:changed', update: updates.state() }
    if (topic === 'caches') return { kind: 'caches:changed', ...cacheMove() }
    if (topic === 'keys') return { kind: 'keys:changed', ...keyState() }
    if (topic === 'notices') return { kind: 'notices:changed', notices: notices.all() }
    return { kind: 'settings:changed', settings: store.settings() }
  }
  return {
    ...{ store, secrets, keyState, transfers, events, notices, fleet, accounts, keys, drives, imports },
    ...{ pauses, limits, activity, happened, mounting, caches, cacheMove, updates, proxy },
  }
}
type Core = ReturnType<typeof openCore>
type KeyState = Pick<Snapshot, 'keyFile' | 'keychainProblem'>

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
  const showConflicts = () => {
    events.showScreen({ kind: 'screen:asked', screen: 'conflicts' })
    window.show()
  }
  const core: Core = openCore({ drivesChanged: paced(250, showDrives), showConflicts })
  const { store, events, fleet } = core
  nativeTheme.themeSource = store.settings().theme

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
  connectWindow(core, window, quit, showDrives)
  const tray = openTray(core, window, showConflicts)
  connectSystem(window, quit, core)

  core.caches.sweep()
  core.updates.start()
  refreshLoginItem(store.settings())
  fleet.mountAtStart()
  const isAwaited = core.keyState().keyFile === 'locked' && store.drives().some(({ drive }) => drive.mountsAtStart)
  if (!app.commandLine.hasSwitch(hiddenSwitch) || isAwaited) window.show()
  log(`started: CloudMount ${app.getVersion()}, Electron ${process.versions.electron}, ${process.platform}`)
}

function openWindowHolder({ store, events }: Core): AppWindow {
  return appWindow({
    preloadPath: paths.preload,
    statePath: join(userDataDirectory, 'window.json'),
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

function connectWindow(core: Core, window: AppWindow, quit: QuitFlow, tellTray: () => void): void {
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
      saveSettings: (settings) => {
        const saved = saveSettings(core, settings)
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
      choose: (what, asked) => choosePath(window, what, asked),
      chooseTarget: (asked) => chooseTarget(window, asked),
      chooseSources: (asked) => choosePaths(window, ['openFile', 'multiSelections'], asked),
      copyText: (text) => clipboard.writeText(text),
      reveal: (path) => shell.showItemInFolder(path),
      diagnostics: {
        appVersion: app.getVersion(),
        logPath,
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

/** The language of the tray and of everything else that main says. */
function speak({ language }: Settings): void {
  useLanguage(language ?? nearestLanguage(app.getPreferredSystemLanguages()))
}

/** `CLOUDMOUNT_UPDATE_FEED` stands in for the address in the package. */
function openUpdates({ store, changed }: { store: AppStore; changed: () => void }) {
  const feedUrl = process.env['CLOUDMOUNT_UPDATE_FEED']
  return updateDesk({
    source: electronUpdates({ feedUrl, userDataDirectory, log }),
    hindrance: updateHindrance({
      platform: process.platform,
      isPackaged: app.isPackaged,
      appImage: process.env['APPIMAGE'],
      hasFeed: feedUrl !== undefined || existsSync(join(process.resourcesPath, 'app-update.yml')),
    }),
    channel: () => store.settings().updateChannel,
    quit: () => app.quit(),
    nowMs: () => Date.now(),
    changed,
    log,
  })
}

function setLogLevel({ fleet }: Pick<Core, 'fleet'>, level: LogLevel = usualLogLevel): void {
  logging.level = level
  fleet.setLogLevel(level)
}

function saveSettings(core: Core, settings: Settings): Settings {
  const { store, events, limits, updates } = core
  const before = store.settings()
  // The proxy has its own way, with its password.
  const { proxy: _other, ...rest } = settings
  store.setSettings({ ...rest, ...(before.proxy === undefined ? {} : { proxy: before.proxy }) })
  nativeTheme.themeSource = settings.theme
  limits.look()
  if (settings.opensAtLogin !== before.opensAtLogin && app.isPackaged)
    setOpensAtLogin(settings.opensAtLogin, { homeDirectory: places.homeDirectory, environment: process.env })
  if (settings.language !== before.language) speak(settings)
  if (settings.updateChannel !== before.updateChannel) updates.channelChanged()
  if (settings.logLevel !== before.logLevel) setLogLevel(core, settings.logLevel)
  events.changed('settings')
  return store.settings()
}

/** An AppImage that was moved, or came with another name, is started where it is now. */
function refreshLoginItem({ opensAtLogin }: Settings): void {
  if (opensAtLogin && app.isPackaged)
    setOpensAtLogin(true, { homeDirectory: places.homeDirectory, environment: process.env })
}

function isNotified(store: Pick<AppStore, 'settings'>, kind: NotificationKind): boolean {
  return store.settings().silenced?.includes(kind) !== true
}

async function choosePath(
  window: AppWindow,
  what: 'directory' | 'file',
  asked: { title: string; start?: string | undefined },
): Promise<string | undefined> {
  const properties = what === 'directory' ? (['openDirectory', 'createDirectory'] as const) : (['openFile'] as const)
  return (await choosePaths(window, properties, asked))?.[0]
}

async function choosePaths(
  window: AppWindow,
  properties: readonly NonNullable<OpenDialogOptions['properties']>[number][],
  { title, start }: { title: string; start?: string | undefined },
): Promise<string[] | undefined> {
  const options: OpenDialogOptions = {
    title,
    properties: [...properties],
    ...(start === undefined ? {} : { defaultPath: start }),
  }
  const owner = window.current()
  const { canceled, filePaths } = await (owner ? dialog.showOpenDialog(owner, options) : dialog.showOpenDialog(options))
  return canceled ? undefined : filePaths
}

async function chooseTarget(
  window: AppWindow,
  { title, start }: { title: string; start: string },
): Promise<string | undefined> {
  const owner = window.current()
  const options = { title, defaultPath: start }
  const { canceled, filePath } = await (owner ? dialog.showSaveDialog(owner, options) : dialog.showSaveDialog(options))
  return canceled || filePath === '' ? undefined : filePath
}

function openTray(
  { store, fleet, notices, pauses, transfers }: Core,
  window: AppWindow,
  showConflicts: () => void,
): AppTray {
  const act = (action: TrayAction): void => {
    const failed = (error: unknown) => {
      notices.raise(problemFrom(error))
      window.show()
    }
    if (action.do === 'show-window') window.show()
    else if (action.do === 'show-conflicts') showConflicts()
    else if (action.do === 'quit') app.quit()
    else if (action.do === 'mount-drive') fleet.mount(action.id).catch(failed)
    else if (action.do === 'unmount-drive')
      fleet
        .unmount(action.id, { pending: 'leave', isForced: false })
        .then((left) =>
          left.pendingOperations > 0 && isNotified(store, 'queued') ? notify(outcomeInWords(left)) : undefined,
        )
        .catch(failed)
    else if (action.do === 'pause') pauses.pause(undefined, action.span).catch(failed)
    else if (action.do === 'resume') pauses.resume(undefined).catch(failed)
    else if (action.do === 'show-file')
      shell.showItemInFolder(join(fleet.view(action.driveId).drive.mountpoint, action.path))
    else void shell.openPath(fleet.view(action.id).drive.mountpoint)
  }
  const tray = appTray({ iconsDirectory: paths.icons, platform: process.platform, act, log })
  tray.show(fleet.views(), recentFiles(transfers.finished()))
  return tray
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

function platformName(): 'linux' | 'darwin' | 'win32' {
  return process.platform === 'darwin' || process.platform === 'win32' ? process.platform : 'linux'
}
