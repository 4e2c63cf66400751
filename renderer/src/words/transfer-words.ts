import { t, type MessageKey } from '../../../language/language.ts'
import type { ProblemCode } from '../../../contracts/problem.ts'
import type { MoveProgress, Transfer } from '../../../contracts/transfer.ts'
import { agoInWords, bytesInWords, durationInWords, rateInWords, shareInWords, untilInWords } from './quantities.ts'
import { assertNever } from './tone.ts'
import type { StateIcon, Tone } from './tone.ts'

export type TransferSummary = { label: string; tone: Tone; icon: StateIcon }

const verbs: Record<Transfer['kind'], { now: MessageKey; done: MessageKey }> = {
  upload: { now: 'transfers.now.upload', done: 'transfers.done.upload' },
  download: { now: 'transfers.now.download', done: 'transfers.done.download' },
  delete: { now: 'transfers.now.delete', done: 'transfers.done.delete' },
  copy: { now: 'transfers.now.move', done: 'transfers.done.move' },
  folder: { now: 'transfers.now.folder', done: 'transfers.done.folder' },
  move: { now: 'transfers.now.move', done: 'transfers.done.move' },
}

const kinds: Record<Transfer['kind'], MessageKey> = {
  upload: 'transfers.kind.upload',
  download: 'transfers.kind.download',
  delete: 'transfers.kind.delete',
  copy: 'transfers.kind.copy',
  folder: 'transfers.kind.folder',
  move: 'transfers.kind.move',
}

export function kindInWords({ kind }: Transfer): string {
  return t(kinds[kind])
}

/** `isPaused` is of its drive. */
export function transferSummary(transfer: Transfer, nowMs: number, isPaused = false): TransferSummary {
  const { status, kind } = transfer
  switch (status.state) {
    case 'queued':
      if (isPaused) return paused()
      return { label: t('transfers.state.queued'), tone: 'neutral', icon: 'clock' }
    case 'paused':
      return paused()
    case 'running':
      return {
        label: t(transfer.move?.isUndo === true ? 'transfers.state.moving-back' : verbs[kind].now),
        tone: 'active',
        icon: 'sync',
      }
    case 'waiting':
      return {
        label: t('transfers.state.again', { when: untilInWords(status.retryAt, nowMs) }),
        tone: 'warning',
        icon: 'clock',
      }
    case 'blocked':
      return { label: t('transfers.state.blocked'), tone: 'danger', icon: 'error' }
    case 'conflict':
      return { label: t('transfers.state.conflict'), tone: 'warning', icon: 'conflict' }
    case 'done':
      return { label: t(verbs[kind].done, { when: agoInWords(status.finishedAt, nowMs) }), tone: 'good', icon: 'check' }
    case 'cancelled':
      return {
        label: t(kind === 'move' ? 'transfers.state.moved-back' : 'transfers.state.cancelled'),
        tone: 'neutral',
        icon: 'cancelled',
      }
    default:
      return assertNever(status)
  }
}

function paused(): TransferSummary {
  return { label: t('transfers.state.paused'), tone: 'neutral', icon: 'pause' }
}

/** “12 of 40 MB · 3.2 MB/s”, as much of it as is known. */
export function progressInWords(transfer: Transfer): string {
  const { status, sizeBytes, doneBytes, move } = transfer
  if (move !== undefined) return itemsInWords(move)
  if (!hasBytes(transfer)) return ''
  if (status.state !== 'running') return bytesInWords(sizeBytes)
  const done = shareInWords(doneBytes, sizeBytes)
  if (status.bytesPerSecond === 0) return done
  return t('transfers.progress.rate', { done, rate: rateInWords(status.bytesPerSecond) })
}

/** “1,200 of at least 3,400 items”: while the old place is still being listed, the total only grows. */
function itemsInWords({ doneItems: done, totalItems: total, isCounting }: MoveProgress): string {
  if (total === 0) return isCounting ? t('transfers.items.looking') : ''
  return t(isCounting ? 'transfers.items.counting' : 'transfers.items', { done, total })
}

/** What more there is to say of a state: how long it takes, or how often it was tried. */
export function transferDetail({ status, sizeBytes, doneBytes, attempts }: Transfer): string {
  if (status.state === 'running' && status.bytesPerSecond > 0 && sizeBytes > doneBytes) {
    return t('transfers.left', { span: durationInWords(((sizeBytes - doneBytes) / status.bytesPerSecond) * 1000) })
  }
  if (status.state === 'waiting' && attempts > 0) return t('transfers.tried', { times: attempts })
  return ''
}

export function hasBytes(transfer: Transfer): boolean {
  return transfer.sizeBytes > 0 && transfer.kind !== 'delete' && transfer.kind !== 'folder'
}

/** What a person can do with one, in the order of the buttons. */
export type TransferAction = 'first' | 'pause' | 'resume' | 'retry' | 'settle' | 'cancel' | 'discard'

export function actionsOf({ kind, status, stops }: Transfer): TransferAction[] {
  const { state } = status
  if (state === 'done' || state === 'cancelled') return []
  if (state === 'conflict') return ['settle']
  const actions: TransferAction[] = []
  if (state === 'queued' && kind === 'upload' && stops === 'by-pause') actions.push('first')
  if (state === 'waiting' || state === 'blocked') actions.push('retry')
  if (state === 'paused') actions.push('resume')
  if (stops === 'by-cancel') return [...actions, 'cancel']
  if (stops === undefined) return actions
  if (state !== 'paused' && state !== 'blocked') actions.push('pause')
  // A folder has no content that could be given up, and one that is on its way to another name is given up by renaming it back.
  if (kind === 'upload' || kind === 'delete' || (kind === 'copy' && state === 'blocked')) actions.push('discard')
  return actions
}

/** Where the one thing is that helps; undefined: it helps to try again. */
export function helpFor(code: ProblemCode): 'accounts' | 'drives' | undefined {
  if (accountCodes.includes(code)) return 'accounts'
  return code === 'cache-full' ? 'drives' : undefined
}

const accountCodes: readonly ProblemCode[] = [
  ...(['access-key-unknown', 'secret-wrong', 'token-expired', 'access-denied', 'profile-unknown'] as const),
  ...(['region-wrong', 'tls-untrusted', 'endpoint-not-s3', 'keys-locked', 'keychain-unavailable'] as const),
]

/** The name of the file, and the folder it is in (empty at the top of the drive). */
export function splitPath(path: string): { name: string; folder: string } {
  const trimmed = path.replace(/\/+$/, '')
  const slash = trimmed.lastIndexOf('/')
  return { name: trimmed.slice(slash + 1), folder: slash < 0 ? '' : trimmed.slice(0, slash) }
}

export function placeInWords(drive: string, folder: string, move: Transfer['move']): string {
  const place = folder === '' ? drive : t('transfers.place', { drive, folder })
  return move === undefined || move.isUndo ? place : t('transfers.place.moved', { place, from: move.from })
}

export type TransferTotals = {
  uploading: number
  downloading: number
  bytesPerSecond: number
  leftBytes: number
  unfinished: number
  needsPerson: number
}

export function transferTotals(transfers: Iterable<Transfer>): TransferTotals {
  const totals = { uploading: 0, downloading: 0, bytesPerSecond: 0, leftBytes: 0, unfinished: 0, needsPerson: 0 }
  for (const { kind, status, sizeBytes, doneBytes } of transfers) {
    if (status.state === 'done' || status.state === 'cancelled') continue
    totals.unfinished += 1
    if (status.state === 'blocked' || status.state === 'conflict') totals.needsPerson += 1
    if (status.state === 'blocked' || status.state === 'conflict' || status.state === 'paused') continue
    if (kind === 'upload' || kind === 'download') totals.leftBytes += Math.max(0, sizeBytes - doneBytes)
    if (status.state !== 'running') continue
    totals.bytesPerSecond += status.bytesPerSecond
    if (kind === 'upload') totals.uploading += 1
    if (kind === 'download') totals.downloading += 1
  }
  return totals
}

/** The line at the top of the list. */
export function totalsInWords({
  unfinished,
  uploading,
  downloading,
  bytesPerSecond,
  leftBytes,
}: TransferTotals): string {
  if (unfinished === 0) return t('transfers.totals.nothing')
  const parts: string[] = []
  if (uploading > 0) parts.push(t('transfers.totals.uploading', { count: uploading }))
  if (downloading > 0) parts.push(t('transfers.totals.downloading', { count: downloading }))
  if (parts.length === 0) parts.push(t('transfers.totals.transfers', { count: unfinished }))
  if (bytesPerSecond > 0) parts.push(rateInWords(bytesPerSecond))
  if (leftBytes > 0) parts.push(t('transfers.totals.left', { bytes: bytesInWords(leftBytes) }))
  if (bytesPerSecond > 0 && leftBytes > 0)
    parts.push(t('transfers.totals.time', { span: durationInWords((leftBytes / bytesPerSecond) * 1000) }))
  return parts.join(' · ')
}
