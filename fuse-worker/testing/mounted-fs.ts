/** The suite's filesystem on a real mount: the worker in a process of its own, used from here through the kernel. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import * as files from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { WorkerParams } from '../../contracts/worker-protocol.ts'
import { createObjectStore } from '../s3/sdk-store.ts'
import { bucketViewOf } from './bucket-view.ts'
import type { FileStat, FsUnderTest, OpenFile, OpenFlags, StartFs } from './fs-under-test.ts'
import { programXattrs } from './program-xattrs.ts'
import type { S3Target } from './s3-target.ts'
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts'

const execute = promisify(execFile)
const requestDeadlineMs = 60_000
/** Longer than a listing is trusted, and the kernel's caches on top. */
const patienceMs = 30_000

export type MountOptions = { isReadOnly?: boolean; consistency?: 'cached' | 'close-to-open' | 'strict' }

export function startMounted(startTarget: () => Promise<S3Target>, options: MountOptions = {}): StartFs {
  return async (seed) => {
    const target = await startTarget()
    const base = await files.mkdtemp(join(tmpdir(), 'cloudmount-mounted-'))
    const mountpoint = join(base, 'mount')
    await files.mkdir(mountpoint)
    const prefix = `suite-${randomBytes(6).toString('hex')}/`
    const other = createObjectStore({ account: target.account, secret: target.secret, bucket: target.bucket })
    const bucket = bucketViewOf(other, prefix)
    await seed(bucket)
    const params = mountParams({ target, prefix, mountpoint, cacheDirectory: join(base, 'cache'), options })
    let worker = await mount(params)
    return {
      ...callsOn((path) => (path === '/' ? mountpoint : mountpoint + path)),
      xattrs: await programXattrs((path) => mountpoint + path),
      bucket,
      mountpoint,
      upload: async () =>
        (
          await worker.link.request(
            'drive:sync',
            { deadlineMs: requestDeadlineMs },
            { deadlineMs: 2 * requestDeadlineMs },
          )
        ).pendingOperations,
      restart: async () => {
        await unmount(worker, false)
        await worker.end()
        worker = await mount(params)
      },
      crash: async () => {
        await worker.kill()
        worker = await mount(params)
      },
      eventually,
      stop: async () => {
        await unmount(worker, true).catch(() => undefined)
        await worker.kill()
        await execute('fusermount', ['-uz', mountpoint]).catch(() => undefined)
        await files.rm(base, { recursive: true, force: true })
        for (const key of await bucket.keys('')) await bucket.delete(key)
        other.close()
        await target.stop()
      },
    }
  }
}

export async function mount(params: WorkerParams<'drive:mount'>): Promise<WorkerProcess> {
  const worker = await startWorkerProcess()
  try {
    await worker.link.request('drive:mount', params, { deadlineMs: requestDeadlineMs })
    return worker
  } catch (error) {
    await worker.kill()
    throw error
  }
}

async function unmount(worker: WorkerProcess, isForced: boolean): Promise<void> {
  await worker.link.request('drive:unmount', { pending: 'leave', isForced }, { deadlineMs: requestDeadlineMs })
}

export function mountParams(from: {
  target: S3Target
  prefix: string
  mountpoint: string
  cacheDirectory: string
  options: MountOptions
}): WorkerParams<'drive:mount'> {
  const { target, prefix, mountpoint, cacheDirectory, options } = from
  return {
    drive: {
      id: 'suite',
      accountId: target.account.id,
      name: 'Suite',
      bucket: target.bucket,
      prefix,
      mountpoint,
      isReadOnly: options.isReadOnly ?? false,
      consistency: options.consistency ?? 'close-to-open',
      mountsAtStart: false,
    },
    account: target.account,
    secret: target.secret,
    cacheDirectory,
  }
}

async function eventually<T>(check: () => Promise<T>): Promise<T> {
  const giveUpAtMs = Date.now() + patienceMs
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (Date.now() > giveUpAtMs) throw error
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  }
}

export type Calls = Omit<
  FsUnderTest,
  'xattrs' | 'bucket' | 'mountpoint' | 'upload' | 'restart' | 'crash' | 'eventually' | 'stop'
>

export function callsOn(at: (path: string) => string): Calls {
  return {
    open: async (path, flags, mode) => openFile(await files.open(at(path), flags, mode), flags),
    stat: async (path) => describe(await files.lstat(at(path))),
    readdir: async (path) => (await files.readdir(at(path))).sort(),
    mkdir: async (path, mode = 0o755) => {
      await files.mkdir(at(path))
      await files.chmod(at(path), mode)
    },
    rmdir: (path) => files.rmdir(at(path)),
    unlink: (path) => files.unlink(at(path)),
    rename: (from, to) => files.rename(at(from), at(to)),
    symlink: (target, path) => files.symlink(target, at(path)),
    readlink: (path) => files.readlink(at(path)),
    link: (from, to) => files.link(at(from), at(to)),
    chmod: (path, mode) => files.chmod(at(path), mode),
    chown: (path, uid, gid) => files.chown(at(path), uid, gid),
    truncate: (path, size) => files.truncate(at(path), size),
    utimes: (path, atimeMs, mtimeMs) => files.utimes(at(path), atimeMs / 1000, mtimeMs / 1000),
    statfs: (path) => files.statfs(at(path)),
  }
}

function openFile(handle: files.FileHandle, flags: OpenFlags): OpenFile {
  return {
    read: async (length, offset) => {
      const buffer = Buffer.alloc(length)
      let done = 0
      while (done < length) {
        const { bytesRead } = await handle.read(buffer, done, length - done, offset + done)
        if (bytesRead === 0) break
        done += bytesRead
      }
      return buffer.subarray(0, done)
    },
    write: async (bytes, offset) => {
      const data = Buffer.from(bytes)
      const position = flags.startsWith('a') ? null : (offset ?? null)
      for (let done = 0; done < data.length;) {
        const at = position === null ? null : position + done
        done += (await handle.write(data, done, data.length - done, at)).bytesWritten
      }
    },
    truncate: (size) => handle.truncate(size),
    stat: async () => describe(await handle.stat()),
    sync: () => handle.sync(),
    close: () => handle.close(),
  }
}

function describe(stat: Awaited<ReturnType<typeof files.lstat>>): FileStat {
  const { size, uid, gid, nlink, ino, mtimeMs } = stat
  const kind = stat.isFile() ? 'file' : stat.isDirectory() ? 'directory' : stat.isSymbolicLink() ? 'symlink' : 'other'
  return { kind, mode: Number(stat.mode) & 0o7777, ...numbers({ size, uid, gid, nlink, ino, mtimeMs }) }
}

function numbers<K extends string>(values: Record<K, number | bigint>): Record<K, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)])) as Record<K, number>
}
