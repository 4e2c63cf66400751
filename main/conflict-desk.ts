/**
 * Conflicts and recovered files of the drives, for the window: passed on to the drive's worker. Bytes never cross as messages of a
 * worker: it puts one side into a file, which is read here, or opened in the person's own program.
 */
import { readFile } from 'node:fs/promises'
import { largestContentBytes, type Preview, type SideContent } from '../contracts/conflict.ts'
import { problemFrom, ProblemError } from '../contracts/problem.ts'
import { t } from '../language/language.ts'
import type { DriveFleet } from './drive-fleet.ts'
import type { IpcHandlers } from './ipc-dispatch.ts'
import { contentOf } from './side-content.ts'
import { workerTransferId } from './transfer-board.ts'

type Served = Extract<keyof IpcHandlers, `conflict:${string}` | `recovered:${string}` | 'transfer:discard'>

const answerMs = 30_000
/** For what has to come from the bucket first, and for large files to be copied. */
const fetchMs = 30 * 60_000

export function conflictHandlers(options: {
  fleet: Pick<DriveFleet, 'ask'>
  /** Opens a file in the person's program for it; answers what went wrong, or an empty string. */
  openPath: (path: string) => Promise<string>
}): Pick<IpcHandlers, Served> {
  const { fleet, openPath } = options
  return {
    'transfer:discard': ({ driveId, transferId }) =>
      fleet.ask(driveId, 'transfer:discard', { transferId: workerTransferId(driveId, transferId) }, fetchMs),
    'conflict:list': ({ driveId }) => fleet.ask(driveId, 'conflict:list', {}, answerMs),
    'conflict:resolve': ({ driveId, ...asked }) => fleet.ask(driveId, 'conflict:resolve', asked, answerMs),
    'conflict:undo': ({ driveId, ids }) => fleet.ask(driveId, 'conflict:undo', { ids }, answerMs),
    'conflict:merge': ({ driveId, ...asked }) => fleet.ask(driveId, 'conflict:merge', asked, fetchMs),
    'conflict:content': ({ driveId, ...asked }) =>
      shown(() => fleet.ask(driveId, 'conflict:preview', { ...asked, atMostBytes: largestContentBytes }, fetchMs)),
    'conflict:open': async ({ driveId, ...asked }) =>
      opened(await fleet.ask(driveId, 'conflict:preview', asked, fetchMs), openPath),
    'recovered:list': ({ driveId }) => fleet.ask(driveId, 'recovered:list', {}, answerMs),
    'recovered:content': ({ driveId, id }) =>
      shown(() => fleet.ask(driveId, 'recovered:preview', { id, atMostBytes: largestContentBytes }, fetchMs)),
    'recovered:open': async ({ driveId, id }) =>
      opened(await fleet.ask(driveId, 'recovered:preview', { id }, fetchMs), openPath),
    'recovered:restore': ({ driveId, id }) => fleet.ask(driveId, 'recovered:restore', { id }, fetchMs),
    'recovered:remove': ({ driveId, ids }) => fleet.ask(driveId, 'recovered:remove', { ids }, answerMs),
  }
}

export async function shown(preview: () => Promise<Preview>): Promise<SideContent> {
  try {
    const { path } = await preview()
    return contentOf(await readFile(path))
  } catch (error) {
    if (problemFrom(error).code === 'file-too-large') return { kind: 'other', reason: 'too-large' }
    throw error
  }
}

export async function opened(
  { path }: Pick<Preview, 'path'>,
  openPath: (path: string) => Promise<string>,
): Promise<Record<string, never>> {
  const failure = await openPath(path)
  if (failure === '') return {}
  throw new ProblemError({
    code: 'internal',
    message: t('main.not-opened', { path }),
    remedy: t('main.not-opened.remedy'),
    detail: failure,
  })
}
