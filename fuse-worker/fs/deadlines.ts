/**
 * How long an operation may wait for the bucket, as SEMANTICS.md states it. Each is well under the minute after which macFUSE kills a
 * silent daemon. A network that is gone is told much sooner, by the circuit breaker; these are for one that answers too slowly.
 * What was begun goes on behind a deadline that passed, so that the program's next try finds it done.
 */
import { t } from '../../language/language.ts'
import { StoreError } from '../s3/store.ts'
import type { Clock } from '../runtime/clock.ts'

export const deadlinesMs = {
  /** One name: by a page of the folder's listing, or by its own key. */
  lookup: 20_000,
  /** Of an object just found, or about to be changed; what is known stands in for it. */
  metadata: 10_000,
  /** Whether the version known is still the bucket's; what is known stands in for the answer. */
  open: 20_000,
  readdir: 40_000,
  read: 40_000,
  rmdir: 40_000,
  rename: 40_000,
} as const

const leastCloseMs = 40_000
const slowestUploadBytesPerMs = 128

/** In strict mode `close` and `fsync` wait for the upload: longer for larger files, where the kernel allows it. */
export function closeDeadlineMs(sizeBytes: number, platform: 'linux' | 'darwin' | 'win32'): number {
  return platform === 'darwin' ? leastCloseMs : leastCloseMs + sizeBytes / slowestUploadBytesPerMs
}

/** Throws `cancelled` (ETIMEDOUT for a program) when the promise takes longer; it is not ended by that. */
export async function within<T>(clock: Clock, deadlineMs: number, promise: Promise<T>): Promise<T> {
  let cancel = (): void => undefined
  const late = new Promise<never>((_resolve, reject) => {
    cancel = clock.after(deadlineMs, () => reject(tooSlow(deadlineMs)))
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    cancel()
  }
}

function tooSlow(deadlineMs: number): StoreError {
  return new StoreError('cancelled', {
    code: 'cancelled',
    message: t('worker.too-slow', { seconds: Math.round(deadlineMs / 1000) }),
    remedy: t('worker.too-slow.remedy'),
  })
}
