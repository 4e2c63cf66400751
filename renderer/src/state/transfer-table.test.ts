import { expect, it } from 'vitest'
import type { Transfer, TransferState } from '../../../contracts/transfer.ts'
import { matching, sortTransfers, tableOf, withChanged, withoutIds } from './transfer-table.ts'

function transfer(id: string, status: TransferState, queuedAt = 0, driveId = 'd'): Transfer {
  return { id, driveId, kind: 'upload', path: id, sizeBytes: 1, doneBytes: 0, attempts: 0, queuedAt, status }
}

const problem = { code: 'conflict', message: 'Changed elsewhere.' } as const
const ids = (rows: readonly Transfer[]) => rows.map((row) => row.id)

it('what needs a person stands first, then what runs, waits and has ended', () => {
  const sorted = sortTransfers(
    tableOf([
      transfer('done-early', { state: 'done', finishedAt: 1 }),
      transfer('done-late', { state: 'done', finishedAt: 2 }),
      transfer('queued-late', { state: 'queued' }, 5),
      transfer('waiting-early', { state: 'waiting', retryAt: 9, problem }, 3),
      transfer('running', { state: 'running', bytesPerSecond: 1 }, 9),
      transfer('conflict', { state: 'conflict', problem }, 9),
    ]),
  )
  expect(ids(sorted.all)).toEqual(['conflict', 'running', 'waiting-early', 'queued-late', 'done-late', 'done-early'])
  expect(ids(sorted.waiting)).toEqual(['waiting-early', 'queued-late'])
  expect(ids(sorted.done)).toEqual(['done-late', 'done-early'])
})

it('two drives may use the same id', () => {
  const table = tableOf([transfer('1', { state: 'queued' }, 0, 'a'), transfer('1', { state: 'queued' }, 0, 'b')])
  expect(table.size).toBe(2)
})

it('a change replaces its row and leaves the others', () => {
  const before = tableOf([transfer('1', { state: 'queued' }), transfer('2', { state: 'queued' })])
  const after = withChanged(before, [transfer('1', { state: 'done', finishedAt: 1 })])
  expect(sortTransfers(after).done).toHaveLength(1)
  expect(sortTransfers(before).done).toHaveLength(0)
})

it('cleared rows are gone', () => {
  expect(withoutIds(tableOf([transfer('1', { state: 'queued' })]), ['1']).size).toBe(0)
})

it('what is looked for is in the path or in the name of the drive, word by word', () => {
  const rows = [
    { ...transfer('1', { state: 'queued' }, 0, 'd1'), path: 'Weddings/Ana.jpg' },
    { ...transfer('2', { state: 'queued' }, 0, 'd2'), path: 'weddings/jo.jpg' },
  ]
  const found = (text: string) => ids(matching(rows, { text, kind: 'any' }, (id) => (id === 'd1' ? 'Photos' : 'Scans')))
  expect(found('  ')).toEqual(['1', '2'])
  expect(found('WEDDINGS')).toEqual(['1', '2'])
  expect(found('photos wed')).toEqual(['1'])
  expect(found('scans ana')).toEqual([])
})

it('one kind is looked at by itself', () => {
  const rows = (['upload', 'download', 'move', 'delete'] as const).map((kind, index) => ({
    ...transfer(String(index), { state: 'queued' }),
    kind,
  }))
  const found = (kind: 'uploads' | 'downloads' | 'other') => ids(matching(rows, { text: '', kind }, () => ''))
  expect(found('uploads')).toEqual(['0'])
  expect(found('downloads')).toEqual(['1'])
  expect(found('other')).toEqual(['2', '3'])
})
