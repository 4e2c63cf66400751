import { describe, expect, it } from 'vitest'
import { undeletedInWords, versionInWords } from './version-words.ts'

const now = new Date(2026, 10, 21, 14, 32).getTime()
const version = { versionId: 'v', kind: 'content', isCurrent: true, sizeBytes: 1200, modifiedAt: now } as const

describe('the words of a history', () => {
  it('mark the current version and deletions', () => {
    expect(versionInWords(version, now)).toEqual({ moment: 'today 14:32', what: '1.2 kB, current version' })
    expect(versionInWords({ ...version, isCurrent: false }, now).what).toBe('1.2 kB')
    expect(versionInWords({ ...version, kind: 'deleted' }, now).what).toBe('Deleted, and still is')
  })

  it('tell what came back and what did not', () => {
    const outcomes = [
      { path: 'a', outcome: 'restored' },
      { path: 'b', outcome: 'restored' },
      { path: 'c', outcome: 'exists' },
      { path: 'd', outcome: 'failed' },
    ] as const
    expect(undeletedInWords(outcomes)).toBe(
      '2 files are back. 1 file had a new one of the same name and stayed as it is. 1 file could not be brought back.',
    )
  })
})
