/**
 * Which files are chosen and which row has the focus. What is chosen is known by its path, never by its place: rows move while
 * others work in the folder, and something else must not be deleted for it. Pure.
 */
import type { FileEntry } from '../../../contracts/file.ts'
import type { FileRow, RowBlock } from './file-rows.ts'
import { rowIn } from './file-rows.ts'

export type FileSelection = {
  readonly chosen: ReadonlyMap<string, FileEntry>
  /** The row in focus; -1 for none. Its path is not known until its row came. */
  readonly at: number
  readonly activePath: string | undefined
  /** Where a range that Shift extends begins. */
  readonly anchorAt: number | undefined
}

export const noFiles: FileSelection = { chosen: new Map(), at: -1, activePath: undefined, anchorAt: undefined }

export function focusedOn(selection: FileSelection, at: number, row: FileRow | undefined): FileSelection {
  return { chosen: selection.chosen, at, activePath: row?.path, anchorAt: at }
}

/** The rows between the anchor and this one, and no others. */
export function extendedTo(
  selection: FileSelection,
  at: number,
  row: FileRow | undefined,
  between: readonly FileRow[],
): FileSelection {
  return { chosen: chosenOf(between), at, activePath: row?.path, anchorAt: anchorOf(selection, at) }
}

export function anchorOf({ anchorAt, at }: FileSelection, to: number): number {
  return anchorAt ?? (at < 0 ? to : at)
}

export function withToggledFile(selection: FileSelection, at: number, row: FileRow): FileSelection {
  const chosen = new Map(selection.chosen)
  if (!chosen.delete(row.path)) chosen.set(row.path, row.entry)
  return { chosen, at, activePath: row.path, anchorAt: at }
}

export function onlyFile(at: number, row: FileRow): FileSelection {
  return { chosen: chosenOf([row]), at, activePath: row.path, anchorAt: at }
}

export function withChosen(selection: FileSelection, rows: readonly FileRow[]): FileSelection {
  return { ...selection, chosen: chosenOf(rows) }
}

/** These are gone, by the person's own hand. */
export function withoutFiles(selection: FileSelection, paths: readonly string[]): FileSelection {
  const chosen = new Map(selection.chosen)
  for (const path of paths) chosen.delete(path)
  return { ...selection, chosen }
}

/** After rows came: what is chosen is as they say, and the focus is where its row is now. */
export function followed(selection: FileSelection, block: RowBlock): FileSelection {
  const chosen = new Map(selection.chosen)
  const isWhole = block.from === 0 && block.rows.length >= block.total
  const now = new Map(block.rows.map(({ path, entry }) => [path, entry]))
  for (const path of selection.chosen.keys()) {
    const entry = now.get(path)
    if (entry) chosen.set(path, entry)
    else if (isWhole) chosen.delete(path)
  }
  const at = placeOf(selection, block)
  const anchorAt = selection.anchorAt === selection.at ? at : undefined
  const kept = at === selection.at ? selection.anchorAt : anchorAt
  return { chosen, at, activePath: rowIn(block, at)?.path ?? selection.activePath, anchorAt: kept }
}

function placeOf({ at, activePath }: FileSelection, block: RowBlock): number {
  if (at < 0) return -1
  const found = activePath === undefined ? -1 : block.rows.findIndex(({ path }) => path === activePath)
  return found >= 0 ? block.from + found : Math.min(at, block.total - 1)
}

/** What an action is about: what is chosen, or else the row in focus. */
export function targetsIn(selection: FileSelection, active: FileRow | undefined): readonly FileRow[] {
  if (selection.chosen.size > 0) return [...selection.chosen].map(([path, entry]) => ({ path, entry }))
  return active ? [active] : []
}

function chosenOf(rows: readonly FileRow[]): ReadonlyMap<string, FileEntry> {
  return new Map(rows.map(({ path, entry }) => [path, entry]))
}
