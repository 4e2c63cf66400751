import { describe, expect, it } from 'vitest'
import { activityKinds, type Activity } from '../../../contracts/activity.ts'
import { activityInWords, byDay, matchesActivity } from './activity-words.ts'

const entry = (part: Partial<Activity>): Activity => ({
  ...{ id: 1, kind: 'uploaded', since: 0, at: 0, count: 1, driveId: 'd1', name: 'Photos' },
  ...part,
})

describe('what happened in words', () => {
  it.each<[Partial<Activity>, string, string]>([
    [{ path: 'a/b.jpg' }, 'Uploaded “b.jpg” to “Photos”', 'a/b.jpg'],
    [{ count: 312, path: 'a/b.jpg' }, 'Uploaded 312 files to “Photos”', '“a/b.jpg” and 311 others'],
    [{ kind: 'moved', path: 'new', from: 'old' }, 'Moved “new” on “Photos”', 'from “old” to “new”'],
    [{ kind: 'folder-made', path: 'trip/' }, 'Made “trip” on “Photos”', 'trip/'],
    [{ kind: 'offline', message: 'Nothing answers.' }, '“Photos” went offline', 'Nothing answers.'],
    [{ kind: 'offline', count: 4 }, '“Photos” went offline 4 times', ''],
    [{ kind: 'online', count: 4 }, '“Photos” is online again', ''],
    [{ kind: 'conflict-found', path: 'x' }, '“x” on “Photos” was changed here and by another client', ''],
    [{ kind: 'conflict-over', count: 2 }, 'The conflicts of 2 files on “Photos” were settled', ''],
    [{ kind: 'chose-mine', count: 3 }, 'You chose to keep your version of 3 files on “Photos”', ''],
    [{ kind: 'notice', message: 'A file was put back.' }, 'A file was put back.', ''],
    [{ kind: 'account-changed', name: 'Work' }, 'The account “Work” was changed', ''],
  ])('%o', (part, sentence, detail) => expect(activityInWords(entry(part))).toEqual({ sentence, detail }))

  it.each(activityKinds)('%s is a sentence, for one and for many', (kind) => {
    for (const count of [1, 2]) {
      const { sentence } = activityInWords(entry({ kind, count, message: 'Why.' }))
      expect(sentence).toMatch(/^[“\p{Lu}\d]/u)
      expect(sentence).not.toMatch(/undefined|\bwas changed here\b.*\d files/)
    }
  })
})

it('days are newest first, and so is what happened in them', () => {
  const noon = (day: number): number => new Date(2026, 10, day, 12).getTime()
  const entries = [entry({ id: 1, at: noon(3) }), entry({ id: 2, at: noon(20) }), entry({ id: 3, at: noon(21) })]
  const days = byDay([...entries, entry({ id: 4, at: noon(21) + 1 })], noon(21) + 2)
  expect(days.map(({ day, entries: of }) => [day, of.map(({ id }) => id)])).toEqual([
    ['Today', [4, 3]],
    ['Yesterday', [2]],
    ['Tuesday 3 November', [1]],
  ])
})

it('a filter is of a drive, and of any words that are shown', () => {
  const one = entry({ path: 'Ana/Report.odt' })
  const all = { driveId: '', text: '' }
  expect(matchesActivity(one, all)).toBe(true)
  expect(matchesActivity(one, { ...all, driveId: 'd2' })).toBe(false)
  expect(matchesActivity(one, { ...all, text: ' report' })).toBe(true)
  expect(matchesActivity(one, { ...all, text: 'UPLOADED' })).toBe(true)
  expect(matchesActivity(one, { ...all, text: 'deleted' })).toBe(false)
})
