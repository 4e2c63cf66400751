/** Bytes of the cache that are not what was stored, on a whole drive: what a program reads, what is fetched again, what is never uploaded. */
import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LocalDrive } from '../drive.ts'
import { DriveDatabase } from '../metadata/database.ts'
import { StoreError, type ObjectStore } from '../s3/store.ts'
import { patternBytes } from './fs-under-test.ts'
import { drained, openTestDrive, scratchDirectory, writeFile } from './local-drive.ts'
import { ManualClock } from './manual-clock.ts'
import { createMemoryStore, type MemoryStore } from './memory-store.ts'

const block = 64 * 1024
const chunk = 8 * 1024 * 1024

describe('a cache that is damaged', () => {
  let clock: ManualClock
  let bucket: MemoryStore
  let drive: LocalDrive
  let scratch: ReturnType<typeof scratchDirectory>
  let directory: string
  let gets: string[]
  let isOffline: boolean

  beforeEach(() => {
    clock = new ManualClock()
    bucket = createMemoryStore({ now: () => clock.now() })
    scratch = scratchDirectory()
    directory = join(scratch.path, 'cache')
    gets = []
    isOffline = false
    open()
  })
  afterEach(async () => {
    await drive.close()
    scratch.remove()
  })

  function open(): void {
    const store: ObjectStore = {
      ...bucket,
      get: (key, options, call) => {
        if (isOffline) throw new StoreError('offline', { code: 'offline', message: 'no network' })
        gets.push(key)
        return bucket.get(key, options, call)
      },
    }
    drive = openTestDrive({ store, clock, cacheDirectory: directory, consistency: 'cached' })
  }

  async function restart(): Promise<void> {
    await drive.close()
    open()
  }

  /** The process dies; another one opens what it left on disk. */
  async function crash(): Promise<void> {
    const left = `${directory}-left`
    cpSync(directory, left, { recursive: true })
    await drive.close()
    rmSync(directory, { recursive: true })
    directory = left
    open()
  }

  function chunkFile(number = 0): string {
    const found = readdirSync(join(directory, 'content'), { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isFile() && entry.name.endsWith(`.${number}`),
    )
    expect(found).toHaveLength(1)
    return join(found[0]?.parentPath ?? '', found[0]?.name ?? '')
  }

  function flip(offset: number): void {
    const file = chunkFile(Math.floor(offset / chunk))
    const bytes = readFileSync(file)
    bytes[offset % chunk] = (bytes[offset % chunk] ?? 0) ^ 0x10
    writeFileSync(file, bytes)
  }

  async function read(path: string, offset = 0, length?: number): Promise<Buffer> {
    const { operations } = drive
    const handle = await operations.open(path, 0)
    try {
      const target = Buffer.alloc(length ?? (await operations.fgetattr(path, handle)).size - offset)
      const count = await operations.read(handle, target, offset)
      return target.subarray(0, count)
    } finally {
      await operations.release(handle)
    }
  }

  async function overwrite(path: string, bytes: Buffer, offset: number): Promise<void> {
    const handle = await drive.operations.open(path, 1)
    try {
      await drive.operations.write(handle, bytes, offset)
      await drive.operations.flush(handle)
    } finally {
      await drive.operations.release(handle)
    }
  }

  const content = patternBytes(10 * block + 777, 3)

  describe('in bytes that the bucket has', () => {
    beforeEach(async () => {
      bucket.putForeign('file', content)
      expect((await read('/file')).equals(content)).toBe(true)
      gets.length = 0
    })

    const damages: Record<string, () => void> = {
      'a flipped bit in the middle': () => flip(5 * block + 99),
      'a flipped bit at the end': () => flip(content.length - 1),
      'a file that is gone': () => rmSync(chunkFile()),
      'a file that is shorter': () => truncateSync(chunkFile(), 3 * block + 1),
      'a file full of zeros': () => writeFileSync(chunkFile(), Buffer.alloc(content.length)),
    }
    it.each(Object.entries(damages))('%s is noticed, and fetched again', async (_name, damage) => {
      damage()
      await restart()
      expect((await read('/file')).equals(content)).toBe(true)
      expect(gets.length).toBeGreaterThan(0)
      gets.length = 0
      await restart()
      expect((await read('/file')).equals(content)).toBe(true)
      expect(gets).toEqual([])
    })

    it('is noticed after a close and another open, too', async () => {
      flip(99)
      expect((await read('/file')).equals(content)).toBe(true)
      expect(gets.length).toBeGreaterThan(0)
    })

    it('fetches again only what is damaged, and the rest stays readable offline', async () => {
      flip(5 * block + 99)
      await restart()
      isOffline = true
      expect((await read('/file', 0, 5 * block)).equals(content.subarray(0, 5 * block))).toBe(true)
      expect((await read('/file', 6 * block, 100)).equals(content.subarray(6 * block, 6 * block + 100))).toBe(true)
      await expect(read('/file', 5 * block + 1_000, 100)).rejects.toMatchObject({ errno: 'ENETDOWN' })
      isOffline = false
      await clock.advance(60_000)
      expect((await read('/file')).equals(content)).toBe(true)
    })

    it('is never sealed in by a write beside it', async () => {
      flip(5 * block + 99)
      await restart()
      await overwrite('/file', Buffer.from('new'), 5 * block + 7)
      expect(await drained(drive, clock)).toBe(0)
      const wanted = Buffer.from(content)
      wanted.write('new', 5 * block + 7)
      expect(bucket.peek('file')?.equals(wanted)).toBe(true)
    })

    it('is never sealed in by a truncate beside it', async () => {
      flip(5 * block + 99)
      await restart()
      await drive.operations.truncate('/file', 5 * block + 200)
      expect(await drained(drive, clock)).toBe(0)
      expect(bucket.peek('file')?.equals(content.subarray(0, 5 * block + 200))).toBe(true)
    })

    it('is not uploaded with a change elsewhere in the file', async () => {
      await overwrite('/file', Buffer.from('new'), 1)
      flip(5 * block + 99)
      expect(await drained(drive, clock)).toBe(0)
      const wanted = Buffer.from(content)
      wanted.write('new', 1)
      expect(bucket.peek('file')?.equals(wanted)).toBe(true)
    })
  })

  describe('in a change that is only here', () => {
    beforeEach(async () => {
      bucket.putForeign('file', 'before')
      await overwrite('/file', content, 0)
      flip(5 * block + 99)
    })

    async function expectHeld(code = 'content-damaged'): Promise<void> {
      await clock.advance(60_000)
      expect(bucket.peek('file')?.toString()).toBe('before')
      const operations = [...drive.journal.operations()]
      expect(operations).toMatchObject([{ status: { state: 'blocked', problem: { code } } }])
    }

    it('stops the upload, names the file and the part, and leaves the bucket as it is', async () => {
      await restart()
      await expectHeld()
      const [operation] = [...drive.journal.operations()]
      const { status } = operation ?? {}
      const problem = status?.state === 'blocked' ? status.problem : undefined
      expect(problem?.message).toContain('“file”')
      expect(problem?.message).toContain('327,681 to 393,216')
    })

    it('stops it also without a restart, because uploads compare again', async () => {
      await expectHeld()
    })

    it('stops it when the whole file of the chunk is gone', async () => {
      rmSync(chunkFile())
      await restart()
      await expectHeld('content-lost')
    })

    it('makes reads of that part fail with EIO, and the rest stays readable', async () => {
      await restart()
      await expect(read('/file', 5 * block, 10)).rejects.toMatchObject({ errno: 'EIO' })
      expect((await read('/file', 0, 5 * block)).equals(content.subarray(0, 5 * block))).toBe(true)
      expect((await read('/file', 6 * block)).equals(content.subarray(6 * block))).toBe(true)
    })

    it('is not sealed in by a write beside it, nor by a crash after that', async () => {
      await restart()
      await expect(overwrite('/file', Buffer.from('new'), 5 * block + 7)).rejects.toMatchObject({ errno: 'EIO' })
      await overwrite('/file', Buffer.from('new'), 2 * block + 7)
      await crash()
      await expectHeld()
    })

    it('is over once a good copy is saved over it', async () => {
      await restart()
      await expectHeld()
      await overwrite('/file', content, 0)
      drive.uploader.retryBlocked()
      expect(await drained(drive, clock)).toBe(0)
      expect(bucket.peek('file')?.equals(content)).toBe(true)
    })
  })

  describe('false alarms', () => {
    it('do not come from a death between an overwrite and its record', async () => {
      await writeFile(drive.operations, '/file', content)
      const handle = await drive.operations.open('/file', 2)
      await drive.operations.write(handle, Buffer.from('overwritten'), 3 * block + 5)
      await crash()
      const wanted = Buffer.from(content)
      wanted.write('overwritten', 3 * block + 5)
      expect((await read('/file')).equals(wanted)).toBe(true)
      expect(await drained(drive, clock)).toBe(0)
      expect(bucket.peek('file')?.equals(wanted)).toBe(true)
    })

    it('do not come from a death after an append, which loses at most what was not closed', async () => {
      await writeFile(drive.operations, '/file', content)
      const handle = await drive.operations.open('/file', 2)
      await drive.operations.write(handle, Buffer.alloc(1_000, 1), content.length)
      await crash()
      expect((await read('/file', 0, content.length)).equals(content)).toBe(true)
      expect(await drained(drive, clock)).toBe(0)
      expect(bucket.peek('file')?.subarray(0, content.length).equals(content)).toBe(true)
    })

    it('do not come from a death in the middle of a download', async () => {
      bucket.putForeign('file', patternBytes(3 * chunk, 8))
      const handle = await drive.operations.open('/file', 0)
      const reading = drive.operations.read(handle, Buffer.alloc(100), 0)
      await reading
      await crash()
      expect((await read('/file')).equals(patternBytes(3 * chunk, 8))).toBe(true)
    })

    it('do not come from a truncate, a hole, and a write behind it', async () => {
      await writeFile(drive.operations, '/file', content)
      await drive.operations.truncate('/file', 2 * block + 100)
      await drive.operations.truncate('/file', 6 * block)
      await overwrite('/file', Buffer.from('end'), 6 * block + 50)
      const wanted = Buffer.alloc(6 * block + 53)
      content.copy(wanted, 0, 0, 2 * block + 100)
      wanted.write('end', 6 * block + 50)
      await crash()
      expect((await read('/file')).equals(wanted)).toBe(true)
      await restart()
      expect((await read('/file')).equals(wanted)).toBe(true)
      expect(await drained(drive, clock)).toBe(0)
      expect(bucket.peek('file')?.equals(wanted)).toBe(true)
    })

    it('do not come from a loss of power that left an overwrite and took its record', async () => {
      await writeFile(drive.operations, '/file', content)
      flip(3 * block + 5)
      const lost = `${directory}-lost`
      cpSync(directory, lost, { recursive: true })
      const database = new DriveDatabase(join(lost, 'drive.sqlite'))
      database.setMeta('openSinceBoot', 'an earlier run of the machine')
      database.close()
      await drive.close()
      directory = lost
      open()
      expect((await read('/file')).length).toBe(content.length)
      expect(await drained(drive, clock)).toBe(0)
    })
  })
})
