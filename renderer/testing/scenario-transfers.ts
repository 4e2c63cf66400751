import type { Transfer, TransferState } from '../../contracts/transfer.ts'
import type { Problem } from '../../contracts/problem.ts'

const offline: Problem = { code: 'offline', message: 'The service did not answer.' }
const denied: Problem = {
  code: 'access-denied',
  message: 'These keys may not write here.',
  remedy: 'Choose other keys under Accounts, then retry.',
}
const changed: Problem = {
  code: 'conflict',
  message: 'The file was also changed in the bucket.',
  remedy: 'Both versions are kept; yours is on this computer.',
}

type Row = [path: string, kind: Transfer['kind'], sizeBytes: number, doneShare: number, status: TransferState]

export function someTransfers(): Transfer[] {
  const now = Date.now()
  const rows: Row[] = [
    ['2026/wedding/raw/IMG_4711.cr3', 'upload', 84_000_000, 0.62, { state: 'running', bytesPerSecond: 6_400_000 }],
    ['2026/wedding/film/ceremony.mov', 'upload', 5_240_000_000, 0.18, { state: 'running', bytesPerSecond: 11_900_000 }],
    ['archive/2019.zip', 'download', 940_000_000, 0.41, { state: 'running', bytesPerSecond: 21_000_000 }],
    ['2026/wedding/selection', 'copy', 0, 0, { state: 'running', bytesPerSecond: 0 }],
    ['reports/q3.xlsx', 'upload', 1_200_000, 0, { state: 'conflict', problem: changed }],
    ['legal/nda.docx', 'upload', 91_000, 0, { state: 'blocked', problem: denied }],
    [
      '2026/wedding/raw/IMG_4712.cr3',
      'upload',
      81_000_000,
      0.3,
      { state: 'waiting', retryAt: now + 12_000, problem: offline },
    ],
    ['2026/wedding/raw/IMG_4713.cr3', 'upload', 83_500_000, 0, { state: 'queued' }],
    ['2026/wedding/raw/IMG_4714.cr3', 'upload', 82_100_000, 0, { state: 'queued' }],
    ['2026/wedding/raw/IMG_4715.cr3', 'upload', 82_100_000, 0.3, { state: 'paused' }],
    ['drafts/old.txt', 'delete', 0, 0, { state: 'queued' }],
    ['2026/wedding/prints', 'folder', 0, 0, { state: 'done', finishedAt: now - 4000 }],
    ['2026/wedding/raw/IMG_4710.cr3', 'upload', 80_400_000, 1, { state: 'done', finishedAt: now - 42_000 }],
    ['notes.md', 'upload', 2_048, 1, { state: 'done', finishedAt: now - 400_000 }],
    ['drafts/tmp.bin', 'upload', 700_000, 0.4, { state: 'cancelled', finishedAt: now - 500_000 }],
  ]
  return rows.map(([path, kind, sizeBytes, doneShare, status], index) => ({
    id: `t${index}`,
    driveId: index % 5 === 4 ? 'd2' : 'd1',
    kind,
    path,
    sizeBytes,
    doneBytes: Math.round(sizeBytes * doneShare),
    attempts: status.state === 'waiting' ? 2 : 0,
    queuedAt: now - 60_000 + index,
    status,
    ...(kind === 'download' ? {} : { stops: 'by-pause' as const }),
  }))
}

const lost: Problem = {
  code: 'content-lost',
  message: 'Part of what was saved to “letters/2026-11-03.pdf” is missing from the cache on this computer.',
  consequence:
    'It is not uploaded, and the version in the bucket is as it was. What is left of the file can be read; the missing part cannot.',
  remedy: 'Save it again from the program that made it, and then choose Retry.',
}
const damaged: Problem = {
  code: 'content-damaged',
  message: '“letters/2026-11-04.pdf” is damaged on this computer: bytes 131072 to 262143 are not what was saved.',
  consequence:
    'Nothing of this change was uploaded; what the bucket has is untouched. The rest of the file can still be read here.',
  remedy:
    'Copy what you need of it elsewhere, save a good copy over the file, and choose Retry. Check the disk that holds the cache. Deleting the file here deletes it in the bucket as well.',
}

/** Folders on their way, there and back, and files that the cache cannot give any more. */
export function troubledTransfers(): Transfer[] {
  const queuedAt = Date.now() - 90_000
  const move = { from: 'clients/2025', doneItems: 0, totalItems: 0, isCounting: false, isUndo: false }
  const plain = { sizeBytes: 0, doneBytes: 0, attempts: 0, queuedAt, stops: 'by-pause' as const }
  const running: TransferState = { state: 'running', bytesPerSecond: 0 }
  return [
    {
      ...plain,
      id: 'm1',
      driveId: 'd1',
      kind: 'move',
      stops: 'by-cancel',
      path: 'archive/clients-2025',
      status: running,
      move: { ...move, doneItems: 1_204, totalItems: 3_400, isCounting: true },
    },
    {
      ...plain,
      id: 'm2',
      driveId: 'd1',
      kind: 'move',
      stops: 'by-cancel',
      path: 'drafts',
      status: running,
      move: { ...move, from: 'old/drafts', doneItems: 12, totalItems: 90, isUndo: true },
    },
    {
      ...plain,
      id: 'm3',
      driveId: 'd2',
      kind: 'move',
      stops: 'by-cancel',
      path: 'closed',
      status: { state: 'waiting', retryAt: Date.now() + 12_000, problem: offline },
      attempts: 3,
      move: { ...move, from: 'open', doneItems: 2, totalItems: 17 },
    },
    {
      ...plain,
      id: 'm4',
      driveId: 'd1',
      kind: 'move',
      stops: 'by-cancel',
      path: 'invoices',
      status: { state: 'done', finishedAt: Date.now() - 9000 },
      move: { ...move, from: 'in', doneItems: 40, totalItems: 40 },
    },
    {
      ...plain,
      id: 'c1',
      driveId: 'd3',
      kind: 'upload',
      path: 'letters/2026-11-03.pdf',
      sizeBytes: 4_200_000,
      status: { state: 'blocked', problem: lost },
    },
    {
      ...plain,
      id: 'c2',
      driveId: 'd3',
      kind: 'upload',
      path: 'letters/2026-11-04.pdf',
      sizeBytes: 5_200_000,
      status: { state: 'blocked', problem: damaged },
    },
  ]
}

export function manyTransfers(count: number): Transfer[] {
  const now = Date.now()
  return Array.from({ length: count }, (_unused, index) => {
    const status: TransferState =
      index < 4 ? { state: 'running', bytesPerSecond: 2_000_000 + index * 300_000 } : { state: 'queued' }
    return {
      id: `m${index}`,
      driveId: 'd1',
      kind: 'upload',
      path: `survey/tile-${String(index).padStart(5, '0')}.tif`,
      sizeBytes: 3_000_000 + ((index * 7919) % 9_000_000),
      doneBytes: index < 4 ? 400_000 * (index + 1) : 0,
      attempts: 0,
      queuedAt: now + index,
      status,
      stops: 'by-pause',
    }
  })
}
