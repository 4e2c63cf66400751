/** What is done when the system goes down with changes on this computer only. They are safe in the journal: it is worth a short delay. */
import type { DriveStatus } from '../contracts/drive.ts'
import { canGoOn, estimateUpload } from '../contracts/upload-estimate.ts'

export type ShutdownPlan = {
  /** Ask the system to wait for us. */
  delaysShutdown: boolean
  /** How long to upload before everything is unmounted; 0 not at all. */
  uploadMs: number
}

/** systemd lets a program delay the shutdown for 5 s unless told otherwise, and unmounting needs some of that; macOS waits longer. */
const uploadMsOf = { linux: 3_500, darwin: 15_000, win32: 3_500 } as const

export function shutdownPlan(statuses: readonly DriveStatus[], platform: keyof typeof uploadMsOf): ShutdownPlan {
  if (statuses.every(({ pendingOperations }) => pendingOperations === 0)) return { delaysShutdown: false, uploadMs: 0 }
  const canUpload = statuses.some((status) => canGoOn(estimateUpload([status])))
  return { delaysShutdown: true, uploadMs: canUpload ? uploadMsOf[platform] : 0 }
}
