/** The folder a drive keeps everything in: made if need be, and refused in words when it cannot be used. */
import { accessSync, constants, mkdirSync } from 'node:fs'
import { ProblemError } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'

/** Throws ProblemError `cache-unusable`. */
export function prepareCacheDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new ProblemError(
      {
        code: 'cache-unusable',
        message: t('worker.cache-folder-unusable', { path }),
        consequence: t('worker.cache-folder-unusable.consequence'),
        remedy: t('worker.cache-folder-unusable.remedy'),
        detail: cause instanceof Error ? cause.message : String(cause),
      },
      { cause },
    )
  }
}
