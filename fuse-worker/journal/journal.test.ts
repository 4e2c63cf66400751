import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DriveDatabase } from '../metadata/database.ts'
import { scratchDirectory } from '../testing/local-drive.ts'
import { Journal } from './journal.ts'
import type { Base, Operation, OperationState } from './operation.ts'

let scratch: ReturnType<typeof scratchDirectory>
let database: DriveDatabase
let journal: Journal

beforeEach(() => {
  scratch = scratchDirectory()
  database = new DriveDatabase(join(scratch.path, 'drive.sqlite'))
  journal = new Journal(database, () => 0)
})
afterEach(() => {
  database.close()
  scratch.remove()
})

const seen: Base = { kind: 'version', etag: '"seen"' }
const problem = { code: 'conflict', message: 'something stands in the way' } as const
const blocked: OperationState = { state: 'blocked', problem }
const conflict: OperationState = { state: 'conflict', problem, sinceMs: 1 }

function runningPut(node = 5, base: Base = seen): Operation {
  journal.wishPut('a', node, base, 0)
  const { queued } = journal.slot('a')
  if (queued === undefined) throw new Error('nothing was queued')
  journal.start(queued, 'mark')
  return queued
}

/** As another process finds it. */
const reloaded = (): { kind: string; base: Base; state: string; writeIds: string[] }[] =>
  [...new Journal(database, () => 0).operations()].map(({ kind, base, status, writeIds }) => ({
    kind,
    base,
    state: status.state,
    writeIds,
  }))

describe('an operation that is cancelled while it runs', () => {
  test('leaves its base and its marks to the one queued behind it', () => {
    const running = runningPut()
    journal.wishPut('a', 5, { kind: 'absent' }, 0)
    journal.cancel(running)
    expect(reloaded()).toEqual([{ kind: 'put', base: seen, state: 'queued', writeIds: ['mark'] }])
    expect(journal.slot('a').running).toBeUndefined()
  })

  test('leaves a delete behind it what to delete', () => {
    const running = runningPut()
    journal.wishDelete('a', 5, { kind: 'absent' }, 0)
    journal.cancel(running)
    expect(reloaded()).toEqual([{ kind: 'delete', base: seen, state: 'queued', writeIds: ['mark'] }])
  })
})

describe('what stands in the way of one file', () => {
  test.each([blocked, conflict])('is passed on to what was queued of the same file: $state', (status) => {
    const running = runningPut()
    journal.wishPut('a', 5, seen, 0)
    journal.fail(running, status)
    expect(reloaded().map(({ state }) => state)).toEqual([status.state])
  })

  test.each([blocked, conflict])('does not hold back another file that was saved over it: $state', (status) => {
    const running = runningPut()
    journal.wishPut('a', 6, seen, 0)
    journal.fail(running, status)
    expect(reloaded()).toEqual([{ kind: 'put', base: seen, state: 'queued', writeIds: ['mark'] }])
  })

  test.each([blocked, conflict])('does not hold back its deletion: $state', (status) => {
    const running = runningPut()
    journal.wishDelete('a', 5, seen, 0)
    journal.fail(running, status)
    expect(reloaded().map(({ kind, state }) => ({ kind, state }))).toEqual([{ kind: 'delete', state: 'queued' }])
  })
})
