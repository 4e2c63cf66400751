import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import type { Drive } from '../contracts/drive.ts'
import type { Problem } from '../contracts/problem.ts'
import type { Transfer } from '../contracts/transfer.ts'
import { DriveSupervisor } from './drive-supervisor.ts'
import type { JournalRecord } from './store-file.ts'
import { nodeWorkerHost } from './testing/node-worker-host.ts'
import { sampleAccount, sampleDrive } from './testing/samples.ts'
import { tempFolder } from './testing/temp-folder.ts'

const patience = { timeout: 10_000, interval: 20 }

function supervise(part: Partial<Drive> = {}) {
  const workers = nodeWorkerHost()
  const cacheDirectory = join(tempFolder(), 'cache')
  const seen = {
    states: [] as string[],
    notices: [] as Problem[],
    transfers: [] as { transfers: Transfer[]; isWhole: boolean }[],
    journals: [] as JournalRecord[],
  }
  const supervisor: DriveSupervisor = new DriveSupervisor({
    label: () => 'Photos',
    workers,
    mountParams: () =>
      Promise.resolve({
        drive: sampleDrive(part),
        account: sampleAccount(),
        secret: { secretAccessKey: 's3cret' },
        cacheDirectory,
      }),
    journal: { state: 'empty' },
    listener: {
      changed: () => {
        const { state } = supervisor.state()
        if (seen.states.at(-1) !== state) seen.states.push(state)
      },
      transfersChanged: (transfers, isWhole) => void seen.transfers.push({ transfers, isWhole }),
      conflictsChanged: () => {},
      filesChanged: () => {},
      noticeRaised: (problem) => void seen.notices.push(problem),
      capabilitiesProbed: () => {},
      journalChanged: (journal) => void seen.journals.push(journal),
    },
    log: () => {},
  })
  const misbehave = (deed: string) => supervisor.request('transfer:retry', { transferId: deed }, 5000)
  const notes = () => readFileSync(`${cacheDirectory}.notes`, 'utf8').trim().split('\n')
  return { supervisor, workers, seen, misbehave, notes }
}

const leave = { pending: 'leave', isForced: false } as const

describe('a supervised drive', () => {
  it('mounts, reports and unmounts, and its process ends', async () => {
    const { supervisor, workers, seen, notes } = supervise()
    await supervisor.mount()
    expect(supervisor.state()).toEqual({ state: 'mounted' })
    await supervisor.unmount(leave)
    expect(seen.states).toEqual(['mounting', 'mounted', 'unmounting', 'unmounted'])
    expect(seen.journals).toEqual([{ state: 'open' }, { state: 'empty' }])
    expect(notes()).toEqual(['mounted with s3cret', 'unmounted'])
    await vi.waitFor(() => expect(workers.children[0]?.signalCode).toBe('SIGTERM'), patience)
  })

  it('a worker that refuses to mount leaves its reason, no process and no open journal', async () => {
    const { supervisor, workers, seen } = supervise({ bucket: 'refuse' })
    await expect(supervisor.mount()).rejects.toMatchObject({ problem: { code: 'bucket-unknown' } })
    expect(supervisor.state()).toMatchObject({ state: 'failed', problem: { code: 'bucket-unknown' } })
    expect(seen.journals.at(-1)).toEqual({ state: 'empty' })
    await vi.waitFor(() => expect(workers.children[0]?.signalCode).toBe('SIGTERM'), patience)
  })

  it('a worker that crashes comes back, and its journal counts as open until it was closed', async () => {
    const { supervisor, workers, seen, misbehave } = supervise()
    await supervisor.mount()
    await expect(misbehave('crash')).rejects.toMatchObject({ problem: { code: 'worker-crashed' } })
    await vi.waitFor(() => expect(supervisor.state()).toMatchObject({ state: 'restarting' }), patience)
    expect(supervisor.journal()).toEqual({ state: 'open' })
    await vi.waitFor(() => expect(supervisor.state()).toEqual({ state: 'mounted' }), patience)
    expect(seen.states).toEqual(['mounting', 'mounted', 'restarting', 'mounting', 'mounted'])
    expect(workers.children).toHaveLength(2)
  })

  it('a worker that crashes at every start waits longer each time, until unmounting ends it', async () => {
    const { supervisor, workers } = supervise({ bucket: 'crash-at-start' })
    await expect(supervisor.mount()).rejects.toMatchObject({
      problem: { code: 'worker-crashed', detail: 'exit code 3' },
    })
    expect(supervisor.state()).toMatchObject({ state: 'restarting' })
    await supervisor.unmount(leave)
    expect(supervisor.state()).toEqual({ state: 'unmounted' })
    expect(workers.children).toHaveLength(1)
  })

  it.each(['hang', 'silent'])('a worker that is told to %s is killed at the unmount', async (deed) => {
    const { supervisor, workers, misbehave } = supervise()
    await supervisor.mount()
    misbehave(deed).catch(() => {})
    // A deadline of -29 s leaves the worker one second.
    const unmounting = supervisor.unmount({ ...leave, deadlineMs: -29_000 })
    await expect(unmounting).rejects.toMatchObject({ problem: { code: 'worker-crashed' } })
    expect(supervisor.state()).toMatchObject({ state: 'failed', problem: { code: 'worker-crashed' } })
    await vi.waitFor(() => expect(workers.children[0]?.signalCode).toBe('SIGKILL'), patience)
  })

  it('a drive in use stays mounted unless forced', async () => {
    const { supervisor } = supervise({ name: 'busy' })
    await supervisor.mount()
    await expect(supervisor.unmount(leave)).rejects.toMatchObject({ problem: { code: 'drive-busy' } })
    expect(supervisor.state()).toEqual({ state: 'mounted' })
    await supervisor.unmount({ pending: 'leave', isForced: true })
    expect(supervisor.state()).toEqual({ state: 'unmounted' })
  })

  it('what is left behind by an unmount is remembered and shown', async () => {
    const { supervisor, seen, misbehave } = supervise()
    await supervisor.mount()
    await misbehave('dirty')
    await vi.waitFor(() => expect(seen.transfers.at(-1)?.transfers).toHaveLength(1), patience)
    await supervisor.unmount(leave)
    expect(supervisor.journal()).toEqual({ state: 'pending', pendingOperations: 2, unsyncedBytes: 2048 })
    expect(supervisor.status()).toMatchObject({ pendingOperations: 2, unsyncedBytes: 2048 })
    expect(seen.transfers.at(-1)).toEqual({ transfers: [], isWhole: true })
  })

  it('a gap in the events is repaired by a snapshot', async () => {
    const { supervisor, seen, misbehave } = supervise()
    await supervisor.mount()
    await misbehave('skip')
    await vi.waitFor(
      () => expect(supervisor.status()).toMatchObject({ pendingOperations: 7, unsyncedBytes: 700 }),
      patience,
    )
    expect(seen.notices.map(({ message }) => message)).toEqual(['after the gap'])
  })

  it('a drive that another program unmounted is closed and not mounted again', async () => {
    const { supervisor, seen, misbehave, notes } = supervise()
    await supervisor.mount()
    await misbehave('detach')
    await vi.waitFor(() => expect(supervisor.state()).toEqual({ state: 'unmounted' }), patience)
    expect(notes().at(-1)).toBe('unmounted')
    expect(seen.notices[0]?.message).toContain('unmounted by another program')
  })

  it('abandoning kills the worker and starts no other', async () => {
    const { supervisor, workers } = supervise()
    await supervisor.mount()
    supervisor.abandon()
    expect(supervisor.state()).toEqual({ state: 'unmounted' })
    await vi.waitFor(() => expect(workers.children[0]?.signalCode).toBe('SIGKILL'), patience)
    expect(workers.children).toHaveLength(1)
    expect(supervisor.journal()).toEqual({ state: 'open' })
  })
})
