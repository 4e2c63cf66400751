import { expect, it } from 'vitest'
import type { Transfer } from '../../contracts/transfer.ts'
import type { Operation, OperationState } from '../journal/operation.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { TransferFeed, type Described } from './transfer-feed.ts'

const edited: Described = { path: 'report.txt', sizeBytes: 5, isCopy: false, isFolder: false }
/** As a node looks that the bucket has: nothing dirty, standing on an object. */
const settled: Described = { ...edited, isCopy: true }

function open() {
  const clock = new ManualClock()
  const emitted: Transfer[] = []
  const operation: Operation = {
    id: 7,
    kind: 'put',
    key: 'report.txt',
    node: 1,
    base: { kind: 'absent' },
    status: { state: 'queued' },
    writeIds: [],
    attempts: 0,
    createdAtMs: clock.now(),
    dueAtMs: clock.now(),
    priority: 0,
  }
  let described = edited
  const feed = new TransferFeed({
    driveId: 'd',
    clock,
    describe: () => described,
    others: () => [],
    journal: { operations: () => [operation].values(), get: () => operation },
    emit: (transfers) => void emitted.push(...transfers),
  })
  return {
    feed,
    emitted,
    operation,
    looks: (next: Described) => void (described = next),
    becomes(status: OperationState) {
      operation.status = status
      feed.operationChanged(operation)
    },
  }
}

it('an upload that is done is told as an upload, although its file now looks as if it was never changed', () => {
  const { feed, emitted, operation, looks, becomes } = open()
  becomes({ state: 'running' })
  looks(settled)
  feed.operationRemoved(operation, 'done')
  feed.close()
  expect(emitted).toMatchObject([{ kind: 'upload', sizeBytes: 5, doneBytes: 5, status: { state: 'done' } }])
})

it('a move whose file is written before it begins becomes an upload', () => {
  const { feed, emitted, looks, becomes } = open()
  looks(settled)
  becomes({ state: 'queued' })
  looks(edited)
  becomes({ state: 'running' })
  feed.close()
  expect(emitted).toMatchObject([{ kind: 'upload', status: { state: 'running' } }])
})
