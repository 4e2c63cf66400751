/**
 * Power loss, for real as far as a machine can do it to itself: the cache is on a file system in an image, and the power goes when
 * the image is copied. What the kernel has not been told to write is not in the image; what was synced must be. Needs root.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LocalDrive } from '../drive.ts'
import { damageMarkName } from '../journal/rebuild.ts'
import { caller, drained, makeTestDrive, scratchDirectory, writeFile } from './local-drive.ts'
import { ManualClock } from './manual-clock.ts'
import { createMemoryStore, type MemoryStore } from './memory-store.ts'
import { Random } from './random.ts'

const mebibyte = 1024 * 1024
const isRoot = process.getuid?.() === 0 && process.platform === 'linux'

describe.runIf(isRoot)('when the power goes', () => {
  const random = new Random(7)
  let scratch: ReturnType<typeof scratchDirectory>
  let clock: ManualClock
  let store: MemoryStore
  let drives: LocalDrive[]
  let mounted: string[]

  beforeEach(() => {
    scratch = scratchDirectory()
    clock = new ManualClock()
    store = createMemoryStore({ now: () => clock.now() })
    drives = []
    mounted = []
    const image = join(scratch.path, 'disk')
    writeFileSync(image, '')
    truncateSync(image, 128 * mebibyte)
    execFileSync('mkfs.ext4', ['-q', image])
    mount(image, 'before')
  })

  afterEach(async () => {
    for (const drive of drives) await drive.close()
    for (const folder of mounted) execFileSync('umount', [folder])
    scratch.remove()
  })

  /** The kernel writes by itself as late as it can be told to. */
  function mount(image: string, name: string): void {
    const folder = join(scratch.path, name)
    mkdirSync(folder)
    execFileSync('mount', ['-o', 'loop,commit=900,data=writeback', image, folder])
    mounted.push(folder)
  }

  function open(name: string): LocalDrive {
    const drive = makeTestDrive({ store, cacheDirectory: join(scratch.path, name, 'cache'), clock })
    drives.push(drive)
    return drive
  }

  let cuts = 0
  function cutPower(): LocalDrive {
    const name = `after${cuts++}`
    copyFileSync(join(scratch.path, 'disk'), join(scratch.path, `${name}.disk`))
    mount(join(scratch.path, `${name}.disk`), name)
    return open(name)
  }

  async function writeSynced({ operations }: LocalDrive, path: string, content: Buffer): Promise<void> {
    const handle = await operations.create(path, 0o644, caller)
    await operations.write(handle, content, 0)
    await operations.fsync(handle, false)
  }

  it('what fsync answered for is there, with its name, and reaches the bucket', async () => {
    const content = random.bytes(9 * mebibyte)
    const drive = open('before')
    await drive.operations.mkdir('/folder', 0o755, caller)
    await writeSynced(drive, '/folder/synced', content)
    const after = cutPower()
    after.start()
    expect(await drained(after, clock)).toBe(0)
    expect(store.peek('folder/synced')?.equals(content)).toBe(true)
  })

  it('every name given before fsync of a folder is there', async () => {
    const { operations } = open('before')
    await operations.mkdir('/a', 0o755, caller)
    await operations.symlink('target', '/a/link', caller)
    await operations.rename('/a', '/b')
    await operations.fsyncdir('/')
    const after = cutPower()
    expect(await after.operations.readlink('/b/link')).toBe('target')
  })

  it('what was closed and not synced is never sent as zeros over the version in the bucket', async () => {
    const before = random.bytes(50_000)
    store.putForeign('edited', before)
    const drive = open('before')
    const handle = await drive.operations.open('/edited', 2)
    const edit = random.bytes(20_000)
    await drive.operations.write(handle, edit, 0)
    await drive.operations.flush(handle)
    await drive.operations.release(handle)
    // Makes the record of the other file durable, too, and nothing of its bytes.
    await writeSynced(drive, '/synced', before)
    const after = cutPower()
    after.start()
    await drained(after, clock)
    expect(store.peek('synced')?.equals(before)).toBe(true)
    const found = store.peek('edited')
    const isWhole = found?.equals(Buffer.concat([edit, before.subarray(edit.length)])) === true
    expect(isWhole || found?.equals(before) === true).toBe(true)
    expect(after.notices.map(({ code }) => code)).toEqual(isWhole ? [] : ['content-lost'])
  })

  it('around checkpoints of the database, too, nothing that was synced is missing', async () => {
    const drive = open('before')
    const synced = new Map<string, Buffer>()
    for (let round = 0; round < 6; round++) {
      // A few hundred commits: SQLite moves its log into the database every thousand pages.
      for (let index = 0; index < 60; index++) await writeFile(drive.operations, `/filler-${round}-${index}`, 'x')
      const content = random.bytes(10_000)
      await writeSynced(drive, `/synced-${round}`, content)
      synced.set(`/synced-${round}`, content)
      const after = cutPower()
      for (const [path, bytes] of synced) {
        const handle = await after.operations.open(path, 0)
        const found = Buffer.alloc(bytes.length)
        await after.operations.read(handle, found, 0)
        expect(found.equals(bytes), `${path} after round ${round}`).toBe(true)
        await after.operations.release(handle)
      }
      // The fillers were only closed: some are missing, and said to be.
      expect(after.notices.map(({ code }) => code)).not.toContain('database-rebuilt')
    }
  })

  it('a database damaged by it is put together again with all that was synced', async () => {
    const content = random.bytes(100_000)
    await writeSynced(open('before'), '/synced', content)
    const name = `after${cuts++}`
    copyFileSync(join(scratch.path, 'disk'), join(scratch.path, `${name}.disk`))
    mount(join(scratch.path, `${name}.disk`), name)
    writeFileSync(join(scratch.path, name, 'cache', damageMarkName), 'cut')
    const after = open(name)
    expect(after.notices[0]?.code).toBe('database-rebuilt')
    after.start()
    expect(await drained(after, clock)).toBe(0)
    expect(store.peek('synced')?.equals(content)).toBe(true)
  })
})
