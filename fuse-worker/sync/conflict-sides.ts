/**
 * The two sides of one key, in the words of the decision table: what was done here, from the operation and its file, and what was
 * done there, from the base and what the bucket shows. Pure.
 */
import type { Base, Operation } from '../journal/operation.ts'
import type { Node } from '../metadata/node.ts'
import type { ETag } from '../s3/store.ts'
import type { Change } from './conflict-decision.ts'

const mine = 'mine'
const theirs = 'theirs'

/** What the put does to the key it writes. */
export function hereAtPlace({ key, base }: Pick<Operation, 'key' | 'base'>, node: Node): Change {
  if (base.kind === 'absent') return { kind: 'created', content: mine }
  const isEdit = node.kind === 'file' && node.isContentDirty
  // A folder's own object says that it is there, and what its attributes are.
  const isSameFile = node.kind === 'directory' || node.remote?.key === key
  return isSameFile && !isEdit ? { kind: 'attributes-edited' } : { kind: 'edited', content: mine }
}

/** What it does to the object that its file stands on, which may be another one than the put replaces. */
export function hereAtSource({ key, move }: Pick<Operation, 'key' | 'move'>, node: Node): Change {
  if (node.kind === 'file' && node.isContentDirty) return { kind: 'renamed-and-edited' }
  if (node.remote?.key === key) return { kind: 'attributes-edited' }
  return { kind: move === undefined ? 'renamed' : 'folder-renamed' }
}

/** `etag` is what the bucket holds now; undefined: nothing. */
export function thereSince(base: Base, etag: ETag | undefined): Change {
  const known = base.kind === 'version' ? base.etag : undefined
  if (known === etag) return { kind: 'unchanged' }
  if (etag === undefined) return { kind: 'deleted' }
  return known === undefined ? { kind: 'created', content: theirs } : { kind: 'edited', content: theirs }
}

/** The same, once their bytes have turned out to be the ones that are here. */
export function withSameBytes(here: Change, there: Change): Change {
  if (here.kind === 'attributes-edited') return { kind: 'attributes-edited' }
  return there.kind === 'created' || there.kind === 'edited' ? { ...there, content: mine } : there
}
