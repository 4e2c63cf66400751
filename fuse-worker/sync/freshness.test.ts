import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ConsistencyMode } from '../../contracts/drive.ts'
import type { LocalDrive } from '../drive.ts'
import { createFailingStore, storeFailure, type FaultScript } from '../testing/failing-store.ts'
import { drained, openTestDrive, readFile, scratchDirectory, writeFile } from '../testing/local-drive.ts'
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
  bucket = createMemoryStore({ now: () => clock.now(), pageSize: 5 })
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

test('close-to-open trusts a listing for 10 seconds, and asks again once that has expired', async () => {
  const operations = open('close-to-open')
  bucket.putForeign('a', 'x')
  expect(await operations.readdir('/')).toEqual(['a'])
  bucket.putForeign('b', 'x')
  await clock.advance(9_999)
  expect(await operations.readdir('/')).toEqual(['a'])
  await clock.advance(1)
  expect(await operations.readdir('/')).toEqual(['a', 'b'])
})

test('cached trusts a listing for 5 minutes, unless the background sweep asks earlier', async () => {
  const operations = open('cached')
  bucket.putForeign('a', 'x')
  expect(await operations.readdir('/')).toEqual(['a'])
  // The sweep leaves a folder alone that nobody has looked into for two minutes.
  await clock.advance(150_000)
  bucket.putForeign('b', 'x')
  await clock.advance(149_999)
  expect(await operations.readdir('/')).toEqual(['a'])
  await clock.advance(300_000)
  expect(await operations.readdir('/')).toEqual(['a', 'b'])
})

describe.each<[ConsistencyMode, openMs: number]>([
  ['close-to-open', 1_000],
  ['cached', 300_000],
])('%s', (mode, openMs) => {
  test('an open sees another client’s version once the last look is old', async () => {
    const operations = open(mode)
    bucket.putForeign('a', 'first')
    expect(await readFile(operations, '/a')).toBe('first')
    bucket.putForeign('a', 'second')
    await clock.advance(openMs)
    expect(await readFile(operations, '/a')).toBe('second')
  })
})

test('strict looks each time', async () => {
  const operations = open('strict')
  bucket.putForeign('a', 'first')
  expect(await readFile(operations, '/a')).toBe('first')
  bucket.putForeign('a', 'second')
  bucket.putForeign('b', 'x')
  expect(await readFile(operations, '/a')).toBe('second')
  expect(await operations.readdir('/')).toEqual(['a', 'b'])
})

test('a lookup that failed is never taken for absence', async () => {
  const operations = open('close-to-open')
  bucket.putForeign('a', 'x')
  script.on('list', { kind: 'fails', error: storeFailure('retry') })
  await expect(Promise.resolve(operations.getattr('/a'))).rejects.toMatchObject({ errno: 'EIO' })
  script.release()
  expect((await operations.getattr('/a')).size).toBe(1)
})

test('offline, what is known stays good, however old', async () => {
  const operations = open('close-to-open')
  bucket.putForeign('a', 'content')
  expect(await readFile(operations, '/a')).toBe('content')
  await operations.readdir('/')
  for (const call of ['list', 'head', 'get'] as const)
    script.on(call, { kind: 'fails', error: storeFailure('offline') })
  await clock.advance(3_600_000)
  expect(await operations.readdir('/')).toEqual(['a'])
  expect(await readFile(operations, '/a')).toBe('content')
  await expect(Promise.resolve().then(() => operations.getattr('/nothing'))).rejects.toMatchObject({ errno: 'ENOENT' })
})

test('a name in a folder of many pages costs no listing of all of them', async () => {
  const operations = open('close-to-open')
  for (let index = 10; index < 60; index++) bucket.putForeign(`many/${index}`, 'x')
  bucket.putForeign('many/folder/deep', 'x')
  expect((await operations.getattr('/many/33')).size).toBe(1)
  expect((await operations.getattr('/many/folder')).mode & 0o170000).toBe(0o040000)
  await expect(Promise.resolve(operations.getattr('/many/none'))).rejects.toMatchObject({ errno: 'ENOENT' })
  expect(script.calls('list').filter((prefix) => prefix === 'many/').length).toBe(1)
})

test('a drive’s own patterns say which names stay here, instead of the usual ones', async () => {
  const cacheDirectory = scratch.path
  drive = openTestDrive({ store: bucket, clock, cacheDirectory, localOnlyPatterns: ['*.tmp'] })
  for (const name of ['a.tmp', '.DS_Store']) await writeFile(drive.operations, `/${name}`, 'x')
  expect(await drained(drive, clock)).toBe(0)
  expect(bucket.keys()).toEqual(['.DS_Store'])
  expect(await drive.operations.readdir('/')).toEqual(['a.tmp', '.DS_Store'])
})
