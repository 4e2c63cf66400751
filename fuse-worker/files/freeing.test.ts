import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Freed } from '../../contracts/file.ts'
import type { LocalDrive } from '../drive.ts'
import { createFailingStore, storeFailure, type FaultScript } from '../testing/failing-store.ts'
import { caller, drained, openTestDrive, readFile, scratchDirectory, writeFile } from '../testing/local-drive.ts'
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

const free = (...paths: string[]): Promise<Freed> => drive.files.freeing.free(paths)

async function settledPins(): Promise<void> {
  const isFetching = (): boolean => drive.pins.list().some(({ status }) => status.state === 'fetching')
  for (let step = 0; step < 1_000 && isFetching(); step++) await clock.advance(10)
}

describe('freeing space', () => {
  test('takes what the bucket has too, of folders with everything in them, and it is read again from there', async () => {
    for (const name of ['a', 'b', 'deep/er/c']) bucket.putForeign(`docs/${name}`, 'content')
    bucket.putForeign('docs/not read', 'content')
    bucket.putForeign('other', 'content')
    for (const path of ['/docs/a', '/docs/b', '/docs/deep/er/c', '/other']) await readFile(drive.operations, path)
    expect(await free('docs', 'docs/a')).toEqual({ freedFiles: 3, freedBytes: 21, stays: [] })
    expect(drive.space()).toMatchObject({ cachedBytes: 7 })
    expect(await readFile(drive.operations, '/docs/a')).toBe('content')
    expect(script.calls('get').filter((key) => key === 'docs/a')).toHaveLength(2)
  })

  test('leaves what was not sent, and says so; nothing of it is lost', async () => {
    script.on('put', { kind: 'fails', error: storeFailure('retry') })
    await writeFile(drive.operations, '/mine', 'not in the bucket')
    expect(await free('')).toEqual({
      freedFiles: 0,
      freedBytes: 0,
      stays: [{ reason: 'unsent', files: 1, bytes: 17, path: 'mine' }],
    })
    expect(await readFile(drive.operations, '/mine')).toBe('not in the bucket')
  })

  test('leaves what a program has open, what is kept offline, and what never leaves this computer', async () => {
    for (const path of ['open', 'kept', 'kept too']) bucket.putForeign(path, 'content')
    await drive.pins.add('kept')
    await drive.pins.add('kept too')
    await settledPins()
    await readFile(drive.operations, '/open')
    await drive.operations.open('/open', 0)
    await writeFile(drive.operations, '/.DS_Store', 'junk')
    const { stays, ...freed } = await free('')
    expect(freed).toEqual({ freedFiles: 0, freedBytes: 0 })
    expect(stays).toHaveLength(3)
    expect(stays).toEqual(
      expect.arrayContaining([
        { reason: 'local-only', files: 1, bytes: 4, path: '.DS_Store' },
        { reason: 'kept', files: 2, bytes: 14, path: 'kept' },
        { reason: 'open', files: 1, bytes: 7, path: 'open' },
      ]),
    )
  })

  test('takes at once what was kept until a moment ago', async () => {
    bucket.putForeign('kept', 'content')
    await drive.pins.add('kept')
    await settledPins()
    await drive.pins.remove('kept')
    expect(await free('kept')).toEqual({ freedFiles: 1, freedBytes: 7, stays: [] })
  })
})

describe('a link to a file', () => {
  test('leads to the object that the file stands on', async () => {
    bucket.putForeign('docs/plan', 'x')
    expect(await drive.files.shareableKey('docs/plan')).toBe('docs/plan')
  })

  test('is refused for what the bucket has not got as it is here, until it has', async () => {
    bucket.putForeign('plan', 'x')
    await drive.operations.mkdir('/folder', 0o755, caller)
    await drive.operations.symlink('plan', '/link', caller)
    await writeFile(drive.operations, '/new', 'x')
    await writeFile(drive.operations, '/.DS_Store', 'x')
    const words = {
      folder: 'is a folder',
      link: 'link to another',
      new: 'not in the bucket yet',
      '.DS_Store': 'stays on',
    }
    for (const [path, message] of Object.entries(words))
      await expect(drive.files.shareableKey(path)).rejects.toThrow(message)
    await drained(drive, clock)
    expect(await drive.files.shareableKey('new')).toBe('new')
  })
})

describe('the properties of a file', () => {
  test('are those of its object now', async () => {
    bucket.putForeign('plan', 'x', {
      metadata: { colour: 'red' },
      contentType: 'text/plain',
      systemHeaders: { 'x-amz-storage-class': 'STANDARD_IA' },
    })
    expect(await drive.files.properties.of('plan')).toMatchObject({
      entry: { name: 'plan', sizeBytes: 1 },
      bucket: {
        state: 'there',
        object: {
          ...{ key: 'plan', sizeBytes: 1, storageClass: 'STANDARD_IA', contentType: 'text/plain' },
          metadata: { colour: 'red' },
        },
      },
    })
  })

  test('offline are what is known, and it says so; of what was never sent there are none', async () => {
    bucket.putForeign('plan', 'x', { metadata: { colour: 'red' } })
    await drive.operations.getattr('/plan')
    for (const call of ['list', 'head', 'get', 'put'] as const)
      script.on(call, { kind: 'fails', error: storeFailure('offline') })
    await writeFile(drive.operations, '/new', 'x')
    expect((await drive.files.properties.of('plan')).bucket).toMatchObject({
      state: 'unreachable',
      known: { key: 'plan', metadata: { colour: 'red' } },
    })
    expect((await drive.files.properties.of('new')).bucket).toEqual({
      state: 'unreachable',
      problem: expect.anything() as unknown,
    })
  })
})
