import type { Conflict, RecoveredFile } from '../../contracts/conflict.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

function conflict(id: string, path: string, change: Partial<Conflict> = {}): Conflict {
  const now = Date.now()
  return {
    id,
    path,
    kind: 'edited',
    since: now - Number(id) * 7 * minute,
    mine: { sizeBytes: 12_400, modifiedAt: now - 6 * minute, revision: 'r1', isWhole: true, isOpen: false },
    theirs: { etag: `"t${id}"`, sizeBytes: 13_100, modifiedAt: now - Number(id) * 4 * minute },
    hasBase: true,
    ...change,
  }
}

function deleted(id: string, path: string): Conflict {
  const { theirs: _theirs, ...rest } = conflict(id, path, { kind: 'deleted' })
  return rest
}

export function someConflicts(): Conflict[] {
  return [
    conflict('1', 'meetings/2026-11-20 budget.md'),
    conflict('2', 'logo/final.png', { kind: 'created', hasBase: false }),
    conflict('3', 'reports/q3.xlsx', { mine: { ...conflict('3', '').mine, sizeBytes: 1_240_000, isOpen: true } }),
    deleted('4', 'drafts/offer.txt'),
    conflict('5', 'film/ceremony.mov', {
      theirs: { etag: '"t5"', sizeBytes: 5.2e9, modifiedAt: Date.now() - 2 * day },
    }),
    conflict('6', 'notes.txt', { kind: 'created', hasBase: false }),
    conflict('7', 'letters/landlord.odt', { mine: { ...conflict('7', '').mine, isWhole: false } }),
  ]
}

export function conflictStates(): Conflict[] {
  const now = Date.now()
  const offline = {
    code: 'offline' as const,
    message: 'The service does not answer.',
    remedy: 'It is tried again by itself.',
  }
  return [
    conflict('1', 'a/keeps mine.txt', { choice: { kind: 'mine', appliesAt: now + 60_000, state: 'waiting' } }),
    conflict('2', 'a/waits for close.ods', {
      mine: { ...conflict('2', '').mine, isOpen: true },
      choice: { kind: 'theirs', appliesAt: now, state: 'waiting-for-close' },
    }),
    conflict('3', 'a/applying.txt', { choice: { kind: 'both', appliesAt: now, state: 'applying' } }),
    conflict('4', 'a/failed.txt', { choice: { kind: 'mine', appliesAt: now, state: 'failed', problem: offline } }),
    conflict('5', 'a/needs you.txt'),
  ]
}

/** Names of a length that no row can show. */
export function longConflicts(name: string, otherScript: string): Conflict[] {
  const endless = `${name} `.repeat(10).trim()
  return [
    conflict('21', `${endless}/${endless}/${endless}.txt`),
    conflict('22', `${otherScript}/${otherScript}.txt`),
    deleted('23', `${endless.replace(/ /g, '_')}.tiff`),
  ]
}

export function manyConflicts(count: number): Conflict[] {
  return Array.from({ length: count }, (_none, index) =>
    conflict(String(index + 10), `season/folder ${index % 17}/tile-${String(index).padStart(4, '0')}.txt`, {
      since: Date.now() - index * minute,
    }),
  )
}

function recovered(id: string, path: string, change: Partial<RecoveredFile> = {}): RecoveredFile {
  const now = Date.now()
  return {
    id,
    path,
    side: Number(id) % 2 ? 'mine' : 'theirs',
    sizeBytes: 12_400 * Number(id),
    modifiedAt: now - Number(id) * day,
    discardedAt: now - Number(id) * hour,
    keptUntil: now + 30 * day,
    ...change,
  }
}

export function someRecovered(): RecoveredFile[] {
  return [
    recovered('1', 'meetings/2026-11-13 staff.md'),
    recovered('2', 'logo/draft.png'),
    recovered('3', 'letters/landlord.odt', { isIncomplete: true }),
    recovered('40', 'archive/old.zip'),
  ]
}

export function longRecovered(name: string): RecoveredFile[] {
  return [recovered('1', `${name}/${`${name} `.repeat(9)}.txt`)]
}

const lines = (...all: string[]) => `${all.join('\n')}\n`
const long = Array.from({ length: 30 }, (_none, index) => `${index + 1}. An item that nobody changed.`)

export const baseText = lines(
  '# Budget meeting',
  '',
  'Present: Ana, Jo',
  'Rent: 1,200',
  'Paper: 80',
  '',
  ...long,
  '',
  'Next meeting: Monday',
)
export const mineText = baseText
  .replace('Present: Ana, Jo', 'Present: Ana, Jo, Kim')
  .replace('Rent: 1,200', 'Rent: 1,250 from January on')
  .replace(
    '12. An item that nobody changed.',
    '12. An item that Ana made longer, with everything that was said about it at the table.',
  )
export const theirText = baseText
  .replace('Rent: 1,200', 'Rent: 1,240')
  .replace('Paper: 80\n', 'Paper: 80\nInk: 45\n')
  .replace('Next meeting: Monday', 'Next meeting: Tuesday, 10:00')

/** A small square of another colour for each side. */
export function picture(side: 'mine' | 'theirs' | 'base'): string {
  const squares = {
    mine: 'iVBORw0KGgoAAAANSUhEUgAAADAAAAAgCAIAAADbtmxLAAAAMUlEQVR42u3OQQ0AAAgEoEtkNMOayBbOBxsBSPW8EiEhISEhISEhISEhISEhISGhSwsIQpR5Fw/CngAAAABJRU5ErkJggg==',
    theirs:
      'iVBORw0KGgoAAAANSUhEUgAAADAAAAAgCAIAAADbtmxLAAAAMUlEQVR42u3OQQ0AAAgEoAtmMHOayBbOBxsByHS9EiEhISEhISEhISEhISEhISGhSwuxIiSIBG6ZsAAAAABJRU5ErkJggg==',
    base: '',
  }
  return squares[side]
}
