import { expect, test } from 'vitest'
import { emptyDriveStatus, type DriveStatus } from '../contracts/drive.ts'
import { shutdownPlan } from './shutdown-plan.ts'

const idle = emptyDriveStatus
const pending: DriveStatus = { ...idle, pendingOperations: 2, unsyncedBytes: 5 }
const offline: DriveStatus = { ...pending, connection: 'offline' }
const stuck: DriveStatus = { ...pending, needsAttention: 2 }

type Row = [title: string, statuses: DriveStatus[], delaysShutdown: boolean, uploads: boolean]

test.each<Row>([
  ['no drive', [], false, false],
  ['everything in the bucket', [idle, idle], false, false],
  ['something to upload', [idle, pending], true, true],
  ['something that cannot be uploaded now', [offline], true, false],
  ['something that needs a person', [stuck], true, false],
  ['one drive of two that can', [offline, pending], true, true],
])('when the system goes down: %s', (_title, statuses, delaysShutdown, uploads) => {
  for (const platform of ['linux', 'darwin'] as const) {
    const plan = shutdownPlan(statuses, platform)
    expect(plan.delaysShutdown).toBe(delaysShutdown)
    expect(plan.uploadMs > 0).toBe(uploads)
  }
  // What systemd grants by default, with room to unmount.
  expect(shutdownPlan(statuses, 'linux').uploadMs).toBeLessThan(5_000)
})
