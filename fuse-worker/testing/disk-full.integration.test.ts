/** A real full disk: the cache on a small tmpfs of its own. Needs root, as any mount of a file system does. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LocalDrive } from '../drive.ts'
import { systemClock } from '../runtime/clock.ts'
import { openTestDrive, scratchDirectory } from './local-drive.ts'
import { createMemoryStore, type MemoryStore } from './memory-store.ts'

const mebibyte = 1024 * 1024
const caller = { uid: 0, gid: 0, pid: 1 }
const isRoot = process.getuid?.() === 0 && process.platform === 'linux'

describe.runIf(isRoot)('when the disk of the cache is full', () => {
  const scratch = scratchDirectory()
  const disk = join(scratch.path, 'disk')
  let store: MemoryStore
  let drive: LocalDrive

  beforeEach(() => {
    mkdirSync(disk, { recursive: true })
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', disk])
    store = createMemoryStore()
    drive = openTestDrive({ store, cacheDirectory: join(disk, 'cache'), clock: systemClock })
  })

  afterEach(async () => {
    await drive.close()
    execFileSync('umount', [disk])
  })

  async function write(path: string, bytes: number): Promise<void> {
    const { operations } = drive
    const handle = await operations.create(path, 0o644, caller)
    try {
      for (let offset = 0; offset < bytes; offset += mebibyte) {
        await operations.write(handle, Buffer.alloc(Math.min(mebibyte, bytes - offset), 7), offset)
      }
    } finally {
      await operations.flush(handle)
      await operations.release(handle)
    }
  }

  it('a file larger than the disk gets ENOSPC, and what was saved before is whole and reaches the bucket', async () => {
    await write('/before', 1000)
    await expect(write('/huge', 200 * mebibyte)).rejects.toMatchObject({ errno: 'ENOSPC' })
    await drive.operations.unlink('/huge')
    expect(await drive.uploader.drain(20_000)).toBe(0)
    expect(store.keys()).toEqual(['before'])
    expect(store.peek('before')).toEqual(Buffer.alloc(1000, 7))
  })

  it('names can still be given and taken, and writing goes on once there is room', async () => {
    await expect(write('/huge', 200 * mebibyte)).rejects.toMatchObject({ errno: 'ENOSPC' })
    await drive.operations.mkdir('/folder', 0o755, caller)
    await drive.operations.rename('/huge', '/folder/partial')
    await drive.operations.unlink('/folder/partial')
    await write('/after', 2 * mebibyte)
    expect(await drive.uploader.drain(20_000)).toBe(0)
    expect(store.keys()).toEqual(['after', 'folder/'])
  })

  async function read(path: string, bytes: number): Promise<void> {
    const handle = await drive.operations.open(path, 0)
    const piece = Buffer.alloc(mebibyte)
    for (let offset = 0; offset < bytes; offset += mebibyte) {
      const count = await drive.operations.read(handle, piece, offset)
      expect(piece.subarray(0, count).equals(Buffer.alloc(Math.min(mebibyte, bytes - offset), 7))).toBe(true)
    }
    await drive.operations.release(handle)
  }

  it('what is only kept makes room for what is written', async () => {
    store.putForeign('kept', Buffer.alloc(30 * mebibyte, 7))
    await read('/kept', 30 * mebibyte)
    expect(drive.space().evictableBytes).toBe(30 * mebibyte)
    await write('/written', 35 * mebibyte)
    expect(drive.shortage).toBeUndefined()
    expect(await drive.uploader.drain(20_000)).toBe(0)
    expect(store.peek('written')?.equals(Buffer.alloc(35 * mebibyte, 7))).toBe(true)
  })

  it('other programs fill the disk: writers are refused, readers are not, uploads go on, and all goes on when there is space', async () => {
    store.putForeign('remote', Buffer.alloc(10 * mebibyte, 7))
    await write('/before', 2 * mebibyte)
    const { bavail, bsize } = statfsSync(disk)
    writeFileSync(join(disk, 'other-program'), Buffer.alloc(bavail * bsize - 3 * mebibyte))
    await expect(write('/refused', 10 * mebibyte)).rejects.toMatchObject({ errno: 'ENOSPC' })
    expect(drive.shortage).toMatchObject({ code: 'disk-full' })
    await read('/remote', 10 * mebibyte)
    await drive.operations.unlink('/refused')
    expect(await drive.uploader.drain(20_000)).toBe(0)
    expect(store.peek('before')?.length).toBe(2 * mebibyte)
    rmSync(join(disk, 'other-program'))
    expect(drive.shortage).toBeUndefined()
    await write('/after', 10 * mebibyte)
    expect(await drive.uploader.drain(20_000)).toBe(0)
    expect(store.keys()).toEqual(['after', 'before', 'remote'])
  })

  it('what did get written of the file is kept, and uploaded as far as it goes', async () => {
    await expect(write('/huge', 200 * mebibyte)).rejects.toMatchObject({ errno: 'ENOSPC' })
    const { size } = await drive.operations.getattr('/huge')
    expect(size).toBeGreaterThan(20 * mebibyte)
    expect(await drive.uploader.drain(20_000)).toBe(0)
    expect(store.peek('huge')?.length).toBe(size)
  })
})
