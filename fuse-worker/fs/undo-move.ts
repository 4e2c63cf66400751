/** A person calls the move of a folder back: it is renamed to where it was, and what had moved in the bucket comes back. */
import { ProblemError } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import { FsError, type KernelOperations } from '../fuse/kernel.ts'
import type { MoveRecord } from '../sync/move-records.ts'

/** `pathNow` is undefined when the folder is gone. Throws ProblemError; then nothing has happened. */
export async function undoMove(
  operations: Pick<KernelOperations, 'getattr' | 'rename'>,
  record: MoveRecord | undefined,
  pathNow: string | undefined,
): Promise<void> {
  if (record === undefined) {
    throw new ProblemError({ code: 'not-found', message: t('worker.move-over') })
  }
  const { fromPath, toPath, isUndo } = record
  if (isUndo) throw new ProblemError({ code: 'invalid-input', message: t('worker.move-back-already', { toPath }) })
  if (pathNow !== toPath) {
    throw new ProblemError({
      code: 'invalid-input',
      message: t('worker.move-back-gone', { toPath }),
      consequence: t('worker.move-back-gone.consequence'),
      remedy: t('worker.move-back-gone.remedy'),
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
    message: t('worker.move-back-taken', { toPath, fromPath }),
    consequence: t('worker.move-back-taken.consequence'),
    remedy: t('worker.move-back-taken.remedy'),
  })
}

function impossible({ fromPath, toPath }: MoveRecord, cause: unknown): ProblemError {
  const problem = {
    code: 'not-found',
    message: t('worker.move-back-impossible', { toPath, fromPath }),
    consequence: t('worker.move-back-impossible.consequence'),
    remedy: t('worker.move-back-impossible.remedy'),
    detail: cause instanceof Error ? cause.message : String(cause),
  } as const
  return new ProblemError(problem, { cause })
}
