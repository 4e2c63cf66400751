/** A drive in process for tests: the real parts on a bucket in memory, without a kernel. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LocalDrive, type DriveOptions } from '../drive.ts'
import type { KernelOperations } from '../fuse/kernel.ts'
import { silentLog } from '../runtime/log.ts'
import type { ObjectStore } from '../s3/store.ts'
import { ManualClock } from './manual-clock.ts'

export const owner = { uid: 1000, gid: 1000 }
export const caller = { ...owner, pid: 1 }

export type TestDriveOptions = Partial<DriveOptions> & { store: ObjectStore; cacheDirectory: string }

export function openTestDrive(options: TestDriveOptions): LocalDrive {
  const drive = makeTestDrive(options)
  drive.start()
  return drive
}

/** One that sends nothing before it is started. */
export function makeTestDrive(options: TestDriveOptions): LocalDrive {
  return new LocalDrive({
    id: 'test',
    prefix: '',
    identity: 'test',
    isReadOnly: false,
    consistency: 'close-to-open',
    platform: 'linux',
    owner,
    clock: new ManualClock(),
    log: silentLog,
    canCopyParts: () => true,
    onTransfers: () => undefined,
    ...options,
  })
}

/** A new folder, in memory where the machine has such a place: a run flushes thousands of times. */
export function scratchDirectory(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'cloudmount-test-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** Everything the journal holds, uploaded, with the clock moved as far as that takes; returns what is left. */
export function drained(drive: LocalDrive, clock: ManualClock, mostMs = 60_000): Promise<number> {
  return clock.until(drive.uploader.drain(mostMs), 2 * mostMs)
}

export async function writeFile(operations: KernelOperations, path: string, content: string | Buffer): Promise<void> {
  const handle = await operations.create(path, 0o644, caller)
  await operations.write(handle, Buffer.from(content), 0)
  await operations.flush(handle)
  await operations.release(handle)
}

export async function readFile(operations: KernelOperations, path: string): Promise<string> {
  const handle = await operations.open(path, 0)
  const buffer = Buffer.alloc((await operations.fgetattr(path, handle)).size)
  const count = await operations.read(handle, buffer, 0)
  await operations.release(handle)
  return buffer.subarray(0, count).toString()
}
