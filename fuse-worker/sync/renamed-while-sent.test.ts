import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LocalDrive } from '../drive.ts'
import { createFailingStore, type FaultScript } from '../testing/failing-store.ts'
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
  drive = openTestDrive({ store: failing.store, clock, cacheDirectory: scratch.path })
})
afterEach(async () => {
  await drive.close()
  scratch.remove()
})

test('a file renamed while it is being sent is sent once, and the server copies it to its new name', async () => {
  script.on('put', { kind: 'hangs' }, { key: 'film.part' })
  await writeFile(drive.operations, '/film.part', 'the film')
  await clock.advance(2_001)
  expect(script.hanging()).toBe(1)
  await drive.operations.rename('/film.part', '/film')
  await clock.advance(30_000)
  expect(script.calls('put')).toEqual(['film.part'])
  script.release()
  expect(await drained(drive, clock)).toBe(0)
  expect(bucket.keys()).toEqual(['film'])
  expect(script.calls('put')).toEqual(['film.part'])
  expect(script.calls('copy')).toEqual(['film'])
  await clock.advance(60_000)
  expect(await readFile(drive.operations, '/film')).toBe('the film')
})
