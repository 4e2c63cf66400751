import { describe, expect, it } from 'vitest'
import type { FileRow, RowBlock, RowSource } from './file-rows.ts'
import { beginsWith, foundAt, needsAnother, rowIn, rowsWithin, spanAround, withoutPaths } from './file-rows.ts'

function row(name: string): FileRow {
  return { path: name, entry: { name, kind: 'file', sizeBytes: 1, modifiedAt: 0, cachedBytes: 0 } }
}

function block(from: number, count: number, total: number): RowBlock {
  return { from, total, revision: 1, rows: Array.from({ length: count }, (_none, index) => row(`f${from + index}`)) }
}

function sourceOf(names: readonly string[], asked: [number, number][] = []): RowSource {
  return {
    total: names.length,
    rowAt: (index) => (names[index] === undefined ? undefined : row(names[index])),
    fetchRows: (first, last) => {
      asked.push([first, last])
      return Promise.resolve(names.slice(first, last + 1).map(row))
    },
  }
}

describe('which rows are asked for', () => {
  it('asks for what is seen and a margin round it, never for more than one answer may have', () => {
    expect(spanAround(0, 20)).toEqual({ from: 0, count: 170 })
    expect(spanAround(5000, 5020)).toEqual({ from: 4850, count: 320 })
    expect(spanAround(0, 5000).count).toBe(1000)
    expect(spanAround(0, 0).count).toBeGreaterThan(0)
  })

  it('asks again before the block ends, and not at the ends of the folder', () => {
    const middle = block(1000, 300, 100_000)
    expect(needsAnother(middle, 1100, 1130)).toBe(false)
    expect(needsAnother(middle, 1040, 1070)).toBe(true)
    expect(needsAnother(middle, 1240, 1270)).toBe(true)
    expect(needsAnother(middle, 50_000, 50_030)).toBe(true)
    expect(needsAnother(block(0, 300, 100_000), 0, 30)).toBe(false)
    expect(needsAnother(block(99_700, 300, 100_000), 99_970, 100_000)).toBe(false)
    expect(needsAnother(block(0, 3, 3), 0, 3)).toBe(false)
    expect(needsAnother(block(0, 0, 0), 0, 0)).toBe(false)
  })

  it('asks again when the folder became shorter than the block begins', () => {
    expect(needsAnother(block(500, 0, 20), 0, 20)).toBe(true)
  })

  it('finds a row by its place, and says which rows it lacks', () => {
    const middle = block(1000, 300, 100_000)
    expect(rowIn(middle, 1002)?.path).toBe('f1002')
    expect(rowIn(middle, 999)).toBeUndefined()
    expect(rowsWithin(middle, 1001, 1002)?.map(({ path }) => path)).toEqual(['f1001', 'f1002'])
    expect(rowsWithin(middle, 1290, 1300)).toBeUndefined()
  })
})

describe('typing the beginning of a name', () => {
  it('does not mind case or accents', () => {
    expect(beginsWith('Übersicht.pdf', 'uber')).toBe(true)
    expect(beginsWith('report.odt', 'REP')).toBe(true)
    expect(beginsWith('my report.odt', 'rep')).toBe(false)
  })

  it('goes on behind the end with the beginning', async () => {
    const names = ['a', 'b', 'c', 'd']
    const found = await foundAt(
      sourceOf(names),
      2,
      ({ path }) => path === 'b',
      () => true,
    )
    expect(found?.at).toBe(1)
    expect(
      await foundAt(
        sourceOf(names),
        2,
        () => false,
        () => true,
      ),
    ).toBeUndefined()
  })

  it('reads a long folder in parts, and every row once', async () => {
    const asked: [number, number][] = []
    const source = sourceOf(
      Array.from({ length: 2500 }, (_none, index) => `f${index}`),
      asked,
    )
    expect(
      (
        await foundAt(
          source,
          2000,
          ({ path }) => path === 'f1999',
          () => true,
        )
      )?.at,
    ).toBe(1999)
    expect(asked).toEqual([
      [2000, 2499],
      [0, 999],
      [1000, 1999],
    ])
  })

  it('stops when it is no longer wanted, or when the rows change places', async () => {
    expect(
      await foundAt(
        sourceOf(['a', 'b']),
        0,
        ({ path }) => path === 'b',
        () => false,
      ),
    ).toBeUndefined()
    const moving: RowSource = { total: 2, rowAt: () => undefined, fetchRows: () => Promise.resolve(undefined) }
    expect(
      await foundAt(
        moving,
        0,
        () => true,
        () => true,
      ),
    ).toBeUndefined()
  })
})

describe('paths without some', () => {
  it('lacks those, and all in folders that are among them', () => {
    const these = new Set(['a', 'b/c'])
    expect(withoutPaths(['a', 'a/x', 'ab', 'b', 'b/c', 'b/c/d', 'b/cd'], these)).toEqual(['ab', 'b', 'b/cd'])
  })
})
