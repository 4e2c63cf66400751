/** What the three consistency modes promise of other clients' changes, sentence by sentence of SEMANTICS.md. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ConsistencyMode } from '../../contracts/drive.ts'
import {
  expectErrno,
  outcomeOf,
  patternBytes,
  readText,
  writeAll,
  type FsUnderTest,
  type Seed,
  type StartFs,
} from './fs-under-test.ts'

const large = patternBytes(6 * 1024 * 1024, 11)

const seed: Seed = async (bucket) => {
  await bucket.put('folder/changing', 'first')
  await bucket.put('folder/going', 'still here')
  await bucket.put('folder/moving', 'moved by somebody else')
  await bucket.put('open/replaced', large)
  await bucket.put('open/deleted', 'cached while it is open')
}

export function consistencySuite(title: string, mode: ConsistencyMode, start: StartFs): void {
  describe(title, () => {
    let fs: FsUnderTest | undefined
    const on = (): FsUnderTest => {
      if (fs === undefined) throw new Error('the filesystem under test did not start')
      return fs
    }
    beforeAll(async () => {
      fs = await start(seed)
    }, 120_000)
    afterAll(() => fs?.stop(), 60_000)

    if (mode === 'strict') strictSentences(on)
    if (mode === 'close-to-open') closeToOpenSentences(on)
    if (mode === 'cached') cachedSentences(on)
    commonSentences(on)
  })
}

function strictSentences(on: () => FsUnderTest): void {
  test('a listing is trusted not at all, and neither is a file’s version at open', async () => {
    expect(await on().readdir('/folder')).toEqual(['changing', 'going', 'moving'])
    expect(await readText(on(), '/folder/changing')).toBe('first')
    await on().bucket.put('folder/changing', 'second, and longer')
    await on().bucket.put('folder/arriving', 'new')
    await on().bucket.delete('folder/going')
    expect(await readText(on(), '/folder/changing')).toBe('second, and longer')
    expect(await on().readdir('/folder')).toEqual(['arriving', 'changing', 'moving'])
    await expectErrno(on().open('/folder/going', 'r'), 'ENOENT')
  })

  test('the kernel keeps names and attributes in `strict` not at all', async () => {
    expect((await on().stat('/folder/arriving')).size).toBe(3)
    await on().bucket.put('folder/arriving', 'new, and longer')
    expect((await on().stat('/folder/arriving')).size).toBe(15)
    await on().bucket.delete('folder/arriving')
    await expectErrno(on().stat('/folder/arriving'), 'ENOENT')
  })

  test('`close` and `fsync` answer when the bucket has it', async () => {
    await writeAll(on(), '/folder/written', 'by the time close returns')
    expect((await on().bucket.get('folder/written'))?.toString()).toBe('by the time close returns')
    const file = await on().open('/folder/synced', 'w')
    await file.write('by the time fsync returns', 0)
    await file.sync()
    expect((await on().bucket.get('folder/synced'))?.toString()).toBe('by the time fsync returns')
    await file.close()
  })
}

function closeToOpenSentences(on: () => FsUnderTest): void {
  test('an upload that another client has finished is seen at open once the last look is old', async () => {
    expect(await readText(on(), '/folder/changing')).toBe('first')
    await on().bucket.put('folder/changing', 'second, and longer')
    await on().eventually(async () => expect(await readText(on(), '/folder/changing')).toBe('second, and longer'))
    expect((await on().stat('/folder/changing')).size).toBe(18)
  })

  test('a listing is asked for again once it has expired', async () => {
    await on().readdir('/folder')
    await on().bucket.put('folder/arriving', 'new')
    await on().bucket.delete('folder/going')
    await on().eventually(async () => expect(await on().readdir('/folder')).toEqual(['arriving', 'changing', 'moving']))
    await expectErrno(on().open('/folder/going', 'r'), 'ENOENT')
  })
}

function cachedSentences(on: () => FsUnderTest): void {
  test('a listing and a file’s version are trusted for 5 min: nobody is asked in between', async () => {
    expect(await on().readdir('/folder')).toEqual(['changing', 'going', 'moving'])
    expect(await readText(on(), '/folder/changing')).toBe('first')
    await on().bucket.put('folder/changing', 'second, and longer')
    await on().bucket.put('folder/arriving', 'new')
    expect(await on().readdir('/folder')).toEqual(['changing', 'going', 'moving'])
    expect(await readText(on(), '/folder/changing')).toBe('first')
  })
}

function commonSentences(on: () => FsUnderTest): void {
  test('On one machine every program sees what another one wrote as soon as `write` has returned', async () => {
    const writer = await on().open('/folder/shared', 'w')
    await writer.write('written', 0)
    expect(await readText(on(), '/folder/shared')).toBe('written')
    expect((await on().stat('/folder/shared')).size).toBe(7)
    await writer.close()
  })

  test('A file that is open keeps the version it was opened on; what is not in the cache answers `ESTALE` when the bucket has it no longer', async () => {
    const file = await on().open('/open/replaced', 'r')
    expect((await file.read(1_000, 0)).equals(large.subarray(0, 1_000))).toBe(true)
    await on().bucket.put('open/replaced', 'another version')
    expect((await file.read(1_000, 0)).equals(large.subarray(0, 1_000))).toBe(true)
    // The kernel makes EIO of the error when its own read-ahead met it first.
    expect(['ESTALE', 'EIO']).toContain(await outcomeOf(file.read(1_000, 5 * 1024 * 1024)))
    await file.close()
  })

  test('A file that was deleted in the bucket while it is open here can be read on as far as it is cached', async () => {
    const file = await on().open('/open/deleted', 'r')
    expect((await file.read(100, 0)).toString()).toBe('cached while it is open')
    await on().bucket.delete('open/deleted')
    expect((await file.read(100, 0)).toString()).toBe('cached while it is open')
    await file.close()
  })

  test('A file that has a change waiting is answered from here, whatever the bucket says', async () => {
    const file = await on().open('/folder/mine', 'w')
    await file.write('mine', 0)
    await on().bucket.put('folder/mine', 'theirs, and longer')
    expect(await readText(on(), '/folder/mine')).toBe('mine')
    await file.close().catch(() => undefined)
    expect(await readText(on(), '/folder/mine')).toBe('mine')
  })
}
