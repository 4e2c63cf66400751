import { describe, expect, it } from 'vitest'
import type { FileRow, RowBlock } from './file-rows.ts'
import {
  anchorOf,
  extendedTo,
  focusedOn,
  followed,
  noFiles,
  onlyFile,
  targetsIn,
  withChosen,
  withoutFiles,
  withToggledFile,
} from './file-selection.ts'

function row(name: string, sizeBytes = 1): FileRow {
  return { path: name, entry: { name, kind: 'file', sizeBytes, modifiedAt: 0, cachedBytes: 0 } }
}

function block(names: readonly string[], change: Partial<RowBlock> = {}): RowBlock {
  return { from: 0, total: names.length, revision: 2, rows: names.map((name) => row(name)), ...change }
}

const chosenIn = ({ chosen }: { chosen: ReadonlyMap<string, unknown> }) => [...chosen.keys()]

describe('choosing files', () => {
  it('chooses one, adds one, takes one away', () => {
    const one = onlyFile(3, row('d'))
    expect(chosenIn(one)).toEqual(['d'])
    const two = withToggledFile(one, 5, row('f'))
    expect(chosenIn(two)).toEqual(['d', 'f'])
    expect(chosenIn(withToggledFile(two, 3, row('d')))).toEqual(['f'])
  })

  it('extends from where Shift was first held, back and forth', () => {
    const began = focusedOn(noFiles, 2, row('c'))
    expect(anchorOf(began, 4)).toBe(2)
    const down = extendedTo(began, 4, row('e'), [row('c'), row('d'), row('e')])
    expect(chosenIn(down)).toEqual(['c', 'd', 'e'])
    expect(anchorOf(down, 1)).toBe(2)
    const up = extendedTo(down, 1, row('b'), [row('b'), row('c')])
    expect(chosenIn(up)).toEqual(['b', 'c'])
    expect(up.at).toBe(1)
  })

  it('begins a range where it ends, when no row had the focus', () => {
    expect(anchorOf(noFiles, 7)).toBe(7)
  })

  it('is about what is chosen, or else about the row in focus', () => {
    expect(targetsIn(focusedOn(noFiles, 0, row('a')), row('a')).map(({ path }) => path)).toEqual(['a'])
    expect(targetsIn(withChosen(noFiles, [row('b'), row('c')]), row('a')).map(({ path }) => path)).toEqual(['b', 'c'])
    expect(targetsIn(noFiles, undefined)).toEqual([])
  })
})

describe('rows that move', () => {
  it('keeps what is chosen by its path, wherever its row is now', () => {
    const next = followed(onlyFile(1, row('b')), block(['a', 'a2', 'b', 'c']))
    expect(next).toMatchObject({ at: 2, activePath: 'b', anchorAt: 2 })
    expect(chosenIn(next)).toEqual(['b'])
  })

  it('forgets what is gone, when the whole folder is known', () => {
    const next = followed(onlyFile(1, row('b')), block(['a', 'c']))
    expect(chosenIn(next)).toEqual([])
    expect(next).toMatchObject({ at: 1, activePath: 'c' })
  })

  it('keeps what is chosen outside the part that came', () => {
    const next = followed(withChosen(noFiles, [row('far away')]), block(['a'], { total: 5000 }))
    expect(chosenIn(next)).toEqual(['far away'])
  })

  it('takes the newest of what is said of a chosen file', () => {
    const next = followed(onlyFile(0, row('a')), { ...block(['a']), rows: [row('a', 99)] })
    expect(next.chosen.get('a')?.sizeBytes).toBe(99)
  })

  it('learns which file the row in focus is, when its row comes later', () => {
    const jumped = focusedOn(noFiles, 900, undefined)
    const names = Array.from({ length: 100 }, (_none, index) => `f${850 + index}`)
    expect(followed(jumped, block(names, { from: 850, total: 2000 })).activePath).toBe('f900')
  })

  it('stays within a folder that became shorter, and has no focus in an empty one', () => {
    expect(followed(focusedOn(noFiles, 9, row('j')), block(['a', 'b']))).toMatchObject({ at: 1, activePath: 'b' })
    expect(followed(focusedOn(noFiles, 9, row('j')), block([])).at).toBe(-1)
  })

  it('does not begin a range at a row that moved away from under it', () => {
    const between = extendedTo(focusedOn(noFiles, 1, row('b')), 3, row('d'), [row('b'), row('c'), row('d')])
    expect(followed(between, block(['0', 'a', 'b', 'c', 'd'])).anchorAt).toBeUndefined()
  })

  it('lets go of what was deleted', () => {
    expect(chosenIn(withoutFiles(withChosen(noFiles, [row('a'), row('b')]), ['a']))).toEqual(['b'])
  })
})
