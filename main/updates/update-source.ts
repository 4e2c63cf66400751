/** The only user of electron-updater, loaded when it is first needed: it would cost the start of every run. */
import type { AppUpdater, CancellationToken } from 'electron-updater'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type Progress = { doneBytes: number; totalBytes: number; bytesPerSecond: number }

export interface UpdateSource {
  /** The version that is newer than this one, if there is one. */
  check(channel: 'stable' | 'beta'): Promise<string | undefined>
  /** Of what the last check found. Rejects when what came is not what was published. */
  download(progress: (progress: Progress) => void): Promise<void>
  cancel(): void
  /** Puts the new version in place and starts it. The application must end right after it. */
  install(): void
}

/** In `latest-linux.yml` or `beta-linux.yml` of the feed, as electron-builder writes them. */
const channelNames = { stable: 'latest', beta: 'beta' } as const

/** `feedUrl`: in place of the address that is in the package. */
export function electronUpdates(options: {
  feedUrl: string | undefined
  userDataDirectory: string
  log: (message: string) => void
}): UpdateSource {
  let loaded: Promise<{ updater: AppUpdater; token: () => CancellationToken }> | undefined
  let cancellation: CancellationToken | undefined
  let install = () => {}
  const load = async () => {
    const { autoUpdater: updater, CancellationToken: Token } = await import('electron-updater')
    updater.logger = { info: tell, warn: tell, error: tell }
    updater.autoDownload = false
    updater.autoInstallOnAppQuit = false
    if (options.feedUrl !== undefined) {
      updater.forceDevUpdateConfig = true
      updater.updateConfigPath = feedFile(options.feedUrl, options.userDataDirectory)
    }
    // What goes wrong is told by the call that it goes wrong in; without a listener it would be thrown as well.
    updater.on('error', () => undefined)
    install = () => updater.quitAndInstall(true, true)
    return { updater, token: () => new Token() }
  }
  const tell = (message?: unknown) => options.log(`updates: ${String(message)}`)
  return {
    async check(channel) {
      const { updater } = await (loaded ??= load())
      updater.channel = channelNames[channel]
      // Set by the line above: from beta to stable means to wait until stable is newer.
      updater.allowDowngrade = false
      updater.allowPrerelease = channel === 'beta'
      const found = await updater.checkForUpdates()
      return found?.isUpdateAvailable === true ? found.updateInfo.version : undefined
    },
    async download(progress) {
      const { updater, token } = await (loaded ??= load())
      const told = ({
        transferred,
        total,
        bytesPerSecond,
      }: {
        transferred: number
        total: number
        bytesPerSecond: number
      }) => progress({ doneBytes: transferred, totalBytes: total, bytesPerSecond })
      updater.on('download-progress', told)
      cancellation = token()
      try {
        await updater.downloadUpdate(cancellation)
      } finally {
        updater.off('download-progress', told)
      }
    },
    cancel: () => cancellation?.cancel(),
    install: () => install(),
  }
}

/** As electron-builder puts it into a package. */
function feedFile(url: string, userDataDirectory: string): string {
  const path = join(userDataDirectory, 'update-feed.yml')
  mkdirSync(userDataDirectory, { recursive: true })
  writeFileSync(path, `provider: generic\nurl: ${JSON.stringify(url)}\nupdaterCacheDirName: cloudmount-updater\n`)
  return path
}
