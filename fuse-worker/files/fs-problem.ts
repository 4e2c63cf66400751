/** What stood in the way of a change that the window asked for, in words. */
import { ProblemError, problemFrom, type Problem, type ProblemCode } from '../../contracts/problem.ts'
import { FsError, type Errno } from '../fuse/kernel.ts'
import { StoreError } from '../s3/store.ts'

type Words = { code: ProblemCode; what: string; remedy: string }

const words: Partial<Record<Errno, Words>> = {
  ENOENT: { code: 'not-found', what: 'is not there any more', remedy: 'Look at the folder again.' },
  EEXIST: { code: 'already-exists', what: 'is there already', remedy: 'Choose another name.' },
  ENOTEMPTY: { code: 'drive-busy', what: 'got new files in the meantime', remedy: 'Try again.' },
  ENOSPC: { code: 'disk-full', what: 'does not fit on this computer', remedy: 'Free some disk space and try again.' },
  EROFS: { code: 'access-denied', what: 'is on a read-only drive', remedy: 'Mount the drive for writing first.' },
  EACCES: { code: 'access-denied', what: 'may not be used with these rights', remedy: 'Ask its owner for the right.' },
  EPERM: { code: 'access-denied', what: 'may not be used with these rights', remedy: 'Ask its owner for the right.' },
  EISDIR: { code: 'already-exists', what: 'is a folder', remedy: 'Choose another name.' },
  ENOTDIR: { code: 'already-exists', what: 'is a file', remedy: 'Choose another name.' },
  ENAMETOOLONG: { code: 'name-too-long', what: 'has a name that is too long', remedy: 'Give it a shorter one.' },
  EFBIG: { code: 'file-too-large', what: 'is larger than a bucket can hold', remedy: 'Split it up.' },
}

/** For the drive's own errors and for those of this computer's files. */
export function fsProblem(error: unknown, path: string): Problem {
  if (error instanceof ProblemError) return error.problem
  if (error instanceof StoreError) return error.problem
  if (error instanceof FsError && error.cause instanceof StoreError) return error.cause.problem
  const errno = error instanceof FsError ? error.errno : (error as { code?: Errno }).code
  const known = errno === undefined ? undefined : words[errno]
  if (known === undefined)
    return { ...problemFrom(error), message: `“${path}” could not be used.`, detail: String(error) }
  return { code: known.code, message: `“${path}” ${known.what}.`, remedy: known.remedy, detail: String(errno) }
}
