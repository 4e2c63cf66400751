import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { emptyDriveStatus, type DriveStatus } from '../contracts/drive.ts'
import { nextTryMs, patienceMs, waitForUploads } from './upload-wait.ts'

const offline: DriveStatus = { ...emptyDriveStatus, pendingOperations: 2, connection: 'offline' }

function setUp(answers: number[], status = offline) {
  let isCancelled = false
  const sync = vi.fn(async () => (answers.length > 1 ? (answers.shift() ?? 0) : (answers[0] ?? 0)))
  const outcome = vi.fn()
  void waitForUploads({ sync, statuses: () => [status], isCancelled: () => isCancelled }).then(outcome)
  return { sync, outcome, cancel: () => void (isCancelled = true) }
}

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

describe('waiting for uploads', () => {
  it('ends when everything is uploaded', async () => {
    const { outcome } = setUp([0])
    await vi.advanceTimersByTimeAsync(0)
    expect(outcome).toHaveBeenCalledWith(0)
  })

  it('outlasts a network that is away for a moment', async () => {
    const { outcome } = setUp([2, 2, 0])
    await vi.advanceTimersByTimeAsync(2 * nextTryMs)
    expect(outcome).toHaveBeenCalledWith(0)
  })

  it('ends with what is left when the network stays away', async () => {
    const { outcome } = setUp([2])
    await vi.advanceTimersByTimeAsync(patienceMs - 1)
    expect(outcome).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(nextTryMs)
    expect(outcome).toHaveBeenCalledWith(2)
  })

  it('goes on while a bad network still lets something through', async () => {
    const { outcome } = setUp(Array.from({ length: 61 }, (_, at) => 60 - at))
    await vi.advanceTimersByTimeAsync(59 * nextTryMs)
    expect(outcome).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(nextTryMs)
    expect(outcome).toHaveBeenCalledWith(0)
  })

  it('ends soon when all that is left needs a person', async () => {
    const { outcome } = setUp([2], { ...emptyDriveStatus, pendingOperations: 2, needsAttention: 2 })
    await vi.advanceTimersByTimeAsync(nextTryMs)
    expect(outcome).toHaveBeenCalledWith(2)
  })

  it('ends when the drive is paused meanwhile, so that the pause is not ended again', async () => {
    const { outcome, sync } = setUp([2], { ...emptyDriveStatus, pendingOperations: 2, pause: {} })
    await vi.advanceTimersByTimeAsync(nextTryMs)
    expect(outcome).toHaveBeenCalledWith(2)
    expect(sync).toHaveBeenCalledTimes(1)
  })

  it('ends when the person takes it back', async () => {
    const { outcome, cancel, sync } = setUp([2])
    await vi.advanceTimersByTimeAsync(nextTryMs)
    cancel()
    await vi.advanceTimersByTimeAsync(nextTryMs)
    expect(outcome).toHaveBeenCalledTimes(1)
    expect(sync).toHaveBeenCalledTimes(2)
  })
})
