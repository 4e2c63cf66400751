import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ConsistencyMode } from '../../contracts/drive.ts'
import type { LocalDrive } from '../drive.ts'
import { createFailingStore, storeFailure, type FaultScript } from '../testing/failing-store.ts'
import { openTestDrive, readFile, scratchDirectory } from '../testing/local-drive.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { createMemoryStore, type MemoryStore } from '../testing/memory-store.ts'

let clock: ManualClock
let bucket: MemoryStore
let script: FaultScript
let drive: LocalDrive | undefined
let scratch: ReturnType<typeof scratchDirectory>

beforeEach(() => {
  scratch = scratchDirectory()
  clock = new ManualClock()
  bucket = createMemoryStore({ now: () => clock.now() })
  bucket.putForeign('used/a', 'first')
  bucket.putForeign('other/b', 'x')
})
afterEach(async () => {
  await drive?.close()
  scratch.remove()
})

function open(consistency: ConsistencyMode): LocalDrive['operations'] {
  const failing = createFailingStore(bucket)
  script = failing.script
  drive = openTestDrive({ store: failing.store, clock, cacheDirectory: scratch.path, consistency })
  return drive.operations
}

/** Without those of the root, which the breaker's probe asks for, too. */
const listings = (): number => script.calls('list').filter((prefix) => prefix !== '').length

test.each(['cached', 'close-to-open'] as const)(
  'in %s the folders in use are asked for again in the background, and what changed there is dropped from the cache',
  async (mode) => {
    const operations = open(mode)
    expect(await operations.readdir('/used')).toEqual(['a'])
    expect(await readFile(operations, '/used/a')).toBe('first')
    expect(drive?.space().cachedBytes).toBe(5)
    bucket.putForeign('used/a', 'second, longer')
    bucket.putForeign('used/new', 'x')
    await clock.advance(90_000)
    expect(drive?.space().cachedBytes).toBe(0)
    // Answered from what is known: nobody waits for a request.
    const known = mode === 'cached' ? operations.readdir('/used') : undefined
    if (known !== undefined) expect(known).toEqual(['a', 'new'])
    expect(await readFile(operations, '/used/a')).toBe('second, longer')
  },
)

test('a folder that nobody has used for two minutes is left alone, and so is one that nobody used at all', async () => {
  const operations = open('close-to-open')
  await operations.readdir('/used')
  await clock.advance(180_000)
  const before = listings()
  await clock.advance(600_000)
  expect(listings()).toBe(before)
  expect(script.calls('list')).not.toContain('other/')
})

test('the folder of an open file is in use for as long as it is open', async () => {
  const operations = open('close-to-open')
  await operations.readdir('/used')
  const handle = await operations.open('/used/a', 0)
  await clock.advance(600_000)
  const before = listings()
  await clock.advance(120_000)
  expect(listings()).toBeGreaterThan(before)
  await operations.release(handle)
})

test('twelve requests a minute are the most, however many folders are in use', async () => {
  for (let index = 0; index < 40; index++) bucket.putForeign(`many-${index}/file`, 'x')
  const operations = open('close-to-open')
  for (let index = 0; index < 40; index++) await operations.readdir(`/many-${index}`)
  const before = listings()
  await clock.advance(60_000)
  expect(listings() - before).toBeGreaterThan(3)
  expect(listings() - before).toBeLessThanOrEqual(12)
})

test('nothing is asked for while the drive is offline, but whether it still is', async () => {
  const operations = open('close-to-open')
  await operations.readdir('/used')
  script.on('list', { kind: 'fails', error: storeFailure('offline') })
  await clock.advance(90_000)
  expect(drive?.connection.isOnline).toBe(false)
  const used = script.calls('list').filter((prefix) => prefix === 'used/').length
  await clock.advance(90_000)
  expect(script.calls('list').filter((prefix) => prefix === 'used/').length).toBe(used)
})

test('in strict nothing is asked for in the background', async () => {
  const operations = open('strict')
  await operations.readdir('/used')
  const before = listings()
  await clock.advance(300_000)
  expect(listings()).toBe(before)
})
