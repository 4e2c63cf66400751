import { describe, expect, it } from 'vitest'
import { emptyDriveStatus, type DriveState, type DriveStatus } from '../contracts/drive.ts'
import type { DriveView } from '../contracts/ipc.ts'
import { sampleDrive } from './testing/samples.ts'
import { trayModel, trayState, type TrayState } from './tray-model.ts'

const problem = { code: 'worker-crashed', message: 'gone' } as const
const view = (state: DriveState, status: Partial<DriveStatus> = {}): DriveView => ({
  drive: sampleDrive(),
  state,
  status: { ...emptyDriveStatus, ...status },
})
const mounted = { state: 'mounted' } as const

describe('the tray', () => {
  it.each<[string, DriveView[], TrayState]>([
    ['is idle without drives', [], 'idle'],
    ['is idle when all is uploaded', [view(mounted)], 'idle'],
    [
      'is syncing while a mounted drive has changes',
      [view(mounted), view(mounted, { pendingOperations: 1 })],
      'syncing',
    ],
    [
      'is not syncing for what an unmounted drive keeps',
      [view({ state: 'unmounted' }, { pendingOperations: 1 })],
      'idle',
    ],
    [
      'is paused rather than syncing',
      [view(mounted, { pause: {} }), view(mounted, { pendingOperations: 1 })],
      'paused',
    ],
    ['is offline rather than paused', [view(mounted, { pause: {}, connection: 'offline' })], 'offline'],
    ['is offline rather than syncing', [view(mounted, { pendingOperations: 1, connection: 'offline' })], 'offline'],
    ['wants attention while signed out', [view(mounted, { connection: 'signed-out' })], 'attention'],
    ['wants attention for a conflict', [view(mounted, { needsAttention: 1, connection: 'offline' })], 'attention'],
    [
      'wants attention for a drive that is down',
      [view(mounted), view({ state: 'restarting', retryAt: 1, problem })],
      'attention',
    ],
  ])('%s', (_title, drives, state) => {
    expect(trayState(drives)).toBe(state)
  })

  it('offers the conflicts of all drives, and says that they need somebody', () => {
    const model = trayModel(
      [view(mounted, { needsAttention: 2, conflicts: 2 }), view(mounted, { needsAttention: 1, conflicts: 1 })],
      [],
      0,
    )
    expect(model.items[2]).toEqual({ kind: 'action', label: 'Settle 3 conflicts…', action: { do: 'show-conflicts' } })
    expect(model.state).toBe('attention')
    expect(model.tooltip).toContain('needs you')
  })

  it('pauses while a drive is not paused, resumes while one is, and says until when', () => {
    const labels = (drives: DriveView[]) =>
      trayModel(drives, [], 0).items.flatMap((item) => ('label' in item ? [item.label] : []))
    const until = new Date(1970, 0, 1, 16, 5).getTime()
    const paused = view(mounted, { pause: { until }, pendingOperations: 3 })
    expect(labels([view(mounted)])).toContain('Pause')
    expect(labels([view(mounted)])).not.toContain('Resume')
    expect(labels([paused])).not.toContain('Pause')
    expect(labels([paused, view(mounted)])).toEqual(expect.arrayContaining(['Pause', 'Resume']))
    expect(trayModel([paused], [], 0).tooltip).toBe('CloudMount: paused until 16:05, 3 changes waiting')
    expect(labels([view({ state: 'unmounted' })])).not.toContain('Pause')
  })

  it('says whether the computer can be switched off', () => {
    const second = (drives: DriveView[]) => trayModel(drives, [], 0).items[1]
    const pending = { pendingOperations: 2, unsyncedBytes: 12_400_000 }
    expect(second([view(mounted)])).toMatchObject({ label: 'Safe to shut down: everything is in the bucket' })
    expect(second([view(mounted), view({ state: 'unmounted' }, pending)])).toMatchObject({
      label: '12.4 MB not in the bucket yet',
    })
    expect(second([view(mounted, { pendingOperations: 1 })])).toMatchObject({ label: '1 change not in the bucket yet' })
  })

  it('offers the files that were transferred last, of drives that are there, cut where they are long', () => {
    const there = view(mounted)
    const gone: DriveView = { ...view({ state: 'unmounted' }), drive: { ...sampleDrive(), id: 'gone' } }
    const { id: driveId } = there.drive
    const recent = [
      { driveId, path: 'a/report.odt' },
      { driveId: 'gone', path: 'b.txt' },
      { driveId, path: 'x'.repeat(1000) },
    ]
    const menu = trayModel([there, gone], recent, 0).items.find(
      (item) => 'label' in item && item.label === 'Recent files',
    )
    expect(menu).toMatchObject({
      items: [
        { label: '\u2068report.odt\u2069', action: { do: 'show-file', driveId, path: 'a/report.odt' } },
        { label: `\u2068${'x'.repeat(24)}…${'x'.repeat(24)}\u2069` },
      ],
    })
    expect(trayModel([there], [], 0).items).not.toContainEqual(expect.objectContaining({ label: 'Recent files' }))
  })

  it('is paused, not syncing, when all that is left was paused by itself', () => {
    expect(trayState([view(mounted, { pendingOperations: 2, pausedOperations: 2 })])).toBe('paused')
    expect(trayState([view(mounted, { pendingOperations: 2, pausedOperations: 1 })])).toBe('syncing')
  })

  it('offers what can be done with each drive', () => {
    const labels = (state: DriveState) =>
      trayModel([view(state)], [], 0)
        .items.flatMap((item) => (item.kind === 'menu' && item.label.includes('(') ? item.items : []))
        .map((item) => 'label' in item && item.label)
    expect(labels(mounted)).toEqual(['Open folder', 'Unmount'])
    expect(labels({ state: 'failed', problem })).toEqual(['gone', 'Mount'])
    expect(trayModel([], [], 0).items.map((item) => 'label' in item && item.label)).toEqual([
      'Open CloudMount',
      false,
      'No drives yet',
      false,
      'Quit',
    ])
  })
})
