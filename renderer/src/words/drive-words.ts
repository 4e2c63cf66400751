import type { DriveView } from '../../../contracts/ipc.ts'
import type { Problem } from '../../../contracts/problem.ts'
import { pauseInWords, type Pause } from '../../../contracts/pause.ts'
import type { ConsistencyMode, DriveStatus } from '../../../contracts/drive.ts'
import {
  estimateInWords,
  estimateUpload,
  mayWaitFor,
  pendingInWords,
  pendingOf,
  type Pending,
  type UploadEstimate,
} from '../../../contracts/upload-estimate.ts'
import { t, type MessageKey } from '../../../language/language.ts'
import { agoInWords, bytesInWords, untilInWords } from './quantities.ts'
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
      return { label: t('drives.state.mounting'), tone: 'active', icon: 'busy' }
    case 'mounted':
      return mountedSummary(view, nowMs)
    case 'unmounting':
      return status.pendingOperations > 0
        ? {
            label: t('drives.state.unmounting'),
            detail: t('drives.state.unmounting.changes', { count: status.pendingOperations }),
            ...busy,
          }
        : { label: t('drives.state.unmounting'), ...busy }
    case 'restarting':
      return {
        label: t('drives.state.restarting', { when: untilInWords(state.retryAt, nowMs) }),
        detail: t('drives.state.restarting.detail'),
        tone: 'warning',
        icon: 'restart',
        problem: state.problem,
      }
    case 'failed':
      if (state.problem.code === 'keys-locked')
        return { label: t('drives.state.locked'), tone: 'warning', icon: 'attention', problem: state.problem }
      return { label: t('drives.state.failed'), tone: 'danger', icon: 'error', problem: state.problem }
    default:
      return assertNever(state)
  }
}

const busy = { tone: 'active', icon: 'busy' } as const

function unmountedSummary(pending: Pending): DriveSummary {
  const { pendingOperations } = pending
  if (pendingOperations === 0) return { label: t('drives.state.unmounted'), tone: 'neutral', icon: 'idle' }
  return {
    label: t('drives.state.unmounted'),
    detail: t('drives.state.unmounted.changes', { changes: pendingInWords(pending), count: pendingOperations }),
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
  if (status.connection === 'blocked')
    return { label: t('drives.state.attention'), tone: 'danger', icon: 'error', ...problem }
  if (status.needsAttention > 0) {
    return {
      label: t('drives.state.attention'),
      detail: attentionDetail(status),
      tone: 'warning',
      icon: 'attention',
      ...problem,
    }
  }
  if (status.connection === 'offline') {
    const detail = offlineDetail(status, nowMs)
    // Of the network a person knows; of the proxy they may have set they have to be told.
    const told = status.problem?.code.startsWith('proxy-') === true ? status.problem : status.shortage
    const full = told === undefined ? {} : { problem: told }
    return { label: t('drives.state.offline'), detail, tone: 'warning', icon: 'offline', ...full }
  }
  if (status.shortage !== undefined)
    return { label: t('drives.state.full'), tone: 'warning', icon: 'attention', ...problem }
  if (status.pause !== undefined) {
    const label = t('drives.state.paused.until', { until: pauseInWords(status.pause, nowMs) })
    const { pendingOperations: count } = status
    const detail = count === 0 ? t('drives.state.paused.idle') : t('drives.state.paused.changes', { count })
    return { label, detail, tone: 'neutral', icon: 'pause' }
  }
  const { pendingOperations, pausedOperations } = status
  if (pausedOperations > 0 && pausedOperations === pendingOperations) {
    const detail = t('drives.state.paused.single', { count: pausedOperations })
    return { label: t('drives.state.paused'), detail, tone: 'neutral', icon: 'pause' }
  }
  if (pendingOperations > 0) {
    return { label: t('drives.state.syncing', { count: pendingOperations }), tone: 'active', icon: 'sync' }
  }
  return { label: t('drives.state.mounted'), detail: t('drives.state.mounted.detail'), tone: 'good', icon: 'check' }
}

function attentionDetail({ needsAttention, conflicts }: DriveView['status']): string {
  const count = needsAttention - conflicts
  if (conflicts === 0) return t('drives.state.attention.blocked', { count })
  if (count === 0) return t('drives.state.attention.conflicts', { count: conflicts })
  return t('drives.state.attention.both', { conflicts, count })
}

function offlineDetail({ pendingOperations: count, lastHeardAt, pause }: DriveView['status'], nowMs: number): string {
  const sentences = [
    count === 0
      ? t('drives.state.offline.readable')
      : pause === undefined
        ? t('drives.state.offline.changes', { count })
        : t('drives.state.offline.paused', { until: pauseInWords(pause, nowMs), count }),
    ...(lastHeardAt === undefined ? [] : [t('drives.state.offline.seen', { when: agoInWords(lastHeardAt, nowMs) })]),
  ]
  return sentences.join(' ')
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
  if (pendingOperations === 0) return t('drives.safe')
  if (unsyncedBytes === 0) return t('drives.unsafe.changes', { count: pendingOperations })
  return t('drives.unsafe.bytes', { bytes: bytesInWords(unsyncedBytes) })
}

export function notUploadedInWords(pending: Pending): string {
  return t('drives.not-uploaded', { amount: pendingInWords(pending), count: pending.pendingOperations })
}

/** Until when, where all of them agree; what “Upload, then …” does about it. */
export function pausedInWords(pauses: readonly Pause[], button: string, nowMs: number): string {
  const words = [...new Set(pauses.map((pause) => pauseInWords(pause, nowMs)))]
  const [until] = words
  return until !== undefined && words.length === 1
    ? t('drives.paused.until', { until, button })
    : t('drives.paused.some', { button })
}

/** What is left to upload, what holds it up or how long it may take, and what “Upload, then …” does about it. */
export function uploadOfferInWords(statuses: readonly DriveStatus[], button: string, nowMs: number): string {
  const pending = pendingOf(statuses)
  const estimate = estimateUpload(statuses)
  if (!statuses.some((status) => mayWaitFor(estimateUpload([status]))))
    return stuckInWords(pendingInWords(pending), pending.pendingOperations, estimate.kind)
  const left = notUploadedInWords(pending)
  const pauses = statuses.flatMap(({ pendingOperations, pause }) => (pendingOperations > 0 ? (pause ?? []) : []))
  if (pauses.length > 0) return `${left} ${pausedInWords(pauses, button, nowMs)}`
  const count = statuses.reduce((sum, { pausedOperations }) => sum + pausedOperations, 0)
  if (estimate.kind === 'paused') return `${left} ${t('drives.paused.single', { count, button })}`
  return t('drives.unmount.asked', { changes: left, estimate: estimateInWords(estimate) })
}

/** What goes with a drive that is removed with its account. */
export function removedDriveInWords({ status, drive }: DriveView): string {
  const cached =
    status.cachedBytes > 0
      ? t('drives.removed.cached', { size: bytesInWords(status.cachedBytes) })
      : t('drives.removed.cache')
  const values = { source: driveSource(drive), cached }
  return status.pendingOperations > 0
    ? t('drives.removed.lost', { ...values, amount: pendingInWords(status) })
    : t('drives.removed', values)
}

/** Why waiting is of no use now. */
export function stuckInWords(amount: string, count: number, kind: UploadEstimate['kind']): string {
  if (kind === 'signed-out') return t('sign-in.stuck', { amount })
  return kind === 'blocked' ? t('drives.stuck.blocked', { amount, count }) : t('drives.stuck.offline', { amount })
}

const consistencies: Record<ConsistencyMode, { label: MessageKey; detail: MessageKey }> = {
  cached: { label: 'drives.freshness.cached', detail: 'drives.freshness.cached.detail' },
  'close-to-open': { label: 'drives.freshness.close-to-open', detail: 'drives.freshness.close-to-open.detail' },
  strict: { label: 'drives.freshness.strict', detail: 'drives.freshness.strict.detail' },
}

export function consistencyInWords(mode: ConsistencyMode): { label: string; detail: string } {
  const { label, detail } = consistencies[mode]
  return { label: t(label), detail: t(detail) }
}
