/**
 * How a wish for a key merges with what the journal already holds for it. Pure: a table of cases, no state.
 * A key has at most one running operation and at most one queued behind it.
 */
import type { NodeId } from '../metadata/node.ts'
import { assertNever } from '../runtime/assert-never.ts'
import type { Base, Operation } from './operation.ts'

export type Slot = { queued?: Operation; running?: Operation }

export type Merge =
  | { kind: 'nothing' }
  | { kind: 'insert'; base: Base }
  /** The queued operation becomes what is wished for, on the base it has. */
  | { kind: 'rewrite'; base: Base }
  /** The wish and the queued operation cancel out. */
  | { kind: 'remove' }
  /** The queued operation stays, and builds on this from now on. */
  | { kind: 'rebase'; base: Base }

/** `known` is what the bucket holds under the key as far as the wish was built on it. */
export function mergePut(slot: Slot, known: Base): Merge {
  if (slot.queued !== undefined) return { kind: 'rewrite', base: slot.queued.base }
  if (slot.running !== undefined) return { kind: 'insert', base: { kind: 'pending' } }
  return { kind: 'insert', base: known }
}

export function mergeDelete(slot: Slot, known: Base): Merge {
  const { queued, running } = slot
  if (queued !== undefined) {
    const mayExist = queued.base.kind !== 'absent' || queued.writeIds.length > 0
    return mayExist ? { kind: 'rewrite', base: queued.base } : { kind: 'remove' }
  }
  if (running !== undefined) {
    return running.kind === 'delete' ? { kind: 'nothing' } : { kind: 'insert', base: { kind: 'pending' } }
  }
  return known.kind === 'absent' ? { kind: 'nothing' } : { kind: 'insert', base: known }
}

/**
 * The key holds something that was not known when what is queued there was wished for, and that has another place by now. A put
 * waiting for the key may replace it, once it has been copied; nothing else needs to change.
 */
export function mergeVacate(slot: Slot, node: NodeId, known: Base): Merge {
  const { queued, running } = slot
  if (queued === undefined) return running === undefined ? { kind: 'insert', base: known } : { kind: 'nothing' }
  const isBlind = queued.kind === 'put' && queued.base.kind === 'absent' && queued.writeIds.length === 0
  return isBlind && queued.node !== node ? { kind: 'rebase', base: known } : { kind: 'nothing' }
}

/** What a finished operation left under its key, for the one queued behind it. */
export type Outcome = { kind: 'absent' } | { kind: 'version'; etag: string }

export type FollowUp = { kind: 'none' } | { kind: 'rebase'; base: Base } | { kind: 'drop' }

export function followSuccess(queued: Operation | undefined, outcome: Outcome): FollowUp {
  if (queued === undefined) return { kind: 'none' }
  switch (queued.kind) {
    case 'put':
      return { kind: 'rebase', base: outcome }
    case 'delete':
      return outcome.kind === 'absent' ? { kind: 'drop' } : { kind: 'rebase', base: outcome }
    default:
      return assertNever(queued.kind)
  }
}
