import { expect, test } from 'vitest'
import { createFailingStore, storeFailure } from '../testing/failing-store.ts'
import { drained, openTestDrive, readFile, scratchDirectory, writeFile } from '../testing/local-drive.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { createMemoryStore } from '../testing/memory-store.ts'

test('a file that takes the name of a folder is itself while the folder’s keys are still to be deleted', async () => {
  const scratch = scratchDirectory()
  const clock = new ManualClock()
  const bucket = createMemoryStore({ now: () => clock.now() })
  bucket.putForeign('name/inside', 'x')
  bucket.putForeign('other', 'content')
  const { store, script } = createFailingStore(bucket)
  const drive = openTestDrive({ store, clock, cacheDirectory: scratch.path })
  const { operations } = drive
  expect(await operations.readdir('/name')).toEqual(['inside'])
  script.on('delete', { kind: 'fails', error: storeFailure('retry') }, { key: 'name/inside' })
  await operations.rename('/name', '/moved')
  await operations.rename('/other', '/name')
  await clock.advance(31_000)
  expect(bucket.keys()).toContain('name/inside')
  expect(bucket.keys()).toContain('name')
  expect([...(await operations.readdir('/'))].sort()).toEqual(['moved', 'name'])
  expect(await readFile(operations, '/name')).toBe('content')
  script.release()
  await writeFile(operations, '/moved/more', 'y')
  expect(await drained(drive, clock, 600_000)).toBe(0)
  expect(bucket.keys()).toEqual(['moved/inside', 'moved/more', 'name'])
  await drive.close()
  scratch.remove()
})
