/** Rows of files, of which only a part is held: which part to ask for, and which row is where. Pure. */
import type { FileEntry } from '../../../contracts/file.ts'

/** `path` is inside the drive. */
export type FileRow = { path: string; entry: FileEntry }

/** The rows of one answer: rows of two answers may not belong together. */
export type RowBlock = { from: number; rows: readonly FileRow[]; total: number; revision: number }

/** Where rows come from: a folder, or a search. */
export interface RowSource {
  readonly total: number
  rowAt(index: number): FileRow | undefined
  /** From the first to the last, both included; undefined when they changed places meanwhile. */
  fetchRows(first: number, last: number): Promise<readonly FileRow[] | undefined>
}

/** As many as the contract lets one answer have. */
export const answerRows = 1_000
/** Beyond each edge of what is seen, so that a turn of the wheel finds its rows there. */
const margin = 150
/** How near the edge of the block makes it worth another one. */
const edge = 50

export function joinedPath(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}

export function setOf(paths: readonly string[]): ReadonlySet<string> {
  return new Set(paths)
}

/** Those that are neither among these nor in a folder that is. */
export function withoutPaths(paths: readonly string[], these: ReadonlySet<string>): string[] {
  return paths.filter((path) => {
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1))
      if (these.has(path.slice(0, end))) return false
    return true
  })
}

/** What to ask for when these rows are seen. */
export function spanAround(first: number, last: number): { from: number; count: number } {
  const from = Math.max(0, first - margin)
  return { from, count: Math.max(1, Math.min(answerRows, last + margin - from)) }
}

export function rowIn(block: RowBlock | undefined, index: number): FileRow | undefined {
  return block?.rows[index - block.from]
}

/** True when rows that are seen, or are about to be, are not in the block. */
export function needsAnother(block: RowBlock, first: number, last: number): boolean {
  const end = block.from + block.rows.length
  return first < Math.min(block.total, block.from + (block.from === 0 ? 0 : edge)) || lacksEnd(block, end, last)
}

function lacksEnd({ total }: RowBlock, end: number, last: number): boolean {
  return end < total && last > end - edge
}

/** The rows from first to last, both included, if the block has all of them. */
export function rowsWithin(block: RowBlock, first: number, last: number): readonly FileRow[] | undefined {
  if (first < block.from || last >= block.from + block.rows.length) return undefined
  return block.rows.slice(first - block.from, last - block.from + 1)
}

/** Case and accents do not matter to who types the beginning of a name. */
export function beginsWith(name: string, typed: string): boolean {
  return folded(name).startsWith(folded(typed))
}

function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
}

/** The first row from `start` on, and round the end, that is looked for; only as long as it is still wanted. */
export async function foundAt(
  source: RowSource,
  start: number,
  isLookedFor: (row: FileRow) => boolean,
  isWanted: () => boolean,
): Promise<{ at: number; row: FileRow } | undefined> {
  const { total } = source
  for (let passed = 0; passed < total;) {
    const first = (start + passed) % total
    const last = Math.min(total, first + Math.min(answerRows, total - passed)) - 1
    const rows = await source.fetchRows(first, last)
    if (rows === undefined || rows.length === 0 || !isWanted()) return undefined
    const found = rows.findIndex(isLookedFor)
    const row = rows[found]
    if (row !== undefined) return { at: first + found, row }
    passed += rows.length
  }
  return undefined
}
