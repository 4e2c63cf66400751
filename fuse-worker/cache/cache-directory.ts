/** The folder a drive keeps everything in: made if need be, and refused in words when it cannot be used. */
import { accessSync, constants, mkdirSync } from 'node:fs'
import { ProblemError } from '../../contracts/problem.ts'

/** Throws ProblemError `cache-unusable`. */
export function prepareCacheDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new ProblemError(
      {
        code: 'cache-unusable',
        message: `The cache folder ${path} cannot be used.`,
        consequence: 'Nothing was changed. Changes that wait in it for upload are still there.',
        remedy: 'Connect the disk it is on, or make it writable, and mount again.',
        detail: cause instanceof Error ? cause.message : String(cause),
      },
      { cause },
    )
  }
}
