import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { emptyDriveStatus } from '../contracts/drive.ts'
import type { HostMessage } from '../contracts/worker-protocol.ts'
import { DriveSupervisor, type RunningWorker } from './drive-supervisor.ts'
import { sampleAccount, sampleDrive } from './testing/samples.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Workers in memory that mount at once and answer snapshots while `isAnswering`. */
function setUp() {
  const world = { isAnswering: true, asked: 0 }
  const workers: { kill: ReturnType<typeof vi.fn> }[] = []
  const start = (): RunningWorker => {
    let receive: (message: unknown) => void = () => {}
    const answer = ({ requestId, name, params }: HostMessage) => {
      if (name === 'drive:snapshot') world.asked++
      if (name === 'drive:snapshot' && !world.isAnswering) return
      const { drive } = params as { drive?: { mountpoint: string } }
      const snapshot = { sequence: 0, status: emptyDriveStatus, transfers: [] }
      const result = name === 'drive:mount' ? { mountpoint: drive?.mountpoint } : snapshot
      queueMicrotask(() => receive({ type: 'reply', requestId, ok: true, result }))
    }
    const worker = { kill: vi.fn(), end: vi.fn() }
    workers.push(worker)
    const onMessage = (listener: (message: unknown) => void) => {
      receive = listener
      queueMicrotask(() => receive({ type: 'ready' }))
    }
    return { ...worker, port: { post: answer, onMessage, onClose: () => {} } }
  }
  const supervisor = new DriveSupervisor({
    label: () => 'Photos',
    workers: { start },
    mountParams: () =>
      Promise.resolve({ drive: sampleDrive(), account: sampleAccount(), secret: {}, cacheDirectory: '/cache' }),
    journal: { state: 'empty' },
    listener: {
      changed: () => {},
      transfersChanged: () => {},
      conflictsChanged: () => {},
      filesChanged: () => {},
      noticeRaised: () => {},
      capabilitiesProbed: () => {},
      journalChanged: () => {},
    },
    log: () => {},
  })
  return { supervisor, world, workers }
}

it('a mounted worker that answers is asked now and then and left alone', async () => {
  const { supervisor, world, workers } = setUp()
  await supervisor.mount()
  await vi.advanceTimersByTimeAsync(10 * 60_000)
  expect(world.asked).toBeGreaterThan(10)
  expect(workers).toHaveLength(1)
  expect(supervisor.state()).toEqual({ state: 'mounted' })
})

it('a mounted worker that missed one answer, as after a sleep of the computer, is left alone', async () => {
  const { supervisor, world, workers } = setUp()
  await supervisor.mount()
  world.isAnswering = false
  await vi.advanceTimersByTimeAsync(55_000)
  world.isAnswering = true
  await vi.advanceTimersByTimeAsync(10 * 60_000)
  expect(workers[0]?.kill).not.toHaveBeenCalled()
})

it('a mounted worker that stays silent is killed and started again', async () => {
  const { supervisor, world, workers } = setUp()
  await supervisor.mount()
  world.isAnswering = false
  await vi.advanceTimersByTimeAsync(100_000)
  expect(workers[0]?.kill).toHaveBeenCalledTimes(1)
  expect(supervisor.state()).toMatchObject({
    state: 'restarting',
    problem: { code: 'worker-crashed', message: expect.stringContaining('stopped answering') as string },
  })
  world.isAnswering = true
  await vi.advanceTimersByTimeAsync(1000)
  expect(supervisor.state()).toEqual({ state: 'mounted' })
  expect(workers).toHaveLength(2)
})
