import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFailingStore, storeFailure } from '../testing/failing-store.ts'
import { caller, drained, openTestDrive, readFile, scratchDirectory, writeFile } from '../testing/local-drive.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { createMemoryStore } from '../testing/memory-store.ts'

const lost = { kind: 'loses-reply', error: storeFailure('retry') } as const

function setUp() {
  const scratch = scratchDirectory()
  const clock = new ManualClock()
  const bucket = createMemoryStore({ now: () => clock.now() })
  const { store, script } = createFailingStore(bucket)
  const drive = openTestDrive({ store, clock, cacheDirectory: scratch.path })
  const remove = async (): Promise<void> => {
    await drive.close()
    scratch.remove()
  }
  return { clock, bucket, script, drive, operations: drive.operations, remove }
}

describe('a reply that got lost is never taken for somebody else’s write', () => {
  let on: ReturnType<typeof setUp>
  beforeEach(() => {
    on = setUp()
  })
  afterEach(() => on.remove())

  test('a new file whose put was answered into nowhere is uploaded once', async () => {
    on.script.on('put', lost, { nth: 1 })
    await writeFile(on.operations, '/a', 'one')
    expect(await drained(on.drive, on.clock)).toBe(0)
    expect(on.bucket.peek('a')?.toString()).toBe('one')
  })

  test('a file changed after a put without an answer replaces what that put left', async () => {
    on.script.on('put', lost, { nth: 1 })
    await writeFile(on.operations, '/a', 'one')
    await on.clock.advance(2_001)
    const handle = await on.operations.open('/a', 1)
    await on.operations.write(handle, Buffer.from('two!'), 0)
    await on.operations.flush(handle)
    await on.operations.release(handle)
    expect(await drained(on.drive, on.clock)).toBe(0)
    expect(on.bucket.peek('a')?.toString()).toBe('two!')
  })

  test('a file that takes the name of one whose delete was answered into nowhere', async () => {
    await writeFile(on.operations, '/a', 'one')
    await drained(on.drive, on.clock)
    on.script.on('delete', lost, { nth: 1 })
    await on.operations.unlink('/a')
    await on.clock.advance(2_001)
    expect(on.bucket.keys()).toEqual([])
    await writeFile(on.operations, '/a', 'two')
    expect(await drained(on.drive, on.clock)).toBe(0)
    expect(on.bucket.peek('a')?.toString()).toBe('two')
  })

  test('a delete without an answer, and the name taken by somebody else: theirs stays, and the file is a conflict', async () => {
    await writeFile(on.operations, '/a', 'one')
    await drained(on.drive, on.clock)
    on.script.on('delete', lost, { nth: 1 })
    await on.operations.unlink('/a')
    await on.clock.advance(2_001)
    on.bucket.putForeign('a', 'theirs')
    await writeFile(on.operations, '/a', 'mine')
    expect(await drained(on.drive, on.clock)).toBe(1)
    expect([...on.drive.journal.operations()].map(({ status }) => status.state)).toEqual(['conflict'])
    expect(on.bucket.peek('a')?.toString()).toBe('theirs')
    expect(await readFile(on.operations, '/a')).toBe('mine')
  })

  test('a rename whose copy was answered into nowhere leaves one object under the new name', async () => {
    await writeFile(on.operations, '/a', 'one')
    await drained(on.drive, on.clock)
    on.script.on('copy', lost, { nth: 1 })
    await on.operations.rename('/a', '/b')
    expect(await drained(on.drive, on.clock)).toBe(0)
    expect(on.bucket.keys()).toEqual(['b'])
  })

  test('a folder made while its own put has no answer, removed again, leaves nothing', async () => {
    on.script.on('put', lost, { nth: 1 })
    await on.operations.mkdir('/d', 0o755, caller)
    await on.clock.advance(2_001)
    expect(on.bucket.keys()).toEqual(['d/'])
    await on.operations.rmdir('/d')
    expect(await drained(on.drive, on.clock)).toBe(0)
    expect(on.bucket.keys()).toEqual([])
  })
})
