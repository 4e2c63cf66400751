/** What the tray shows and offers, decided from the drives alone. */
import type { DriveView } from '../contracts/ipc.ts'
import { pauseInWords, pauseSpans, pauseSpanWords, type PauseSpan } from '../contracts/pause.ts'
import { bytesInWords, plural } from '../contracts/quantities.ts'
import { pendingOf } from '../contracts/upload-estimate.ts'

export type TrayState = 'idle' | 'syncing' | 'paused' | 'offline' | 'attention'

export type TrayItem =
  | { kind: 'separator' }
  | { kind: 'label'; label: string }
  | { kind: 'action'; label: string; action: TrayAction }
  | { kind: 'menu'; label: string; items: TrayItem[] }

export type TrayAction =
  | { do: 'show-window' }
  | { do: 'show-conflicts' }
  | { do: 'pause'; span: PauseSpan }
  | { do: 'resume' }
  | { do: 'quit' }
  | { do: 'open-drive' | 'mount-drive' | 'unmount-drive'; id: string }

export type TrayModel = { state: TrayState; tooltip: string; items: TrayItem[] }

/** Pausing and resuming is of all drives here; one drive is paused in the window. */
export function trayModel(drives: readonly DriveView[], nowMs: number): TrayModel {
  const state = trayState(drives)
  return {
    state,
    tooltip: `CloudMount: ${summary(state, drives, nowMs)}`,
    items: [
      { kind: 'action', label: 'Open CloudMount', action: { do: 'show-window' } },
      ...(drives.length === 0 ? [] : [{ kind: 'label', label: safetyInWords(drives) } as const]),
      ...conflictItems(drives),
      ...pauseItems(drives),
      { kind: 'separator' },
      ...(drives.length === 0 ? [{ kind: 'label', label: 'No drives yet' } as const] : drives.map(driveItem)),
      { kind: 'separator' },
      { kind: 'action', label: 'Quit', action: { do: 'quit' } },
    ],
  }
}

function conflictItems(drives: readonly DriveView[]): TrayItem[] {
  const count = drives.reduce((sum, { state, status }) => sum + (state.state === 'mounted' ? status.conflicts : 0), 0)
  if (count === 0) return []
  return [{ kind: 'action', label: `Settle ${plural(count, 'conflict')}…`, action: { do: 'show-conflicts' } }]
}

/** The question people have before they switch the computer off; what an unmounted drive keeps counts too. */
function safetyInWords(drives: readonly DriveView[]): string {
  const { pendingOperations, unsyncedBytes } = pendingOf(drives.map(({ status }) => status))
  if (pendingOperations === 0) return 'Safe to shut down: everything is in the bucket'
  const amount = unsyncedBytes > 0 ? bytesInWords(unsyncedBytes) : plural(pendingOperations, 'change')
  return `${amount} not in the bucket yet`
}

function pauseItems(drives: readonly DriveView[]): TrayItem[] {
  const mounted = drives.filter(({ state }) => state.state === 'mounted')
  const canPause = mounted.some(({ status }) => status.pause === undefined)
  const canResume = mounted.some(({ status }) => status.pause !== undefined)
  const spans = pauseSpans.map((span): TrayItem => {
    return { kind: 'action', label: pauseSpanWords[span], action: { do: 'pause', span } }
  })
  return [
    ...(canResume ? [{ kind: 'action', label: 'Resume', action: { do: 'resume' } } as const] : []),
    ...(canPause ? [{ kind: 'menu', label: 'Pause', items: spans } as const] : []),
  ]
}

/** The worst that any drive is in. */
export function trayState(drives: readonly DriveView[]): TrayState {
  if (drives.some(needsAttention)) return 'attention'
  const mounted = drives.filter(({ state }) => state.state === 'mounted')
  if (mounted.some(({ status }) => status.connection === 'offline')) return 'offline'
  if (mounted.some(({ status }) => status.pause !== undefined)) return 'paused'
  const isChanging = drives.some(({ state }) => state.state === 'mounting' || state.state === 'unmounting')
  return isChanging || mounted.some(({ status }) => status.pendingOperations > 0) ? 'syncing' : 'idle'
}

function needsAttention({ state, status }: DriveView): boolean {
  if (state.state === 'failed' || state.state === 'restarting') return true
  const isStopped = status.connection === 'blocked' || status.connection === 'signed-out'
  return state.state === 'mounted' && (status.needsAttention > 0 || isStopped)
}

function summary(state: TrayState, drives: readonly DriveView[], nowMs: number): string {
  const pending = drives.reduce((sum, { status }) => sum + status.pendingOperations, 0)
  if (state === 'attention')
    return `${drives
      .filter(needsAttention)
      .map(({ drive }) => drive.name)
      .join(', ')} needs you`
  if (state === 'offline') return pending > 0 ? `offline, ${pending} changes queued` : 'offline'
  if (state === 'paused') {
    const pauses = drives.flatMap(({ state: now, status }) => (now.state === 'mounted' ? (status.pause ?? []) : []))
    const words = [...new Set(pauses.map((pause) => pauseInWords(pause, nowMs)))]
    const until = words.length === 1 ? ` ${words[0]}` : ''
    return pending > 0 ? `paused${until}, ${plural(pending, 'change')} waiting` : `paused${until}`
  }
  if (state === 'syncing') return pending > 0 ? `${pending} changes to upload` : 'working'
  const mounted = drives.filter((view) => view.state.state === 'mounted').length
  return mounted === 0 ? 'no drive mounted' : `${mounted} ${mounted === 1 ? 'drive' : 'drives'}, everything uploaded`
}

function driveItem({ drive, state }: DriveView): TrayItem {
  const { id } = drive
  const act = (label: string, what: 'open-drive' | 'mount-drive' | 'unmount-drive'): TrayItem => ({
    kind: 'action',
    label,
    action: { do: what, id },
  })
  const items = (): TrayItem[] => {
    switch (state.state) {
      case 'mounted':
        return [act('Open folder', 'open-drive'), act('Unmount', 'unmount-drive')]
      case 'unmounted':
        return [act('Mount', 'mount-drive')]
      case 'failed':
        return [{ kind: 'label', label: state.problem.message }, act('Mount', 'mount-drive')]
      case 'restarting':
        return [
          { kind: 'label', label: state.problem.message },
          act('Mount now', 'mount-drive'),
          act('Unmount', 'unmount-drive'),
        ]
      default:
        return [{ kind: 'label', label: state.state === 'mounting' ? 'Mounting…' : 'Unmounting…' }]
    }
  }
  return { kind: 'menu', label: `${drive.name} (${state.state})`, items: items() }
}
