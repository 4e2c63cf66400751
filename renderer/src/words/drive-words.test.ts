import { describe, expect, it } from 'vitest'
import { emptyDriveStatus, type DriveState, type DriveStatus } from '../../../contracts/drive.ts'
import type { DriveView } from '../../../contracts/ipc.ts'
import {
  driveNeedsPerson,
  driveSource,
  driveSummary,
  driveTotals,
  pausedInWords,
  uploadOfferInWords,
  safetyInWords,
} from './drive-words.ts'

function view(state: DriveState, status: Partial<DriveStatus> = {}): DriveView {
  return {
    drive: {
      id: 'd',
      accountId: 'a',
      name: 'Photos',
      bucket: 'photos',
      prefix: '',
      mountpoint: '/m',
      isReadOnly: false,
      consistency: 'close-to-open',
      mountsAtStart: false,
    },
    state,
    status: { ...emptyDriveStatus, ...status },
  }
}

const problem = { code: 'access-denied', message: 'The keys may not write here.' } as const
const locked = { code: 'keys-locked', message: 'The key file is locked.' } as const
const mounted: DriveState = { state: 'mounted' }

describe('a drive says its state in words', () => {
  it.each<[string, DriveView, string, string]>([
    ['nothing going on', view(mounted), 'Mounted', 'good'],
    ['not mounted', view({ state: 'unmounted' }), 'Not mounted', 'neutral'],
    ['not mounted with changes left', view({ state: 'unmounted' }, { pendingOperations: 2 }), 'Not mounted', 'warning'],
    ['uploading one', view(mounted, { pendingOperations: 1 }), 'Syncing 1 change', 'active'],
    ['offline', view(mounted, { connection: 'offline', pendingOperations: 1 }), 'Offline', 'warning'],
    ['paused', view(mounted, { pause: {}, pendingOperations: 3 }), 'Paused until you resume', 'neutral'],
    ['blocked', view(mounted, { connection: 'blocked', problem }), 'Needs you', 'danger'],
    ['a conflict', view(mounted, { needsAttention: 1, conflicts: 1 }), 'Needs you', 'warning'],
    ['restarting', view({ state: 'restarting', retryAt: 5000, problem }), 'Restarting in 4 s', 'warning'],
    ['failed', view({ state: 'failed', problem }), 'Could not mount', 'danger'],
    ['waiting for a passphrase', view({ state: 'failed', problem: locked }), 'Waits for your passphrase', 'warning'],
  ])('%s', (_name, drive, label, tone) => expect(driveSummary(drive, 1000)).toMatchObject({ label, tone }))

  it('a conflict outranks being offline, because only a person can settle it', () => {
    const drive = view(mounted, { connection: 'offline', needsAttention: 1, conflicts: 1 })
    expect(driveSummary(drive, 0).label).toBe('Needs you')
  })

  it('offline, it says how old what the folders show is', () => {
    const drive = view(mounted, { connection: 'offline', pendingOperations: 1, lastHeardAt: 0 })
    expect(driveSummary(drive, 180_000).detail).toBe(
      '1 change uploads when the connection is back. Folders show the bucket as of 3 min ago.',
    )
    expect(driveSummary(view(mounted, { connection: 'offline' }), 0).detail).toBe(
      'Files kept on this computer can be opened.',
    )
  })

  it('offline because of the proxy, it says so', () => {
    const refused = { code: 'proxy-unreachable', message: 'The proxy at proxy:3128 could not be reached.' } as const
    expect(driveSummary(view(mounted, { connection: 'offline', problem: refused }), 0)).toMatchObject({
      label: 'Offline',
      problem: refused,
    })
    expect(driveSummary(view(mounted, { connection: 'offline', problem }), 0).problem).toBeUndefined()
  })

  it('paused, it says what waits and that files still open', () => {
    const drive = view(mounted, { pause: {}, pendingOperations: 3 })
    expect(driveSummary(drive, 0).detail).toBe('3 changes wait. Files open as usual.')
    const offline = view(mounted, { pause: {}, pendingOperations: 1, connection: 'offline' })
    expect(driveSummary(offline, 0).detail).toBe('Paused until you resume: 1 change waits.')
  })

  it('conflicts and blocked changes are counted apart', () => {
    const drive = view(mounted, { needsAttention: 3, conflicts: 2 })
    expect(driveSummary(drive, 0).detail).toBe('2 conflicts, 1 change blocked.')
  })

  it('a problem comes along with the state it explains', () => {
    expect(driveSummary(view({ state: 'failed', problem }), 0).problem).toBe(problem)
  })
})

it('a drive that is offline waits for the network, not for a person', () => {
  expect(driveNeedsPerson(view(mounted, { connection: 'offline' }))).toBe(false)
  expect(driveNeedsPerson(view(mounted, { connection: 'blocked' }))).toBe(true)
  expect(driveNeedsPerson(view({ state: 'failed', problem }))).toBe(true)
})

it('what a drive shows is written as bucket and folder', () => {
  expect(driveSource({ bucket: 'b', prefix: '' })).toBe('b')
  expect(driveSource({ bucket: 'b', prefix: 'a/c/' })).toBe('b/a/c')
})

it('what is not uploaded is summed over all drives, mounted or not', () => {
  const totals = driveTotals([
    view(mounted, { pendingOperations: 1, unsyncedBytes: 1_000_000 }),
    view({ state: 'unmounted' }, { pendingOperations: 2, unsyncedBytes: 500_000 }),
  ])
  expect(totals).toMatchObject({ pendingOperations: 3, unsyncedBytes: 1_500_000 })
  expect(safetyInWords(totals)).toBe('1.5 MB not uploaded')
  expect(safetyInWords(driveTotals([]))).toBe('Everything is uploaded')
})

describe('a question about what is left to upload', () => {
  const button = 'Upload, then quit'
  const offer = (...statuses: Partial<DriveStatus>[]) =>
    uploadOfferInWords(
      statuses.map((status) => ({ ...emptyDriveStatus, ...status })),
      button,
      0,
    )

  it('says of changes that were paused one by one that they are, and what the button does', () => {
    expect(offer({ pendingOperations: 2, pausedOperations: 2 }, {})).toBe(
      '2 changes are not in the bucket yet. 2 changes were paused one by one; “Upload, then quit” resumes them.',
    )
    expect(offer({ pendingOperations: 1, pausedOperations: 1 }, { pendingOperations: 3 })).toBe(
      '4 changes are not in the bucket yet. One change was paused on its own; “Upload, then quit” resumes it.',
    )
  })

  it('says that the drive is paused, or how long it may take', () => {
    expect(offer({ pendingOperations: 2, pausedOperations: 1, pause: {} })).toContain(
      'Uploads are paused until you resume; “Upload, then quit” resumes them.',
    )
    expect(offer({ pendingOperations: 3, pausedOperations: 1, operationsPerSecond: 1 })).toContain(
      'Uploading: a few seconds left.',
    )
    expect(offer({ pendingOperations: 3, connection: 'offline' })).toBe(
      '3 changes cannot be uploaded now, because there is no connection.',
    )
  })
})

it('a question about uploads that are paused says what its button does', () => {
  expect(pausedInWords([{}], 'Upload, then quit', 0)).toBe(
    'Uploads are paused until you resume; “Upload, then quit” resumes them.',
  )
  expect(pausedInWords([{}, { until: 1 }], 'Upload now', 0)).toBe('Uploads are paused; “Upload now” resumes them.')
})
