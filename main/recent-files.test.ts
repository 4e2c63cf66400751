import { expect, it } from 'vitest'
import type { Transfer } from '../contracts/transfer.ts'
import { recentFiles } from './recent-files.ts'

const done = (path: string, change: Partial<Transfer> = {}): Transfer => ({
  ...{ id: path, driveId: 'd', kind: 'upload', path, sizeBytes: 1, doneBytes: 1, attempts: 0, queuedAt: 0 },
  status: { state: 'done', finishedAt: 0 },
  ...change,
})
const paths = (finished: Transfer[]) => recentFiles(finished).map(({ path }) => path)

it('the newest files come first, each once, and no more than fit a menu', () => {
  expect(paths([done('a'), done('b'), done('a')])).toEqual(['a', 'b'])
  expect(paths(Array.from({ length: 30 }, (_none, index) => done(String(index))))).toEqual(
    ['29', '28', '27', '26', '25', '24', '23', '22'], // prettier-ignore
  )
  expect(recentFiles([done('a'), done('a', { driveId: 'e' })])).toHaveLength(2)
})

it('what was deleted, cancelled, made as a folder or copied by the window is none', () => {
  expect(
    paths([
      done('deleted', { kind: 'delete' }),
      done('folder', { kind: 'folder' }),
      done('cancelled', { status: { state: 'cancelled', finishedAt: 0 } }),
      done('copied', { stops: 'by-cancel' }),
    ]),
  ).toEqual([])
})
