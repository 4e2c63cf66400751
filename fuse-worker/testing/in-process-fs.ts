/** The suite's filesystem without a kernel: does what the kernel and libfuse do around each call, and nothing more. */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import type { ConsistencyMode } from '../../contracts/drive.ts'
import { FsError, type KernelOperations, type Stat } from '../fuse/kernel.ts'
import type { LocalDrive } from '../drive.ts'
import type { BucketView, FileStat, FsUnderTest, OpenFile, OpenFlags, Seed, StartFs, Xattrs } from './fs-under-test.ts'
import { caller, drained, openTestDrive, scratchDirectory } from './local-drive.ts'
import { ManualClock, type ForkedClock } from './manual-clock.ts'
import { createMemoryStore, type MemoryStore } from './memory-store.ts'
import { countingStore } from './counting-store.ts'
import { calm, createWeatherStore, type WeatherStore } from './weather-store.ts'

const strictPatienceMs = 60_000

export const startInProcess: StartFs = (seed) => startOn('close-to-open', seed)

export const startInProcessWith =
  (consistency: ConsistencyMode): StartFs =>
  (seed) =>
    startOn(consistency, seed)

async function startOn(consistency: ConsistencyMode, seed: Seed): Promise<FsUnderTest> {
  const clock = new ManualClock()
  const scratch = scratchDirectory()
  const memory = createMemoryStore({ now: () => clock.now(), pageSize: 100 })
  const counting = countingStore(memory)
  const bucket = bucketOf(memory, counting.writesOf)
  await seed(bucket)
  let life = 1
  let store: WeatherStore
  let driveClock: ForkedClock
  const directory = (): string => join(scratch.path, `cache-${life}`)
  const open = (): LocalDrive => {
    store = createWeatherStore(counting.store, calm(), () => 1)
    driveClock = clock.fork()
    return openTestDrive({ store, clock: driveClock, cacheDirectory: directory(), consistency })
  }
  let drive = open()
  const operations = new Proxy({} as KernelOperations, {
    get: (_target, name) => {
      return async (...args: unknown[]) => {
        const calls = drive.operations as unknown as Record<string | symbol, (...args: unknown[]) => unknown>
        return coded(() => {
          const answer = calls[name]?.(...args)
          // In strict mode a program waits for uploads, and time has to pass for those.
          return consistency === 'strict' ? clock.until(Promise.resolve(answer), strictPatienceMs) : answer
        })
      }
    },
  })
  return {
    ...callsOn(operations),
    xattrs: xattrsOn(operations),
    bucket,
    mountpoint: undefined,
    upload: () => drained(drive, clock),
    restart: async () => {
      await drive.close()
      drive = open()
    },
    crash: async () => {
      const dead = drive
      store.kill()
      driveClock.kill()
      const left = directory()
      life++
      cpSync(left, directory(), { recursive: true })
      drive = open()
      await dead.close()
    },
    eventually: async (check) => {
      for (let tries = 0; tries < 20; tries++) {
        try {
          return await check()
        } catch {
          await clock.advance(1_000)
        }
      }
      return check()
    },
    stop: async () => {
      await drive.close()
      scratch.remove()
    },
  }
}

async function coded(call: () => unknown): Promise<unknown> {
  try {
    return await call()
  } catch (error) {
    throw error instanceof FsError ? Object.assign(error, { code: error.errno }) : error
  }
}

function callsOn(
  operations: KernelOperations,
): Omit<FsUnderTest, 'xattrs' | 'bucket' | 'mountpoint' | 'upload' | 'restart' | 'crash' | 'eventually' | 'stop'> {
  return {
    open: (path, flags, mode = 0o644) => open(operations, path, flags, mode),
    stat: async (path) => describe(await operations.getattr(path)),
    readdir: async (path) => [...(await operations.readdir(path))].sort(),
    mkdir: async (path, mode = 0o755) => operations.mkdir(path, mode, caller),
    rmdir: async (path) => operations.rmdir(path),
    unlink: async (path) => operations.unlink(path),
    rename: async (from, to) => operations.rename(from, to),
    symlink: async (target, path) => operations.symlink(target, path, caller),
    readlink: async (path) => operations.readlink(path),
    link: async (from, to) => operations.link(from, to),
    chmod: async (path, mode) => operations.chmod(path, mode),
    chown: async (path, uid, gid) => operations.chown(path, uid, gid),
    truncate: async (path, size) => operations.truncate(path, size),
    utimes: async (path, atimeMs, mtimeMs) => operations.utimens(path, atimeMs, mtimeMs),
    statfs: async (path) => operations.statfs(path),
  }
}

/** The kernel's part of open(2): create what is not there, refuse what O_EXCL forbids, pass the rest on. */
async function open(operations: KernelOperations, path: string, flags: OpenFlags, mode: number): Promise<OpenFile> {
  const isThere = await exists(operations, path)
  if (flags === 'wx' && isThere) throw Object.assign(new Error(path), { code: 'EEXIST' })
  const creates = flags !== 'r' && flags !== 'r+'
  if (!isThere && creates) return fileOf(operations, path, await operations.create(path, mode, caller), flags)
  const access = flags === 'r' ? 0 : flags === 'w' || flags === 'wx' || flags === 'a' ? 1 : 2
  const truncates = flags.startsWith('w') ? 0o1000 : 0
  return fileOf(operations, path, await operations.open(path, access | truncates), flags)
}

async function exists(operations: KernelOperations, path: string): Promise<boolean> {
  try {
    await operations.getattr(path)
    return true
  } catch (error) {
    if (error instanceof FsError && error.errno === 'ENOENT') return false
    throw error
  }
}

function fileOf(operations: KernelOperations, path: string, handle: number, flags: OpenFlags): OpenFile {
  return {
    read: async (length, offset) => {
      const buffer = Buffer.alloc(length, 0xee)
      return buffer.subarray(0, await operations.read(handle, buffer, offset))
    },
    write: async (bytes, offset) => {
      const at = flags.startsWith('a') || offset === undefined ? (await operations.fgetattr(path, handle)).size : offset
      await operations.write(handle, Buffer.from(bytes), at)
    },
    truncate: async (size) => operations.ftruncate(handle, size),
    stat: async () => describe(await operations.fgetattr(path, handle)),
    sync: async () => operations.fsync(handle, false),
    close: async () => {
      await operations.flush(handle)
      await operations.release(handle)
    },
  }
}

const kinds: Record<number, FileStat['kind']> = { 0o100000: 'file', 0o040000: 'directory', 0o120000: 'symlink' }

function describe(stat: Stat): FileStat {
  const { size, uid, gid, nlink, ino, mtimeMs } = stat
  return { kind: kinds[stat.mode & 0o170000] ?? 'other', mode: stat.mode & 0o7777, size, uid, gid, nlink, ino, mtimeMs }
}

function xattrsOn(operations: KernelOperations): Xattrs {
  return {
    set: async (path, name, value, flags) =>
      operations.setxattr(path, name, value, flags === 'create' ? 1 : flags === 'replace' ? 2 : 0),
    get: async (path, name) => {
      const value = await operations.getxattr(path, name)
      if (value === undefined) throw Object.assign(new Error(name), { code: 'ENODATA' })
      return value
    },
    list: async (path) => operations.listxattr(path),
    remove: async (path, name) => operations.removexattr(path, name),
  }
}

function bucketOf(memory: MemoryStore, writesOf: (key: string) => number): BucketView {
  return {
    put: async (key, body, attributes) => void memory.putForeign(key, body, attributes),
    get: async (key) => memory.peek(key),
    metadata: async (key) => (await memory.head(key))?.metadata,
    delete: async (key) => memory.deleteForeign(key),
    keys: async (prefix) => memory.keys().filter((key) => key.startsWith(prefix)),
    writesOf,
  }
}
