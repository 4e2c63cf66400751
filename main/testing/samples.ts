/** Valid accounts and drives to vary in tests. */
import type { Account } from '../../contracts/account.ts'
import type { Drive } from '../../contracts/drive.ts'
import type { Transfer } from '../../contracts/transfer.ts'

export function sampleAccount(part: Partial<Account> = {}): Account {
  return {
    id: 'account-1',
    name: 'Work',
    provider: 'minio',
    endpoint: 'http://127.0.0.1:9000',
    region: 'us-east-1',
    addressing: 'path',
    credentials: { kind: 'static', accessKeyId: 'AKIDEXAMPLE' },
    ...part,
  }
}

export function sampleDrive(part: Partial<Drive> = {}): Drive {
  return {
    id: 'drive-1',
    accountId: 'account-1',
    name: 'Photos',
    bucket: 'photos',
    prefix: '',
    mountpoint: '/mnt/photos',
    isReadOnly: false,
    consistency: 'close-to-open',
    mountsAtStart: false,
    ...part,
  }
}

export function sampleTransfer(part: Partial<Transfer> = {}): Transfer {
  return {
    id: '1',
    driveId: 'drive-1',
    kind: 'upload',
    path: 'a.txt',
    sizeBytes: 100,
    doneBytes: 0,
    attempts: 1,
    queuedAt: 0,
    status: { state: 'queued' },
    ...part,
  }
}
