import { describe, expect, it } from 'vitest'
import type { Conflict, PendingChoice } from '../../../contracts/conflict.ts'
import { chosenInWords, conflictSummary, happenedAgo, sidesInWords, whatHappened } from './conflict-words.ts'

const now = new Date(2026, 10, 21, 14, 32).getTime()
const minute = 60_000
const base: Conflict = {
  id: '1',
  path: 'report.txt',
  kind: 'edited',
  since: now - 2 * minute,
  mine: { sizeBytes: 1500, modifiedAt: now - 6 * minute, revision: 'r', isWhole: true, isOpen: false },
  theirs: { etag: 'e', sizeBytes: 1000, modifiedAt: now - 4 * minute },
  hasBase: true,
}
const { theirs: _theirs, ...withoutTheirs } = base
const waiting: PendingChoice = { kind: 'mine', appliesAt: now + 6000, state: 'waiting' }

describe('the words of a conflict', () => {
  it('say what happened, and when the other did it', () => {
    expect(whatHappened(base, now)).toBe('Edited here and by another client 4 minutes ago')
    expect(whatHappened({ ...base, kind: 'created' }, now)).toBe('Created here and by another client 4 minutes ago')
    expect(whatHappened({ ...withoutTheirs, kind: 'deleted' }, now)).toBe(
      'Edited here, deleted by another client 2 minutes ago',
    )
  })

  it.each([
    [1000, 'just now'],
    [-5000, 'just now'],
    [minute, '1 minute ago'],
    [90 * minute, '2 hours ago'],
    [49 * 60 * minute, '2 days ago'],
  ])('of %i ms ago: %s', (ms, words) => expect(happenedAgo(now - ms, now)).toBe(words))

  it('say which side is newer and which is larger', () => {
    const words = sidesInWords(base, now)
    expect(words.mine).toEqual({ size: '1.5 kB', time: 'today 14:26', remarks: ['Larger by 500 bytes'] })
    expect(words.theirs?.remarks).toEqual(['Newer by 2 minutes'])
    expect(sidesInWords(withoutTheirs, now)).toMatchObject({ mine: { remarks: [] }, theirs: undefined })
  })

  it.each<[string, Conflict['choice'], boolean]>([
    ['Needs you', undefined, false],
    ['Changed again: look once more', undefined, true],
    ['Keeps mine in 6 s', waiting, false],
    ['Keeping mine…', { ...waiting, appliesAt: now }, false],
    ['Keeping both…', { ...waiting, kind: 'both', state: 'applying' }, false],
    ['Waits until it is closed in the other program', { ...waiting, state: 'waiting-for-close' }, false],
    ['Could not keep the merged version', { ...waiting, kind: 'merged', state: 'failed' }, false],
  ])('say “%s”', (label, choice, hasMovedOn) => {
    expect(conflictSummary({ ...base, choice }, hasMovedOn, now).label).toBe(label)
  })

  it('say what was chosen, and what could not be', () => {
    expect(chosenInWords('mine', 1, 'a.txt', 0)).toBe('Keeping mine for “a.txt”.')
    expect(chosenInWords('both', 12, 'a.txt', 2)).toBe(
      'Keeping both for 12 files. 2 others cannot be settled this way and still wait.',
    )
  })
})
