import type { DriveView } from '../../../contracts/ipc.ts'
import type { Problem } from '../../../contracts/problem.ts'
import { pauseInWords, type Pause } from '../../../contracts/pause.ts'
import type { ConsistencyMode } from '../../../contracts/drive.ts'
import { pendingInWords, type Pending, type UploadEstimate } from '../../../contracts/upload-estimate.ts'
import { t } from '../../../language/language.ts'
import { agoInWords, bytesInWords, plural, untilInWords } from './quantities.ts'
import { signedOutInWords } from './sign-in-words.ts'
import { assertNever } from './tone.ts'
import type { StateIcon, Tone } from './tone.ts'

export type DriveSummary = {
  label: string
  /** One sentence more, where it helps. */
  detail?: string
  tone: Tone
  icon: StateIcon
  /** What went wrong, shown with its remedy. */
  problem?: Problem
}

export function driveSummary(view: DriveView, nowMs: number): DriveSummary {
  const { state, status } = view
  switch (state.state) {
    case 'unmounted':
      return unmountedSummary(status)
    case 'mounting':
      return { label: 'Mounting…', tone: 'active', icon: 'busy' }
    case 'mounted':
      return mountedSummary(view, nowMs)
    case 'unmounting':
      return status.pendingOperations > 0
        ? { label: 'Unmounting…', detail: `Uploading ${changes(status.pendingOperations)} first.`, ...busy }
        : { label: 'Unmounting…', ...busy }
    case 'restarting':
      return {
        label: `Restarting ${untilInWords(state.retryAt, nowMs)}`,
        detail: 'The drive stopped and comes back by itself. Changes are kept on this computer.',
        tone: 'warning',
        icon: 'restart',
        problem: state.problem,
      }
    case 'failed':
      if (state.problem.code === 'keys-locked')
        return { label: 'Waits for your passphrase', tone: 'warning', icon: 'attention', problem: state.problem }
      return { label: 'Could not mount', tone: 'danger', icon: 'error', problem: state.problem }
    default:
      return assertNever(state)
  }
}

const busy = { tone: 'active', icon: 'busy' } as const

function unmountedSummary(pending: Pending): DriveSummary {
  const { pendingOperations } = pending
  if (pendingOperations === 0) return { label: 'Not mounted', tone: 'neutral', icon: 'idle' }
  const them = pendingOperations === 1 ? 'it' : 'them'
  return {
    label: 'Not mounted',
    detail: `${pendingInWords(pending)} not uploaded yet. Mount the drive to upload ${them}.`,
    tone: 'warning',
    icon: 'attention',
  }
}

function mountedSummary({ status }: DriveView, nowMs: number): DriveSummary {
  const shown = status.problem ?? status.shortage
  const problem = shown === undefined ? {} : { problem: shown }
  if (status.connection === 'signed-out') {
    const full = status.shortage === undefined ? {} : { problem: status.shortage }
    const detail = signedOutInWords(status, nowMs)
    return { label: t('sign-in.label'), detail, tone: 'warning', icon: 'attention', ...full }
  }
  if (status.connection === 'blocked') return { label: 'Needs you', tone: 'danger', icon: 'error', ...problem }
  if (status.needsAttention > 0) {
    return { label: 'Needs you', detail: attentionDetail(status), tone: 'warning', icon: 'attention', ...problem }
  }
  if (status.connection === 'offline') {
    const detail = offlineDetail(status, nowMs)
    // Of the network a person knows; of the proxy they may have set they have to be told.
    const told = status.problem?.code.startsWith('proxy-') === true ? status.problem : status.shortage
    const full = told === undefined ? {} : { problem: told }
    return { label: 'Offline', detail, tone: 'warning', icon: 'offline', ...full }
  }
  if (status.shortage !== undefined) return { label: 'No space left', tone: 'warning', icon: 'attention', ...problem }
  if (status.pause !== undefined) {
    const label = `Paused ${pauseInWords(status.pause, nowMs)}`
    return { label, detail: `${waitingInWords(status)} Files open as usual.`, tone: 'neutral', icon: 'pause' }
  }
  const { pendingOperations, pausedOperations } = status
  if (pausedOperations > 0 && pausedOperations === pendingOperations) {
    const detail = `${changes(pausedOperations)} ${pausedOperations === 1 ? 'waits' : 'wait'} until you resume under Transfers.`
    return { label: 'Paused', detail, tone: 'neutral', icon: 'pause' }
  }
  if (status.pendingOperations > 0) {
    return { label: `Syncing ${changes(status.pendingOperations)}`, tone: 'active', icon: 'sync' }
  }
  return { label: 'Mounted', detail: 'Everything is in the bucket.', tone: 'good', icon: 'check' }
}

function attentionDetail(status: DriveView['status']): string {
  const blocked = status.needsAttention - status.conflicts
  const parts = [
    ...(status.conflicts > 0 ? [plural(status.conflicts, 'conflict')] : []),
    ...(blocked > 0 ? [`${changes(blocked)} blocked`] : []),
  ]
  return `${parts.join(', ')}.`
}

function waitingInWords({ pendingOperations }: Pending): string {
  if (pendingOperations === 0) return 'Everything is in the bucket.'
  return `${changes(pendingOperations)} ${pendingOperations === 1 ? 'waits' : 'wait'}.`
}

function offlineDetail(status: DriveView['status'], nowMs: number): string {
  const { pendingOperations, lastHeardAt, pause } = status
  const seen = lastHeardAt === undefined ? '' : ` Folders show the bucket as of ${agoInWords(lastHeardAt, nowMs)}.`
  if (pendingOperations === 0) return `Files kept on this computer can be opened.${seen}`
  if (pause !== undefined) return `Paused ${pauseInWords(pause, nowMs)}: ${waitingInWords(status)}${seen}`
  return `${changes(pendingOperations)} ${pendingOperations === 1 ? 'uploads' : 'upload'} when the connection is back.${seen}`
}

function changes(count: number): string {
  return plural(count, 'change')
}

/** `bucket` or `bucket/prefix`, as people write it. */
export function driveSource(drive: { bucket: string; prefix: string }): string {
  return drive.prefix === '' ? drive.bucket : `${drive.bucket}/${drive.prefix.replace(/\/$/, '')}`
}

export function isSettled(view: DriveView): boolean {
  return view.state.state === 'unmounted' || view.state.state === 'failed'
}

export function driveNeedsPerson(view: DriveView): boolean {
  if (view.state.state === 'failed') return true
  const { connection, needsAttention } = view.status
  return (
    view.state.state === 'mounted' && (connection === 'blocked' || connection === 'signed-out' || needsAttention > 0)
  )
}

export type Totals = { pendingOperations: number; unsyncedBytes: number; isOffline: boolean }

export function driveTotals(views: readonly DriveView[]): Totals {
  const totals = { pendingOperations: 0, unsyncedBytes: 0, isOffline: false }
  for (const { state, status } of views) {
    totals.pendingOperations += status.pendingOperations
    totals.unsyncedBytes += status.unsyncedBytes
    if (state.state === 'mounted' && (status.connection === 'offline' || status.connection === 'signed-out'))
      totals.isOffline = true
  }
  return totals
}

/** The one question people have before they close the lid. */
export function safetyInWords({ pendingOperations, unsyncedBytes }: Totals): string {
  if (pendingOperations === 0) return 'Everything is uploaded'
  if (unsyncedBytes === 0) return `${changes(pendingOperations)} not uploaded`
  return `${bytesInWords(unsyncedBytes)} not uploaded`
}

export function notUploadedInWords(pending: Pending): string {
  return `${pendingInWords(pending)} ${pending.pendingOperations === 1 ? 'is' : 'are'} not in the bucket yet.`
}

/** Until when, where all of them agree; what “Upload, then …” does about it. */
export function pausedInWords(pauses: readonly Pause[], button: string, nowMs: number): string {
  const words = [...new Set(pauses.map((pause) => pauseInWords(pause, nowMs)))]
  return `Uploads are paused${words.length === 1 ? ` ${words[0]}` : ''}; “${button}” resumes them.`
}

/** What goes with a drive that is removed with its account. */
export function removedDriveInWords({ status, drive }: DriveView): string {
  const lost = status.pendingOperations > 0 ? `, and ${pendingInWords(status)} that exist only on this computer` : ''
  const cached = status.cachedBytes > 0 ? `${bytesInWords(status.cachedBytes)} of cached files` : 'the cache'
  return `From ${driveSource(drive)}: ${cached}${lost}.`
}

/** Why waiting is of no use now. */
export function stuckInWords(amount: string, count: number, kind: UploadEstimate['kind']): string {
  if (kind === 'signed-out') return t('sign-in.stuck', { amount })
  const isOne = count === 1
  const reason = kind === 'blocked' ? (isOne ? 'it needs you' : 'they need you') : 'there is no connection'
  return `${amount} cannot be uploaded now, because ${reason}.`
}

export const consistencyWords: Record<ConsistencyMode, { label: string; detail: string }> = {
  cached: {
    label: 'Fast',
    detail: 'Changes by others show within five minutes. Uploads happen in the background.',
  },
  'close-to-open': {
    label: 'Balanced',
    detail: 'Opening a file shows its newest version. Uploads happen in the background.',
  },
  strict: {
    label: 'Strict',
    detail: 'Everything is checked with the bucket. Saving a file waits until it is uploaded.',
  },
}
