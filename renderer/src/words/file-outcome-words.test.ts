import { describe, expect, it } from 'vitest'
import type { FileOutcome } from '../../../contracts/file.ts'
import {
  afterDeletion,
  clashInWords,
  freedInWords,
  nameProblem,
  outcomesInWords,
  sharedInWords,
  stemLength,
} from './file-outcome-words.ts'

describe('what became of files', () => {
  it('names one and counts several', () => {
    expect(outcomesInWords([{ path: 'a/b.txt', outcome: 'done' }], 'deleted').said).toBe('“b.txt” is deleted.')
    const two: FileOutcome[] = [
      { path: 'a', outcome: 'done' },
      { path: 'b', outcome: 'done' },
      { path: 'c', outcome: 'skipped' },
    ]
    expect(outcomesInWords(two, 'deleted').said).toBe('2 items are deleted. “c” was left out.')
  })

  it('tells the first problem, and how many there were', () => {
    const problem = { code: 'access-denied' as const, message: 'No permission for “a”.', remedy: 'Ask for it.' }
    const one = outcomesInWords([{ path: 'a', outcome: 'failed', problem }], 'deleted')
    expect(one).toEqual({ said: undefined, problem })
    const several = outcomesInWords(
      [
        { path: 'a', outcome: 'failed', problem },
        { path: 'b', outcome: 'failed' },
      ],
      'deleted',
    )
    expect(several.problem?.message).toBe('2 items could not be deleted. The first: No permission for “a”.')
    expect(several.problem?.remedy).toBe('Ask for it.')
  })

  it('says nothing of what the person cancelled', () => {
    expect(outcomesInWords([{ path: 'a', outcome: 'cancelled' }], 'deleted')).toEqual({
      said: undefined,
      problem: undefined,
    })
  })

  it('says what was freed and why the rest stays', () => {
    expect(freedInWords({ freedFiles: 0, freedBytes: 0, stays: [] })).toBe('Nothing was freed.')
    const stays = [{ reason: 'unsent' as const, files: 2, bytes: 4e6, path: 'a' }]
    expect(freedInWords({ freedFiles: 1, freedBytes: 12e6, stays })).toBe(
      '12 MB freed. 1 file is online only now. 2 files (4 MB) stay: not in the bucket yet.',
    )
  })

  it('says until when a link can be used, and when that is sooner than asked for', () => {
    const nowMs = new Date('2026-11-21T16:00:00').getTime()
    const hour = { expiresAt: nowMs + 3_600_000, isShortened: false, endsWithSession: false }
    expect(sharedInWords(hour, nowMs)).toMatch(/until today 17:00\.$/)
    expect(sharedInWords({ ...hour, endsWithSession: true }, nowMs)).toContain('sooner if the session')
    expect(sharedInWords({ ...hour, isShortened: true }, nowMs)).toContain('sooner than asked for')
  })
})

describe('questions and fields', () => {
  it('says before a deletion whether it can be undone', () => {
    expect(afterDeletion(true)).toContain('brings them back')
    expect(afterDeletion(false)).toContain('gone for everybody')
    expect(afterDeletion(undefined)).toContain('could not be found out')
  })

  it('says which names are taken', () => {
    expect(clashInWords(['a'], 1, 'raw')).toBe('“raw” has a “a” already.')
    expect(clashInWords(['a', 'b'], 5, 'raw')).toContain('2 of these 5 names')
  })

  it('takes names that a file can have', () => {
    expect(nameProblem('report.odt')).toBeUndefined()
    for (const name of ['', '  ', 'a/b', '.', '..', 'ä'.repeat(128)]) expect(nameProblem(name)).toBeDefined()
  })

  it('selects the name without its ending', () => {
    expect(stemLength('report.odt')).toBe(6)
    expect(stemLength('.profile')).toBe(8)
    expect(stemLength('Makefile')).toBe(8)
  })
})
