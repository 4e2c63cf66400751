/** What a person is told of a conflict, and of a file that cannot be sent because somebody changed what it was made from. */
import type { TheirVersion } from '../../contracts/conflict.ts'
import type { Problem } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import type { ConflictState, OperationState } from '../journal/operation.ts'
import type { ObjectHead } from '../s3/store.ts'

export type TheirChange = 'created' | 'edited' | 'deleted'

const whatHappened = {
  created: 'worker.conflict-created',
  edited: 'worker.conflict-edited',
  deleted: 'worker.conflict-deleted',
} as const

export function conflictProblem(path: string, theirs: TheirChange, detail?: string): Problem {
  return {
    code: 'conflict',
    message: t(whatHappened[theirs], { path }),
    consequence: t(theirs === 'deleted' ? 'worker.conflict-deleted.consequence' : 'worker.conflict-both.consequence'),
    remedy: t('worker.conflict.remedy'),
    ...(detail === undefined ? {} : { detail }),
  }
}

/** Edited here without having been here whole, and the rest of it was replaced in the bucket. */
export function partsGoneProblem(path: string): Problem {
  return {
    code: 'conflict',
    message: t('worker.conflict-parts-gone', { path }),
    consequence: t('worker.conflict-parts-gone.consequence'),
    remedy: t('worker.conflict-parts-gone.remedy'),
  }
}

export function heldOpenProblem(path: string): Problem {
  return {
    code: 'conflict',
    message: t('worker.conflict-held-open', { path }),
    consequence: t('worker.conflict-held-open.consequence'),
    remedy: t('worker.conflict-held-open.remedy'),
  }
}

export function theirVersionOf({ etag, versionId, sizeBytes, lastModifiedMs }: ObjectHead): TheirVersion {
  return { etag, sizeBytes, modifiedAt: lastModifiedMs, ...(versionId === undefined ? {} : { versionId }) }
}

/** A conflict keeps the moment it was found, however often it is updated, and a choice as long as it is about this version. */
export function conflictState(
  previous: OperationState,
  { problem, theirs }: { problem: Problem; theirs: ObjectHead | undefined },
  nowMs: number,
): ConflictState {
  const known = previous.state === 'conflict' ? previous : undefined
  const isSame = known !== undefined && known.theirs?.etag === theirs?.etag
  return {
    state: 'conflict',
    problem,
    ...(theirs === undefined ? {} : { theirs: theirVersionOf(theirs) }),
    sinceMs: known?.sinceMs ?? nowMs,
    ...(isSame && known.choice !== undefined ? { choice: known.choice } : {}),
  }
}
