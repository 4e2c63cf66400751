/**
 * What is left to upload and how long that may take, from what drives say of themselves. Pure, and the same words
 * wherever a person is told: in the window, by the CLI, when the application quits.
 */
import type { DriveStatus } from './drive.ts'
import { bytesInWords, plural } from './quantities.ts'

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
      return 'everything is uploaded'
    case 'offline':
      return 'waiting for the network'
    case 'signed-out':
      return 'waiting for you to sign in'
    case 'blocked':
      return 'waiting for you'
    case 'paused':
      return 'paused'
    case 'unknown':
      return 'can’t tell yet how long'
    case 'time':
      return `${spanInWords(estimate.leftMs)} left`
  }
}

/** Coarse on purpose: an estimate to the second would only flicker. */
function spanInWords(spanMs: number): string {
  const seconds = spanMs / 1000
  if (seconds < 10) return 'a few seconds'
  if (seconds < 55) return `about ${Math.round(seconds / 10) * 10} seconds`
  const minutes = Math.max(1, Math.round(seconds / 60))
  if (minutes < 60) return `about ${plural(minutes, 'minute')}`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `about ${plural(hours, 'hour')}` : `about ${plural(Math.round(hours / 24), 'day')}`
}

/** “3 changes (12 MB)”. */
export function pendingInWords({ pendingOperations, unsyncedBytes }: Pending): string {
  const size = unsyncedBytes > 0 ? ` (${bytesInWords(unsyncedBytes)})` : ''
  return `${plural(pendingOperations, 'change')}${size}`
}

/** What became of it, said after an unmount or at the end. */
export function outcomeInWords(pending: Pending): string {
  if (pending.pendingOperations === 0) return 'Everything is in the bucket.'
  const isOne = pending.pendingOperations === 1
  return `${pendingInWords(pending)} ${isOne ? 'stays' : 'stay'} queued on this computer and ${isOne ? 'is' : 'are'} uploaded at the next mount.`
}
