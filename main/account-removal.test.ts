import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { removeAccount } from './account-removal.ts'
import { testApplication } from './testing/application.ts'
import { sampleDrive } from './testing/samples.ts'

const patience = { timeout: 10_000, interval: 20 }

function withDrives(...names: string[]) {
  const drives = names.map((name) => ({
    drive: sampleDrive({ id: name, name, mountpoint: `/mnt/${name}` }),
    journal: { state: 'empty' } as const,
  }))
  const application = testApplication({ drives })
  const cache = (name: string) => join(application.places.userDataDirectory, 'drives', name)
  return { ...application, cache, remove: (discards: boolean) => removeAccount('account-1', discards, application) }
}

describe('removing an account', () => {
  it('unmounts its drives, and takes them, their caches and its secret with it', async () => {
    const { remove, fleet, store, entries, cache } = withDrives('photos', 'scans')
    await fleet.mount('photos')
    expect(existsSync(cache('photos'))).toBe(true)
    await remove(false)
    expect([store.accounts(), store.drives(), entries.size]).toEqual([[], [], 0])
    expect(existsSync(cache('photos'))).toBe(false)
  })

  it('with changes that are nowhere else removes nothing, and unmounts nothing, until the person gives them up', async () => {
    const { remove, fleet, store, entries } = withDrives('photos', 'scans')
    await Promise.all([fleet.mount('photos'), fleet.mount('scans')])
    await fleet.retryTransfer('scans', 'dirty')
    await vi.waitFor(() => expect(fleet.view('scans').status.pendingOperations).toBe(2), patience)
    await expect(remove(false)).rejects.toMatchObject({
      problem: { code: 'drive-in-use', message: expect.stringContaining('“scans”') as string },
    })
    expect([fleet.state('photos').state, fleet.state('scans').state]).toEqual(['mounted', 'mounted'])
    expect([store.drives().length, entries.size]).toEqual([2, 1])
    await remove(true)
    expect([store.accounts(), store.drives(), entries.size]).toEqual([[], [], 0])
  })

  it('a drive whose journal was left open by a crash counts as one with changes', async () => {
    const { remove, store } = (() => {
      const drive = sampleDrive({ id: 'late', name: 'late' })
      const application = testApplication({ drives: [{ drive, journal: { state: 'open' } }] })
      return { ...application, remove: () => removeAccount('account-1', false, application) }
    })()
    await expect(remove()).rejects.toMatchObject({ problem: { code: 'drive-in-use' } })
    expect(store.drives()).toHaveLength(1)
  })

  it('with a drive in use removes nothing, and says which', async () => {
    const { remove, fleet, store, entries } = withDrives('busy', 'photos')
    await fleet.mount('busy')
    await expect(remove(true)).rejects.toMatchObject({
      problem: { code: 'drive-busy', message: expect.stringContaining('“busy” could not be unmounted') as string },
    })
    expect([store.accounts().length, store.drives().length, entries.size]).toEqual([1, 2, 1])
    await fleet.unmount('busy', { pending: 'leave', isForced: true })
  })
})
