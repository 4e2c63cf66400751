/** What stood in the way of a change that the window asked for, in words. */
import { ProblemError, problemFrom, type Problem, type ProblemCode } from '../../contracts/problem.ts'
import { t, type MessageKey } from '../../language/language.ts'
import { FsError, type Errno } from '../fuse/kernel.ts'
import { StoreError } from '../s3/store.ts'

type Words = { code: ProblemCode; message: MessageKey; remedy: MessageKey }

const words: Partial<Record<Errno, Words>> = {
  ENOENT: { code: 'not-found', message: 'worker.file-absent', remedy: 'worker.file-absent.remedy' },
  EEXIST: { code: 'already-exists', message: 'worker.file-taken', remedy: 'worker.file-taken.remedy' },
  ENOTEMPTY: { code: 'drive-busy', message: 'worker.file-not-empty', remedy: 'worker.file-not-empty.remedy' },
  ENOSPC: { code: 'disk-full', message: 'worker.file-no-room', remedy: 'worker.file-no-room.remedy' },
  EROFS: { code: 'access-denied', message: 'worker.file-read-only', remedy: 'worker.file-read-only.remedy' },
  EACCES: { code: 'access-denied', message: 'worker.file-forbidden', remedy: 'worker.file-forbidden.remedy' },
  EPERM: { code: 'access-denied', message: 'worker.file-forbidden', remedy: 'worker.file-forbidden.remedy' },
  EISDIR: { code: 'already-exists', message: 'worker.file-folder', remedy: 'worker.file-folder.remedy' },
  ENOTDIR: { code: 'already-exists', message: 'worker.file-file', remedy: 'worker.file-file.remedy' },
  ENAMETOOLONG: {
    code: 'name-too-long',
    message: 'worker.file-name-too-long',
    remedy: 'worker.file-name-too-long.remedy',
  },
  EFBIG: { code: 'file-too-large', message: 'worker.file-too-large', remedy: 'worker.file-too-large.remedy' },
}

/** For the drive's own errors and for those of this computer's files. */
export function fsProblem(error: unknown, path: string): Problem {
  if (error instanceof ProblemError) return error.problem
  if (error instanceof StoreError) return error.problem
  if (error instanceof FsError && error.cause instanceof StoreError) return error.cause.problem
  const errno = error instanceof FsError ? error.errno : (error as { code?: Errno }).code
  const known = errno === undefined ? undefined : words[errno]
  if (known === undefined)
    return { ...problemFrom(error), message: t('worker.file-unusable', { path }), detail: String(error) }
  return { code: known.code, message: t(known.message, { path }), remedy: t(known.remedy), detail: String(errno) }
}
