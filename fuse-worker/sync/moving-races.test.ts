/** What may come between while a renamed file or folder follows in the bucket. */
import { join } from 'node:path'
import { constants } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LocalDrive } from '../drive.ts'
import { createFailingStore, storeFailure, type FaultScript } from '../testing/failing-store.ts'
import { drained, openTestDrive, readFile, scratchDirectory, writeFile } from '../testing/local-drive.ts'
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
  const failing = createFailingStore(bucket)
  script = failing.script
  drive = openTestDrive({ store: failing.store, clock, cacheDirectory: join(scratch.path, 'cache') })
})
afterEach(async () => {
  script.release()
  await drive.close()
  scratch.remove()
})

const states = (): string[] =>
  [...drive.journal.operations()].map(({ kind, key, status }) => `${kind} ${key} ${status.state}`)

async function untilHanging(): Promise<void> {
  for (let tries = 0; script.hanging() === 0 && tries < 200; tries++) await clock.advance(100)
  expect(script.hanging()).toBe(1)
}

async function overwrite(path: string, content: string): Promise<void> {
  const handle = await drive.operations.open(path, constants.O_WRONLY | constants.O_TRUNC)
  await drive.operations.write(handle, Buffer.from(content), 0)
  await drive.operations.flush(handle)
  await drive.operations.release(handle)
}

test('a file changed while its folder moves, which is renamed twice more, is uploaded', async () => {
  bucket.putForeign('old/file', 'before')
  await drive.operations.readdir('/old')
  script.on('copy', { kind: 'hangs' }, { key: 'new/file' })
  await drive.operations.rename('/old', '/new')
  await untilHanging()
  await overwrite('/new/file', 'changed here')
  await drive.operations.rename('/new', '/newer')
  script.on('put', { kind: 'hangs' }, { key: 'newer/file' })
  script.on('list', { kind: 'hangs' })
  script.release()
  while (bucket.peek('new/file') === undefined || drive.journal.slot('new/file').running !== undefined)
    await clock.advance(1)
  await drive.operations.rename('/newer', '/new')
  expect(await drained(drive, clock, 600_000)).toBe(0)
  expect(drive.space().unsyncedBytes).toBe(0)
  expect(bucket.peek('new/file')?.toString()).toBe('changed here')
})

test('a file deleted here while it moves does not take another client’s change with it', async () => {
  bucket.putForeign('old/file', 'before')
  await drive.operations.readdir('/old')
  const reader = await drive.operations.open('/old/file', constants.O_RDONLY)
  await drive.operations.read(reader, Buffer.alloc(6), 0)
  script.on('copy', { kind: 'hangs' }, { key: 'new/file' })
  await drive.operations.rename('/old', '/new')
  await untilHanging()
  await drive.operations.unlink('/new/file')
  bucket.putForeign('old/file', 'theirs, never seen here')
  script.release()
  expect(await drained(drive, clock)).toBe(0)
  await drive.operations.release(reader)
  expect(bucket.peek('old/file')?.toString()).toBe('theirs, never seen here')
  expect(states()).toEqual([])
})

test('a file saved over one that cannot follow its folder any more is uploaded without a question', async () => {
  bucket.putForeign('old/file', 'before')
  await drive.operations.readdir('/old')
  script.on('copy', { kind: 'hangs' }, { key: 'new/file' })
  await drive.operations.rename('/old', '/new')
  await untilHanging()
  await writeFile(drive.operations, '/new/saving', 'after')
  await drive.operations.rename('/new/saving', '/new/file')
  bucket.deleteForeign('old/file')
  script.release()
  await drained(drive, clock)
  expect(states()).toEqual([])
  expect(bucket.peek('new/file')?.toString()).toBe('after')
})

test('a link that was only listed keeps its target when it is renamed', async () => {
  bucket.putForeign('folder/link', 'its/target', { metadata: { mode: String(0o120777) } })
  await drive.operations.readdir('/folder')
  await drive.operations.rename('/folder/link', '/folder/moved')
  expect(await drained(drive, clock)).toBe(0)
  expect(await drive.operations.readlink('/folder/moved')).toBe('its/target')
  await drive.operations.rename('/folder/moved', '/folder/again')
  expect(await drained(drive, clock)).toBe(0)
  expect(bucket.peek('folder/again')?.toString()).toBe('its/target')
})

test('a link that was only listed keeps its target when its folder is renamed', async () => {
  bucket.putForeign('old/link', 'its/target', { metadata: { mode: String(0o120777) } })
  await drive.operations.readdir('/old')
  await drive.operations.rename('/old', '/new')
  expect(await drained(drive, clock)).toBe(0)
  await drive.operations.chmod('/new/link', 0o777)
  expect(await drained(drive, clock)).toBe(0)
  expect(await drive.operations.readlink('/new/link')).toBe('its/target')
  expect(bucket.peek('new/link')?.toString()).toBe('its/target')
})

test('two files that were only listed change places with their attributes, and a link among them stays one', async () => {
  bucket.putForeign('folder/one', 'first', { metadata: { mode: String(0o100600), theirs: 'kept' } })
  bucket.putForeign('folder/two', 'its/target', { metadata: { mode: String(0o120777) } })
  await drive.operations.readdir('/folder')
  await drive.operations.rename('/folder/one', '/folder/three')
  await drive.operations.rename('/folder/two', '/folder/one')
  await drive.operations.rename('/folder/three', '/folder/two')
  expect(await drained(drive, clock)).toBe(0)
  expect(bucket.keys()).toEqual(['folder/one', 'folder/two'])
  expect((await bucket.head('folder/two'))?.metadata).toMatchObject({ mode: String(0o100600), theirs: 'kept' })
  expect((await bucket.head('folder/one'))?.metadata).toMatchObject({ mode: String(0o120777) })
  expect(await drive.operations.readlink('/folder/one')).toBe('its/target')
  expect(await readFile(drive.operations, '/folder/two')).toBe('first')
})

test('a folder’s own object that has a body keeps it when the folder’s mode changes, and when it is renamed', async () => {
  bucket.putForeign('folder/', 'somebody’s data')
  bucket.putForeign('folder/file', 'a file')
  await drive.operations.readdir('/folder')
  await drive.operations.chmod('/folder', 0o700)
  await drained(drive, clock)
  expect(bucket.peek('folder/')?.toString()).toBe('somebody’s data')
  await drive.operations.rename('/folder', '/moved')
  await drained(drive, clock)
  expect(bucket.peek('moved/')?.toString()).toBe('somebody’s data')
  expect(await readFile(drive.operations, '/moved/⟦empty⟧')).toBe('somebody’s data')
})

test('a new file at the old place of one that another client changed while it moved is uploaded', async () => {
  bucket.putForeign('old/file', 'before')
  await drive.operations.readdir('/old')
  script.on('copy', { kind: 'hangs' }, { key: 'new/file' })
  await drive.operations.rename('/old', '/new')
  await drive.operations.mkdir('/old', 0o755, { uid: 1000, gid: 1000, pid: 1 })
  await writeFile(drive.operations, '/old/file', 'another file')
  await untilHanging()
  bucket.putForeign('old/file', 'theirs')
  script.release()
  await drained(drive, clock)
  expect(states()).toEqual([])
  expect(bucket.peek('new/file')?.toString()).toBe('theirs')
  expect(bucket.peek('old/file')?.toString()).toBe('another file')
})

test('attributes changed between a lost answer and a person’s retry reach the bucket', async () => {
  script.on('put', { kind: 'loses-reply', error: storeFailure('retry') }, { nth: 1 })
  await writeFile(drive.operations, '/file', 'content')
  for (let tries = 0; bucket.peek('file') === undefined && tries < 100; tries++) await clock.advance(100)
  await drive.operations.chmod('/file', 0o600)
  const [put] = drive.journal.operations()
  drive.uploader.retry(put?.id ?? 0)
  expect(await drained(drive, clock)).toBe(0)
  expect((await bucket.head('file'))?.metadata['mode']).toBe(String(0o100600))
})
