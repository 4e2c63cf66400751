import { describe, expect, test } from 'vitest'
import { emptyDriveStatus, type DriveStatus } from './drive.ts'
import { estimateInWords, estimateUpload, outcomeInWords } from './upload-estimate.ts'

const status = (change: Partial<DriveStatus>): DriveStatus => ({ ...emptyDriveStatus, ...change })
const mega = 1_000_000
const uploading = { pendingOperations: 2, unsyncedBytes: 60 * mega, unsentBytes: 48 * mega }

type Row = [title: string, statuses: DriveStatus[], words: string]

describe('how long uploading takes', () => {
  test.each<Row>([
    ['no drive', [], 'everything is uploaded'],
    ['nothing pending', [status({})], 'everything is uploaded'],
    ['no rate yet', [status(uploading)], 'can’t tell yet how long'],
    ['bytes over their rate', [status({ ...uploading, uploadBytesPerSecond: 200_000 })], 'about 4 minutes left'],
    ['nearly through', [status({ ...uploading, uploadBytesPerSecond: 20 * mega })], 'a few seconds left'],
    ['under a minute', [status({ ...uploading, uploadBytesPerSecond: 2 * mega })], 'about 20 seconds left'],
    ['hours', [status({ ...uploading, uploadBytesPerSecond: 6_000 })], 'about 2 hours left'],
    ['days', [status({ ...uploading, uploadBytesPerSecond: 100 })], 'about 6 days left'],
    ['sent, and being completed', [status({ pendingOperations: 1, uploadBytesPerSecond: mega })], 'a few seconds left'],
    ['renames alone', [status({ pendingOperations: 600, operationsPerSecond: 5 })], 'about 2 minutes left'],
    [
      'small files, where the number counts',
      [status({ ...uploading, pendingOperations: 600, uploadBytesPerSecond: 48 * mega, operationsPerSecond: 5 })],
      'about 2 minutes left',
    ],
    [
      'offline',
      [status({ ...uploading, connection: 'offline', uploadBytesPerSecond: mega })],
      'waiting for the network',
    ],
    ['offline with nothing to upload', [status({ connection: 'offline' })], 'everything is uploaded'],
    ['paused', [status({ ...uploading, pause: {}, uploadBytesPerSecond: mega })], 'paused'],
    ['all waiting for a person', [status({ ...uploading, needsAttention: 2 })], 'waiting for you'],
    [
      'one waiting for a person, one going on',
      [status({ ...uploading, needsAttention: 1, uploadBytesPerSecond: mega })],
      'about 50 seconds left',
    ],
    [
      'two drives: the slower one',
      [status({ ...uploading, uploadBytesPerSecond: mega }), status({ ...uploading, uploadBytesPerSecond: 200_000 })],
      'about 4 minutes left',
    ],
    [
      'two drives: one that cannot go on',
      [status({ ...uploading, uploadBytesPerSecond: mega }), status({ ...uploading, connection: 'offline' })],
      'waiting for the network',
    ],
  ])('%s', (_title, statuses, words) => expect(estimateInWords(estimateUpload(statuses))).toBe(words))
})

test('what became of the changes is said in one sentence', () => {
  expect(outcomeInWords({ pendingOperations: 0, unsyncedBytes: 0 })).toBe('Everything is in the bucket.')
  expect(outcomeInWords({ pendingOperations: 3, unsyncedBytes: 12 * mega })).toBe(
    '3 changes (12 MB) stay queued on this computer and are uploaded at the next mount.',
  )
  expect(outcomeInWords({ pendingOperations: 1, unsyncedBytes: 0 })).toBe(
    '1 change stays queued on this computer and is uploaded at the next mount.',
  )
})
