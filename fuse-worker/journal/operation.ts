/**
 * An operation: what has to happen to one key so that the bucket shows what the drive shows. The journal holds the outcome
 * wanted per key, not a log of calls, so that calls that cancel out never reach the bucket.
 */
import type { ResolutionKind, TheirVersion } from '../../contracts/conflict.ts'
import type { Problem } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import type { NodeId } from '../metadata/node.ts'
import type { ETag } from '../s3/store.ts'

/**
 * What the key must hold for the operation to be allowed: the version the edit began from. `pending` stands for the outcome of the
 * operation that is running on the same key, and is filled in when that ends.
 */
export type Base = { kind: 'absent' } | { kind: 'version'; etag: ETag } | { kind: 'pending' }

/** What a person chose for a conflict, for the two versions they saw, to be carried out at `appliesAtMs` or soon after. */
export type Choice = {
  kind: ResolutionKind | 'merged'
  revision: string
  theirsEtag: ETag | undefined
  appliesAtMs: number
}

/** The bucket holds `theirs` (undefined: nothing) where the change was built on the operation's base. */
export type ConflictState = {
  state: 'conflict'
  problem: Problem
  theirs?: TheirVersion | undefined
  sinceMs: number
  choice?: Choice | undefined
}

export type OperationState =
  | { state: 'queued' }
  | { state: 'running' }
  | { state: 'waiting'; retryAtMs: number; problem: Problem }
  | { state: 'blocked'; problem: Problem }
  | ConflictState

/** Among the marks of a key: a delete was tried there, so its absence may be our own doing. */
export const deleteMark = 'delete'

const heldCode = 'cancelled'

/** Of one that a person stopped: it waits until the same person wants it to go on. */
export function heldStatus(): Extract<OperationState, { state: 'blocked' }> {
  return {
    state: 'blocked',
    problem: {
      code: heldCode,
      message: t('worker.stopped'),
      consequence: t('worker.stopped.consequence'),
      remedy: t('worker.stopped.remedy'),
    },
  }
}

export function isHeld({ status }: { status: OperationState }): boolean {
  return status.state === 'blocked' && status.problem.code === heldCode
}

export type OperationKind = 'put' | 'delete'

export type Operation = {
  readonly id: number
  kind: OperationKind
  readonly key: string
  /** Of a put: whose content and attributes the key shall have. Of a delete: who had it, for the record. */
  node: NodeId
  base: Base
  status: OperationState
  /** Marks of attempts that may have reached the bucket without our hearing of it. */
  writeIds: string[]
  attempts: number
  createdAtMs: number
  /** Not before this; later while the file is being written. Not persisted: after a restart everything is due. */
  dueAtMs: number
  /** Above 0: a person wants it first, the highest before all others. */
  priority: number
  /** The folder whose move is the only reason for this operation; undefined when there is another. */
  move?: NodeId | undefined
}
