import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { testApplication } from './testing/application.ts'
import { sampleDrive } from './testing/samples.ts'

const patience = { timeout: 10_000, interval: 20 }

function withDrives(...names: string[]) {
  const drives = names.map((name) => ({
    drive: sampleDrive({ id: name, name, mountpoint: `/mnt/${name}`, mountsAtStart: name !== 'late' }),
    journal: { state: 'empty' } as const,
  }))
  return testApplication({ drives })
}

describe('the fleet', () => {
  it('mounts at start what is to be, each in a process of its own', async () => {
    const { fleet, workers } = withDrives('a', 'b', 'late')
    fleet.mountAtStart()
    const states = () => fleet.views().map(({ state }) => state.state)
    await vi.waitFor(() => expect(states()).toEqual(['mounted', 'mounted', 'unmounted']), patience)
    expect(new Set(workers.children.map(({ pid }) => pid)).size).toBe(2)
  })

  it('a crash of one drive leaves the other alone', async () => {
    const { fleet } = withDrives('a', 'b')
    await Promise.all([fleet.mount('a'), fleet.mount('b')])
    await fleet.retryTransfer('a', 'crash').catch(() => {})
    await vi.waitFor(() => expect(fleet.state('a')).toMatchObject({ state: 'restarting' }), patience)
    expect(fleet.state('b')).toEqual({ state: 'mounted' })
  })

  it('a notice says which drive it is about, also when two have the same to tell', async () => {
    const { fleet, notices } = withDrives('Photos', 'Scans')
    await Promise.all([fleet.mount('Photos'), fleet.mount('Scans')])
    await fleet.retryTransfer('Photos', 'notice')
    await fleet.retryTransfer('Scans', 'notice')
    await fleet.retryTransfer('Scans', 'detach')
    await vi.waitFor(
      () =>
        expect(notices.all().map(({ message }) => message)).toEqual([
          '“Photos”: the disk is full',
          '“Scans”: the disk is full',
          '“Scans” was unmounted by another program.',
        ]),
      patience,
    )
  })

  it('tells what is pending, syncs it, and keeps finished transfers', async () => {
    const { fleet, transfers, store } = withDrives('a')
    await fleet.mount('a')
    await fleet.retryTransfer('a', 'dirty')
    await vi.waitFor(() => expect(fleet.pending()).toEqual({ pendingOperations: 2, unsyncedBytes: 2048 }), patience)
    await fleet.retryTransfer('a', 'a:finish')
    await fleet.syncAll(() => false, { endsPauses: true })
    await vi.waitFor(() => expect(fleet.pending().pendingOperations).toBe(0), patience)
    expect(await fleet.unmountAll({ isForced: false })).toEqual([])
    expect(transfers.all().map(({ id, status }) => [id, status.state])).toEqual([['a:1', 'done']])
    expect(store.drives()[0]?.journal).toEqual({ state: 'empty' })
  })

  it('tells every mounted drive that the network changed, and only one that the person does not want to wait', async () => {
    const { fleet, places } = withDrives('a', 'b')
    const told = (id: string) =>
      readFileSync(`${join(places.userDataDirectory, 'drives', id)}.notes`, 'utf8').match(/network changed/g)?.length ??
      0
    await Promise.all([fleet.mount('a'), fleet.mount('b')])
    fleet.networkChanged()
    await vi.waitFor(() => expect([told('a'), told('b')]).toEqual([1, 1]), patience)
    await fleet.reconnect('b')
    expect([told('a'), told('b')]).toEqual([1, 2])
  })

  it('a drive that gets through again wakes the offline drives of its account, and no others', async () => {
    const { fleet, places } = withDrives('a', 'b', 'c')
    const heard = (id: string) =>
      readFileSync(`${join(places.userDataDirectory, 'drives', id)}.notes`, 'utf8').includes('network changed')
    await Promise.all([fleet.mount('a'), fleet.mount('b'), fleet.mount('c')])
    await fleet.retryTransfer('a', 'offline')
    await fleet.retryTransfer('b', 'offline')
    await vi.waitFor(() => {
      const offline = fleet.statuses().filter(({ connection }) => connection === 'offline')
      expect(offline).toHaveLength(2)
    }, patience)
    await fleet.retryTransfer('a', 'online')
    await vi.waitFor(() => expect(heard('b')).toBe(true), patience)
    expect(['a', 'b', 'c'].filter(heard)).toEqual(['b'])
  })

  it('a drive that is just mounting while new keys are saved ends with them, whichever it read', async () => {
    const { fleet, store, entries, workers, places } = withDrives('a')
    const notes = (): string => readFileSync(`${join(places.userDataDirectory, 'drives', 'a')}.notes`, 'utf8')
    const [record] = store.accounts()
    if (record === undefined) throw new Error('no account')
    const mounting = fleet.mount('a')
    // Its process is started once everything was read.
    await vi.waitFor(() => expect(workers.children).toHaveLength(1), { timeout: 10_000, interval: 1 })
    expect(fleet.state('a').state).toBe('mounting')
    for (const secretAccessKey of ['second', 'third']) {
      entries.set('account:account-1', JSON.stringify({ secretAccessKey }))
      await fleet.pushAccount(record.account)
    }
    expect(fleet.state('a').state).toBe('mounting')
    await mounting
    await vi.waitFor(() => expect(notes()).toBe('mounted with s3cret\ncredentials third\n'), patience)
  })

  it('a drive in use refuses to be unmounted at the end unless forced', async () => {
    const { fleet } = withDrives('busy', 'a')
    await Promise.all([fleet.mount('busy'), fleet.mount('a')])
    expect(await fleet.unmountAll({ isForced: false })).toMatchObject([{ code: 'drive-busy' }])
    expect(await fleet.unmountAll({ isForced: true })).toEqual([])
    expect(fleet.views().map(({ state }) => state.state)).toEqual(['unmounted', 'unmounted'])
  })

  it('a missing secret says so before any process starts', async () => {
    const { fleet, entries, workers } = withDrives('a')
    entries.clear()
    await expect(fleet.mount('a')).rejects.toMatchObject({ problem: { code: 'secret-wrong' } })
    expect(workers.children).toEqual([])
  })
})
