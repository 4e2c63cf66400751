import { describe, expect, it } from 'vitest'
import type { Transfer, TransferState } from '../../../contracts/transfer.ts'
import {
  actionsOf,
  helpFor,
  progressInWords,
  splitPath,
  totalsInWords,
  transferDetail,
  transferSummary,
  transferTotals,
} from './transfer-words.ts'

function transfer(status: TransferState, change: Partial<Transfer> = {}): Transfer {
  return {
    id: '1',
    driveId: 'd',
    kind: 'upload',
    path: 'a/b.txt',
    sizeBytes: 40_000_000,
    doneBytes: 12_000_000,
    attempts: 0,
    queuedAt: 0,
    status,
    ...change,
  }
}

const problem = { code: 'offline', message: 'No network.' } as const

describe('a transfer says its state in words', () => {
  it.each<[Transfer, string]>([
    [transfer({ state: 'queued' }), 'Queued'],
    [transfer({ state: 'running', bytesPerSecond: 0 }), 'Uploading'],
    [transfer({ state: 'running', bytesPerSecond: 0 }, { kind: 'delete' }), 'Deleting'],
    [transfer({ state: 'waiting', retryAt: 13_000, problem }), 'Again in 12 s'],
    [transfer({ state: 'waiting', retryAt: 500, problem }), 'Again now'],
    [transfer({ state: 'paused' }), 'Paused'],
    [transfer({ state: 'blocked', problem }), 'Needs you'],
    [transfer({ state: 'conflict', problem }), 'Conflict'],
    [transfer({ state: 'done', finishedAt: 0 }), 'Uploaded just now'],
    [transfer({ state: 'cancelled', finishedAt: 0 }), 'Cancelled'],
  ])('case %#', (given, label) => expect(transferSummary(given, 1000).label).toBe(label))
})

describe('progress', () => {
  it('says bytes, rate and time left', () => {
    const running = transfer({ state: 'running', bytesPerSecond: 3_200_000 })
    expect(progressInWords(running)).toBe('12 of 40 MB · 3.2 MB/s')
    expect(transferDetail(running)).toBe('9 s left')
  })
  it('names both units where they differ', () => {
    const early = transfer({ state: 'running', bytesPerSecond: 0 }, { doneBytes: 900_000 })
    expect(progressInWords(early)).toBe('900 kB of 40 MB')
  })
  it('promises no time without a rate', () => {
    const stalled = transfer({ state: 'running', bytesPerSecond: 0 })
    expect(progressInWords(stalled)).toBe('12 of 40 MB')
    expect(transferDetail(stalled)).toBe('')
  })
  it('says how often it was tried', () => {
    expect(transferDetail(transfer({ state: 'waiting', retryAt: 0, problem }, { attempts: 2 }))).toBe('Tried 2 times')
  })
  it('has no bytes for a deletion', () => {
    expect(progressInWords(transfer({ state: 'queued' }, { kind: 'delete' }))).toBe('')
  })
})

describe('totals', () => {
  it('count what is left, and nothing that has ended or waits for a person', () => {
    const totals = transferTotals([
      transfer({ state: 'running', bytesPerSecond: 2_000_000 }),
      transfer({ state: 'queued' }, { doneBytes: 0 }),
      transfer({ state: 'blocked', problem }),
      transfer({ state: 'done', finishedAt: 0 }),
    ])
    expect(totals).toEqual({
      uploading: 1,
      downloading: 0,
      bytesPerSecond: 2_000_000,
      leftBytes: 68_000_000,
      unfinished: 3,
      needsPerson: 1,
    })
    expect(totalsInWords(totals)).toBe('1 uploading · 2 MB/s · 68 MB left · about 34 s')
  })
  it('say so when nothing is left', () => expect(totalsInWords(transferTotals([]))).toBe('Nothing is waiting.'))
})

it.each([
  ['a.txt', 'a.txt', ''],
  ['x/y/a.txt', 'a.txt', 'x/y'],
  ['x/y/', 'y', 'x'],
])('%s is a name and a folder', (path, name, folder) => expect(splitPath(path)).toEqual({ name, folder }))

describe('what a person can do with a transfer', () => {
  const change = (status: TransferState, more: Partial<Transfer> = {}) =>
    actionsOf(transfer(status, { stops: 'by-pause', ...more }))

  it.each<[string, string[], string]>([
    ['a queued upload', change({ state: 'queued' }), 'first pause discard'],
    ['one that is being sent', change({ state: 'running', bytesPerSecond: 1 }), 'pause discard'],
    ['one that is tried again', change({ state: 'waiting', retryAt: 1, problem }), 'retry pause discard'],
    ['a paused one', change({ state: 'paused' }), 'resume discard'],
    ['one that was refused', change({ state: 'blocked', problem }), 'retry discard'],
    ['a conflict', change({ state: 'conflict', problem }), 'settle'],
    ['a new folder', change({ state: 'queued' }, { kind: 'folder' }), 'pause'],
    ['a file on its way to another name', change({ state: 'running', bytesPerSecond: 0 }, { kind: 'copy' }), 'pause'],
    [
      'a download by the window',
      actionsOf(transfer({ state: 'running', bytesPerSecond: 1 }, { stops: 'by-cancel' })),
      'cancel',
    ],
    ['what a program reads', actionsOf(transfer({ state: 'running', bytesPerSecond: 1 })), ''],
    ['what is over', change({ state: 'done', finishedAt: 1 }), ''],
  ])('%s', (_what, actions, expected) => expect(actions.join(' ')).toBe(expected))

  it('is led to where the one thing is that helps', () => {
    expect(helpFor('access-denied')).toBe('accounts')
    expect(helpFor('cache-full')).toBe('drives')
    expect(helpFor('content-damaged')).toBeUndefined()
  })
})
