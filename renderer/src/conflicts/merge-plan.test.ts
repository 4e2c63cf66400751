import { describe, expect, it } from 'vitest'
import { lineBreakOf, mergePlan, textOfLines, type Piece } from './merge-plan.ts'

const lines = (...all: string[]) => all.join('\n')
const plan = (mine: string, theirs: string, base?: string) => mergePlan({ mine, theirs, base }, '\n')
const taken = (pieces: readonly Piece[], side: 'mine' | 'theirs') =>
  pieces
    .map((piece, at) => textOfLines(piece.kind === 'plain' ? piece.lines : piece[side], at === pieces.length - 1))
    .join('')
const choices = (pieces: readonly Piece[]) => pieces.filter(({ kind }) => kind === 'choice')

describe('a merge with the version both began from', () => {
  const base = lines('one', 'two', 'three', 'four', 'five', '')

  it('takes over what only one side changed, and asks for nothing', () => {
    const pieces = plan(base.replace('one', 'ONE'), base.replace('five', 'FIVE'), base)
    expect(choices(pieces)).toEqual([])
    expect(taken(pieces, 'mine')).toBe(lines('ONE', 'two', 'three', 'four', 'FIVE', ''))
  })

  it('asks where both changed the same, and nowhere else', () => {
    const pieces = plan(base.replace('three', 'mine').replace('one', '1'), base.replace('three', 'theirs'), base)
    expect(choices(pieces)).toEqual([{ kind: 'choice', mine: ['mine'], theirs: ['theirs'] }])
    expect(taken(pieces, 'theirs')).toBe(lines('1', 'two', 'theirs', 'four', 'five', ''))
  })

  it('takes the same change once', () => {
    const same = base.replace('two', 'TWO')
    expect(choices(plan(same, same, base))).toEqual([])
    expect(taken(plan(same, same, base), 'mine')).toBe(same)
  })

  it('asks when one side deleted what the other changed', () => {
    const pieces = plan(base.replace('three\n', ''), base.replace('three', 'drei'), base)
    expect(choices(pieces)).toEqual([{ kind: 'choice', mine: [], theirs: ['drei'] }])
    expect(taken(pieces, 'mine')).toBe(lines('one', 'two', 'four', 'five', ''))
  })

  it('takes insertions of both sides in different places', () => {
    const pieces = plan(`zero\n${base}`, `${base}six\n`, base)
    expect(choices(pieces)).toEqual([])
    expect(taken(pieces, 'mine')).toBe(`zero\n${base}six\n`)
  })
})

describe('a merge without it', () => {
  it('asks at every difference, and either answer gives that side exactly', () => {
    const [mine, theirs] = [lines('a', 'b', 'c', 'd'), lines('a', 'B', 'c', 'd', 'e')]
    const pieces = plan(mine, theirs)
    expect(choices(pieces)).toHaveLength(2)
    expect(taken(pieces, 'mine')).toBe(mine)
    expect(taken(pieces, 'theirs')).toBe(theirs)
  })
})

/** A small generator, seeded, so that a failing case can be repeated. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 1103515245 + 12345) & 0x7fffffff
    return Math.floor((state / 0x7fffffff) * below)
  }
}

function edited(text: readonly string[], random: (below: number) => number): string[] {
  const result = [...text]
  for (let edits = random(4); edits > 0; edits -= 1) {
    const at = random(result.length + 1)
    result.splice(at, random(3), ...Array.from({ length: random(3) }, () => 'abcdefg'.charAt(random(7))))
  }
  return result
}

it('of any two texts loses no line, and gives a side exactly where all of it is chosen', () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = numbers(seed)
    const base = Array.from({ length: random(9) }, () => 'abcdefg'.charAt(random(7)))
    const [mine = '', theirs = ''] = [edited(base, random), edited(base, random)].map((side) => side.join('\n'))
    const whole = base.join('\n')
    const two = plan(mine, theirs)
    expect(taken(two, 'mine'), `seed ${seed}`).toBe(mine)
    expect(taken(two, 'theirs'), `seed ${seed}`).toBe(theirs)
    expect(taken(plan(mine, whole, whole), 'theirs'), `seed ${seed}`).toBe(mine)
    expect(taken(plan(whole, theirs, whole), 'mine'), `seed ${seed}`).toBe(theirs)
    const three = plan(mine, theirs, whole)
    const all = three.flatMap((piece) => (piece.kind === 'plain' ? piece.lines : [...piece.mine, ...piece.theirs]))
    // An empty text has one empty line, which nobody wrote.
    const added = `${mine}\n${theirs}`.split('\n').filter((line) => line !== '' && !base.includes(line))
    for (const line of added) expect(all, `seed ${seed}`).toContain(line)
  }
})

describe('line breaks', () => {
  it('are kept as they are', () => {
    expect(lineBreakOf(['a\r\nb', 'c'])).toBe('\r\n')
    expect(lineBreakOf(['a\nb'])).toBe('\n')
    expect(lineBreakOf(['a\r\nb', 'a\nb'])).toBe('\n')
    expect(lineBreakOf(['a\r\n\nb'])).toBe('\n')
    expect(taken(plan('a\r\nb\n', 'a\r\nb\nc', 'a\r\nb\n'), 'mine')).toBe('a\r\nb\nc')
  })
})
