import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ProblemError, type Problem } from '../contracts/problem.ts'
import type { QuitEvent } from './event-stream.ts'
import { insistWithinMs, nextTryMs, quitFlow } from './quit-flow.ts'

const busy: Problem = { code: 'drive-busy', message: 'A program uses Photos.' }

function setUp(pendingOperations: number, refusals: Problem[] = []) {
  const told: QuitEvent[] = []
  const raised: Problem[] = []
  let sync = { resolve(_left: number) {}, reject(_error: unknown) {} }
  const fleet = {
    pending: () => ({ pendingOperations, unsyncedBytes: pendingOperations * 1000 }),
    syncAll: () => new Promise<number>((resolve, reject) => (sync = { resolve, reject })),
    unmountAll: vi.fn(async ({ isForced }: { isForced: boolean }) => (isForced ? [] : refusals)),
  }
  const exit = vi.fn()
  const showWindow = vi.fn()
  const flow = quitFlow({
    fleet,
    uploadBytesPerSecond: () => 500,
    showWindow,
    tell: (event) => void told.push(event),
    raise: (problem) => void raised.push(problem),
    exit,
  })
  return { flow, fleet, exit, showWindow, told, raised, sync: () => sync }
}

const asked = { kind: 'quit:asked', pendingOperations: 3, unsyncedBytes: 3000, estimateMs: 6000 }
const settled = { kind: 'quit:settled' }

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

describe('quitting', () => {
  it('with everything in the bucket unmounts and exits without a question', async () => {
    const { flow, exit, told, fleet } = setUp(0)
    flow.ask()
    await vi.waitFor(() => expect(exit).toHaveBeenCalledTimes(1))
    expect(fleet.unmountAll).toHaveBeenCalledWith({ isForced: false })
    expect(told).toEqual([])
  })

  it('with bytes to upload asks, with an estimate, and does nothing until answered', async () => {
    const { flow, exit, told, showWindow, fleet } = setUp(3)
    flow.ask()
    expect(told).toEqual([asked])
    expect(showWindow).toHaveBeenCalled()
    flow.answer('cancel')
    expect(told).toEqual([asked, settled])
    flow.answer('leave')
    await vi.advanceTimersByTimeAsync(1000)
    expect(fleet.unmountAll).not.toHaveBeenCalled()
    expect(exit).not.toHaveBeenCalled()
  })

  it('waiting for the uploads goes on while a drive that went offline has some left', async () => {
    const { flow, exit, sync } = setUp(3)
    flow.ask()
    flow.answer('wait')
    sync().resolve(2)
    await vi.advanceTimersByTimeAsync(nextTryMs - 1)
    expect(exit).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    sync().resolve(0)
    await vi.waitFor(() => expect(exit).toHaveBeenCalledTimes(1))
  })

  it('leaving the rest queued unmounts at once', async () => {
    const { flow, exit } = setUp(3)
    flow.ask()
    flow.answer('leave')
    await vi.waitFor(() => expect(exit).toHaveBeenCalledTimes(1))
  })

  it('waiting exits when the uploads are through', async () => {
    const { flow, exit, sync, fleet } = setUp(3)
    flow.ask()
    flow.answer('wait')
    await vi.advanceTimersByTimeAsync(1000)
    expect(fleet.unmountAll).not.toHaveBeenCalled()
    sync().resolve(0)
    await vi.waitFor(() => expect(exit).toHaveBeenCalledTimes(1))
  })

  it('a wait that cannot end says why and asks again', async () => {
    const { flow, exit, sync, told, raised } = setUp(3)
    flow.ask()
    flow.answer('wait')
    sync().reject(new ProblemError({ code: 'offline', message: 'no network' }))
    await vi.waitFor(() => expect(told).toEqual([asked, asked]))
    expect(raised).toEqual([{ code: 'offline', message: 'no network' }])
    expect(exit).not.toHaveBeenCalled()
  })

  it('a wait that was cancelled does not quit when the uploads are through', async () => {
    const { flow, exit, sync, told } = setUp(3)
    flow.ask()
    flow.answer('wait')
    flow.answer('cancel')
    sync().resolve(0)
    await vi.advanceTimersByTimeAsync(1000)
    expect(exit).not.toHaveBeenCalled()
    expect(told.at(-1)).toEqual(settled)
  })

  it('a drive in use keeps the application; quitting again soon disconnects it', async () => {
    const { flow, exit, raised, fleet } = setUp(0, [busy])
    flow.ask()
    await vi.waitFor(() => expect(raised).toHaveLength(1))
    expect(raised[0]?.remedy).toContain('quit again')
    expect(exit).not.toHaveBeenCalled()
    flow.ask()
    await vi.waitFor(() => expect(exit).toHaveBeenCalledTimes(1))
    expect(fleet.unmountAll).toHaveBeenLastCalledWith({ isForced: true })
  })

  it('quitting again much later is asked anew', async () => {
    const { flow, raised, fleet } = setUp(0, [busy])
    flow.ask()
    await vi.waitFor(() => expect(raised).toHaveLength(1))
    vi.advanceTimersByTime(insistWithinMs)
    flow.ask()
    await vi.waitFor(() => expect(raised).toHaveLength(2))
    expect(fleet.unmountAll).toHaveBeenLastCalledWith({ isForced: false })
  })

  it('a signal asks nobody, whatever is pending or in use', async () => {
    const { flow, exit, told, fleet } = setUp(3, [busy])
    flow.ask()
    flow.leave()
    flow.leave()
    await vi.waitFor(() => expect(exit).toHaveBeenCalledTimes(1))
    expect(fleet.unmountAll).toHaveBeenCalledTimes(1)
    expect(told).toEqual([asked])
  })

  it('a signal while a person quits overrules a drive in use', async () => {
    const { flow, exit, raised } = setUp(0, [busy])
    flow.ask()
    flow.leave()
    await vi.waitFor(() => expect(exit).toHaveBeenCalledTimes(1))
    expect(raised).toEqual([])
  })
})
