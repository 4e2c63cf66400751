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
  }))
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
    }
  })
}
