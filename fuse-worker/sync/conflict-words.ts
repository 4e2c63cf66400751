/** What a person is told of a conflict, and of a file that cannot be sent because somebody changed what it was made from. */
import type { TheirVersion } from '../../contracts/conflict.ts'
import type { Problem } from '../../contracts/problem.ts'
import type { ConflictState, OperationState } from '../journal/operation.ts'
import type { ObjectHead } from '../s3/store.ts'

export type TheirChange = 'created' | 'edited' | 'deleted'

const whatHappened: Record<TheirChange, string> = {
  created: 'was created here and by another client',
  edited: 'was edited here and by another client',
  deleted: 'was edited here and deleted by another client',
}

export function conflictProblem(path: string, theirs: TheirChange, detail?: string): Problem {
  return {
    code: 'conflict',
    message: `“${path}” ${whatHappened[theirs]}.`,
    consequence:
      theirs === 'deleted'
        ? 'Yours is safe on this computer. It is not in the bucket any more, and nothing was overwritten.'
        : 'Both versions are safe: yours on this computer, theirs in the bucket. Nothing was overwritten.',
    remedy: 'Settle it under Conflicts in the window, or with “cloudmount conflicts”.',
    ...(detail === undefined ? {} : { detail }),
  }
}

/** Edited here without having been here whole, and the rest of it was replaced in the bucket. */
export function partsGoneProblem(path: string): Problem {
  return {
    code: 'conflict',
    message: `“${path}” was edited here, but parts of it were never on this computer, and another client has replaced them in the bucket.`,
    consequence:
      'What you wrote is kept on this computer and can be read, the rest of it cannot. Their version is in the bucket as it was.',
    remedy:
      'Save the whole file again from the program you edited it with and choose Retry, or delete it to keep only theirs.',
  }
}

export function heldOpenProblem(path: string): Problem {
  return {
    code: 'conflict',
    message: `“${path}” was changed in the bucket by another client while a program has it open here.`,
    consequence: 'The program keeps the version it opened. Nothing was overwritten.',
    remedy: 'Close the file; it goes on by itself.',
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
