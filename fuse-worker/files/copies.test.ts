import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LocalDrive } from '../drive.ts'
import { drained, openTestDrive, scratchDirectory, writeFile } from '../testing/local-drive.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { createMemoryStore, type MemoryStore } from '../testing/memory-store.ts'
import { numberedName } from './numbered-name.ts'

let clock: ManualClock
let bucket: MemoryStore
let drive: LocalDrive
let scratch: ReturnType<typeof scratchDirectory>
let folder: string

beforeEach(() => {
  scratch = scratchDirectory()
  folder = mkdtempSync(join(tmpdir(), 'cloudmount-copies-'))
  clock = new ManualClock()
  bucket = createMemoryStore({ now: () => clock.now() })
  drive = openTestDrive({ store: bucket, clock, cacheDirectory: scratch.path })
})
afterEach(async () => {
  await drive.close()
  scratch.remove()
  rmSync(folder, { recursive: true })
})

const large = Buffer.alloc(8 * 1024 * 1024, 'x')

/** Calls the one copy back once some of it, and not all, was copied. */
async function cancelMidway(): Promise<void> {
  const { copies } = drive.files
  for (;;) {
    const [copy] = copies.transfers()
    if (copy !== undefined && copy.doneBytes > 0) {
      expect(copy.doneBytes).toBeLessThan(large.length)
      copies.cancel(copy.id)
      return
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
}

test('a download that is cancelled leaves nothing behind', async () => {
  await writeFile(drive.operations, '/large', large)
  const download = drive.files.transport.download(['large', 'large'], folder)
  await cancelMidway()
  expect(await download).toEqual([
    { path: 'large', outcome: 'cancelled' },
    { path: 'large', outcome: 'cancelled' },
  ])
  expect(readdirSync(folder)).toEqual([])
  expect(drive.files.copies.transfers()).toEqual([])
})

test('an upload that is cancelled leaves nothing on the drive and nothing in the bucket', async () => {
  const source = join(folder, 'large')
  writeFileSync(source, large)
  const upload = drive.files.transport.upload({ path: '', sources: [source] })
  await cancelMidway()
  expect((await upload).outcomes).toEqual([{ path: source, outcome: 'cancelled' }])
  expect(await drive.operations.readdir('/')).toEqual([])
  await drained(drive, clock)
  expect(bucket.keys()).toEqual([])
})

test('names that are taken are numbered before what programs know files by', () => {
  expect(['a.txt', 'a.tar.gz', 'a', '.bashrc', 'v1. final'].map((name) => numberedName(name, 2))).toEqual([
    ...['a (2).txt', 'a (2).tar.gz', 'a (2)', '.bashrc (2)', 'v1. final (2)'],
  ])
})
