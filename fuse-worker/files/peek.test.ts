import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LocalDrive } from '../drive.ts'
import { openTestDrive, readFile, scratchDirectory, writeFile } from '../testing/local-drive.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { createMemoryStore, type MemoryStore } from '../testing/memory-store.ts'

let bucket: MemoryStore
let drive: LocalDrive
let scratch: ReturnType<typeof scratchDirectory>

beforeEach(() => {
  scratch = scratchDirectory()
  const clock = new ManualClock()
  bucket = createMemoryStore({ now: () => clock.now() })
  drive = openTestDrive({ store: bucket, clock, cacheDirectory: scratch.path })
})
afterEach(async () => {
  await drive.close()
  scratch.remove()
})

const peek = async (path: string, atMostBytes = 1_000): Promise<string | undefined> => {
  const bytes = await drive.files.peek.bytesOf(path, atMostBytes)
  return bytes === undefined ? undefined : Buffer.from(bytes, 'base64').toString()
}

test('a file is shown once all of it is here, and nothing is downloaded for it', async () => {
  bucket.putForeign('a.txt', 'in the bucket')
  await drive.operations.readdir('/')
  expect(await peek('a.txt')).toBeUndefined()
  expect(drive.space()).toMatchObject({ cachedBytes: 0 })
  await readFile(drive.operations, '/a.txt')
  expect(await peek('a.txt')).toBe('in the bucket')
  await expect(peek('a.txt', 3)).rejects.toMatchObject({ problem: { code: 'file-too-large' } })
})

test('what was written here is shown before it is sent, a folder never', async () => {
  await writeFile(drive.operations, '/new.txt', 'not sent yet')
  await drive.operations.mkdir('/folder', 0o755, { uid: 1, gid: 1, pid: 1 })
  expect(await peek('new.txt')).toBe('not sent yet')
  expect(await peek('folder')).toBeUndefined()
})
