/** The tray, and what a click in its menu does. */
import { app, shell } from 'electron'
import { join } from 'node:path'
import { problemFrom } from '../contracts/problem.ts'
import { outcomeInWords } from '../contracts/upload-estimate.ts'
import { type AppWindow } from './app-window.ts'
import { isNotified, notify } from './notification.ts'
import { recentFiles } from './recent-files.ts'
import { appTray, type AppTray } from './tray.ts'
import type { TrayAction } from './tray-model.ts'
import type { Core } from './core.ts'
import type { Program } from './program.ts'

export function openTray(
  { store, fleet, notices, pauses, transfers }: Core,
  window: AppWindow,
  { paths, log }: Program,
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
