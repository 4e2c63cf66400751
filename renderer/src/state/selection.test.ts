import { describe, expect, it } from 'vitest'
import { allToggled, emptySelection, movedTo, onlyChosen, pruned, targetsOf, toggled } from './selection.ts'

const keys = ['a', 'b', 'c', 'd', 'e']

describe('a selection', () => {
  it('moves without choosing, and stops at the ends', () => {
    const moved = movedTo(toggled(emptySelection, 'b'), keys, 99, false)
    expect(moved.active).toBe('e')
    expect([...moved.chosen]).toEqual(['b'])
    expect(movedTo(moved, keys, -3, false).active).toBe('a')
  })

  it('grows and shrinks from where Shift was first pressed', () => {
    const wide = movedTo(movedTo(emptySelection, keys, 1, false), keys, 3, true)
    expect([...wide.chosen]).toEqual(['b', 'c', 'd'])
    const back = movedTo(wide, keys, 0, true)
    expect([...back.chosen]).toEqual(['a', 'b'])
  })

  it('takes all, and none when all are chosen', () => {
    const all = allToggled(onlyChosen('c'), keys)
    expect(all.chosen.size).toBe(5)
    expect(allToggled(all, keys).chosen.size).toBe(0)
  })

  it('forgets what has gone and keeps the focus near', () => {
    const chosen = toggled(toggled(emptySelection, 'd'), 'c')
    const left = pruned(chosen, keys, ['a', 'b', 'd', 'e'])
    expect([...left.chosen]).toEqual(['d'])
    expect(left.active).toBe('d')
    expect(pruned(onlyChosen('e'), keys, ['a', 'b']).active).toBe('b')
    expect(pruned(onlyChosen('e'), keys, []).active).toBeUndefined()
  })

  it('is about the row in focus when nothing is chosen', () => {
    expect(targetsOf(movedTo(emptySelection, keys, 2, false))).toEqual(['c'])
    expect(targetsOf(toggled(onlyChosen('a'), 'b'))).toEqual(['a', 'b'])
    expect(targetsOf(emptySelection)).toEqual([])
  })
})
