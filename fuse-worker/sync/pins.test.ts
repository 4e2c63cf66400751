import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Pin } from '../../contracts/pin.ts'
import type { LocalDrive } from '../drive.ts'
import { DriveDatabase } from '../metadata/database.ts'
import { createFailingStore, storeFailure, type FaultScript } from '../testing/failing-store.ts'
import { caller, openTestDrive, readFile, scratchDirectory, writeFile } from '../testing/local-drive.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { createMemoryStore, type MemoryStore } from '../testing/memory-store.ts'

let clock: ManualClock
let bucket: MemoryStore
let script: FaultScript
let drive: LocalDrive
let scratch: ReturnType<typeof scratchDirectory>

beforeEach(() => {
  scratch = scratchDirectory()
  clock = new ManualClock()
  bucket = createMemoryStore({ now: () => clock.now() })
  bucket.putForeign('docs/plan', 'the plan')
  bucket.putForeign('docs/deep/er/notes', 'the notes')
  bucket.putForeign('other', 'something else')
  open()
})
afterEach(async () => {
  await drive.close()
  scratch.remove()
})

function open(): void {
  const failing = createFailingStore(bucket)
  script = failing.script
  drive = openTestDrive({ store: failing.store, clock, cacheDirectory: scratch.path })
}

async function settled(): Promise<Pin[]> {
  const isSettled = (): boolean => drive.pins.list().every(({ status }) => status.state !== 'fetching')
  for (let step = 0; step < 1_000 && !isSettled(); step++) await clock.advance(10)
  return drive.pins.list()
}

function goOffline(): void {
  script.on('get', { kind: 'fails', error: storeFailure('offline') })
  script.on('list', { kind: 'fails', error: storeFailure('offline') })
  script.on('head', { kind: 'fails', error: storeFailure('offline') })
}

describe('a pinned folder', () => {
  test('is fetched with everything below it, says when it is ready, and can be read offline', async () => {
    await drive.pins.add('docs')
    expect(await settled()).toEqual([
      {
        path: 'docs',
        isFolder: true,
        files: 2,
        readyFiles: 2,
        sizeBytes: 17,
        readyBytes: 17,
        status: { state: 'ready' },
      },
    ])
    expect(script.calls('get').toSorted()).toEqual(['docs/deep/er/notes', 'docs/plan'])
    goOffline()
    expect(await readFile(drive.operations, '/docs/plan')).toBe('the plan')
    expect(await readFile(drive.operations, '/docs/deep/er/notes')).toBe('the notes')
  })

  test('is kept fresh: another client’s version is fetched without anybody opening it', async () => {
    await drive.pins.add('docs')
    await settled()
    bucket.putForeign('docs/plan', 'a better plan')
    bucket.putForeign('docs/new', 'new')
    await clock.advance(10 * 60_000)
    expect((await settled())[0]).toMatchObject({ files: 3, readyFiles: 3, status: { state: 'ready' } })
    goOffline()
    expect(await readFile(drive.operations, '/docs/plan')).toBe('a better plan')
    expect(await readFile(drive.operations, '/docs/new')).toBe('new')
  })

  test('waits while the bucket cannot be reached, and goes on by itself', async () => {
    await drive.operations.readdir('/docs')
    script.on('get', { kind: 'fails', error: storeFailure('offline') }, { times: 2 })
    await drive.pins.add('docs')
    expect((await settled())[0]?.status.state).toBe('waiting')
    for (let step = 0; step < 200 && drive.pins.list()[0]?.status.state !== 'ready'; step++) await clock.advance(1_000)
    expect(drive.pins.list()[0]).toMatchObject({ readyFiles: 2, status: { state: 'ready' } })
  })

  test('survives a restart, also one in the middle of fetching', async () => {
    script.on('get', { kind: 'hangs' })
    await drive.pins.add('docs')
    for (let step = 0; step < 100 && script.hanging() === 0; step++) await clock.advance(10)
    await drive.close()
    open()
    expect((await settled())[0]).toMatchObject({ path: 'docs', readyFiles: 2, status: { state: 'ready' } })
  })

  test('is followed when it is renamed', async () => {
    await drive.pins.add('docs')
    await settled()
    await drive.operations.rename('/docs', '/papers')
    await clock.advance(70_000)
    expect((await settled())[0]).toMatchObject({ path: 'papers', status: { state: 'ready' } })
  })

  test('that is deleted is no longer pinned', async () => {
    await writeFile(drive.operations, '/lone', 'x')
    await drive.pins.add('lone')
    await drive.operations.unlink('/lone')
    await clock.advance(70_000)
    expect(await settled()).toEqual([])
  })
})

describe('a pinned file', () => {
  test('stays pinned when a program saves by renaming a new file over it', async () => {
    await drive.pins.add('other')
    await settled()
    await writeFile(drive.operations, '/.other.tmp', 'saved')
    await drive.operations.rename('/.other.tmp', '/other')
    await clock.advance(70_000)
    expect(await settled()).toMatchObject([{ path: 'other', files: 1, sizeBytes: 5, status: { state: 'ready' } }])
  })

  test('stays pinned when a program saves by moving the old one out of the way first', async () => {
    await drive.pins.add('other')
    await settled()
    await drive.operations.rename('/other', '/other~')
    await writeFile(drive.operations, '/other', 'saved')
    await drive.operations.unlink('/other~')
    await clock.advance(70_000)
    expect(await settled()).toMatchObject([{ path: 'other', sizeBytes: 5, status: { state: 'ready' } }])
  })

  test('of which another version arrived in the bucket while it was fetched ends with that version', async () => {
    await drive.operations.getattr('/other')
    bucket.putForeign('other', 'something newer')
    await drive.pins.add('other')
    expect(await settled()).toMatchObject([{ status: { state: 'ready' }, sizeBytes: 15 }])
    goOffline()
    expect(await readFile(drive.operations, '/other')).toBe('something newer')
  })
})

test('what is unpinned, and what is moved out of a pinned folder, may leave the cache again', async () => {
  await drive.pins.add('docs')
  await drive.pins.add('other')
  await settled()
  await drive.operations.rename('/docs/plan', '/plan')
  await drive.pins.remove('other')
  await clock.advance(70_000)
  await settled()
  await drive.close()
  const database = new DriveDatabase(join(scratch.path, 'drive.sqlite'))
  const kept = database.prepare('SELECT name FROM nodes WHERE is_pinned = 1').all()
  database.close()
  open()
  expect(kept).toEqual([{ name: 'notes' }])
})

test('while a program waits for bytes, no request for a pinned file begins', async () => {
  await drive.operations.readdir('/docs')
  script.on('get', { kind: 'hangs' }, { key: 'other' })
  const reading = readFile(drive.operations, '/other')
  for (let step = 0; step < 100 && script.hanging() === 0; step++) await clock.advance(10)
  await drive.pins.add('docs/plan')
  await clock.advance(1_000)
  expect(script.calls('get')).toEqual(['other'])
  script.release()
  expect(await reading).toBe('something else')
  expect((await settled())[0]?.status.state).toBe('ready')
})

test('pinning what is not there is refused in words', async () => {
  await expect(drive.pins.add('nowhere/at all')).rejects.toMatchObject({ problem: { code: 'not-found' } })
  await drive.operations.mkdir('/made', 0o755, caller)
  await drive.pins.add('made')
  expect((await settled())[0]).toMatchObject({ path: 'made', files: 0, status: { state: 'ready' } })
})
