/** What the window asks of the history a bucket keeps: passed on to the drive's worker, with what only main can do added. */
import { basename } from 'node:path'
import { largestContentBytes } from '../contracts/conflict.ts'
import { opened, shown } from './conflict-desk.ts'
import type { DriveFleet } from './drive-fleet.ts'
import { t } from '../language/language.ts'
import type { IpcHandlers } from './ipc-dispatch.ts'

type Served = Extract<keyof IpcHandlers, `version:${string}` | 'drive:locate'>

/** A folder with a long history is searched in pages, each of which is bounded. */
const answerMs = 2 * 60_000
/** Of a whole file, over a slow line. */
const bytesMs = 12 * 60 * 60_000
/** The server copies a large file part by part; many files one after the other. */
const copyMs = 60 * 60_000

export function versionHandlers(options: {
  fleet: Pick<DriveFleet, 'ask' | 'locate'>
  openPath: (path: string) => Promise<string>
  /** Asks the person with the system's dialog where to save; absent when they cancelled. */
  chooseTarget: (asked: { title: string; start: string }) => Promise<string | undefined>
}): Pick<IpcHandlers, Served> {
  const { fleet, openPath, chooseTarget } = options
  return {
    'drive:locate': ({ driveId, path }) => ({ path: fleet.locate(driveId, path) }),
    'version:list': ({ driveId, path }) => fleet.ask(driveId, 'version:list', { path }, answerMs),
    'version:content': ({ driveId, ...of }) =>
      shown(() => fleet.ask(driveId, 'version:preview', { ...of, atMostBytes: largestContentBytes }, bytesMs)),
    'version:open': async ({ driveId, ...of }) =>
      opened(await fleet.ask(driveId, 'version:preview', of, bytesMs), openPath),
    'version:save': async ({ driveId, ...of }) => {
      const target = await chooseTarget({ title: t('main.choose.version'), start: basename(of.path) })
      if (target === undefined) return {}
      await fleet.ask(driveId, 'version:save', { ...of, target }, bytesMs)
      return { target }
    },
    'version:restore': ({ driveId, ...asked }) => fleet.ask(driveId, 'version:restore', asked, copyMs),
    'version:deleted': ({ driveId, ...asked }) => fleet.ask(driveId, 'version:deleted', asked, answerMs),
    'version:undelete': ({ driveId, files }) => fleet.ask(driveId, 'version:undelete', { files }, copyMs),
  }
}
