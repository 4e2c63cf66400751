import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Activity } from '../contracts/activity.ts'
import { emptyDriveStatus, type DriveState, type DriveStatus } from '../contracts/drive.ts'
import type { DriveView } from '../contracts/ipc.ts'
import type { TransferState } from '../contracts/transfer.ts'
import { activityLog, burstMs, keptEntries, type ActivityLog } from './activity-log.ts'
import { activityWatch } from './activity-watch.ts'
import type { IpcHandlers } from './ipc-dispatch.ts'
import { sampleAccount, sampleDrive, sampleTransfer } from './testing/samples.ts'
import { tempFolder } from './testing/temp-folder.ts'

let path: string
let nowMs: number
let log: ActivityLog

const open = (): ActivityLog => activityLog({ path, nowMs: () => nowMs, changed: () => undefined })
const told = (of: ActivityLog): [Activity['kind'], number, string | undefined][] =>
  of.entries().map(({ kind, count, path: file }) => [kind, count, file])

beforeEach(() => {
  path = join(tempFolder(), 'activity.jsonl')
  nowMs = 1_000_000
  log = open()
})

describe('the history', () => {
  it('a burst of the same on one drive is one entry; another drive, another kind and a later time are not', () => {
    for (let n = 0; n < 312; n++) log.note({ kind: 'uploaded', driveId: 'd1', path: `${n}` })
    log.note({ kind: 'uploaded', driveId: 'd2', path: 'x' })
    log.note({ kind: 'deleted', driveId: 'd1', path: 'y' })
    nowMs += burstMs + 1
    log.note({ kind: 'uploaded', driveId: 'd1', path: 'later' })
    expect(told(log)).toEqual([
      ['uploaded', 312, '0'],
      ['uploaded', 1, 'x'],
      ['deleted', 1, 'y'],
      ['uploaded', 1, 'later'],
    ])
  })

  it('a connection that comes and goes is told in two entries, and how it stands now is the newer', () => {
    for (let n = 0; n < 4; n++) {
      log.note({ kind: 'offline', driveId: 'd1', message: 'Nothing answers.' })
      nowMs += 10_000
      log.note({ kind: 'online', driveId: 'd1' })
      nowMs += 10_000
    }
    expect(told(log)).toEqual([
      ['offline', 4, undefined],
      ['online', 4, undefined],
    ])
  })

  it('what drives do is never merged, and what is blocked only with the same reason', () => {
    for (let n = 0; n < 2; n++) log.note({ kind: 'mounted', driveId: 'd1' })
    for (const message of ['quota', 'quota', 'rights']) log.note({ kind: 'blocked', driveId: 'd1', message })
    expect(log.entries().map(({ kind, count }) => [kind, count])).toEqual([
      ['mounted', 1],
      ['mounted', 1],
      ['blocked', 2],
      ['blocked', 1],
    ])
  })

  it('survives a restart, with what still grows, and with a damaged line', () => {
    log.note({ kind: 'uploaded', driveId: 'd1', path: 'a' })
    log.flush()
    log.note({ kind: 'uploaded', driveId: 'd1', path: 'b' })
    expect(log.troubled('t', 'conflict')).toBe(true)
    log.flush()
    appendFileSync(path, '{"id":5,"kind":"upl')
    const again = open()
    expect(again.entries()).toEqual(log.entries())
    expect(again.troubled('t', 'conflict')).toBe(false)
    again.note({ kind: 'deleted', driveId: 'd1' })
    expect(new Set(again.entries().map(({ id }) => id)).size).toBe(2)
  })

  it('is bounded, in memory and on the disk', () => {
    for (let n = 0; n < 4 * keptEntries; n++) {
      log.note({ kind: 'mounted', driveId: `${n}` })
      if (n % 500 === 0) log.flush()
    }
    log.flush()
    expect(log.entries()).toHaveLength(keptEntries)
    expect(log.entries().at(-1)?.driveId).toBe(String(4 * keptEntries - 1))
    expect(readFileSync(path, 'utf8').split('\n').length).toBeLessThan(3 * keptEntries + 600)
    expect(open().entries()).toEqual(log.entries())
  })

  it('a disk that takes nothing stops nothing', () => {
    path = join(tempFolder(), 'not', 'there')
    log = open()
    log.note({ kind: 'mounted' })
    expect(() => log.flush()).not.toThrow()
    expect(log.entries()).toHaveLength(1)
  })
})

const view = (state: DriveState, status: Partial<DriveStatus> = {}, drive = sampleDrive()): DriveView => ({
  ...{ drive, state },
  status: { ...emptyDriveStatus, ...status },
})
const mounted = { state: 'mounted' } as const
const problem = { code: 'offline' as const, message: 'Nothing answers.' }

describe('what main hears', () => {
  const watch = (views: DriveView[] = []) =>
    activityWatch({ log, driveName: () => 'Photos', drives: views, accounts: [{ account: sampleAccount() }] })
  const kinds = (): Activity['kind'][] => log.entries().map(({ kind }) => kind)

  it('a sign-in that ends is not a network that went', () => {
    const { drivesChanged } = watch([view(mounted)])
    const expired = { code: 'token-expired' as const, message: 'They have expired.' }
    const signedOut = view(mounted, { connection: 'signed-out', problem: expired })
    for (const next of [
      signedOut,
      signedOut,
      view(mounted),
      view(mounted, { connection: 'offline', problem }),
      signedOut,
    ])
      drivesChanged([next])
    drivesChanged([view(mounted)])
    expect(kinds()).toEqual(['signed-out', 'signed-in', 'offline', 'signed-out', 'signed-in'])
    expect(log.entries()[0]).toMatchObject({ message: 'They have expired.' })
  })

  it('drives that come and go, go offline and are back, and fail, are told once each', () => {
    const { drivesChanged } = watch([view({ state: 'unmounted' })])
    for (const next of [
      view({ state: 'mounting' }),
      view(mounted),
      view(mounted, { pendingOperations: 3 }),
      view(mounted, { connection: 'offline', problem }),
      view(mounted, { connection: 'offline', problem }),
      view(mounted),
      view(mounted, { pause: {} }),
      view(mounted),
      view({ state: 'restarting', retryAt: 0, problem }),
      view({ state: 'failed', problem }),
      view({ state: 'failed', problem }, {}, sampleDrive({ name: 'Pictures' })),
    ])
      drivesChanged([next])
    drivesChanged([])
    expect(kinds()).toEqual([
      ...([
        'mounted',
        'offline',
        'online',
        'paused',
        'resumed',
        'restarting',
        'failed',
        'drive-changed',
        'drive-removed',
      ] as const),
    ])
    expect(log.entries()[1]).toMatchObject({ name: 'Photos', message: 'Nothing answers.' })
  })

  it('accounts: added, changed, removed; what an endpoint was found to honour is no change', () => {
    const { accountsChanged } = watch()
    const account = sampleAccount()
    accountsChanged([{ account }])
    accountsChanged([
      { account: { ...account, region: 'eu-west-1' } },
      { account: sampleAccount({ id: 'b', name: 'B' }) },
    ])
    accountsChanged([{ account: sampleAccount({ id: 'b', name: 'B' }) }])
    expect(kinds()).toEqual(['account-changed', 'account-added', 'account-removed'])
  })

  it('transfers: what is done, what is held back or in conflict until it no longer is, also over a restart', () => {
    const state = (status: TransferState) => sampleTransfer({ path: 'a.txt', status })
    const conflict = state({ state: 'conflict', problem })
    const first = watch()
    first.transfersChanged([state({ state: 'queued' }), conflict, conflict])
    log.flush()
    log = open()
    const second = watch()
    second.transfersChanged([conflict])
    second.transfersChanged([state({ state: 'running', bytesPerSecond: 1 }), state({ state: 'blocked', problem })])
    second.transfersChanged([state({ state: 'done', finishedAt: 1 })])
    expect(kinds()).toEqual(['conflict-found', 'conflict-over', 'blocked', 'unblocked', 'uploaded'])
  })

  it('choices are told when they were taken, and only those', async () => {
    const handlers = {
      'conflict:resolve': () => ({
        outcomes: [
          { id: '1', outcome: 'chosen' },
          { id: '2', outcome: 'moved-on' },
          { id: '3', outcome: 'chosen' },
        ],
      }),
    } as unknown as IpcHandlers
    const choices = ['1', '2', '3'].map((id) => ({
      id,
      revision: 'r',
      kind: id === '3' ? ('both' as const) : ('mine' as const),
    }))
    await watch().recorded(handlers)['conflict:resolve']({ driveId: 'd1', choices, delayMs: 0 })
    expect(log.entries().map(({ kind, count }) => [kind, count])).toEqual([
      ['chose-mine', 1],
      ['chose-both', 1],
    ])
  })

  it('a choice that was taken back is told, and how a conflict was settled that was not', async () => {
    const handlers = {
      'conflict:resolve': ({ choices }: { choices: { id: string }[] }) => ({
        outcomes: choices.map(({ id }) => ({ id, outcome: 'chosen' })),
      }),
      'conflict:undo': () => ({}),
    } as unknown as IpcHandlers
    const watched = watch()
    const recorded = watched.recorded(handlers)
    const conflict = (id: string) =>
      sampleTransfer({ id: `d1:op-${id}`, driveId: 'd1', status: { state: 'conflict', problem } })
    watched.transfersChanged([conflict('1'), conflict('2')])
    const choices = ['1', '2'].map((id) => ({ id, revision: 'r', kind: 'theirs' as const }))
    await recorded['conflict:resolve']({ driveId: 'd1', choices, delayMs: 8000 })
    await recorded['conflict:undo']({ driveId: 'd1', ids: ['2', '9'] })
    const queued = { status: { state: 'queued' } } as const
    watched.transfersChanged([
      { ...conflict('1'), ...queued },
      { ...conflict('2'), ...queued },
    ])
    expect(log.entries().map(({ kind, count }) => [kind, count])).toEqual([
      ['conflict-found', 2],
      ['chose-theirs', 2],
      ['choice-undone', 1],
      ['kept-theirs', 1],
      ['conflict-over', 1],
    ])
  })
})
