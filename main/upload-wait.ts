/**
 * Waiting for uploads because a person chose to: until everything is in the bucket, or until it is plain that this will not be soon. A
 * network that is away for a moment is waited for; one that stays away, changes that need a person, and a pause begun meanwhile end
 * the wait.
 */
import type { DriveStatus } from '../contracts/drive.ts'
import { estimateUpload } from '../contracts/upload-estimate.ts'

/** Without any progress. */
export const patienceMs = 30_000
export const nextTryMs = 1_000

export type UploadWait = {
  /** Uploads what can be uploaded now; resolves with how many changes are left. */
  sync: () => Promise<number>
  statuses: () => readonly DriveStatus[]
  isCancelled: () => boolean
}

/** Resolves with how many changes are left. */
export async function waitForUploads({ sync, statuses, isCancelled }: UploadWait): Promise<number> {
  let least = Infinity
  let progressAtMs = Date.now()
  for (;;) {
    const left = await sync()
    if (left === 0 || isCancelled()) return left
    if (left < least) progressAtMs = Date.now()
    least = Math.min(least, left)
    // Also gives what the drives say of themselves time to arrive.
    await new Promise((resolve) => setTimeout(resolve, nextTryMs))
    const { kind } = estimateUpload(statuses())
    const isStuck = kind === 'blocked' || kind === 'signed-out' || statuses().some(isPaused)
    if (isStuck || isCancelled() || Date.now() - progressAtMs >= patienceMs) return left
  }
}

function isPaused(status: DriveStatus): boolean {
  return estimateUpload([status]).kind === 'paused'
}
