import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import type { ProblemCode } from '../contracts/problem.ts'
import { testApplication } from './testing/application.ts'

const patience = { timeout: 10_000, interval: 20 }
const refusal = (code: ProblemCode) => ({ problem: { code } })

describe('saving a drive', () => {
  it('gives it an id and keeps it', async () => {
    const { drives, newDrive, store, written } = testApplication()
    const { drive, state } = await drives.save(newDrive)
    expect(drive.id).not.toBe('')
    expect(state).toEqual({ state: 'unmounted' })
    expect(store.drives()).toEqual([{ drive, journal: { state: 'empty' } }])
    expect(written.at(-1)?.drives).toEqual(store.drives())
  })

  it('creates a missing folder in ~/CloudMount and nowhere else', async () => {
    const { drives, newDrive, places, mountpoint } = testApplication()
    const { drive } = await drives.save({ ...newDrive, mountpoint: '~/CloudMount/Photos/' })
    expect(drive.mountpoint).toBe(join(places.homeDirectory, 'CloudMount/Photos'))
    expect(existsSync(drive.mountpoint)).toBe(true)
    const missing = { ...newDrive, name: 'Other', mountpoint: join(mountpoint, 'missing') }
    await expect(drives.save(missing)).rejects.toMatchObject(refusal('mountpoint-missing'))
  })

  it('refuses folders that cannot be a drive', async () => {
    const { drives, newDrive, places, mountpoint } = testApplication()
    const file = join(places.homeDirectory, 'file')
    writeFileSync(file, '')
    const cases: [string, ProblemCode][] = [
      ['relative/path', 'invalid-input'],
      ['/', 'mountpoint-not-permitted'],
      ['~', 'mountpoint-not-permitted'],
      [join(places.homeDirectory, '..'), 'mountpoint-not-permitted'],
      [join(places.userDataDirectory, 'drives'), 'mountpoint-not-permitted'],
      [file, 'mountpoint-not-directory'],
      [join(file, 'below'), 'mountpoint-not-directory'],
    ]
    for (const [path, code] of cases)
      await expect(drives.save({ ...newDrive, mountpoint: path }), path).rejects.toMatchObject(refusal(code))
    writeFileSync(join(mountpoint, 'mine'), '')
    await expect(drives.save(newDrive)).rejects.toMatchObject(refusal('mountpoint-not-empty'))
  })

  it('refuses a folder or a name of another drive, inside it or around it', async () => {
    const { drives, newDrive, mountpoint } = testApplication()
    mkdirSync(join(mountpoint, 'a/b'), { recursive: true })
    await drives.save({ ...newDrive, mountpoint: join(mountpoint, 'a/b') })
    const other = { ...newDrive, name: 'Other' }
    await expect(drives.save({ ...other, mountpoint: join(mountpoint, 'a/b') })).rejects.toMatchObject(
      refusal('mountpoint-busy'),
    )
    for (const path of ['a', 'a/b/c'])
      await expect(drives.save({ ...other, mountpoint: join(mountpoint, path) })).rejects.toMatchObject(
        refusal('mountpoint-inside-drive'),
      )
    const inCache = { ...other, mountpoint: join(mountpoint, 'ab'), cacheDirectory: join(mountpoint, 'a/b/cache') }
    await expect(drives.save(inCache)).rejects.toMatchObject(refusal('mountpoint-inside-drive'))
    await expect(drives.save({ ...newDrive, name: 'PHOTOS ' })).rejects.toMatchObject(refusal('already-exists'))
    await expect(drives.save({ ...other, accountId: 'gone' })).rejects.toMatchObject(refusal('not-found'))
  })

  it('never lets a mounted or unsynced drive change its bucket', async () => {
    const { drives, fleet, newDrive } = testApplication()
    const { drive } = await drives.save(newDrive)
    await fleet.mount(drive.id)
    await expect(drives.save({ ...drive, bucket: 'other' })).rejects.toMatchObject(refusal('drive-in-use'))
    await fleet.retryTransfer(drive.id, 'dirty')
    await fleet.unmount(drive.id, { pending: 'leave', isForced: false })
    await expect(drives.save({ ...drive, prefix: 'x/' })).rejects.toMatchObject(refusal('drive-in-use'))
    expect((await drives.save({ ...drive, name: 'Pictures' })).drive.name).toBe('Pictures')
  })

  it('a cache limit that was changed reaches the mounted drive at once, also when it is taken away', async () => {
    const { drives, fleet, newDrive, places, notices } = testApplication()
    const { drive } = await drives.save(newDrive)
    await drives.save({ ...drive, cacheLimitBytes: 3e9 })
    await fleet.mount(drive.id)
    await drives.save({ ...drive, cacheLimitBytes: 2e9 })
    await drives.save({ ...drive, name: 'Pictures', cacheLimitBytes: 2e9 })
    await drives.save(drive)
    const notes = readFileSync(`${join(places.userDataDirectory, 'drives', drive.id)}.notes`, 'utf8')
    expect(notes).toBe('mounted with s3cret\ncache limit 2000000000\ncache limit none\n')
    expect(notices.all()).toEqual([])
  })

  it('an emptied drive that changes its bucket starts with an empty cache', async () => {
    const { drives, fleet, newDrive, places } = testApplication()
    const { drive } = await drives.save(newDrive)
    await fleet.mount(drive.id)
    await fleet.unmount(drive.id, { pending: 'leave', isForced: false })
    const cache = join(places.userDataDirectory, 'drives', drive.id)
    expect(existsSync(cache)).toBe(true)
    await drives.save({ ...drive, bucket: 'other' })
    expect(existsSync(cache)).toBe(false)
  })
})

describe('removing a drive', () => {
  it('is refused while it has changes that are not in the bucket, mounted or not, unless they are discarded', async () => {
    const { drives, fleet, newDrive, places, store } = testApplication()
    const { drive } = await drives.save(newDrive)
    const cache = join(places.userDataDirectory, 'drives', drive.id)
    await fleet.mount(drive.id)
    await fleet.retryTransfer(drive.id, 'dirty')
    await vi.waitFor(() => expect(fleet.view(drive.id).status.pendingOperations).toBe(2), patience)
    await expect(drives.remove(drive.id, false)).rejects.toMatchObject(refusal('drive-in-use'))
    expect(fleet.state(drive.id)).toEqual({ state: 'mounted' })
    await fleet.unmount(drive.id, { pending: 'leave', isForced: false })
    await expect(drives.remove(drive.id, false)).rejects.toMatchObject(refusal('drive-in-use'))
    expect(existsSync(cache)).toBe(true)
    await drives.remove(drive.id, true)
    expect(existsSync(cache)).toBe(false)
    expect(store.drives()).toEqual([])
  })

  it('is refused when its worker died and nobody knows what it holds', async () => {
    const { drives, fleet, newDrive } = testApplication()
    const { drive } = await drives.save(newDrive)
    await fleet.mount(drive.id)
    await fleet.retryTransfer(drive.id, 'crash').catch(() => {})
    await vi.waitFor(() => expect(fleet.state(drive.id)).toMatchObject({ state: 'restarting' }), patience)
    await expect(drives.remove(drive.id, false)).rejects.toMatchObject(refusal('drive-in-use'))
  })

  it('unmounts it first', async () => {
    const { drives, fleet, newDrive, store } = testApplication()
    const { drive } = await drives.save(newDrive)
    await fleet.mount(drive.id)
    await drives.remove(drive.id, false)
    expect(store.drives()).toEqual([])
    expect(() => fleet.view(drive.id)).toThrow('no longer exists')
  })
})

it('a cache with unsynced data that is gone is not begun anew', async () => {
  const { drives, fleet, newDrive, places } = testApplication()
  const { drive } = await drives.save(newDrive)
  await fleet.mount(drive.id)
  await fleet.retryTransfer(drive.id, 'dirty')
  await fleet.unmount(drive.id, { pending: 'leave', isForced: false })
  rmSync(join(places.userDataDirectory, 'drives', drive.id), { recursive: true })
  await expect(fleet.mount(drive.id)).rejects.toMatchObject(refusal('database-damaged'))
})
