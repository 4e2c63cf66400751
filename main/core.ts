/** What exists with or without a window: the store, the drives and the desks, each made once and told of the others. */
import { app, session } from 'electron'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { IpcEvent, Snapshot } from '../contracts/ipc.ts'
import type { NotificationKind } from '../contracts/notification.ts'
import { accountDesk } from './account-desk.ts'
import type { AppStore } from './app-store.ts'
import { activityLog } from './activity-log.ts'
import { activityWatch } from './activity-watch.ts'
import { attentionNotice, type Attention } from './attention-notice.ts'
import { cacheDesk } from './caches/cache-desk.ts'
import { openCachePlace } from './caches/cache-place.ts'
import { placeInspector } from './caches/place-inspector.ts'
import { conflictNotice } from './conflict-notice.ts'
import { driveDesk } from './drive-desk.ts'
import { DriveFleet } from './drive-fleet.ts'
import { eventStream, type Topic } from './event-stream.ts'
import { importDesk } from './imports/import-desk.ts'
import { readChosen, readUsualPlaces } from './imports/sources.ts'
import { keyDesk } from './key-desk.ts'
import { openKeyFile } from './key-file.ts'
import { osKeychain } from './keychain.ts'
import { levelOfWorkerLine } from './log.ts'
import { limitDesk } from './limit-desk.ts'
import { runFix } from './mounting/fix-run.ts'
import { readMachine } from './mounting/machine.ts'
import { mountingDesk } from './mounting/mounting-desk.ts'
import { noticeBoard } from './notice-board.ts'
import { clickableNotice, isNotified } from './notification.ts'
import { pauseDesk } from './pause-desk.ts'
import { proxyDesk } from './proxy-desk.ts'
import { accountSecrets } from './secrets.ts'
import { keyFilePath, storePath } from './store-file.ts'
import { openAppStore } from './store-open.ts'
import { loadStore } from './store-load.ts'
import { isFinished, transferBoard } from './transfer-board.ts'
import { transferHistory, transferHistoryPath } from './transfer-history.ts'
import { updateDesk, updateHindrance } from './updates/update-desk.ts'
import { electronUpdates } from './updates/update-source.ts'
import { utilityWorkerHost } from './worker-host.ts'
import type { Program } from './program.ts'
import { speak } from './speech.ts'

/** A drive with many of them has to look at each. */
const conflictListMs = 30_000
const limitMs = 15_000

export type AskedScreen = Attention['screen']
export type Core = ReturnType<typeof openCore>
type KeyState = Pick<Snapshot, 'keyFile' | 'keychainProblem'>

/** What exists with or without a window. */
export function openCore({
  program,
  drivesChanged,
  showScreen,
  isWatched,
}: {
  program: Program
  drivesChanged: () => void
  showScreen: (asked: AskedScreen) => void
  /** Somebody looks at the window. */
  isWatched: () => boolean
}) {
  const { log, writeLog, paths, places } = program
  const { userDataDirectory } = places
  const loaded = loadStore(storePath(userDataDirectory), Date.now())
  const store = openAppStore({ directory: userDataDirectory, initial: loaded.store })
  program.setLogLevel(store.settings().logLevel)
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
    attention.drivesChanged()
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
  const updates = openUpdates({ program, store, changed: () => events.changed('updates') })
  const happened = activityWatch({
    log: activity,
    driveName: (id) => store.drives().find(({ drive }) => drive.id === id)?.drive.name,
    drives: fleet.views(),
    accounts: store.accounts(),
  })
  const showNotice = clickableNotice()
  const notify = (kind: NotificationKind, message: string, screen: AskedScreen): void => {
    if (!isNotified(store, kind)) return
    log(`notified: ${message}`)
    showNotice(message, () => showScreen(screen))
  }
  const newConflicts = conflictNotice({
    list: async (id) => (await fleet.ask(id, 'conflict:list', {}, conflictListMs)).conflicts,
    driveName: (id) => fleet.view(id).drive.name,
    tell: (message) => notify('conflicts', message, { screen: 'conflicts' }),
    log,
  })
  const attention = attentionNotice({
    drives: () => fleet.views(),
    accountName: (id) => store.accounts().find(({ account }) => account.id === id)?.account.name ?? '',
    isWatched,
    tell: ({ kind, message, screen }) => notify(kind, message, screen),
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
    look: () =>
      readMachine({ platform: process.platform, searchPath: process.env['PATH'] ?? '', root: program.systemRoot }),
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

/** `CLOUDMOUNT_UPDATE_FEED` stands in for the address in the package. */
function openUpdates({ program, store, changed }: { program: Program; store: AppStore; changed: () => void }) {
  const { log, places } = program
  const { userDataDirectory } = places
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
