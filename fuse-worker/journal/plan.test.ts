import { describe, expect, test } from 'vitest'
import type { Base, Operation } from './operation.ts'
import { followSuccess, mergeDelete, mergePut, type Merge, type Slot } from './plan.ts'

const absent: Base = { kind: 'absent' }
const v1: Base = { kind: 'version', etag: '"1"' }
const v2: Base = { kind: 'version', etag: '"2"' }
const pending: Base = { kind: 'pending' }

function operation(kind: 'put' | 'delete', base: Base, writeIds: string[] = []): Operation {
  return {
    id: 1,
    kind,
    key: 'k',
    node: 2,
    base,
    status: { state: 'queued' },
    writeIds,
    attempts: 0,
    createdAtMs: 0,
    dueAtMs: 0,
    priority: 0,
  }
}

type Row = [title: string, slot: Slot, known: Base, merge: Merge]

describe('a put that is wished for', () => {
  test.each<Row>([
    ['on a free key stands on what the bucket has', {}, v1, { kind: 'insert', base: v1 }],
    ['on a key that is not there, too', {}, absent, { kind: 'insert', base: absent }],
    ['behind a queued put rides with it', { queued: operation('put', v1) }, v2, { kind: 'rewrite', base: v1 }],
    ['after a queued delete replaces it', { queued: operation('delete', v1) }, absent, { kind: 'rewrite', base: v1 }],
    [
      'behind a running put waits for its outcome',
      { running: operation('put', v1) },
      v1,
      { kind: 'insert', base: pending },
    ],
    ['behind a running delete, too', { running: operation('delete', v1) }, absent, { kind: 'insert', base: pending }],
    [
      'behind both rides with the queued one',
      { running: operation('put', v1), queued: operation('put', pending) },
      v1,
      { kind: 'rewrite', base: pending },
    ],
  ])('%s', (_title, slot, known, merge) => expect(mergePut(slot, known)).toEqual(merge))
})

describe('a delete that is wished for', () => {
  test.each<Row>([
    ['of what the bucket has', {}, v1, { kind: 'insert', base: v1 }],
    ['of what it never had is nothing', {}, absent, { kind: 'nothing' }],
    ['of a new file not yet sent cancels its put', { queued: operation('put', absent) }, absent, { kind: 'remove' }],
    [
      'of a new file that may have arrived takes it back',
      { queued: operation('put', absent, ['mark']) },
      absent,
      { kind: 'rewrite', base: absent },
    ],
    [
      'of a changed file deletes the version it stood on',
      { queued: operation('put', v1) },
      v1,
      { kind: 'rewrite', base: v1 },
    ],
    [
      'while its put is running waits for that',
      { running: operation('put', v1) },
      v1,
      { kind: 'insert', base: pending },
    ],
    ['while a delete is running is nothing', { running: operation('delete', v1) }, v1, { kind: 'nothing' }],
    [
      'of what was made again while the old one is being sent',
      { running: operation('put', v1), queued: operation('put', pending) },
      v1,
      { kind: 'rewrite', base: pending },
    ],
  ])('%s', (_title, slot, known, merge) => expect(mergeDelete(slot, known)).toEqual(merge))
})

describe('when the operation before it is done', () => {
  test('nothing follows where nothing is queued', () => {
    expect(followSuccess(undefined, { kind: 'absent' })).toEqual({ kind: 'none' })
  })
  test('a put stands on the outcome', () => {
    expect(followSuccess(operation('put', pending), v2)).toEqual({ kind: 'rebase', base: v2 })
    expect(followSuccess(operation('put', pending), absent)).toEqual({ kind: 'rebase', base: absent })
  })
  test('a delete deletes the outcome, and has nothing to do when that is absence', () => {
    expect(followSuccess(operation('delete', pending), v2)).toEqual({ kind: 'rebase', base: v2 })
    expect(followSuccess(operation('delete', pending), absent)).toEqual({ kind: 'drop' })
  })
})
