import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Problem } from '../../contracts/problem.ts'
import type { LocalDrive } from '../drive.ts'
import { StoreError } from '../s3/store.ts'
import { createFailingStore } from '../testing/failing-store.ts'
import { drained, openTestDrive, scratchDirectory, writeFile } from '../testing/local-drive.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { createMemoryStore } from '../testing/memory-store.ts'

const refusals: Problem[] = [
  { code: 'access-denied', message: 'These keys may not change it.' },
  { code: 'secret-wrong', message: 'The secret key does not belong to the access key.' },
  { code: 'bucket-unknown', message: 'There is no such bucket.' },
  { code: 'quota-exceeded', message: 'There is no room left.' },
]

describe.each(refusals)('an upload that is refused ($code)', (problem) => {
  let scratch: ReturnType<typeof scratchDirectory>
  let clock: ManualClock
  let bucket: ReturnType<typeof createMemoryStore>
  let failing: ReturnType<typeof createFailingStore>
  let drive: LocalDrive

  const open = () => openTestDrive({ store: failing.store, clock, cacheDirectory: scratch.path })
  const states = () => [...drive.journal.operations()].map(({ status }) => status)

  beforeEach(async () => {
    scratch = scratchDirectory()
    clock = new ManualClock()
    bucket = createMemoryStore()
    failing = createFailingStore(bucket)
    failing.script.on('put', { kind: 'fails', error: new StoreError('blocked', problem) })
    drive = open()
    await writeFile(drive.operations, '/a', 'one')
    expect(await drained(drive, clock)).toBe(1)
  })
  afterEach(async () => {
    await drive.close()
    scratch.remove()
  })

  test('waits, with the reason, and is not tried meanwhile', async () => {
    expect(states()).toEqual([{ state: 'blocked', problem }])
    await clock.advance(50 * 60_000)
    expect(failing.script.calls('put')).toHaveLength(1)
  })

  test('goes on when the person says so, or with new credentials', async () => {
    failing.script.release()
    drive.uploader.retryBlocked()
    expect(await drained(drive, clock)).toBe(0)
    expect(bucket.peek('a')?.toString()).toBe('one')
  })

  test('is tried again by itself after an hour', async () => {
    failing.script.release()
    await clock.advance(60 * 60_000)
    expect(await drained(drive, clock)).toBe(0)
    expect(bucket.peek('a')?.toString()).toBe('one')
  })

  test('is tried again at the next mount', async () => {
    failing.script.release()
    await drive.close()
    drive = open()
    expect(await drained(drive, clock)).toBe(0)
    expect(bucket.peek('a')?.toString()).toBe('one')
  })

  test('stays with the person who stopped it', async () => {
    failing.script.release()
    const [operation] = [...drive.journal.operations()]
    await drive.uploader.hold(operation?.id ?? 0)
    await clock.advance(3 * 60 * 60_000)
    await drive.close()
    drive = open()
    await clock.advance(3 * 60 * 60_000)
    expect(states().map((status) => 'problem' in status && status.problem.code)).toEqual(['cancelled'])
    expect(bucket.keys()).toEqual([])
  })

  test('stays so when its file is saved again, and when other keys are tried', async () => {
    failing.script.release()
    const [operation] = [...drive.journal.operations()]
    await drive.uploader.hold(operation?.id ?? 0)
    drive.uploader.retryBlocked()
    const handle = await drive.operations.open('/a', 2)
    await drive.operations.write(handle, Buffer.from('two'), 0)
    await drive.operations.flush(handle)
    await drive.operations.release(handle)
    await clock.advance(60_000)
    expect(bucket.keys()).toEqual([])
    drive.uploader.retryHeld()
    expect(await drained(drive, clock)).toBe(0)
    expect(bucket.peek('a')?.toString()).toBe('two')
  })
})
