import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { constants } from 'node:fs'
import type { LocalDrive } from '../drive.ts'
import { createFailingStore, type FaultScript } from '../testing/failing-store.ts'
import { openTestDrive, readFile, scratchDirectory, writeFile, type TestDriveOptions } from '../testing/local-drive.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { createMemoryStore, type MemoryStore } from '../testing/memory-store.ts'
import { DrivePause } from './drive-pause.ts'

const hourMs = 3_600_000

let clock: ManualClock
let bucket: MemoryStore
let script: FaultScript
let drive: LocalDrive
let scratch: ReturnType<typeof scratchDirectory>

beforeEach(() => {
  scratch = scratchDirectory()
  clock = new ManualClock()
  bucket = createMemoryStore({ now: () => clock.now() })
  bucket.putForeign('theirs', 'their words')
  bucket.putForeign('kept/large', Buffer.alloc(3_000_000, 'x'))
  open()
})
afterEach(async () => {
  await drive.close()
  scratch.remove()
})

function open(options: Partial<TestDriveOptions> = {}): void {
  const failing = createFailingStore(bucket)
  script = failing.script
  drive = openTestDrive({ store: failing.store, clock, cacheDirectory: scratch.path, ...options })
}

async function until(isSo: () => boolean): Promise<void> {
  for (let step = 0; step < 1_000 && !isSo(); step++) await clock.advance(50)
  expect(isSo()).toBe(true)
}

describe('a paused drive', () => {
  test('takes changes, sends none of them, and sends all when it is resumed', async () => {
    drive.pause.begin({})
    await writeFile(drive.operations, '/mine', 'my words')
    await drive.operations.unlink('/theirs')
    await clock.advance(48 * hourMs)
    expect(script.calls('put')).toEqual([])
    expect(script.calls('delete')).toEqual([])
    expect([...drive.journal.operations()].map(({ status }) => status.state)).toEqual(['queued', 'queued'])
    expect(await readFile(drive.operations, '/mine')).toBe('my words')
    drive.pause.end()
    await until(() => drive.journal.size === 0)
    expect(bucket.peek('mine')?.toString()).toBe('my words')
    expect(bucket.peek('theirs')).toBeUndefined()
  })

  test('ends what is being sent; that goes on when it is resumed', async () => {
    script.on('put', { kind: 'hangs' }, { nth: 1 })
    await writeFile(drive.operations, '/mine', 'my words')
    await until(() => script.hanging() === 1)
    drive.pause.begin({})
    await until(() => script.hanging() === 0)
    await clock.advance(hourMs)
    expect(bucket.peek('mine')).toBeUndefined()
    expect([...drive.journal.operations()].map(({ status }) => status.state)).toEqual(['queued'])
    drive.pause.end()
    await until(() => drive.journal.size === 0)
    expect(bucket.peek('mine')?.toString()).toBe('my words')
  })

  test('lets programs read what is only in the bucket', async () => {
    drive.pause.begin({})
    expect(await readFile(drive.operations, '/theirs')).toBe('their words')
  })

  test('lets programs read on where something behind them was just ended', async () => {
    const handle = await drive.operations.open('/kept/large', constants.O_RDONLY)
    script.on('get', { kind: 'hangs' }, { nth: 1 })
    await drive.pins.add('kept')
    await until(() => script.hanging() === 1)
    drive.pause.begin({})
    const bytes = Buffer.alloc(10)
    expect(await drive.operations.read(handle, bytes, 0)).toBe(10)
    expect(bytes.toString()).toBe('x'.repeat(10))
    await drive.operations.release(handle)
  })

  test('goes on with what it brings here when it was resumed before that had ended', async () => {
    script.on('get', { kind: 'hangs' }, { nth: 1 })
    await drive.pins.add('kept')
    await until(() => script.hanging() === 1)
    drive.pause.begin({})
    drive.pause.end()
    await until(() => drive.pins.list()[0]?.status.state === 'ready')
    expect(script.calls('get')).toHaveLength(2)
  })

  test('brings nothing here behind programs, and goes on with it when it is resumed', async () => {
    script.on('get', { kind: 'hangs' }, { nth: 1 })
    await drive.pins.add('kept')
    await until(() => script.hanging() === 1)
    drive.pause.begin({})
    await until(() => script.hanging() === 0)
    await clock.advance(hourMs)
    expect(script.calls('get')).toHaveLength(1)
    expect(drive.pins.list()[0]?.status.state).not.toBe('ready')
    drive.pause.end()
    await until(() => drive.pins.list()[0]?.status.state === 'ready')
  })

  test('in strict mode still sends what a program waits for', async () => {
    await drive.close()
    open({ consistency: 'strict' })
    await clock.until(writeFile(drive.operations, '/seen', 'before'), 60_000)
    drive.pause.begin({})
    await clock.until(writeFile(drive.operations, '/mine', 'my words'), 60_000)
    expect(bucket.peek('mine')?.toString()).toBe('my words')
    await drive.operations.unlink('/seen')
    await clock.advance(hourMs)
    expect(bucket.peek('seen')?.toString()).toBe('before')
  })

  test('still sends it where files have exchanged their names', async () => {
    await drive.close()
    open({ consistency: 'strict' })
    for (const name of ['a', 'b']) await clock.until(writeFile(drive.operations, `/${name}`, `of ${name}`), 60_000)
    drive.pause.begin({})
    await drive.operations.rename('/a', '/between')
    await drive.operations.rename('/b', '/a')
    await drive.operations.rename('/between', '/b')
    const file = await drive.operations.open('/a', constants.O_RDWR)
    await drive.operations.write(file, Buffer.from('O'), 0)
    await clock.until(Promise.resolve(drive.operations.flush(file)), 60_000)
    await drive.operations.release(file)
    expect(bucket.peek('a')?.toString()).toBe('Of b')
  })

  test('goes on by itself when the time has come', async () => {
    drive.pause.begin({ until: clock.now() + hourMs })
    await writeFile(drive.operations, '/mine', 'my words')
    await clock.advance(hourMs - 1_000)
    expect(bucket.peek('mine')).toBeUndefined()
    await until(() => drive.journal.size === 0)
    expect(drive.pause.current).toBeUndefined()
  })

  test('is paused again after a restart, until the same moment', async () => {
    const until = clock.now() + hourMs
    drive.pause.begin({ until })
    await writeFile(drive.operations, '/mine', 'my words')
    await drive.close()
    open()
    expect(drive.pause.current).toEqual({ until })
    await clock.advance(hourMs / 2)
    expect(script.calls('put')).toEqual([])
    drive.pause.begin({})
    await drive.close()
    await clock.advance(48 * hourMs)
    open()
    expect(drive.pause.current).toEqual({})
  })
})

describe('the record of a pause', () => {
  const recordOf = (value?: string) => {
    const values = new Map(value === undefined ? [] : [['pausedUntil', value]])
    return {
      values,
      getMeta: (name: string) => values.get(name),
      setMeta: (name: string, next: string) => void values.set(name, next),
    }
  }

  test('that ended while nothing ran is over at once', () => {
    const record = recordOf(String(clock.now() - 1))
    expect(new DrivePause({ clock, record }).isOn).toBe(false)
    expect(record.values.get('pausedUntil')).toBe('')
  })

  test('is over soon after a sleep, in which timers stood still', async () => {
    let nowMs = 0
    const sleeping = { now: () => nowMs, after: clock.after.bind(clock) }
    const pause = new DrivePause({ clock: sleeping, record: recordOf() })
    pause.begin({ until: hourMs })
    nowMs = 2 * hourMs
    expect(pause.isOn).toBe(true)
    await clock.advance(10_000)
    expect(pause.isOn).toBe(false)
  })
})
