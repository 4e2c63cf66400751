/** English, which is complete: its keys are the keys there are. */
import accounts from './accounts.json'
import activity from './activity.json'
import conflicts from './conflicts.json'
import controls from './controls.json'
import drives from './drives.json'
import files from './files.json'
import imports from './imports.json'
import main from './main.json'
import notifications from './notifications.json'
import settings from './settings.json'
import setup from './setup.json'
import shared from './shared.json'
import shell from './shell.json'
import signIn from './sign-in.json'
import store from './store.json'
import test from './test.json'
import transfers from './transfers.json'
import tray from './tray.json'
import versions from './versions.json'
import words from './words.json'
import worker from './worker.json'

const areas = {
  ...{ accounts, activity, conflicts, controls, drives, files, imports },
  ...{
    main,
    notifications,
    settings,
    setup,
    shared,
    shell,
    'sign-in': signIn,
    store,
    test,
    transfers,
    tray,
    versions,
    words,
    worker,
  },
}
type Areas = typeof areas

/** `AREA.key`, as in `drives.remove.title`. */
export type MessageKey = { [Area in keyof Areas]: `${Area}.${keyof Areas[Area] & string}` }[keyof Areas]

export const english = Object.fromEntries(
  Object.entries(areas).flatMap(([area, texts]) =>
    Object.entries(texts).map(([key, text]) => [`${area}.${key}`, text]),
  ),
) as Record<MessageKey, string>
