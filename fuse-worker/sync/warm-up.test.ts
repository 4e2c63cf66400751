import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LocalDrive } from '../drive.ts'
import { openTestDrive, scratchDirectory } from '../testing/local-drive.ts'
import { ManualClock, turn } from '../testing/manual-clock.ts'
import { createMemoryStore, type MemoryStore } from '../testing/memory-store.ts'

let clock: ManualClock
let bucket: MemoryStore
let drive: LocalDrive
let scratch: ReturnType<typeof scratchDirectory>
/** Keys that a HEAD asked for. */
let asked: string[]

beforeEach(() => {
  scratch = scratchDirectory()
  clock = new ManualClock()
  bucket = createMemoryStore({ now: () => clock.now() })
  asked = []
  const store: MemoryStore = {
    ...bucket,
    head: (key, ...rest) => {
      asked.push(key)
      return bucket.head(key, ...rest)
    },
  }
  drive = openTestDrive({ store, clock, cacheDirectory: scratch.path, consistency: 'cached' })
})
afterEach(async () => {
  await drive.close()
  scratch.remove()
})

function fill(folder: string, files: number): void {
  for (let index = 0; index < files; index++) bucket.putForeign(`${folder}/${index}`, 'small')
}

/** So many that whatever was begun has been asked for. */
async function turns(): Promise<void> {
  for (let count = 0; count < 3_000; count++) await turn()
}

test('the metadata of up to 400 small objects of a folder is fetched once nothing was listed for a second', async () => {
  fill('folder', 500)
  await drive.operations.readdir('/folder')
  await clock.advance(999)
  expect(asked).toEqual([])
  await clock.advance(1)
  await turns()
  expect(asked.length).toBe(400)
})

test('a walk through many folders asks for nothing on the way, and afterwards for the eight folders listed last', async () => {
  const folders = Array.from({ length: 12 }, (_, index) => `folder-${index}`)
  for (const folder of folders) fill(folder, 3)
  for (const folder of folders) {
    await drive.operations.readdir(`/${folder}`)
    await clock.advance(900)
  }
  expect(asked).toEqual([])
  await clock.advance(100)
  await turns()
  const reached = new Set(asked.map((key) => key.split('/')[0]))
  expect([...reached]).toEqual(folders.slice(-8).reverse())
  expect(asked.length).toBe(8 * 3)
})

test('another listing stops it; it goes on a second later, with what the folder has left of its 400', async () => {
  fill('large', 600)
  fill('other', 1)
  await drive.operations.readdir('/large')
  await clock.advance(1_000)
  for (let count = 0; count < 20; count++) await turn()
  await drive.operations.readdir('/other')
  await turns()
  const before = asked.length
  expect(before).toBeGreaterThan(0)
  expect(before).toBeLessThan(400)
  await clock.advance(1_000)
  await turns()
  expect(asked.filter((key) => key.startsWith('large/')).length).toBe(400)
  expect(new Set(asked).size).toBe(401)
})
