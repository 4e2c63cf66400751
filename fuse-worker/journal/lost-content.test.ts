import { cpSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LocalDrive } from '../drive.ts'
import { caller, drained, makeTestDrive, readFile, scratchDirectory, writeFile } from '../testing/local-drive.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { createMemoryStore, type MemoryStore } from '../testing/memory-store.ts'
import { Random } from '../testing/random.ts'

const mebibyte = 1024 * 1024

describe('bytes that only this machine had and that are gone', () => {
  let scratch: ReturnType<typeof scratchDirectory>
  let clock: ManualClock
  let store: MemoryStore
  let drives: LocalDrive[]
  let left: string

  beforeEach(() => {
    scratch = scratchDirectory()
    clock = new ManualClock()
    store = createMemoryStore({ now: () => clock.now() })
    drives = []
    left = join(scratch.path, 'left')
  })

  afterEach(async () => {
    for (const drive of drives) await drive.close()
    scratch.remove()
  })

  function open(folder: string): LocalDrive {
    const drive = makeTestDrive({ store, cacheDirectory: folder, clock })
    drives.push(drive)
    return drive
  }

  async function edit({ operations }: LocalDrive, path: string, bytes: Buffer, offset: number): Promise<void> {
    const handle = await operations.open(path, 2)
    await operations.write(handle, bytes, offset)
    await operations.flush(handle)
    await operations.release(handle)
  }

  async function readAt({ operations }: LocalDrive, path: string, length: number, offset: number): Promise<Buffer> {
    const handle = await operations.open(path, 0)
    const target = Buffer.alloc(length)
    const count = await operations.read(handle, target, offset)
    return target.subarray(0, count)
  }

  /** The first process is gone; of its chunk files so is what `damage` takes. */
  function restart(damage: (chunkFile: (name: string) => string) => void): LocalDrive {
    cpSync(join(scratch.path, 'running'), left, { recursive: true })
    damage((name) => {
      const content = join(left, 'content')
      const folder = readdirSync(content).find((one) => readdirSync(join(content, one)).includes(name))
      return join(content, folder ?? 'none', name)
    })
    return open(left)
  }

  const states = (drive: LocalDrive): unknown[] =>
    [...drive.journal.operations()].map(({ key, status }) => [key, status.state])

  it('are never uploaded as zeros over the version in the bucket, and a person is told', async () => {
    store.putForeign('kept', 'version of the bucket')
    const running = open(join(scratch.path, 'running'))
    await edit(running, '/kept', Buffer.from('VERSION'), 0)
    await writeFile(running.operations, '/other', 'whole')
    const drive = restart((file) => rmSync(file('1.0')))
    expect(drive.notices).toMatchObject([{ code: 'content-lost' }])
    expect(drive.notices[0]?.message).toContain('“kept”')
    await expect(readFile(drive.operations, '/kept')).rejects.toMatchObject({ errno: 'EIO' })
    drive.start()
    await drained(drive, clock)
    expect(store.peek('kept')?.toString()).toBe('version of the bucket')
    expect(store.peek('other')?.toString()).toBe('whole')
    expect(states(drive)).toEqual([['kept', 'blocked']])
    // The rest of the file is still that of the bucket.
    expect((await readAt(drive, '/kept', 100, 7)).toString()).toBe(' of the bucket')
  })

  it('are found by how far a chunk file reaches; other chunks can be read', async () => {
    const bytes = new Random(3).bytes(9 * mebibyte)
    const running = open(join(scratch.path, 'running'))
    await writeFile(running.operations, '/large', bytes)
    const drive = restart((file) => truncateSync(file('1.1'), 1000))
    await expect(readAt(drive, '/large', 4096, 8 * mebibyte)).rejects.toMatchObject({ errno: 'EIO' })
    expect(
      (await readAt(drive, '/large', 1000, 8 * mebibyte)).equals(bytes.subarray(8 * mebibyte, 8 * mebibyte + 1000)),
    ).toBe(true)
    expect((await readAt(drive, '/large', 4096, 0)).equals(bytes.subarray(0, 4096))).toBe(true)
  })

  it('stay lost over further starts, are told once, and are healed by saving again', async () => {
    const running = open(join(scratch.path, 'running'))
    await writeFile(running.operations, '/file', 'written before')
    const drive = restart((file) => rmSync(file('1.0')))
    expect(drive.notices).toHaveLength(1)
    await drive.close()
    drives.splice(drives.indexOf(drive), 1)
    const again = open(left)
    expect(again.notices).toEqual([])
    await expect(readFile(again.operations, '/file')).rejects.toMatchObject({ errno: 'EIO' })
    await edit(again, '/file', Buffer.from('written again!'), 0)
    expect(await readFile(again.operations, '/file')).toBe('written again!')
    again.start()
    expect(await drained(again, clock)).toBe(0)
    expect(store.peek('file')?.toString()).toBe('written again!')
  })

  it('are not seen where a file has holes that were never written', async () => {
    const running = open(join(scratch.path, 'running'))
    await writeFile(running.operations, '/sparse', 'x')
    await running.operations.truncate('/sparse', 20 * mebibyte)
    await edit(running, '/sparse', Buffer.from('end'), 25 * mebibyte)
    await running.operations.truncate('/sparse', 24 * mebibyte)
    await running.operations.mkdir('/folder', 0o755, caller)
    const drive = restart(() => undefined)
    expect(drive.notices).toEqual([])
    expect((await readAt(drive, '/sparse', 10, 19 * mebibyte)).equals(Buffer.alloc(10))).toBe(true)
    drive.start()
    expect(await drained(drive, clock)).toBe(0)
    expect(store.peek('sparse')?.length).toBe(24 * mebibyte)
  })
})
