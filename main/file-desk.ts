/**
 * The files of a drive, for the window: passed on to the drive's worker, with what only main can do added (the system's dialogs, its
 * file manager, the clipboard). A shared link is as good as the file: it goes to the clipboard and is never answered.
 */
import { basename, join } from 'node:path'
import { largestContentBytes, type SideContent } from '../contracts/conflict.ts'
import type { DriveView } from '../contracts/ipc.ts'
import { ProblemError, problemFrom } from '../contracts/problem.ts'
import { opened } from './conflict-desk.ts'
import type { DriveFleet } from './drive-fleet.ts'
import { t } from '../language/language.ts'
import type { IpcHandlers } from './ipc-dispatch.ts'
import { contentOf } from './side-content.ts'

type Here = { content?: SideContent }
type Served = Extract<keyof IpcHandlers, `file:${string}`>

/** Of what the worker knows by itself, or asks the bucket for with a deadline of its own. */
const answerMs = 60_000
/** Files of any size, over any line. */
const bytesMs = 7 * 24 * 60 * 60_000

export type FileDeskOptions = {
  fleet: Pick<DriveFleet, 'ask' | 'view'>
  openPath: (path: string) => Promise<string>
  /** Shows it in the system's file manager. */
  reveal: (path: string) => void
  copyText: (text: string) => void | Promise<void>
  choose(what: 'directory', asked: { title: string }): Promise<string | undefined>
  /** Files of this computer, by the system's dialog; absent when the person cancelled. */
  chooseSources: (asked: { title: string }) => Promise<string[] | undefined>
}

export function fileHandlers(options: FileDeskOptions): Pick<IpcHandlers, Served> {
  const { fleet } = options
  const placeOf = (driveId: string, path: string): string => join(mountedFolder(fleet.view(driveId)), path)
  return {
    'file:list': ({ driveId, ...query }) => fleet.ask(driveId, 'file:list', query, answerMs),
    'file:search': ({ driveId, ...search }) => fleet.ask(driveId, 'file:search', search, answerMs),
    'file:content': ({ driveId, path }) => contentHere(fleet, driveId, path),
    'file:properties': ({ driveId, path }) => fleet.ask(driveId, 'file:properties', { path }, answerMs),
    'file:share': async ({ driveId, ...asked }) => {
      const { url, ...shared } = await fleet.ask(driveId, 'file:share', asked, answerMs)
      await options.copyText(url)
      return shared
    },
    'file:keep': ({ driveId, paths }) => fleet.ask(driveId, 'file:keep', { paths }, answerMs),
    'file:release': ({ driveId, paths }) => fleet.ask(driveId, 'file:release', { paths }, answerMs),
    'file:free': ({ driveId, paths }) => fleet.ask(driveId, 'file:free', { paths }, bytesMs),
    'file:download': async ({ driveId, paths }) => {
      const target = await options.choose('directory', { title: downloadTitle(paths) })
      if (target === undefined) return { outcomes: [] }
      return { ...(await fleet.ask(driveId, 'file:download', { paths, target }, bytesMs)), target }
    },
    'file:upload': async ({ driveId, sources: given, ...asked }) => {
      const sources = given ?? (await options.chooseSources({ title: t('main.choose.add-files') }))
      if (sources === undefined) return { outcomes: [], clashes: [] }
      return { ...(await fleet.ask(driveId, 'file:upload', { ...asked, sources }, bytesMs)), sources }
    },
    'file:makeFolder': ({ driveId, ...asked }) => fleet.ask(driveId, 'file:makeFolder', asked, answerMs),
    'file:rename': ({ driveId, ...asked }) => fleet.ask(driveId, 'file:rename', asked, answerMs),
    'file:delete': ({ driveId, paths }) => fleet.ask(driveId, 'file:delete', { paths }, bytesMs),
    'file:open': ({ driveId, path }) => opened({ path: placeOf(driveId, path) }, options.openPath),
    'file:reveal': ({ driveId, path }) => {
      options.reveal(placeOf(driveId, path))
      return {}
    },
  }
}

async function contentHere(fleet: Pick<DriveFleet, 'ask'>, driveId: string, path: string): Promise<Here> {
  try {
    const { bytes } = await fleet.ask(driveId, 'file:peek', { path, atMostBytes: largestContentBytes }, answerMs)
    return bytes === undefined ? {} : { content: contentOf(Buffer.from(bytes, 'base64')) }
  } catch (error) {
    if (problemFrom(error).code === 'file-too-large') return { content: { kind: 'other', reason: 'too-large' } }
    throw error
  }
}

/** Throws ProblemError for a drive that is not there for programs. */
export function mountedFolder({ drive, state }: DriveView): string {
  if (state.state === 'mounted') return drive.mountpoint
  throw new ProblemError({
    code: 'not-found',
    message: t('main.drive-mount-first', { name: drive.name }),
    remedy: t('main.drive-mount-first.remedy'),
  })
}

function downloadTitle([first = '', ...others]: readonly string[]): string {
  if (others.length > 0) return t('main.choose.download.several', { count: others.length + 1 })
  return first === '' ? t('main.choose.download.drive') : t('main.choose.download', { name: basename(first) })
}
