/** A person calls the move of a folder back: it is renamed to where it was, and what had moved in the bucket comes back. */
import { ProblemError } from '../../contracts/problem.ts'
import { FsError, type KernelOperations } from '../fuse/kernel.ts'
import type { MoveRecord } from '../sync/move-records.ts'

/** `pathNow` is undefined when the folder is gone. Throws ProblemError; then nothing has happened. */
export async function undoMove(
  operations: Pick<KernelOperations, 'getattr' | 'rename'>,
  record: MoveRecord | undefined,
  pathNow: string | undefined,
): Promise<void> {
  if (record === undefined) {
    throw new ProblemError({ code: 'not-found', message: 'This move is already finished.' })
  }
  const { fromPath, toPath, isUndo } = record
  if (isUndo) throw new ProblemError({ code: 'invalid-input', message: `“${toPath}” is being moved back already.` })
  if (pathNow !== toPath) {
    throw new ProblemError({
      code: 'invalid-input',
      message: `“${toPath}” was renamed again or removed since, so its move cannot be called back.`,
      consequence: 'Nothing was changed; the move goes on.',
      remedy: 'Rename the folder by hand to where it should be.',
    })
  }
  try {
    await operations.getattr(`/${fromPath}`)
  } catch (error) {
    if (!(error instanceof FsError) || error.errno !== 'ENOENT') throw impossible(record, error)
    try {
      await operations.rename(`/${toPath}`, `/${fromPath}`)
    } catch (reason) {
      throw impossible(record, reason)
    }
    return
  }
  throw new ProblemError({
    code: 'already-exists',
    message: `“${toPath}” cannot be moved back: “${fromPath}” is there again.`,
    consequence: 'Nothing was changed; the move goes on.',
    remedy: 'Rename or remove what has the old name, then cancel again.',
  })
}

function impossible({ fromPath, toPath }: MoveRecord, cause: unknown): ProblemError {
  const problem = {
    code: 'not-found',
    message: `“${toPath}” cannot be moved back to “${fromPath}” now.`,
    consequence: 'Nothing was changed; the move goes on.',
    remedy: 'Make sure that the folder it was in is still there, then cancel again.',
    detail: cause instanceof Error ? cause.message : String(cause),
  } as const
  return new ProblemError(problem, { cause })
}
