/** The conflicts of all drives as one list, and what can be done with several of them at once. Pure. */
import type { Conflict, ResolutionKind, SeenSides } from '../../../contracts/conflict.ts'

export type ConflictRow = { key: string; driveId: string; driveName: string; conflict: Conflict }

/** Ids are the drive's own, so two drives may use the same one. */
export function conflictKey(driveId: string, id: string): string {
  return `${driveId}/${id}`
}

/** Newest first; what was found within the same minute is sorted as a file manager does. */
export function rowsOf(
  lists: ReadonlyMap<string, readonly Conflict[]>,
  nameOf: (driveId: string) => string,
): readonly ConflictRow[] {
  const rows = [...lists].flatMap(([driveId, conflicts]) =>
    conflicts.map((conflict) => ({
      key: conflictKey(driveId, conflict.id),
      driveId,
      driveName: nameOf(driveId),
      conflict,
    })),
  )
  return rows.sort(
    (one, other) => minuteOf(other) - minuteOf(one) || asInFolders.compare(one.conflict.path, other.conflict.path),
  )
}

const asInFolders = new Intl.Collator('en', { numeric: true })

function minuteOf({ conflict }: ConflictRow): number {
  return Math.floor(conflict.since / 60_000)
}

/** Rows that have every word of the text in their path or their drive's name. */
export function filteredRows(rows: readonly ConflictRow[], text: string): readonly ConflictRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return rows
  return rows.filter(({ driveName, conflict }) => {
    const place = `${driveName}/${conflict.path}`.toLowerCase()
    return words.every((word) => place.includes(word))
  })
}

export function seenSides({ id, mine, theirs }: Conflict): SeenSides {
  return { id, revision: mine.revision, ...(theirs ? { theirsEtag: theirs.etag } : {}) }
}

/** Both sides as one string: another one as soon as either changed. */
export function sidesOf({ mine, theirs }: Conflict): string {
  return `${mine.revision} ${theirs?.etag ?? 'deleted'}`
}

/** Why a choice is impossible for this conflict; undefined where it is not. */
export type Hindrance = 'not-whole' | 'nothing-of-theirs'

export function hindranceOf({ mine, theirs }: Conflict, kind: ResolutionKind): Hindrance | undefined {
  if (kind !== 'theirs' && !mine.isWhole) return 'not-whole'
  return kind === 'both' && theirs === undefined ? 'nothing-of-theirs' : undefined
}

export type DriveChoices = { driveId: string; choices: (SeenSides & { kind: ResolutionKind })[] }

/** What to ask each drive for, and for how many rows the choice is impossible. */
export function choicesFor(
  rows: readonly ConflictRow[],
  kind: ResolutionKind,
): { perDrive: DriveChoices[]; impossible: number } {
  const possible = rows.filter(({ conflict }) => hindranceOf(conflict, kind) === undefined)
  const perDrive = new Map<string, DriveChoices>()
  for (const { driveId, conflict } of possible) {
    const drive = perDrive.get(driveId) ?? { driveId, choices: [] }
    drive.choices.push({ ...seenSides(conflict), kind })
    perDrive.set(driveId, drive)
  }
  return { perDrive: [...perDrive.values()], impossible: rows.length - possible.length }
}

/** What became of one drive's conflicts between two lists. */
export type Developments = {
  /** Had a choice, and have neither it nor the same sides any more: nothing was done. */
  movedOn: readonly string[]
  /** Had a choice and are gone: it was carried out. */
  settled: readonly Conflict[]
}

export function developments(before: readonly Conflict[], after: readonly Conflict[]): Developments {
  const now = new Map(after.map((conflict) => [conflict.id, conflict]))
  const chosen = before.filter(({ choice }) => choice !== undefined)
  return {
    settled: chosen.filter(({ id }) => !now.has(id)),
    movedOn: chosen.flatMap((conflict) => {
      const next = now.get(conflict.id)
      return next && next.choice === undefined && sidesOf(next) !== sidesOf(conflict) ? [conflict.id] : []
    }),
  }
}

/** The one to look at after this: the next without a choice, round the end of the list. */
export function nextOpen(rows: readonly ConflictRow[], key: string): ConflictRow | undefined {
  const at = rows.findIndex((row) => row.key === key)
  const others = [...rows.slice(at + 1), ...rows.slice(0, Math.max(0, at))]
  return others.find(({ conflict }) => conflict.choice === undefined)
}

/** The folders a rule for this file could be for: its own first, the whole drive last. */
export function foldersAbove(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1)
  return [...parts.map((_part, index) => parts.slice(0, parts.length - index).join('/')), '']
}

/** The innermost folder that has all of these files. */
export function commonFolder(paths: readonly string[]): string {
  const [first, ...rest] = paths
  if (first === undefined) return ''
  return (
    foldersAbove(first).find((folder) => folder === '' || rest.every((path) => path.startsWith(`${folder}/`))) ?? ''
  )
}
