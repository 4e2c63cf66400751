import { expect, it } from 'vitest'
import type { RecoveredFile } from '../../../contracts/conflict.ts'
import { recoveredInWords, recoveredRows } from './recovered-words.ts'

const now = new Date(2026, 10, 21, 14, 32).getTime()
const file: RecoveredFile = {
  id: '7',
  path: 'a/b.txt',
  side: 'theirs',
  sizeBytes: 1500,
  modifiedAt: now - 3_600_000,
  discardedAt: now - 60_000,
  keptUntil: new Date(2026, 11, 21).getTime(),
}

it('a recovered file says whose it was, and how long it is kept', () => {
  expect(recoveredInWords(file, now)).toEqual({
    version: 'Theirs, 1.5 kB, from today 13:32',
    kept: 'Discarded today 14:31, kept until 21 Dec',
  })
  expect(recoveredInWords({ ...file, side: 'mine', isIncomplete: true }, now).version).toBe(
    'Mine, 1.5 kB, from today 13:32, parts of it are missing',
  )
})

it('the one discarded last comes first', () => {
  const lists = new Map([
    ['d1', [file]],
    ['d2', [{ ...file, id: '8', discardedAt: now }]],
  ])
  expect(recoveredRows(lists, (id) => id).map(({ key }) => key)).toEqual(['d2/8', 'd1/7'])
})
