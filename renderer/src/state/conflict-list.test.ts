import { describe, expect, it } from 'vitest'
import type { Conflict } from '../../../contracts/conflict.ts'
import {
  choicesFor,
  commonFolder,
  developments,
  filteredRows,
  foldersAbove,
  hindranceOf,
  nextOpen,
  rowsOf,
  seenSides,
} from './conflict-list.ts'

function conflict(id: string, change: Partial<Conflict> = {}): Conflict {
  return {
    id,
    path: `notes/${id}.txt`,
    kind: 'edited',
    since: Number(id) * 60_000,
    mine: { sizeBytes: 1, modifiedAt: 1, revision: 'r1', isWhole: true, isOpen: false },
    theirs: { etag: '"t1"', sizeBytes: 2, modifiedAt: 2 },
    hasBase: true,
    ...change,
  }
}
const { theirs: _none, ...deletedThere } = conflict('4', { kind: 'deleted' })
const lists = new Map([
  ['d1', [conflict('1'), conflict('3')]],
  ['d2', [conflict('2', { path: 'Budget/July.ods' })]],
])
const rows = rowsOf(lists, (id) => (id === 'd1' ? 'Photos' : 'Company'))
const choice = { kind: 'mine', appliesAt: 5, state: 'waiting' } as const

describe('the list of conflicts', () => {
  it('has those of all drives, newest first', () => {
    expect(rows.map(({ key }) => key)).toEqual(['d1/3', 'd2/2', 'd1/1'])
  })

  it('has what was found within one minute by folder and name, with numbers as numbers', () => {
    const found = ['b/note 10.txt', 'a.txt', 'b/note 9.txt'].map((path, at) =>
      conflict(String(at), { path, since: 180_000 + at }),
    )
    const later = conflict('9', { path: 'z.txt', since: 240_000 })
    const paths = rowsOf(new Map([['d1', [...found, later]]]), () => '').map((row) => row.conflict.path)
    expect(paths).toEqual(['z.txt', 'a.txt', 'b/note 9.txt', 'b/note 10.txt'])
  })

  it.each([
    ['', 3],
    ['  ', 3],
    ['july', 1],
    ['company JULY', 1],
    ['photos notes', 2],
    ['photos july', 0],
  ])('filtered by “%s” has %i', (text, count) => {
    expect(filteredRows(rows, text)).toHaveLength(count)
  })

  it('asks each drive once, for the sides that were seen', () => {
    const { perDrive, impossible } = choicesFor(rows, 'mine')
    expect(impossible).toBe(0)
    expect(perDrive.map(({ driveId, choices }) => [driveId, choices.length])).toEqual([
      ['d1', 2],
      ['d2', 1],
    ])
    expect(perDrive[0]?.choices[0]).toEqual({ id: '3', revision: 'r1', theirsEtag: '"t1"', kind: 'mine' })
    expect(seenSides(deletedThere)).toEqual({ id: '4', revision: 'r1' })
  })

  it('knows what is impossible, and leaves it out of a batch', () => {
    const torn = conflict('5', { mine: { ...conflict('5').mine, isWhole: false } })
    expect(hindranceOf(torn, 'mine')).toBe('not-whole')
    expect(hindranceOf(torn, 'both')).toBe('not-whole')
    expect(hindranceOf(torn, 'theirs')).toBeUndefined()
    expect(hindranceOf(deletedThere, 'both')).toBe('nothing-of-theirs')
    expect(hindranceOf(deletedThere, 'theirs')).toBeUndefined()
    const mixed = rowsOf(new Map([['d1', [torn, conflict('6')]]]), () => '')
    expect(choicesFor(mixed, 'mine')).toMatchObject({ impossible: 1, perDrive: [{ choices: [{ id: '6' }] }] })
  })

  it('tells what was settled from what moved on and what was taken back', () => {
    const before = ['1', '2', '3', '4'].map((id) => conflict(id, { choice }))
    const after = [
      conflict('2', { theirs: { etag: '"t2"', sizeBytes: 2, modifiedAt: 2 } }),
      conflict('3'),
      conflict('4', { choice: { ...choice, state: 'applying' } }),
    ]
    const { settled, movedOn } = developments(before, after)
    expect(settled.map(({ id }) => id)).toEqual(['1'])
    expect(movedOn).toEqual(['2'])
  })

  it('goes on to the next that has no choice, round the end', () => {
    expect(nextOpen(rows, 'd2/2')?.key).toBe('d1/1')
    expect(nextOpen(rows, 'd1/1')?.key).toBe('d1/3')
    expect(nextOpen(rows.slice(0, 1), 'd1/3')).toBeUndefined()
  })

  it('names the folders a rule could be for', () => {
    expect(foldersAbove('a/b/c.txt')).toEqual(['a/b', 'a', ''])
    expect(foldersAbove('c.txt')).toEqual([''])
    expect(commonFolder(['a/b/c.txt', 'a/b/d/e.txt'])).toBe('a/b')
    expect(commonFolder(['a/b/c.txt', 'ab/d.txt'])).toBe('')
  })
})
