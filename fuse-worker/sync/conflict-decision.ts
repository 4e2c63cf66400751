/**
 * What becomes of a file that changed on both sides since the version they began from: a pure table of every pair. Two rules
 * make it: what was written here is never given up, and a version of theirs is never replaced before it was seen. Where what
 * was done here holds no content of its own (a rename, a delete, attributes), their word holds instead.
 * To the bucket a rename is one key gone and another one new, so that for the file at its old key it says what a deletion says.
 */

/** What happened to one file since the base. Contents are compared by the names given them here. */
export type Change =
  | { kind: 'unchanged' }
  | { kind: 'created'; content: string }
  | { kind: 'edited'; content: string }
  /** Mode, owner, times or extended attributes; the bytes are the base's. */
  | { kind: 'attributes-edited' }
  | { kind: 'deleted' }
  | { kind: 'renamed' }
  | { kind: 'renamed-and-edited' }
  | { kind: 'folder-renamed' }
  | { kind: 'folder-removed' }
  | { kind: 'replaced-by-folder' }

export type ChangeKind = Change['kind']

export type Decision =
  | { kind: 'nothing' }
  /** Ours goes to the bucket, on condition that it still holds what was seen. */
  | { kind: 'send' }
  /** Theirs shows here; nothing that was written here goes with that. */
  | { kind: 'take' }
  /** Both sides hold the same bytes: the file here stands on their version. */
  | { kind: 'adopt' }
  /** Their version is what moves to the name given here. */
  | { kind: 'follow' }
  | { kind: 'conflict'; theirs: 'created' | 'edited' | 'deleted' }

type Cell = 'nothing' | 'send' | 'take' | 'follow' | 'both' | 'gone'

/** What there is to theirs: nothing new, a version that was not there, another one, other attributes of the same bytes, none any more. */
const presence = {
  unchanged: 'same',
  created: 'created',
  edited: 'edited',
  'attributes-edited': 'attributes',
  deleted: 'gone',
  renamed: 'gone',
  'renamed-and-edited': 'gone',
  'folder-renamed': 'gone',
  'folder-removed': 'gone',
  'replaced-by-folder': 'gone',
} as const satisfies Record<ChangeKind, string>

type Presence = (typeof presence)[ChangeKind]

const deletion: Record<Presence, Cell> = {
  same: 'send',
  created: 'take',
  edited: 'take',
  attributes: 'take',
  gone: 'nothing',
}
const move: Record<Presence, Cell> = {
  same: 'send',
  created: 'follow',
  edited: 'follow',
  attributes: 'follow',
  gone: 'take',
}

const table: Record<ChangeKind, Record<Presence, Cell>> = {
  unchanged: { same: 'nothing', created: 'take', edited: 'take', attributes: 'take', gone: 'take' },
  // There was nothing before: whatever theirs is called, it was never seen.
  created: { same: 'send', created: 'both', edited: 'both', attributes: 'both', gone: 'send' },
  edited: { same: 'send', created: 'both', edited: 'both', attributes: 'send', gone: 'gone' },
  'attributes-edited': { same: 'send', created: 'take', edited: 'take', attributes: 'send', gone: 'take' },
  deleted: deletion,
  'folder-removed': deletion,
  'replaced-by-folder': deletion,
  renamed: move,
  'folder-renamed': move,
  // Mine has a name of its own; theirs stays under the old one, whatever it is.
  'renamed-and-edited': { same: 'send', created: 'send', edited: 'send', attributes: 'send', gone: 'send' },
}

export function decide(here: Change, there: Change): Decision {
  const cell = table[here.kind][presence[there.kind]]
  if (cell === 'gone') return { kind: 'conflict', theirs: 'deleted' }
  if (cell !== 'both') return { kind: cell }
  if (contentOf(here) !== undefined && contentOf(here) === contentOf(there)) return { kind: 'adopt' }
  return { kind: 'conflict', theirs: here.kind === 'created' ? 'created' : 'edited' }
}

function contentOf(change: Change): string | undefined {
  return change.kind === 'created' || change.kind === 'edited' ? change.content : undefined
}
