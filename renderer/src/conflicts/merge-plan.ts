/**
 * A three-way merge of lines, as pieces: what is certain, and the places where a person has to choose. Without the version
 * both began from, every difference is such a place. Nothing is ever marked inside the text.
 */
import { Chunk } from '@codemirror/merge'
import { Text } from '@codemirror/state'

export type Piece = { kind: 'plain'; lines: string[] } | { kind: 'choice'; mine: string[]; theirs: string[] }
export type LineBreak = '\n' | '\r\n'

/** Past this much work the differences are found more coarsely, never wrongly. */
const effort = { scanLimit: 1000, timeout: 1500 }

/** That of both texts where they agree; else the returns stay in the lines, so that none is lost. */
export function lineBreakOf(texts: readonly string[]): LineBreak {
  const hasReturns = texts.some((text) => text.includes('\r\n'))
  return hasReturns && texts.every((text) => !/(^|[^\r])\n/.test(text)) ? '\r\n' : '\n'
}

export function mergePlan(
  sides: { mine: string; theirs: string; base: string | undefined },
  lineBreak: LineBreak,
): Piece[] {
  const mine = sides.mine.split(lineBreak)
  const theirs = sides.theirs.split(lineBreak)
  const base = sides.base?.split(lineBreak)
  return withWholeEnd(base ? threeWay(mine, base, theirs) : twoWay(mine, theirs))
}

/** A stretch of the first text and what stands for it in the second, in line numbers from 0, the ends not included. */
type Hunk = { from: number; to: number; otherFrom: number; otherTo: number }

function hunksOf(first: readonly string[], second: readonly string[]): Hunk[] {
  const [a, b] = [Text.of(first), Text.of(second)]
  return Chunk.build(a, b, effort).map(({ fromA, toA, fromB, toB }) => ({
    from: lineAt(a, fromA),
    to: lineAt(a, toA),
    otherFrom: lineAt(b, fromB),
    otherTo: lineAt(b, toB),
  }))
}

function lineAt(text: Text, position: number): number {
  return position > text.length ? text.lines : text.lineAt(position).number - 1
}

function twoWay(mine: readonly string[], theirs: readonly string[]): Piece[] {
  const pieces = new Pieces()
  let at = 0
  for (const { from, to, otherFrom, otherTo } of hunksOf(mine, theirs)) {
    pieces.plain(mine.slice(at, from))
    pieces.choice(mine.slice(from, to), theirs.slice(otherFrom, otherTo))
    at = to
  }
  pieces.plain(mine.slice(at))
  return pieces.all
}

function threeWay(mine: readonly string[], base: readonly string[], theirs: readonly string[]): Piece[] {
  const [ours, others] = [hunksOf(base, mine), hunksOf(base, theirs)]
  const pieces = new Pieces()
  const offset = { mine: 0, theirs: 0 }
  let [at, our, other] = [0, 0, 0]
  for (;;) {
    const start = Math.min(ours[our]?.from ?? Infinity, others[other]?.from ?? Infinity)
    if (start === Infinity) break
    let end = start
    const [firstOur, firstOther] = [our, other]
    // Hunks that overlap or touch are one place: what lies between two changes is no common ground.
    for (let grew = true; grew;) {
      grew = false
      for (let hunk = ours[our]; hunk && hunk.from <= end; hunk = ours[++our])
        [end, grew] = [Math.max(end, hunk.to), true]
      for (let hunk = others[other]; hunk && hunk.from <= end; hunk = others[++other])
        [end, grew] = [Math.max(end, hunk.to), true]
    }
    pieces.plain(base.slice(at, start))
    const mineLines = mine.slice(start + offset.mine, end + (offset.mine += growth(ours.slice(firstOur, our))))
    const theirLines = theirs.slice(
      start + offset.theirs,
      end + (offset.theirs += growth(others.slice(firstOther, other))),
    )
    if (firstOther === other || isSame(mineLines, theirLines)) pieces.plain(mineLines)
    else if (firstOur === our) pieces.plain(theirLines)
    else pieces.choice(mineLines, theirLines)
    at = end
  }
  pieces.plain(base.slice(at))
  return pieces.all
}

/** By how many lines the other text is longer because of these. */
function growth(hunks: readonly Hunk[]): number {
  return hunks.reduce((sum, { from, to, otherFrom, otherTo }) => sum + (otherTo - otherFrom) - (to - from), 0)
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((line, index) => line === other[index])
}

class Pieces {
  readonly all: Piece[] = []

  plain(lines: string[]): void {
    const last = this.all.at(-1)
    if (last?.kind === 'plain') last.lines = [...last.lines, ...lines]
    else if (lines.length > 0) this.all.push({ kind: 'plain', lines })
  }

  choice(mine: string[], theirs: string[]): void {
    this.all.push({ kind: 'choice', mine, theirs })
  }
}

/** At the end of the text an empty side would leave the line break before it: the line before belongs to the choice. */
function withWholeEnd(pieces: Piece[]): Piece[] {
  const [before, last] = pieces.slice(-2)
  if (before?.kind !== 'plain' || last?.kind !== 'choice') return pieces
  if (last.mine.length > 0 && last.theirs.length > 0) return pieces
  const line = before.lines.slice(-1)
  const rest = before.lines.slice(0, -1)
  return [
    ...pieces.slice(0, -2),
    ...(rest.length > 0 ? [{ kind: 'plain', lines: rest } as const] : []),
    { kind: 'choice', mine: [...line, ...last.mine], theirs: [...line, ...last.theirs] },
  ]
}

/** Lines as they stand in the document, where each but the very last ends with a break. */
export function textOfLines(lines: readonly string[], isLast: boolean): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}${isLast ? '' : '\n'}`
}
