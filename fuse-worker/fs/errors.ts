/** What a program sees when the bucket or the cache disk could not do it: one table from errors to errno. */
import { DamagedContent } from '../cache/damaged-content.ts'
import { LostBytes } from '../cache/lost-ranges.ts'
import { isDiskFull } from '../cache/room.ts'
import { FsError, type Errno } from '../fuse/kernel.ts'
import { segmentFromName, type NamePlatform } from '../s3/names.ts'
import { StoreError, type StoreErrorKind } from '../s3/store.ts'

const errnoOfStoreError: Record<StoreErrorKind, Errno> = {
  // The server is there and said "not now": the program's own retry is as good as ours.
  retry: 'EIO',
  offline: 'ENETDOWN',
  // Keys, permissions, quota: nothing that waiting would cure.
  blocked: 'EACCES',
  // The version this file was opened on is no longer in the bucket.
  conflict: 'ESTALE',
  absent: 'ESTALE',
  invalid: 'EIO',
  // Only our own deadlines cancel a program's request.
  cancelled: 'ETIMEDOUT',
}

/** Undefined for an error nobody foresaw: that one is a defect, becomes EIO and is logged. */
export function foreseen(error: unknown): FsError | undefined {
  if (error instanceof FsError) return error
  if (error instanceof StoreError) return new FsError(errnoOfStoreError[error.kind], error.message, { cause: error })
  // Said to a person by the operation that cannot be sent.
  if (error instanceof LostBytes) return new FsError('EIO', error.message, { cause: error })
  if (error instanceof DamagedContent) return new FsError('EIO', error.message, { cause: error })
  return isDiskFull(error) ? new FsError('ENOSPC', error.message, { cause: error }) : undefined
}

export function asFsError(error: unknown): unknown {
  return foreseen(error) ?? error
}

/** The segment of a key that a new name stands for. Throws ENAMETOOLONG, or EINVAL for a name that stands for none. */
export function segmentOf(name: string, platform: NamePlatform): string {
  const decoded = segmentFromName(name, platform)
  if (decoded.ok) return decoded.segment
  throw new FsError(decoded.reason === 'name-too-long' ? 'ENAMETOOLONG' : 'EINVAL')
}
