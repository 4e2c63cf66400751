import { expect, test } from 'vitest'
import { emptyDriveStatus } from '../contracts/drive.ts'
import { progressLine } from './show-progress.ts'

const uploading = { ...emptyDriveStatus, pendingOperations: 3, unsyncedBytes: 300e6, unsentBytes: 240e6 }

test('a line on the terminal says how much, how fast and how long', () => {
  expect(progressLine({ ...uploading, uploadBytesPerSecond: 1e6 })).toBe(
    'uploading 3 changes (300 MB), 1 MB/s, about 4 minutes left',
  )
  expect(progressLine({ ...uploading, connection: 'offline' })).toBe(
    'uploading 3 changes (300 MB), waiting for the network',
  )
})
