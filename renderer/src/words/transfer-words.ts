import type { MoveProgress, Transfer } from '../../../contracts/transfer.ts'
import {
  agoInWords,
  bytesInWords,
  durationInWords,
  plural,
  rateInWords,
  shareInWords,
  untilInWords,
} from './quantities.ts'
import { assertNever } from './tone.ts'
import type { StateIcon, Tone } from './tone.ts'

export type TransferSummary = { label: string; tone: Tone; icon: StateIcon }

const verbs: Record<Transfer['kind'], { now: string; done: string }> = {
  upload: { now: 'Uploading', done: 'Uploaded' },
  download: { now: 'Downloading', done: 'Downloaded' },
  delete: { now: 'Deleting', done: 'Deleted' },
  copy: { now: 'Moving', done: 'Moved' },
  folder: { now: 'Making the folder', done: 'Folder made' },
  move: { now: 'Moving', done: 'Moved' },
}

export const kindWords: Record<Transfer['kind'], string> = {
  upload: 'Upload',
  download: 'Download',
  delete: 'Deletion',
  copy: 'Move',
  folder: 'New folder',
  move: 'Folder move',
}

/** `isPaused` is of its drive. */
export function transferSummary(transfer: Transfer, nowMs: number, isPaused = false): TransferSummary {
  const { status, kind } = transfer
  switch (status.state) {
    case 'queued':
      if (isPaused) return { label: 'Paused', tone: 'neutral', icon: 'pause' }
      return { label: 'Queued', tone: 'neutral', icon: 'clock' }
    case 'running':
      return { label: transfer.move?.isUndo === true ? 'Moving back' : verbs[kind].now, tone: 'active', icon: 'sync' }
    case 'waiting':
      return { label: `Again ${untilInWords(status.retryAt, nowMs)}`, tone: 'warning', icon: 'clock' }
    case 'blocked':
      return { label: 'Needs you', tone: 'danger', icon: 'error' }
    case 'conflict':
      return { label: 'Conflict', tone: 'warning', icon: 'conflict' }
    case 'done':
      return { label: `${verbs[kind].done} ${agoInWords(status.finishedAt, nowMs)}`, tone: 'good', icon: 'check' }
    case 'cancelled':
      return { label: kind === 'move' ? 'Moved back' : 'Cancelled', tone: 'neutral', icon: 'cancelled' }
    default:
      return assertNever(status)
  }
}

/** “12 of 40 MB · 3.2 MB/s”, as much of it as is known. */
export function progressInWords(transfer: Transfer): string {
  const { status, sizeBytes, doneBytes, move } = transfer
  if (move !== undefined) return itemsInWords(move)
  if (!hasBytes(transfer)) return ''
  if (status.state !== 'running') return bytesInWords(sizeBytes)
  const done = shareInWords(doneBytes, sizeBytes)
  return status.bytesPerSecond > 0 ? `${done} · ${rateInWords(status.bytesPerSecond)}` : done
}

/** “1,200 of at least 3,400 items”: while the old place is still being listed, the total only grows. */
function itemsInWords({ doneItems, totalItems, isCounting }: MoveProgress): string {
  if (totalItems === 0) return isCounting ? 'Looking what is in it' : ''
  return `${doneItems.toLocaleString('en')} of ${isCounting ? 'at least ' : ''}${plural(totalItems, 'item')}`
}

/** What more there is to say of a state: how long it takes, or how often it was tried. */
export function transferDetail({ status, sizeBytes, doneBytes, attempts }: Transfer): string {
  if (status.state === 'running' && status.bytesPerSecond > 0 && sizeBytes > doneBytes) {
    return `${durationInWords(((sizeBytes - doneBytes) / status.bytesPerSecond) * 1000)} left`
  }
  if (status.state === 'waiting' && attempts > 0) return attempts === 1 ? 'Tried once' : `Tried ${attempts} times`
  return ''
}

export function hasBytes(transfer: Transfer): boolean {
  return transfer.sizeBytes > 0 && transfer.kind !== 'delete' && transfer.kind !== 'folder'
}

/** The name of the file, and the folder it is in (empty at the top of the drive). */
export function splitPath(path: string): { name: string; folder: string } {
  const trimmed = path.replace(/\/+$/, '')
  const slash = trimmed.lastIndexOf('/')
  return { name: trimmed.slice(slash + 1), folder: slash < 0 ? '' : trimmed.slice(0, slash) }
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
    if (status.state === 'blocked' || status.state === 'conflict') {
      totals.needsPerson += 1
      continue
    }
    if (kind === 'upload' || kind === 'download') totals.leftBytes += Math.max(0, sizeBytes - doneBytes)
    if (status.state !== 'running') continue
    totals.bytesPerSecond += status.bytesPerSecond
    if (kind === 'upload') totals.uploading += 1
    if (kind === 'download') totals.downloading += 1
  }
  return totals
}

/** The line at the top of the list. */
export function totalsInWords(totals: TransferTotals): string {
  if (totals.unfinished === 0) return 'Nothing is waiting.'
  const parts: string[] = []
  if (totals.uploading > 0) parts.push(`${totals.uploading} uploading`)
  if (totals.downloading > 0) parts.push(`${totals.downloading} downloading`)
  if (parts.length === 0) parts.push(plural(totals.unfinished, 'transfer'))
  if (totals.bytesPerSecond > 0) parts.push(rateInWords(totals.bytesPerSecond))
  if (totals.leftBytes > 0) parts.push(`${bytesInWords(totals.leftBytes)} left`)
  if (totals.bytesPerSecond > 0 && totals.leftBytes > 0) {
    parts.push(`about ${durationInWords((totals.leftBytes / totals.bytesPerSecond) * 1000)}`)
  }
  return parts.join(' · ')
}
