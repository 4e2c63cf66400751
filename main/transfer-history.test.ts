import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { sampleTransfer } from './testing/samples.ts'
import { tempFolder } from './testing/temp-folder.ts'
import { transferBoard } from './transfer-board.ts'
import { keptFinished, transferHistory } from './transfer-history.ts'

let path: string
const done = (name: string, finishedAt = 1) =>
  sampleTransfer({ id: name, path: name, status: { state: 'done', finishedAt } })
const open = () => transferHistory({ path, log: (message) => expect.fail(message) })
const pastPaths = () => open().past.map((transfer) => transfer.path)
const lineCount = () => readFileSync(path, 'utf8').split('\n').length - 1

beforeEach(() => {
  path = join(tempFolder(), 'transfers.jsonl')
})

describe('the history of transfers', () => {
  it('survives a restart, under ids that no new transfer has', () => {
    const board = transferBoard(open())
    board.update('a', [done('op-1'), sampleTransfer({ id: 'op-2' })], false)
    const again = transferBoard(open())
    expect(again.all().map((transfer) => transfer.path)).toEqual(['op-1'])
    again.update('a', [done('op-1', 2)], false)
    expect(again.all()).toHaveLength(2)
    expect(transferBoard(open()).all()).toHaveLength(2)
  })

  it('is bounded, on disk too, and keeps the newest', () => {
    const history = open()
    for (let turn = 0; turn < 5; turn++) history.add(Array.from({ length: 1000 }, (_, at) => done(`${turn}-${at}`)))
    expect(lineCount()).toBeLessThanOrEqual(2 * keptFinished)
    const past = pastPaths()
    expect(past).toHaveLength(keptFinished)
    expect(past.at(-1)).toBe('4-999')
    expect(past[0]).toBe('3-0')
  })

  it('loses no more than the line that was being written when the computer stopped', () => {
    open().add([done('one'), done('two')])
    appendFileSync(path, '{"id":"thr')
    const again = open()
    expect(again.past.map((transfer) => transfer.path)).toEqual(['one', 'two'])
    again.add([done('four')])
    expect(pastPaths()).toEqual(['one', 'two', 'four'])
  })

  it('forgets what is cleared, and what a removed drive did', () => {
    const board = transferBoard(open())
    board.update('a', [done('one')], false)
    board.update('b', [done('two')], false)
    board.removeDrive('a')
    expect(pastPaths()).toEqual(['two'])
    board.clear()
    expect(pastPaths()).toEqual([])
  })
})
