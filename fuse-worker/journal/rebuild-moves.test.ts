import { join } from 'node:path'
import { rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createFailingStore, storeFailure } from '../testing/failing-store.ts'
import { drained, openTestDrive, scratchDirectory } from '../testing/local-drive.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { createMemoryStore } from '../testing/memory-store.ts'
test('a folder renamed before its database was lost, and whose keys have not followed, keeps its new name', async () => {
  const scratch = scratchDirectory()
  const clock = new ManualClock()
  const bucket = createMemoryStore({ now: () => clock.now() })
  bucket.putForeign('old/file', 'x')
  const f = createFailingStore(bucket)
  const cacheDirectory = join(scratch.path, 'cache')
  let drive = openTestDrive({ store: f.store, clock, cacheDirectory })
  await drive.operations.readdir('/')
  await drive.operations.readdir('/old')
  f.script.on('list', { kind: 'fails', error: storeFailure('offline') })
  await drive.operations.rename('/old', '/new')
  await drive.close()
  for (const s of ['', '-wal', '-shm']) rmSync(join(cacheDirectory, 'drive.sqlite' + s), { force: true })
  drive = openTestDrive({ store: bucket, clock: clock.fork(), cacheDirectory })
  await drained(drive, clock)
  expect(await drive.operations.readdir('/')).toEqual(['new'])
  await drive.close()
  scratch.remove()
})
