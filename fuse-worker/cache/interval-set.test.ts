import { describe, expect, test } from 'vitest'
import { Random } from '../testing/random.ts'
import { IntervalSet, type Interval } from './interval-set.ts'

const set = (...pairs: [number, number][]): IntervalSet =>
  new IntervalSet(pairs.map(([start, end]) => ({ start, end })))
const pairs = (intervals: readonly Interval[]): [number, number][] => intervals.map(({ start, end }) => [start, end])

describe('adding', () => {
  test.each<[string, [number, number][], [number, number], [number, number][], number]>([
    ['to nothing', [], [3, 5], [[3, 5]], 2],
    ['nothing', [[1, 2]], [4, 4], [[1, 2]], 0],
    [
      'behind, apart',
      [[1, 2]],
      [4, 6],
      [
        [1, 2],
        [4, 6],
      ],
      2,
    ],
    ['behind, touching', [[1, 4]], [4, 6], [[1, 6]], 2],
    [
      'before, apart',
      [[5, 6]],
      [1, 2],
      [
        [1, 2],
        [5, 6],
      ],
      1,
    ],
    ['before, touching', [[5, 6]], [1, 5], [[1, 6]], 4],
    ['inside', [[1, 9]], [3, 5], [[1, 9]], 0],
    [
      'over several',
      [
        [1, 2],
        [4, 5],
        [7, 8],
      ],
      [2, 7],
      [[1, 8]],
      4,
    ],
    [
      'between, touching both',
      [
        [1, 3],
        [5, 7],
      ],
      [3, 5],
      [[1, 7]],
      2,
    ],
  ])('%s', (_title, before, [start, end], after, added) => {
    const one = set(...before)
    expect(one.add(start, end)).toBe(added)
    expect(pairs(one.intervals)).toEqual(after)
  })
})

describe('removing', () => {
  test.each<[string, [number, number][], [number, number], [number, number][], number]>([
    ['from nothing', [], [1, 9], [], 0],
    [
      'all',
      [
        [2, 4],
        [6, 8],
      ],
      [0, 9],
      [],
      4,
    ],
    [
      'the middle',
      [[1, 9]],
      [3, 5],
      [
        [1, 3],
        [5, 9],
      ],
      2,
    ],
    [
      'an end of each',
      [
        [1, 4],
        [6, 9],
      ],
      [3, 7],
      [
        [1, 3],
        [7, 9],
      ],
      2,
    ],
    [
      'between',
      [
        [1, 2],
        [8, 9],
      ],
      [3, 7],
      [
        [1, 2],
        [8, 9],
      ],
      0,
    ],
  ])('%s', (_title, before, [start, end], after, removed) => {
    const one = set(...before)
    expect(one.remove(start, end)).toBe(removed)
    expect(pairs(one.intervals)).toEqual(after)
  })
})

describe('asking', () => {
  const one = set([2, 4], [6, 9])
  test.each<[number, number, boolean, boolean, [number, number][]]>([
    [2, 4, true, true, []],
    [3, 3, true, false, []],
    [2, 6, false, true, [[4, 6]]],
    [
      0,
      10,
      false,
      true,
      [
        [0, 2],
        [4, 6],
        [9, 10],
      ],
    ],
    [4, 6, false, false, [[4, 6]]],
    [9, 12, false, false, [[9, 12]]],
  ])('about %i to %i', (start, end, covers, intersects, missing) => {
    expect(one.covers(start, end)).toBe(covers)
    expect(start < end && one.intersects(start, end)).toBe(intersects)
    expect(pairs(one.missing(start, end))).toEqual(missing)
  })
})

test('random changes agree with a plain array of flags', () => {
  const random = new Random(7)
  const one = new IntervalSet()
  const flags = new Array<boolean>(60).fill(false)
  for (let step = 0; step < 3_000; step++) {
    const start = random.below(60)
    const end = Math.min(60, start + random.below(20))
    const adds = random.chance(0.6)
    const changed = flags.slice(start, end).filter((flag) => flag !== adds).length
    expect(adds ? one.add(start, end) : one.remove(start, end)).toBe(changed)
    flags.fill(adds, start, end)
    expect(one.size).toBe(flags.filter(Boolean).length)
    const edges = flags.filter((flag, index) => flag && flags[index - 1] !== true).length
    expect(one.intervals.length).toBe(edges)
    const inside = one.within(start, end).reduce((sum, part) => sum + part.end - part.start, 0)
    expect(inside).toBe(flags.slice(start, end).filter(Boolean).length)
  }
})
