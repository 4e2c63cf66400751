import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { emptyDriveStatus } from './drive.ts'
import type { Problem } from './problem.ts'
import { WorkerLink, type DriveSnapshot, type WorkerPort } from './worker-client.ts'
import type { DriveEvent, HostMessage } from './worker-protocol.ts'

function connect() {
  const posted: HostMessage[] = []
  const events: DriveEvent[] = []
  const snapshots: DriveSnapshot[] = []
  const violations: string[] = []
  let receive: (message: unknown) => void = () => {}
  let end: (problem: Problem) => void = () => {}
  const port: WorkerPort = {
    post: (message) => void posted.push(structuredClone(message)),
    onMessage: (listener) => (receive = listener),
    onClose: (listener) => (end = listener),
  }
  const link = new WorkerLink({
    port,
    onEvent: (event) => void events.push(event),
    onSnapshot: (snapshot) => void snapshots.push(snapshot),
    onViolation: (text) => void violations.push(text),
  })
  const emit = (sequence: number, event: DriveEvent) => receive({ type: 'event', sequence, event })
  const reply = (result: unknown) => receive({ type: 'reply', requestId: posted.at(-1)?.requestId, ok: true, result })
  return {
    link,
    posted,
    events,
    snapshots,
    violations,
    emit,
    reply,
    receive: (m: unknown) => receive(m),
    end: (p: Problem) => end(p),
  }
}

const status = (pendingOperations: number): DriveEvent => ({
  kind: 'status:changed',
  status: { ...emptyDriveStatus, pendingOperations },
})
const notice: DriveEvent = { kind: 'notice:raised', problem: { code: 'internal', message: 'read me once' } }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('requests', () => {
  it('each gets its own reply, in whatever order they come', async () => {
    const { link, posted, receive } = connect()
    const first = link.request('drive:sync', { deadlineMs: 1 }, { deadlineMs: 1000 })
    const second = link.request('drive:sync', { deadlineMs: 2 }, { deadlineMs: 1000 })
    receive({ type: 'reply', requestId: posted[1]?.requestId, ok: true, result: { pendingOperations: 2 } })
    receive({ type: 'reply', requestId: posted[0]?.requestId, ok: true, result: { pendingOperations: 1 } })
    expect(await first).toEqual({ pendingOperations: 1 })
    expect(await second).toEqual({ pendingOperations: 2 })
  })

  it("rejects with the worker's own problem", async () => {
    const { link, posted, receive } = connect()
    const asked = link.request('drive:sync', { deadlineMs: 1 }, { deadlineMs: 1000 })
    const problem = { code: 'offline', message: 'no network' }
    receive({ type: 'reply', requestId: posted[0]?.requestId, ok: false, problem })
    await expect(asked).rejects.toMatchObject({ problem })
  })

  it('rejects at its deadline, and a late reply is ignored', async () => {
    const { link, reply, violations } = connect()
    const asked = link.request('drive:sync', { deadlineMs: 1 }, { deadlineMs: 1000 })
    const outcome = expect(asked).rejects.toMatchObject({ problem: { code: 'worker-crashed' } })
    await vi.advanceTimersByTimeAsync(1000)
    await outcome
    reply({ pendingOperations: 0 })
    expect(violations).toEqual([])
  })

  it('rejects a reply of the wrong shape and says so', async () => {
    const { link, reply, violations } = connect()
    const asked = link.request('drive:sync', { deadlineMs: 1 }, { deadlineMs: 1000 })
    reply({ pendingOperations: 'many' })
    await expect(asked).rejects.toMatchObject({ problem: { code: 'internal' } })
    expect(violations).toHaveLength(1)
  })

  it('all reject when the worker ends, later ones and readiness too', async () => {
    const { link, end } = connect()
    const asked = link.request('drive:sync', { deadlineMs: 1 }, { deadlineMs: 1000 })
    const problem: Problem = { code: 'worker-crashed', message: 'killed' }
    end(problem)
    await expect(asked).rejects.toMatchObject({ problem })
    await expect(link.request('drive:snapshot', {}, { deadlineMs: 1000 })).rejects.toMatchObject({ problem })
    await expect(link.ready(1000)).rejects.toMatchObject({ problem })
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('readiness', () => {
  it('comes with the ready message, also when it arrived before anyone asked', async () => {
    const { link, receive } = connect()
    receive({ type: 'ready' })
    await link.ready(1000)
  })

  it('rejects at its deadline', async () => {
    const { link } = connect()
    const outcome = expect(link.ready(1000)).rejects.toMatchObject({ problem: { code: 'worker-crashed' } })
    await vi.advanceTimersByTimeAsync(1000)
    await outcome
  })
})

describe('events', () => {
  it('pass through in order without asking for anything', () => {
    const { events, posted, emit } = connect()
    emit(1, status(1))
    emit(2, status(2))
    expect(events).toEqual([status(1), status(2)])
    expect(posted).toEqual([])
  })

  it('a gap asks for one snapshot, which replaces what was missed', async () => {
    const { events, posted, snapshots, emit, reply } = connect()
    emit(1, status(1))
    emit(4, status(4))
    emit(5, notice)
    expect(posted.map((message) => message.name)).toEqual(['drive:snapshot'])
    reply({ sequence: 5, status: emptyDriveStatus, transfers: [] })
    await vi.waitFor(() => expect(snapshots).toHaveLength(1))
    expect(events).toEqual([status(1), status(4), notice])
  })

  it('newer than the snapshot are applied again after it, notices are not', async () => {
    const { events, snapshots, emit, reply } = connect()
    emit(3, status(3))
    emit(4, status(4))
    emit(5, notice)
    reply({ sequence: 3, status: emptyDriveStatus, transfers: [] })
    await vi.waitFor(() => expect(snapshots).toHaveLength(1))
    expect(events).toEqual([status(3), status(4), notice, status(4)])
  })

  it('already covered by the snapshot are dropped when they arrive after it', async () => {
    const { events, snapshots, posted, emit, reply } = connect()
    emit(2, status(2))
    reply({ sequence: 6, status: emptyDriveStatus, transfers: [] })
    await vi.waitFor(() => expect(snapshots).toHaveLength(1))
    emit(6, status(6))
    emit(7, status(7))
    expect(events).toEqual([status(2), status(7)])
    expect(posted).toHaveLength(1)
  })

  it('a gap that appears while an older snapshot is on its way asks for another one', async () => {
    const { link, events, posted, snapshots, emit, reply } = connect()
    emit(1, status(1))
    void link.refresh()
    reply({ sequence: 1, status: { ...emptyDriveStatus, pendingOperations: 1 }, transfers: [] })
    emit(5, notice)
    await vi.waitFor(() => expect(posted).toHaveLength(2))
    expect(snapshots).toEqual([])
    reply({ sequence: 5, status: { ...emptyDriveStatus, pendingOperations: 5 }, transfers: [] })
    await vi.waitFor(() => expect(snapshots).toHaveLength(1))
    expect(snapshots[0]).toMatchObject({ sequence: 5, status: { pendingOperations: 5 } })
    expect(events).toEqual([status(1), notice])
  })

  it('a second gap after a failed snapshot asks again', async () => {
    const { posted, violations, emit } = connect()
    emit(2, status(2))
    await vi.advanceTimersByTimeAsync(15_000)
    expect(violations).toHaveLength(1)
    emit(9, status(9))
    expect(posted).toHaveLength(2)
  })

  it('of an unknown shape are dropped and told', () => {
    const { events, violations, receive } = connect()
    receive({ type: 'event', sequence: 1, event: { kind: 'surprise' } })
    receive('noise')
    expect(events).toEqual([])
    expect(violations).toHaveLength(2)
  })
})
