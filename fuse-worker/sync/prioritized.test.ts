import { expect, test } from 'vitest'
import { createFailingStore } from '../testing/failing-store.ts'
import { drained, openTestDrive, scratchDirectory, writeFile } from '../testing/local-drive.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { createMemoryStore } from '../testing/memory-store.ts'

test('what a person wants first goes first, the last wish before earlier ones, small or large', async () => {
  const scratch = scratchDirectory()
  const clock = new ManualClock()
  const { store, script } = createFailingStore(createMemoryStore({ now: () => clock.now() }))
  const drive = openTestDrive({ store, clock, cacheDirectory: scratch.path, limits: { parallelUploads: 1 } })
  drive.pause.begin({})
  await writeFile(drive.operations, '/large', Buffer.alloc(2_000_000))
  for (const name of ['a', 'b', 'c', 'd']) await writeFile(drive.operations, `/${name}`, name)
  await clock.advance(60_000)
  const idOf = (key: string) => [...drive.journal.operations()].find((operation) => operation.key === key)?.id ?? 0
  drive.uploader.prioritize(idOf('c'))
  drive.uploader.prioritize(idOf('d'))
  drive.pause.end()
  for (let step = 0; step < 1_000 && drive.journal.size > 0; step++) await clock.advance(50)
  expect(script.calls('put').slice(0, 2)).toEqual(['d', 'c'])
  expect(script.calls('put').toSorted()).toEqual(['a', 'b', 'c', 'd', 'large'])
  await drive.close()
  scratch.remove()
})

test('what a person wants first is still first after a restart', async () => {
  const scratch = scratchDirectory()
  const clock = new ManualClock()
  const { store, script } = createFailingStore(createMemoryStore({ now: () => clock.now() }))
  const open = () => openTestDrive({ store, clock, cacheDirectory: scratch.path, limits: { parallelUploads: 1 } })
  const before = open()
  before.pause.begin({})
  for (const name of ['a', 'b', 'c']) await writeFile(before.operations, `/${name}`, name)
  for (const { id, key } of [...before.journal.operations()]) if (key === 'c') before.uploader.prioritize(id)
  await before.close()
  const after = open()
  after.pause.end()
  expect(await drained(after, clock)).toBe(0)
  expect(script.calls('put')[0]).toBe('c')
  await after.close()
  scratch.remove()
})
