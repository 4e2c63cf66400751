/**
 * What is left to upload and how long that may take, from what drives say of themselves. Pure, and the same words
 * wherever a person is told: in the window, by the CLI, when the application quits.
 */
import type { DriveStatus } from './drive.ts'
import { t } from '../language/language.ts'
import { bytesInWords } from './quantities.ts'

export type UploadEstimate =
  | { kind: 'done' }
  | { kind: 'offline' }
  | { kind: 'signed-out' }
  /** All that is left waits for a person. */
  | { kind: 'blocked' }
  | { kind: 'paused' }
  | { kind: 'unknown' }
  | { kind: 'time'; leftMs: number }

export type Pending = { pendingOperations: number; unsyncedBytes: number }

/** Of drives that upload beside each other: the slowest decides, and one that cannot go on decides over all. */
export function estimateUpload(statuses: readonly DriveStatus[]): UploadEstimate {
  const estimates = statuses.map(estimateOne)
  for (const kind of ['offline', 'signed-out', 'blocked', 'paused', 'unknown'] as const) {
    const found = estimates.find((estimate) => estimate.kind === kind)
    if (found !== undefined) return found
  }
  const leftMs = estimates.map((estimate) => (estimate.kind === 'time' ? estimate.leftMs : 0))
  return estimates.every(({ kind }) => kind === 'done')
    ? { kind: 'done' }
    : { kind: 'time', leftMs: Math.max(...leftMs) }
}

function estimateOne(status: DriveStatus): UploadEstimate {
  const { pendingOperations, needsAttention, pausedOperations, connection, unsentBytes, pause } = status
  const moving = pendingOperations - needsAttention - pausedOperations
  if (pendingOperations === 0) return { kind: 'done' }
  if (connection === 'offline' || connection === 'signed-out') return { kind: connection }
  if (pendingOperations <= needsAttention) return { kind: 'blocked' }
  if (pause !== undefined || moving <= 0) return { kind: 'paused' }
  const bytesMs = spanFor(unsentBytes, status.uploadBytesPerSecond)
  const operationsMs = spanFor(moving, status.operationsPerSecond)
  // One large file says nothing of operations a second, and a thousand renames nothing of bytes.
  const leftMs = unsentBytes > 0 && bytesMs === undefined ? undefined : (operationsMs ?? bytesMs)
  return leftMs === undefined ? { kind: 'unknown' } : { kind: 'time', leftMs: Math.max(leftMs, bytesMs ?? 0) }
}

function spanFor(amount: number, perSecond: number): number | undefined {
  return perSecond > 0 ? (amount / perSecond) * 1000 : undefined
}

/** Whether waiting brings anything now. */
export function canGoOn({ kind }: UploadEstimate): boolean {
  return kind === 'time' || kind === 'unknown'
}

/** Whether a person may choose to wait: who asks for the uploads ends a pause by that. */
export function mayWaitFor(estimate: UploadEstimate): boolean {
  return canGoOn(estimate) || estimate.kind === 'paused'
}

export function pendingOf(statuses: readonly DriveStatus[]): Pending {
  return {
    pendingOperations: statuses.reduce((sum, status) => sum + status.pendingOperations, 0),
    unsyncedBytes: statuses.reduce((sum, status) => sum + status.unsyncedBytes, 0),
  }
}

export function estimateInWords(estimate: UploadEstimate): string {
  switch (estimate.kind) {
    case 'done':
      return t('shared.estimate.done')
    case 'offline':
      return t('shared.estimate.offline')
    case 'signed-out':
      return t('shared.estimate.signed-out')
    case 'blocked':
      return t('shared.estimate.blocked')
    case 'paused':
      return t('shared.estimate.paused')
    case 'unknown':
      return t('shared.estimate.unknown')
    case 'time':
      return leftInWords(estimate.leftMs)
  }
}

/** Coarse on purpose: an estimate to the second would only flicker. */
function leftInWords(spanMs: number): string {
  const seconds = spanMs / 1000
  if (seconds < 10) return t('shared.left.moment')
  if (seconds < 55) return t('shared.left.seconds', { count: Math.round(seconds / 10) * 10 })
  const minutes = Math.max(1, Math.round(seconds / 60))
  if (minutes < 60) return t('shared.left.minutes', { count: minutes })
  const hours = Math.round(minutes / 60)
  if (hours < 48) return t('shared.left.hours', { count: hours })
  return t('shared.left.days', { count: Math.round(hours / 24) })
}

/** “3 changes (12 MB)”. */
export function pendingInWords({ pendingOperations, unsyncedBytes }: Pending): string {
  const count = pendingOperations
  return unsyncedBytes > 0
    ? t('shared.pending.bytes', { count, bytes: bytesInWords(unsyncedBytes) })
    : t('shared.pending', { count })
}

/** What became of it, said after an unmount or at the end. */
export function outcomeInWords(pending: Pending): string {
  if (pending.pendingOperations === 0) return t('shared.outcome.done')
  return t('shared.outcome.pending', { amount: pendingInWords(pending), count: pending.pendingOperations })
}
