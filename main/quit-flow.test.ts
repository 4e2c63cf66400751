import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { emptyDriveStatus } from '../contracts/drive.ts'
import { ProblemError, type Problem } from '../contracts/problem.ts'
import type { QuitEvent } from './event-stream.ts'
import { insistWithinMs, quitFlow } from './quit-flow.ts'

const busy: Problem = { code: 'drive-busy', message: 'A program uses Photos.' }

function setUp(pendingOperations: number, refusals: Problem[] = []) {
  const told: QuitEvent[] = []
  const raised: Problem[] = []
  const said: string[] = []
  let sync = { resolve(_left: number) {}, reject(_error: unknown) {} }
  const fleet = {
    pending: () => ({ pendingOperations, unsyncedBytes: pendingOperations * 1000 }),
    queued: () => ({ pendingOperations, unsyncedBytes: pendingOperations * 1000 }),
    statuses: () => [{ ...emptyDriveStatus, pendingOperations }],
    syncAll: () => new Promise<number>((resolve, reject) => (sync = { resolve, reject })),
    unmountAll: vi.fn(async ({ isForced }: { isForced: boolean }) => (isForced ? [] : refusals)),
  }
  const exit = vi.fn()
  const showWindow = vi.fn()
  const flow = quitFlow({
    fleet,
    platform: 'linux',
    farewell: async (message) => void said.push(message),
    showWindow,
    tell: (event) => void told.push(event),
    raise: (problem) => void raised.push(problem),
    exit,
  })
  return { flow, fleet, exit, showWindow, told, raised, said, sync: () => sync }
}

const asked = { kind: 'quit:asked', pendingOperations: 3, unsyncedBytes: 3000, isAgain: false }
const askedAgain = { ...asked, isAgain: true }
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

  it('with bytes to upload asks, and does nothing until answered', async () => {
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

  it('waiting that leaves something, because the network stays away, asks again', async () => {
    const { flow, exit, told, sync, fleet } = setUp(3)
    flow.ask()
    flow.answer('wait')
    sync().resolve(2)
    await vi.waitFor(() => expect(told).toEqual([asked, askedAgain]))
    expect(fleet.unmountAll).not.toHaveBeenCalled()
    flow.answer('wait')
    sync().resolve(0)
    await vi.waitFor(() => expect(exit).toHaveBeenCalledTimes(1))
  })

  it('leaving the rest queued unmounts at once, and says what stays', async () => {
    const { flow, exit, said } = setUp(3)
    flow.ask()
    flow.answer('leave')
    await vi.waitFor(() => expect(exit).toHaveBeenCalledTimes(1))
    expect(said).toEqual(['3 changes (3 kB) stay queued on this computer and are uploaded at the next mount.'])
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
    await vi.waitFor(() => expect(told).toEqual([asked, askedAgain]))
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

  it('the end of the system is delayed while changes are uploaded, and not for long', async () => {
    const { flow, exit, sync, fleet, told } = setUp(3)
    expect(flow.shutDown()).toBe(true)
    await vi.advanceTimersByTimeAsync(1000)
    expect(fleet.unmountAll).not.toHaveBeenCalled()
    sync().resolve(0)
    await vi.waitFor(() => expect(exit).toHaveBeenCalledTimes(1))
    expect(told).toEqual([])

    const slow = setUp(3)
    slow.flow.shutDown()
    await vi.advanceTimersByTimeAsync(4000)
    expect(slow.fleet.unmountAll).toHaveBeenCalledWith({ isForced: true })
    expect(slow.exit).toHaveBeenCalledTimes(1)
  })

  it('the end of the system is not delayed with everything in the bucket', async () => {
    const { flow, exit } = setUp(0)
    expect(flow.shutDown()).toBe(false)
    await vi.waitFor(() => expect(exit).toHaveBeenCalledTimes(1))
  })
})
