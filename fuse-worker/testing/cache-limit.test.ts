/** The limit of the cache on a whole drive: what goes, what never goes, and what a program notices of it. */
import { cpSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LocalDrive } from '../drive.ts'
import type { ObjectStore } from '../s3/store.ts'
import { caller, drained, openTestDrive, readFile, scratchDirectory, writeFile } from './local-drive.ts'
import { ManualClock } from './manual-clock.ts'
import { createMemoryStore, type MemoryStore } from './memory-store.ts'
import { patternBytes } from './fs-under-test.ts'

const mebibyte = 1024 * 1024
const kibibyte = 1024

describe('a drive whose cache has a limit', () => {
  let clock: ManualClock
  let bucket: MemoryStore
  let drive: LocalDrive
  let scratch: ReturnType<typeof scratchDirectory>
  let gets: { key: string; bytes: number }[]

  beforeEach(() => {
    clock = new ManualClock()
    bucket = createMemoryStore({ now: () => clock.now() })
    scratch = scratchDirectory()
    gets = []
  })
  afterEach(async () => {
    await drive.close()
    scratch.remove()
  })

  function open(cacheLimitBytes: number | undefined, directory = 'cache'): LocalDrive {
    const store: ObjectStore = {
      ...bucket,
      get: (key, options, call) => {
        gets.push({ key, bytes: (options.range?.end ?? 0) - (options.range?.start ?? 0) })
        return bucket.get(key, options, call)
      },
    }
    drive = openTestDrive({ store, clock, cacheDirectory: join(scratch.path, directory), cacheLimitBytes })
    return drive
  }

  function put(count: number, bytes: number, stem = 'file'): void {
    for (let index = 0; index < count; index++) bucket.putForeign(`${stem}${index}`, patternBytes(bytes, index))
  }

  /** As a program does: opened, read in pieces of 128 KiB, closed. Checks every byte and, after every piece, the limit. */
  async function readWhole(name: string, seed: number, limit: number): Promise<void> {
    const { operations } = drive
    const handle = await operations.open(`/${name}`, 0)
    const { size } = await operations.getattr(`/${name}`)
    const wanted = patternBytes(size, seed)
    const piece = Buffer.alloc(128 * kibibyte)
    for (let offset = 0; offset < size; offset += piece.length) {
      const count = await operations.read(handle, piece, offset)
      expect(piece.subarray(0, count).equals(wanted.subarray(offset, offset + count)), `${name} at ${offset}`).toBe(
        true,
      )
      expect(drive.space().cachedBytes).toBeLessThanOrEqual(limit)
    }
    await operations.release(handle)
  }

  const chunkFiles = (directory = 'cache'): string[] =>
    readdirSync(join(scratch.path, directory, 'content'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)

  it('never holds more than the limit, whatever is read, and forgets the files along with the rows', async () => {
    open(mebibyte)
    put(40, 100 * kibibyte)
    for (let index = 0; index < 40; index++) await readWhole(`file${index}`, index, mebibyte)
    expect(drive.space().cachedBytes).toBeGreaterThan(mebibyte / 2)
    expect(chunkFiles().length * 100 * kibibyte).toBe(drive.space().cachedBytes)
  })

  it('what reads everything once does not push out what is used again and again', async () => {
    open(mebibyte)
    put(3, 100 * kibibyte, 'used')
    put(40, 100 * kibibyte, 'once')
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < 3; index++) await readWhole(`used${index}`, index, mebibyte)
      await clock.advance(30_000)
    }
    for (let index = 0; index < 40; index++) await readWhole(`once${index}`, index, mebibyte)
    gets.length = 0
    for (let index = 0; index < 3; index++) await readWhole(`used${index}`, index, mebibyte)
    expect(gets).toEqual([])
  })

  it('when chunks were used outlives a restart', async () => {
    open(mebibyte)
    put(3, 100 * kibibyte, 'used')
    put(30, 100 * kibibyte, 'once')
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < 3; index++) await readWhole(`used${index}`, index, mebibyte)
      await clock.advance(30_000)
    }
    await drive.close()
    open(mebibyte)
    for (let index = 0; index < 30; index++) await readWhole(`once${index}`, index, mebibyte)
    gets.length = 0
    for (let index = 0; index < 3; index++) await readWhole(`used${index}`, index, mebibyte)
    expect(gets).toEqual([])
  })

  it('a file larger than the whole limit is read from end to end', async () => {
    const limit = 12 * mebibyte
    open(limit)
    put(1, 40 * mebibyte + 12_345)
    await readWhole('file0', 0, limit)
    const fetched = gets.reduce((sum, { bytes }) => sum + bytes, 0)
    expect(fetched).toBeLessThan(1.5 * 40 * mebibyte)
  })

  it('open files stay while anything else can go', async () => {
    open(mebibyte)
    put(1, 500 * kibibyte, 'open')
    put(20, 100 * kibibyte, 'other')
    const handle = await drive.operations.open('/open0', 0)
    await drive.operations.read(handle, Buffer.alloc(500 * kibibyte), 0)
    for (let index = 0; index < 20; index++) await readWhole(`other${index}`, index, mebibyte)
    gets.length = 0
    await drive.operations.read(handle, Buffer.alloc(500 * kibibyte), 0)
    expect(gets).toEqual([])
    await drive.operations.release(handle)
  })

  it('only unsynced data at the limit: ENOSPC to the writer, everything saved is uploaded, and then writing goes on', async () => {
    open(mebibyte)
    await writeFile(drive.operations, '/saved', patternBytes(900 * kibibyte, 1))
    const refused = writeFile(drive.operations, '/more', patternBytes(300 * kibibyte, 2))
    await expect(refused).rejects.toMatchObject({ errno: 'ENOSPC' })
    expect(drive.shortage).toMatchObject({ code: 'cache-full' })
    expect(drive.space()).toMatchObject({ unsyncedBytes: 900 * kibibyte, evictableBytes: 0 })
    expect(await drained(drive, clock)).toBe(0)
    expect(bucket.peek('saved')?.equals(patternBytes(900 * kibibyte, 1))).toBe(true)
    expect(drive.shortage).toBeUndefined()
    expect(drive.space()).toMatchObject({ unsyncedBytes: 0, evictableBytes: 900 * kibibyte })
    await writeFile(drive.operations, '/again', patternBytes(300 * kibibyte, 2))
    expect(await drained(drive, clock)).toBe(0)
    expect(bucket.peek('again')?.equals(patternBytes(300 * kibibyte, 2))).toBe(true)
    await readWhole('saved', 1, mebibyte)
  })

  it('a read for which there is no room at all is answered, and nothing of it is kept', async () => {
    open(mebibyte)
    put(1, 700 * kibibyte)
    await writeFile(drive.operations, '/unsynced', patternBytes(mebibyte, 9))
    await readWhole('file0', 0, mebibyte)
    expect(drive.space()).toEqual({
      unsyncedBytes: mebibyte,
      pinnedBytes: 0,
      evictableBytes: 0,
      cachedBytes: mebibyte,
    })
    expect(drive.shortage).toBeUndefined()
  })

  it('an upload whose missing part has no room is whole all the same', async () => {
    open(mebibyte)
    put(1, 900 * kibibyte)
    const handle = await drive.operations.open('/file0', 1)
    await drive.operations.write(handle, Buffer.from('changed'), 100)
    await drive.operations.flush(handle)
    await drive.operations.release(handle)
    await writeFile(drive.operations, '/.~lock.local-only', Buffer.alloc(1000 * kibibyte))
    expect(await drained(drive, clock)).toBe(0)
    const wanted = patternBytes(900 * kibibyte, 0)
    wanted.write('changed', 100)
    expect(bucket.peek('file0')?.equals(wanted)).toBe(true)
  })

  it('overwriting what is here needs no room', async () => {
    open(mebibyte)
    await writeFile(drive.operations, '/full', patternBytes(mebibyte, 1))
    const handle = await drive.operations.open('/full', 1)
    await drive.operations.write(handle, Buffer.from('overwritten'), 500)
    await drive.operations.flush(handle)
    await drive.operations.release(handle)
    const reader = await drive.operations.open('/full', 0)
    const found = Buffer.alloc(11)
    await drive.operations.read(reader, found, 500)
    await drive.operations.release(reader)
    expect(found.toString()).toBe('overwritten')
  })

  it('local-only files and files unlinked while open are never evicted', async () => {
    open(mebibyte)
    put(12, 100 * kibibyte)
    await writeFile(drive.operations, '/.~lock.report', 'only here')
    await writeFile(drive.operations, '/orphan', patternBytes(200 * kibibyte, 5))
    expect(await drained(drive, clock)).toBe(0)
    const handle = await drive.operations.open('/orphan', 0)
    await drive.operations.unlink('/orphan')
    expect(await drained(drive, clock)).toBe(0)
    for (let index = 0; index < 12; index++) await readWhole(`file${index}`, index, mebibyte)
    const found = Buffer.alloc(200 * kibibyte)
    expect(await drive.operations.read(handle, found, 0)).toBe(found.length)
    expect(found.equals(patternBytes(200 * kibibyte, 5))).toBe(true)
    expect(await readFile(drive.operations, '/.~lock.report')).toBe('only here')
    await drive.operations.release(handle)
  })

  it('a version that was replaced in the bucket stays for the program that reads it', async () => {
    open(mebibyte)
    put(12, 100 * kibibyte)
    bucket.putForeign('replaced', patternBytes(200 * kibibyte, 5))
    const handle = await drive.operations.open('/replaced', 0)
    const found = Buffer.alloc(200 * kibibyte)
    await drive.operations.read(handle, found, 0)
    bucket.putForeign('replaced', 'another version')
    await clock.advance(60_000)
    expect(await readFile(drive.operations, '/replaced')).toBe('another version')
    for (let index = 0; index < 12; index++) await readWhole(`file${index}`, index, mebibyte)
    expect(await drive.operations.read(handle, found, 0)).toBe(found.length)
    expect(found.equals(patternBytes(200 * kibibyte, 5))).toBe(true)
    await drive.operations.release(handle)
  })

  it('a hole takes no room', async () => {
    open(mebibyte)
    const handle = await drive.operations.create('/sparse', 0o644, caller)
    await drive.operations.ftruncate(handle, 500 * mebibyte)
    await drive.operations.write(handle, Buffer.from('x'), 3)
    expect(drive.space().cachedBytes).toBe(4)
    await drive.operations.unlink('/sparse')
    await drive.operations.release(handle)
  })

  it('a lower limit takes effect while the drive is mounted, and at the next mount', async () => {
    open(undefined)
    put(20, 100 * kibibyte)
    for (let index = 0; index < 20; index++) await readWhole(`file${index}`, index, Infinity)
    expect(drive.space().cachedBytes).toBe(2000 * kibibyte)
    drive.limitCache(mebibyte)
    await clock.advance(1_000)
    expect(drive.space().cachedBytes).toBeLessThanOrEqual(mebibyte)
    await drive.close()
    open(300 * kibibyte)
    await clock.advance(1_000)
    expect(drive.space().cachedBytes).toBeLessThanOrEqual(300 * kibibyte)
    expect(chunkFiles().length).toBeLessThanOrEqual(3)
  })

  it('a file without a row, left by a death during eviction, is swept at the next start; its neighbours stay', async () => {
    open(undefined)
    put(2, 100 * kibibyte)
    for (let index = 0; index < 2; index++) await readWhole(`file${index}`, index, Infinity)
    const before = chunkFiles()
    await drive.close()
    const [content] = (before[0] ?? '').split('.').map(Number)
    const folder = ((content ?? 0) % 256).toString(16).padStart(2, '0')
    writeFileSync(join(scratch.path, 'cache', 'content', folder, `${content}.7`), 'a chunk that was evicted')
    open(undefined)
    expect(drive.recovery.removedChunks).toBe(1)
    expect(chunkFiles().sort()).toEqual(before.sort())
  })

  it('a cache of before there were limits is counted as it is found', async () => {
    open(undefined)
    put(2, 100 * kibibyte)
    for (let index = 0; index < 2; index++) await readWhole(`file${index}`, index, Infinity)
    await drive.close()
    cpSync(join(scratch.path, 'cache'), join(scratch.path, 'older'), { recursive: true })
    const { DriveDatabase } = await import('../metadata/database.ts')
    const database = new DriveDatabase(join(scratch.path, 'older', 'drive.sqlite'))
    database.prepare('DELETE FROM chunks').run()
    database.close()
    open(undefined, 'older')
    expect(drive.space()).toMatchObject({ cachedBytes: 200 * kibibyte, evictableBytes: 200 * kibibyte })
    gets.length = 0
    await readWhole('file0', 0, Infinity)
    expect(gets).toEqual([])
  })
})
