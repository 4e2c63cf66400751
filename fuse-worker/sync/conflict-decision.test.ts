import { describe, expect, test } from 'vitest'
import { decide, type Change, type ChangeKind } from './conflict-decision.ts'

const kinds = [
  'unchanged',
  'created',
  'edited',
  'attributes-edited',
  'deleted',
  'renamed',
  'renamed-and-edited',
  'folder-renamed',
  'folder-removed',
  'replaced-by-folder',
] as const satisfies readonly ChangeKind[]

/**
 * Rows: here. Columns: there, in the order above. n nothing, s send, t take, f follow, C conflict (both made it, or both edited
 * it), D conflict (edited here, gone there). Written out cell by cell, not derived as the code does it.
 */
const matrix: Record<ChangeKind, string> = {
  unchanged: 'n t t t t t t t t t',
  created: 's C C C s s s s s s',
  edited: 's C C s D D D D D D',
  'attributes-edited': 's t t s t t t t t t',
  deleted: 's t t t n n n n n n',
  renamed: 's f f f t t t t t t',
  'renamed-and-edited': 's s s s s s s s s s',
  'folder-renamed': 's f f f t t t t t t',
  'folder-removed': 's t t t n n n n n n',
  'replaced-by-folder': 's t t t n n n n n n',
}

const hasContent = (kind: ChangeKind): kind is 'created' | 'edited' => kind === 'created' || kind === 'edited'

const change = (kind: ChangeKind, content: string): Change => (hasContent(kind) ? { kind, content } : { kind })

function letterOf(here: Change, there: Change): string {
  const decision = decide(here, there)
  if (decision.kind === 'conflict') return decision.theirs === 'deleted' ? 'D' : 'C'
  return decision.kind.slice(0, 1)
}

const pairs = kinds.flatMap((here) => {
  const row = matrix[here].split(' ')
  return kinds.map((there, column) => ({ here, there, wanted: row[column] ?? '' }))
})

/** What of ours a decision gives up, and what of theirs it replaces or deletes. */
const givesUpMine = new Set(['t', 'n', 'f'])

describe('every pair of changes to one file', () => {
  test('is in the table', () => {
    expect(pairs).toHaveLength(100)
    expect(pairs.every(({ wanted }) => wanted !== '')).toBe(true)
  })

  test.each(pairs)('$here here, $there there: $wanted', ({ here, there, wanted }) => {
    expect(letterOf(change(here, 'mine'), change(there, 'theirs'))).toBe(wanted)
  })

  test.each(pairs)('the other way round, neither side loses what it wrote: $here and $there', ({ here, there }) => {
    const letters = [
      letterOf(change(here, 'mine'), change(there, 'theirs')),
      letterOf(change(there, 'theirs'), change(here, 'mine')),
    ] as const
    for (const [side, letter] of [
      [here, letters[0]],
      [there, letters[1]],
    ] as const) {
      if (hasContent(side) || side === 'renamed-and-edited') expect(givesUpMine.has(letter)).toBe(false)
    }
    // Two writers of content never both get their way without a question, whichever of them is asked first.
    if (hasContent(here) && hasContent(there)) expect(letters).toEqual(['C', 'C'])
  })

  test.each(pairs.filter(({ here, there }) => hasContent(here) && hasContent(there)))(
    'the same content is no conflict: $here here, $there there',
    ({ here, there }) => {
      expect(decide(change(here, 'same'), change(there, 'same'))).toEqual({ kind: 'adopt' })
    },
  )

  test.each(pairs.filter(({ there }) => hasContent(there) || there === 'attributes-edited'))(
    'a version of theirs goes only where it was looked at, or nothing of it but attributes is new: $here, $there',
    ({ here, there }) => {
      const letter = letterOf(change(here, 'mine'), change(there, 'theirs'))
      const isHarmless = there === 'attributes-edited' || here === 'renamed-and-edited'
      if (letter === 's') expect(isHarmless).toBe(true)
    },
  )

  test('a conflict says how theirs came about', () => {
    const theirs = (here: ChangeKind, there: ChangeKind): unknown => decide(change(here, 'a'), change(there, 'b'))
    expect(theirs('created', 'created')).toEqual({ kind: 'conflict', theirs: 'created' })
    expect(theirs('edited', 'edited')).toEqual({ kind: 'conflict', theirs: 'edited' })
    expect(theirs('edited', 'created')).toEqual({ kind: 'conflict', theirs: 'edited' })
    expect(theirs('edited', 'folder-renamed')).toEqual({ kind: 'conflict', theirs: 'deleted' })
  })
})
