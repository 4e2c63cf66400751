/** Keeps the computer from falling asleep by itself while something is uploaded. */
import type { DriveView } from '../contracts/ipc.ts'
import { canGoOn, estimateUpload } from '../contracts/upload-estimate.ts'

/** As Electron's powerSaveBlocker. */
export interface SleepBlocker {
  start(): number
  stop(id: number): void
}

export function stayAwake(blocker: SleepBlocker): { update(drives: readonly DriveView[]): void } {
  let held: number | undefined
  return {
    update(drives) {
      const isUploading = drives.some(mayUpload)
      if (isUploading) held ??= blocker.start()
      else if (held !== undefined) {
        blocker.stop(held)
        held = undefined
      }
    },
  }
}

function mayUpload({ state, status }: DriveView): boolean {
  if (state.state !== 'mounted' && state.state !== 'unmounting') return false
  return canGoOn(estimateUpload([status]))
}
