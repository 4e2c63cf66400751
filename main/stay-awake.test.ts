import { expect, test, vi } from 'vitest'
import { emptyDriveStatus, type DriveState, type DriveStatus } from '../contracts/drive.ts'
import type { DriveView } from '../contracts/ipc.ts'
import { stayAwake } from './stay-awake.ts'
import { sampleDrive } from './testing/samples.ts'

const view = (status: Partial<DriveStatus>, state: DriveState = { state: 'mounted' }): DriveView => ({
  drive: sampleDrive(),
  state,
  status: { ...emptyDriveStatus, ...status },
})

test('the computer stays awake while something is uploaded, and only then', () => {
  const blocker = { start: vi.fn(() => 7), stop: vi.fn() }
  const awake = stayAwake(blocker)
  awake.update([view({}), view({ pendingOperations: 1 }, { state: 'unmounted' })])
  awake.update([
    view({ pendingOperations: 1, connection: 'offline' }),
    view({ pendingOperations: 1, needsAttention: 1 }),
  ])
  expect(blocker.start).not.toHaveBeenCalled()
  awake.update([view({}), view({ pendingOperations: 1 })])
  awake.update([view({ pendingOperations: 3 })])
  expect(blocker.start).toHaveBeenCalledTimes(1)
  awake.update([view({})])
  awake.update([view({})])
  expect(blocker.stop.mock.calls).toEqual([[7]])
})
