/** Moving caches with the real fleet, real processes (without a filesystem) and real folders. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, it, vi } from 'vitest'
import { testApplication } from '../testing/application.ts'
import { sampleDrive } from '../testing/samples.ts'
import { cacheFolderName } from './place-rules.ts'

type Call = (...args: unknown[]) => Promise<unknown>

/** What the disk does instead, by the name of the call; gets its arguments. */
const disk = vi.hoisted(() => new Map<string, (...args: unknown[]) => Promise<unknown> | undefined>())
vi.mock('node:fs/promises', async (original) => {
  const real = await original<Record<string, Call>>()
  const wrapped =
    (name: string) =>
    (...args: unknown[]) =>
      (disk.get(name) ?? real[name])?.(...args)
  return {
    ...real,
    ...Object.fromEntries(['link', 'open', 'rm', 'rename', 'statfs'].map((name) => [name, wrapped(name)])),
  }
})

const refused = (code: string) => Promise.reject(Object.assign(new Error(`${code}, on purpose`), { code }))
const anotherDisk = () => disk.set('link', () => refused('EXDEV'))
const patience = { timeout: 20_000, interval: 20 }

beforeEach(() => disk.clear())

function withCaches(names: string[], journal: 'empty' | 'pending' = 'pending') {
  const state = journal === 'empty' ? { state: journal } : { state: journal, pendingOperations: 2, unsyncedBytes: 2048 }
  const drives = names.map((name) => ({
    drive: sampleDrive({ id: name, name, mountpoint: `/mnt/${name}` }),
    journal: state,
  }))
  const application = testApplication({ drives })
  const { caches, place } = application
  const chosen = join(application.folder, 'disk')
  mkdirSync(chosen)
  for (const name of names) {
    mkdirSync(join(place.directory(), name, 'content'), { recursive: true })
    writeFileSync(join(place.directory(), name, 'drive.sqlite'), `journal of ${name}`)
    writeFileSync(join(place.directory(), name, 'content', 'chunk'), `content of ${name}`)
  }
  const from = place.directory()
  const to = join(chosen, cacheFolderName)
  const ended = () => vi.waitFor(() => expect(caches.move()?.phase).toMatch(/done|failed|cancelled/), patience)
  return { ...application, chosen, from, to, ended }
}

function expectWhole(directory: string, names: string[]) {
  for (const name of names) {
    expect(readFileSync(join(directory, name, 'drive.sqlite'), 'utf8')).toBe(`journal of ${name}`)
    expect(readFileSync(join(directory, name, 'content', 'chunk'), 'utf8')).toBe(`content of ${name}`)
  }
}

it.each([
  ['on the same disk', false],
  ['on another disk', true],
])('caches move %s, and drives are mounted where they were', async (_where, isOther) => {
  if (isOther) anotherDisk()
  const { caches, fleet, chosen, from, to, ended, folder, store, places } = withCaches(['a', 'b', 'late'])
  await Promise.all([fleet.mount('a'), fleet.mount('b')])
  expect(await caches.check(chosen)).toMatchObject({
    directory: to,
    isSameDisk: !isOther,
    mounted: ['a', 'b'],
    warnings: [],
  })
  await caches.begin(chosen)
  await ended()
  expect(caches.move()).toEqual({ phase: 'done', to })
  expectWhole(to, ['a', 'b', 'late'])
  expect(existsSync(join(from, 'a'))).toBe(false)
  await vi.waitFor(
    () => expect(fleet.views().map(({ state }) => state.state)).toEqual(['mounted', 'mounted', 'unmounted']),
    patience,
  )
  expect(readFileSync(join(to, 'a.notes'), 'utf8')).toContain('mounted')
  expect(await caches.view()).toMatchObject({ directory: to, isUsual: false })

  const restarted = testApplication({ drives: store.drives() }, folder)
  expect(restarted.caches.of(sampleDrive({ id: 'a' }))).toBe(join(to, 'a'))
  expect(JSON.parse(readFileSync(join(places.userDataDirectory, 'cache-place.json'), 'utf8'))).toEqual({
    version: 1,
    directory: to,
  })
})

it('they move back to the usual place', async () => {
  const { caches, chosen, from, to, ended } = withCaches(['a'])
  await caches.begin(chosen)
  await ended()
  await caches.begin(undefined)
  await ended()
  expectWhole(from, ['a'])
  expect(await caches.view()).toMatchObject({ directory: from, isUsual: true })
  expect(existsSync(to)).toBe(false)
})

it('a drive with a cache folder of its own stays mounted and where it is', async () => {
  const { caches, chosen, ended, store, fleet, folder, workers } = withCaches(['a', 'own'])
  const own = join(folder, 'own-place')
  store.setDrives(
    store
      .drives()
      .map((one) =>
        one.drive.id === 'own' ? { drive: { ...one.drive, cacheDirectory: own }, journal: { state: 'empty' } } : one,
      ),
  )
  await fleet.mount('own')
  const { pid } = workers.children.at(-1) ?? {}
  await caches.begin(chosen)
  await ended()
  expect(fleet.state('own')).toEqual({ state: 'mounted' })
  expect(workers.children.find((child) => child.pid === pid)?.exitCode).toBeNull()
  expect(caches.of(sampleDrive({ id: 'own', cacheDirectory: own }))).toBe(join(own, 'own'))
})

it('a drive that a program uses stops it: the others are mounted again, and nothing was moved', async () => {
  const { caches, fleet, chosen, from, to, ended } = withCaches(['a', 'busy'])
  await Promise.all([fleet.mount('a'), fleet.mount('busy')])
  await caches.begin(chosen)
  await ended()
  expect(caches.move()).toMatchObject({
    phase: 'failed',
    problem: { code: 'drive-busy', consequence: expect.stringContaining(from) },
  })
  await vi.waitFor(
    () => expect(fleet.views().map(({ state }) => state.state)).toEqual(['mounted', 'mounted']),
    patience,
  )
  expectWhole(from, ['a', 'busy'])
  expect(existsSync(to)).toBe(false)
})

it('a cache that another process has open stops it', async () => {
  const { caches, chosen, from, to, ended } = withCaches(['a'])
  writeFileSync(join(from, 'a', 'held'), '')
  await caches.begin(chosen)
  await ended()
  expect(caches.move()).toMatchObject({ phase: 'failed', problem: { code: 'drive-in-use' } })
  expect(existsSync(to)).toBe(false)
})

it.each([
  ['the disk becomes full', 'ENOSPC', 'disk-full'],
  ['a file cannot be read', 'EIO', 'cache-unusable'],
])('%s: the old place is as it was, and the copies are gone', async (_what, code, problem) => {
  const { caches, fleet, chosen, from, to, ended } = withCaches(['a', 'b'])
  anotherDisk()
  await fleet.mount('a')
  const real = await vi.importActual<Record<string, Call>>('node:fs/promises')
  disk.set('open', (path, ...rest) =>
    String(path).endsWith(join('b', 'content', 'chunk')) ? refused(code) : real['open']?.(path, ...rest),
  )
  await caches.begin(chosen)
  await ended()
  expect(caches.move()).toMatchObject({
    phase: 'failed',
    problem: { code: problem, consequence: expect.stringContaining(from) },
  })
  disk.clear()
  expectWhole(from, ['a', 'b'])
  expect(existsSync(to)).toBe(false)
  await vi.waitFor(() => expect(fleet.state('a')).toEqual({ state: 'mounted' }), patience)
  caches.dismiss()
  expect(caches.move()).toBeUndefined()
})

it('a switch that cannot be written leaves the old place', async () => {
  const { caches, chosen, from, to, ended } = withCaches(['a'])
  const real = await vi.importActual<Record<string, Call>>('node:fs/promises')
  let renames = 0
  disk.set('rename', (...args) => (++renames === 2 ? refused('EIO') : real['rename']?.(...args)))
  await caches.begin(chosen)
  await ended()
  expect(caches.move()).toMatchObject({ phase: 'failed' })
  expectWhole(from, ['a'])
  expect(existsSync(to)).toBe(false)
})

it('while it goes on nothing is mounted, changed or removed, and it can be cancelled', async () => {
  const { caches, drives, fleet, chosen, from, to, ended } = withCaches(['a', 'b'])
  await fleet.mount('a')
  let goOn = () => {}
  const held = new Promise<void>((resolve) => (goOn = resolve))
  disk.set('link', (from) =>
    String(from).includes('.cloudmount-') ? Promise.resolve() : held.then(() => refused('EXDEV')),
  )
  await caches.begin(chosen)
  await vi.waitFor(() => expect(caches.move()?.phase).toBe('copying'), patience)
  await expect(fleet.mount('b')).rejects.toMatchObject({ problem: { code: 'drive-busy' } })
  await expect(drives.remove('b', true)).rejects.toMatchObject({ problem: { code: 'drive-busy' } })
  await expect(drives.save(fleet.view('b').drive)).rejects.toMatchObject({ problem: { code: 'drive-busy' } })
  await expect(caches.begin(chosen)).rejects.toMatchObject({ problem: { code: 'drive-busy' } })
  caches.cancel()
  disk.clear()
  goOn()
  await ended()
  expect(caches.move()).toEqual({ phase: 'cancelled', to })
  expectWhole(from, ['a', 'b'])
  expect(existsSync(to)).toBe(false)
  await vi.waitFor(() => expect(fleet.state('a')).toEqual({ state: 'mounted' }), patience)
})

it('caches of an earlier time in the new place are left alone', async () => {
  const { caches, chosen, from, to, ended } = withCaches(['a'])
  mkdirSync(join(to, 'a'), { recursive: true })
  writeFileSync(join(to, 'a', 'drive.sqlite'), 'older changes')
  await caches.begin(chosen)
  await ended()
  expect(caches.move()).toMatchObject({
    phase: 'failed',
    problem: { message: expect.stringContaining('of an earlier time') },
  })
  expect(readFileSync(join(to, 'a', 'drive.sqlite'), 'utf8')).toBe('older changes')
  expectWhole(from, ['a'])
})

it('old copies that cannot be deleted are said, and go at the next start', async () => {
  const { caches, chosen, from, to, ended, folder, store } = withCaches(['a'])
  disk.set('rm', (path) =>
    String(path).startsWith(from) && !String(path).includes('.cloudmount') ? refused('EACCES') : Promise.resolve(),
  )
  await caches.begin(chosen)
  await ended()
  expect(caches.move()).toMatchObject({ phase: 'done', problem: { message: expect.stringContaining(from) } })
  disk.clear()
  const restarted = testApplication({ drives: store.drives() }, folder)
  restarted.caches.sweep()
  await vi.waitFor(() => expect(existsSync(join(from, 'a'))).toBe(false), patience)
  expectWhole(to, ['a'])
})

it('a place that is not there: nothing is begun anew, and a move asks for the disk while changes may be in it', async () => {
  const { caches, chosen, to, ended, folder, store, fleet } = withCaches(['a'])
  await caches.begin(chosen)
  await ended()
  rmSync(to, { recursive: true })
  expect(await caches.view()).toMatchObject({ directory: to, problem: { code: 'cache-unusable' } })
  await expect(fleet.mount('a')).rejects.toMatchObject({ problem: { code: 'cache-unusable' } })
  await caches.begin(undefined)
  await ended()
  expect(caches.move()).toMatchObject({
    phase: 'failed',
    problem: { remedy: expect.stringContaining('Connect the disk') },
  })

  store.setDrives(store.drives().map((one) => ({ ...one, journal: { state: 'empty' as const } })))
  const restarted = testApplication({ drives: store.drives() }, folder)
  await expect(restarted.fleet.mount('a')).rejects.toMatchObject({ problem: { code: 'cache-unusable' } })
  expect(existsSync(to)).toBe(false)
  expect((await restarted.caches.check(undefined)).warnings).toHaveLength(1)
  await restarted.caches.begin(undefined)
  await vi.waitFor(() => expect(restarted.caches.move()).toMatchObject({ phase: 'done' }), patience)
  await restarted.fleet.mount('a')
})

it('a pointer that cannot be read is said, and the usual place used', () => {
  const { places, folder, from } = withCaches(['a'])
  writeFileSync(join(places.userDataDirectory, 'cache-place.json'), '{"version":1,"dir')
  const restarted = testApplication({}, folder)
  expect(restarted.notices.all()).toMatchObject([{ code: 'cache-unusable' }])
  expect(restarted.place.directory()).toBe(from)
})

it('a place is refused before anything happens', async () => {
  const { caches, chosen, folder, from, drives, newDrive } = withCaches(['a'])
  const full = () => Promise.resolve({ bavail: 10, bsize: 4096 })
  await expect(caches.check(join(folder, 'nowhere'))).rejects.toMatchObject({ problem: { code: 'cache-unusable' } })
  await expect(caches.check('/mnt/a')).rejects.toMatchObject({
    problem: { message: expect.stringContaining('drive “a”') },
  })
  mkdirSync(join(folder, 'unusable'))
  await expect(caches.check(join(folder, 'unusable'))).rejects.toMatchObject({ problem: { code: 'cache-unusable' } })
  await expect(caches.check(undefined)).rejects.toMatchObject({
    problem: { message: expect.stringContaining('already') },
  })
  disk.set('statfs', full)
  await expect(caches.check(chosen)).rejects.toMatchObject({ problem: { code: 'disk-full' } })
  expect(readdirSync(chosen)).toEqual([])
  expect(readdirSync(from)).toEqual(['a'])
  const hidden = drives.save({ ...newDrive, mountpoint: join(from, 'x') })
  await expect(hidden).rejects.toMatchObject({ problem: { code: 'mountpoint-not-permitted' } })
})
