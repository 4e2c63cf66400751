import { describe, expect, it } from 'vitest'
import { sampleTransfer } from './testing/samples.ts'
import { transferBoard, workerTransferId } from './transfer-board.ts'
import { keptFinished } from './transfer-history.ts'

const done = { state: 'done', finishedAt: 1 } as const

describe('the transfers of all drives', () => {
  it('with equal ids on two drives stay two', () => {
    const board = transferBoard()
    board.update('a', [sampleTransfer({ id: '1' })], false)
    board.update('b', [sampleTransfer({ id: '1' })], false)
    expect(board.all().map(({ id, driveId }) => [id, driveId])).toEqual([
      ['a:1', 'a'],
      ['b:1', 'b'],
    ])
    expect(workerTransferId('a', 'a:1')).toBe('1')
  })

  it('a whole list ends the live ones of its drive that are not in it, and keeps the finished', () => {
    const board = transferBoard()
    board.update(
      'a',
      [sampleTransfer({ id: '1' }), sampleTransfer({ id: '2' }), sampleTransfer({ id: '3', status: done })],
      false,
    )
    board.update('b', [sampleTransfer({ id: '1' })], false)
    const { removedIds } = board.update('a', [sampleTransfer({ id: '2' })], true)
    expect(removedIds).toEqual(['a:1'])
    expect(board.all().map(({ id }) => id)).toEqual(['a:2', 'b:1', 'a:3'])
  })

  it('only so many finished ones are kept, the oldest go and are told', () => {
    const board = transferBoard()
    const many = Array.from({ length: keptFinished + 2 }, (_, n) => sampleTransfer({ id: String(n), status: done }))
    expect(board.update('a', many, false).removedIds).toEqual(['a:0', 'a:1'])
    expect(board.all()).toHaveLength(keptFinished)
    expect(board.clear()).toHaveLength(keptFinished)
    expect(board.all()).toEqual([])
  })

  it('one that starts again is live again', () => {
    const board = transferBoard()
    board.update('a', [sampleTransfer({ status: done })], false)
    board.update('a', [sampleTransfer({ status: { state: 'running', bytesPerSecond: 70 } })], false)
    expect(board.all()).toHaveLength(1)
    expect(board.clear()).toEqual([])
    expect(board.removeDrive('a')).toEqual(['a:1'])
  })
})
