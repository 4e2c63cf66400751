/** What the tray shows and offers, decided from the drives and the files that were transferred last. */
import type { DriveView } from '../contracts/ipc.ts'
import { pauseInWords, pauseSpans, pauseSpanKeys, type PauseSpan } from '../contracts/pause.ts'
import { bytesInWords } from '../contracts/quantities.ts'
import { pendingOf } from '../contracts/upload-estimate.ts'
import { t } from '../language/language.ts'
import type { RecentFile } from './recent-files.ts'

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
  | { do: 'show-file'; driveId: string; path: string }
  | { do: 'open-drive' | 'mount-drive' | 'unmount-drive'; id: string }

export type TrayModel = { state: TrayState; tooltip: string; items: TrayItem[] }

/** Pausing and resuming is of all drives here; one drive is paused in the window. */
export function trayModel(drives: readonly DriveView[], recent: readonly RecentFile[], nowMs: number): TrayModel {
  const state = trayState(drives)
  return {
    state,
    tooltip: t('tray.tip', { state: summary(state, drives, nowMs) }),
    items: [
      { kind: 'action', label: t('tray.open'), action: { do: 'show-window' } },
      ...(drives.length === 0 ? [] : [{ kind: 'label', label: safetyInWords(drives) } as const]),
      ...conflictItems(drives),
      ...pauseItems(drives),
      ...recentItems(drives, recent),
      { kind: 'separator' },
      ...(drives.length === 0 ? [{ kind: 'label', label: t('tray.drives.none') } as const] : drives.map(driveItem)),
      { kind: 'separator' },
      { kind: 'action', label: t('tray.quit'), action: { do: 'quit' } },
    ],
  }
}

function conflictItems(drives: readonly DriveView[]): TrayItem[] {
  const count = drives.reduce((sum, { state, status }) => sum + (state.state === 'mounted' ? status.conflicts : 0), 0)
  if (count === 0) return []
  return [{ kind: 'action', label: t('tray.settle', { count }), action: { do: 'show-conflicts' } }]
}

/** The question people have before they switch the computer off; what an unmounted drive keeps counts too. */
function safetyInWords(drives: readonly DriveView[]): string {
  const { pendingOperations, unsyncedBytes } = pendingOf(drives.map(({ status }) => status))
  if (pendingOperations === 0) return t('tray.safe')
  if (unsyncedBytes > 0) return t('tray.unsafe.bytes', { bytes: bytesInWords(unsyncedBytes) })
  return t('tray.unsafe.changes', { count: pendingOperations })
}

function pauseItems(drives: readonly DriveView[]): TrayItem[] {
  const mounted = drives.filter(({ state }) => state.state === 'mounted')
  const canPause = mounted.some(({ status }) => status.pause === undefined)
  const canResume = mounted.some(({ status }) => status.pause !== undefined)
  const spans = pauseSpans.map((span): TrayItem => {
    return { kind: 'action', label: t(pauseSpanKeys[span]), action: { do: 'pause', span } }
  })
  return [
    ...(canResume ? [{ kind: 'action', label: t('tray.resume'), action: { do: 'resume' } } as const] : []),
    ...(canPause ? [{ kind: 'menu', label: t('tray.pause'), items: spans } as const] : []),
  ]
}

/** Only of drives that are there: a file is shown where programs find it. */
function recentItems(drives: readonly DriveView[], recent: readonly RecentFile[]): TrayItem[] {
  const names = new Map(
    drives.flatMap(({ drive, state }) => (state.state === 'mounted' ? [[drive.id, drive.name]] : [])),
  )
  const items = recent.flatMap(({ driveId, path }): TrayItem[] => {
    const drive = names.get(driveId)
    if (drive === undefined) return []
    const name = labelOf(path.split('/').at(-1) ?? path)
    const label = names.size > 1 ? t('tray.recent.of', { name, drive: labelOf(drive) }) : name
    return [{ kind: 'action', label, action: { do: 'show-file', driveId, path } }]
  })
  return items.length === 0 ? [] : [{ kind: 'menu', label: t('tray.recent'), items }]
}

const mostCharacters = 48

/** A menu does not cut what is long, nor keep the direction of a name to itself. */
function labelOf(name: string): string {
  const characters = Array.from(new Intl.Segmenter().segment(name), ({ segment }) => segment)
  const half = Math.floor(mostCharacters / 2)
  const short = [...characters.slice(0, half), '…', ...characters.slice(-half)]
  return `\u2068${(characters.length <= mostCharacters ? characters : short).join('')}\u2069`
}

/** The worst that any drive is in. */
export function trayState(drives: readonly DriveView[]): TrayState {
  if (drives.some(needsAttention)) return 'attention'
  const mounted = drives.filter(({ state }) => state.state === 'mounted')
  if (mounted.some(({ status }) => status.connection === 'offline')) return 'offline'
  if (mounted.some(({ status }) => status.pause !== undefined)) return 'paused'
  const going = mounted.filter(({ status }) => status.pendingOperations > status.pausedOperations)
  const isChanging = drives.some(({ state }) => state.state === 'mounting' || state.state === 'unmounting')
  if (isChanging || going.length > 0) return 'syncing'
  return mounted.some(({ status }) => status.pausedOperations > 0) ? 'paused' : 'idle'
}

function needsAttention({ state, status }: DriveView): boolean {
  if (state.state === 'failed' || state.state === 'restarting') return true
  const isStopped = status.connection === 'blocked' || status.connection === 'signed-out'
  return state.state === 'mounted' && (status.needsAttention > 0 || isStopped)
}

function summary(state: TrayState, drives: readonly DriveView[], nowMs: number): string {
  const pending = drives.reduce((sum, { status }) => sum + status.pendingOperations, 0)
  if (state === 'attention')
    return t('tray.tip.attention', {
      names: drives
        .filter(needsAttention)
        .map(({ drive }) => drive.name)
        .join(', '),
    })
  if (state === 'offline')
    return pending > 0 ? t('tray.tip.offline.changes', { count: pending }) : t('tray.tip.offline')
  if (state === 'paused') {
    const pauses = drives.flatMap(({ state: now, status }) => (now.state === 'mounted' ? (status.pause ?? []) : []))
    const words = [...new Set(pauses.map((pause) => pauseInWords(pause, nowMs)))]
    const [until] = words
    if (until === undefined || words.length > 1)
      return pending > 0 ? t('tray.tip.paused.changes', { count: pending }) : t('tray.tip.paused')
    return pending > 0
      ? t('tray.tip.paused.until.changes', { until, count: pending })
      : t('tray.tip.paused.until', { until })
  }
  if (state === 'syncing') return pending > 0 ? t('tray.tip.syncing', { count: pending }) : t('tray.tip.working')
  const mounted = drives.filter((view) => view.state.state === 'mounted').length
  return mounted === 0 ? t('tray.tip.unmounted') : t('tray.tip.uploaded', { count: mounted })
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
        return [act(t('tray.drive.open'), 'open-drive'), act(t('tray.drive.unmount'), 'unmount-drive')]
      case 'unmounted':
        return [act(t('tray.drive.mount'), 'mount-drive')]
      case 'failed':
        return [{ kind: 'label', label: state.problem.message }, act(t('tray.drive.mount'), 'mount-drive')]
      case 'restarting':
        return [
          { kind: 'label', label: state.problem.message },
          act(t('tray.drive.mount-now'), 'mount-drive'),
          act(t('tray.drive.unmount'), 'unmount-drive'),
        ]
      default:
        return [
          { kind: 'label', label: t(state.state === 'mounting' ? 'tray.drive.mounting' : 'tray.drive.unmounting') },
        ]
    }
  }
  return { kind: 'menu', label: t('tray.drive', { name: labelOf(drive.name), state: state.state }), items: items() }
}
