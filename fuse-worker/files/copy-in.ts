/**
 * Copies files and folders of this computer onto the drive, through the drive's own operations. A file is written under a name that
 * stays on this computer and gets its own once it is whole, so that a copy that dies half-way never reaches the bucket.
 */
import { lstat, open, readdir, readlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { FileOutcome, FileUpload } from '../../contracts/file.ts'
import { FsError, type Caller, type KernelOperations } from '../fuse/kernel.ts'
import type { CopyProgress } from './copies.ts'
import { fileTypeBits, folderBits } from './changes.ts'
import { fsProblem } from './fs-problem.ts'
import { hiddenName } from './leftovers.ts'
import { numberedName } from './numbered-name.ts'

const pieceBytes = 1024 * 1024

export type CopyIn = {
  operations: KernelOperations
  caller: Caller
  progress: CopyProgress
  onClash: NonNullable<FileUpload['onClash']>
}

/** `folder` is a path inside the drive. */
export async function copyIn(source: string, folder: string, copying: CopyIn): Promise<FileOutcome> {
  try {
    const target = await copyOne(source, `/${folder}`, basename(source), copying)
    return target === undefined
      ? { path: source, outcome: 'skipped' }
      : { path: source, outcome: 'done', target: target.slice(1) }
  } catch (error) {
    if (copying.progress.signal.aborted) return { path: source, outcome: 'cancelled' }
    return { path: source, outcome: 'failed', problem: fsProblem(error, source) }
  }
}

/** What is at this place of the drive. */
export async function kindAt(operations: KernelOperations, path: string): Promise<'folder' | 'other' | undefined> {
  try {
    return ((await operations.getattr(path)).mode & fileTypeBits) === folderBits ? 'folder' : 'other'
  } catch (error) {
    if (error instanceof FsError && error.errno === 'ENOENT') return undefined
    throw error
  }
}

/** Undefined: left out, because its name is taken. */
async function copyOne(source: string, folder: string, name: string, copying: CopyIn): Promise<string | undefined> {
  const { operations, caller, progress, onClash } = copying
  progress.signal.throwIfAborted()
  const stat = await lstat(source)
  const own = join(folder, name)
  const there = await kindAt(operations, own)
  if (there !== undefined && onClash === 'skip') return undefined
  if (stat.isDirectory()) {
    const isJoined = there === 'folder' && onClash === 'replace'
    const target = there === undefined || isJoined ? own : await freePlace(operations, folder, name)
    if (!isJoined) await operations.mkdir(target, stat.mode & 0o777, caller)
    for (const child of await readdir(source)) await copyOne(join(source, child), target, child, copying)
    return target
  }
  const isReplaced = there === 'other' && onClash === 'replace'
  const target = there === undefined || isReplaced ? own : await freePlace(operations, folder, name)
  if (stat.isSymbolicLink()) {
    if (isReplaced) await operations.unlink(target)
    await operations.symlink(await readlink(source), target, caller)
    return target
  }
  if (!stat.isFile()) throw new FsError('EPERM')
  progress.found(stat.size)
  await copyFile(source, target, { mode: stat.mode & 0o777, mtimeMs: stat.mtimeMs, isReplaced }, copying)
  return target
}

async function copyFile(
  source: string,
  target: string,
  { mode, mtimeMs, isReplaced }: { mode: number; mtimeMs: number; isReplaced: boolean },
  { operations, caller, progress }: CopyIn,
): Promise<void> {
  const hidden = join(target, '..', hiddenName())
  const handle = await operations.create(hidden, mode, caller)
  try {
    try {
      await writeContent(source, handle, operations, progress)
      await operations.utimens(hidden, mtimeMs, mtimeMs)
      await operations.flush(handle)
    } finally {
      await operations.release(handle)
    }
    if (!isReplaced && (await kindAt(operations, target)) !== undefined) throw new FsError('EEXIST')
    await operations.rename(hidden, target)
  } catch (error) {
    await Promise.resolve(operations.unlink(hidden)).catch(() => undefined)
    throw error
  }
}

async function writeContent(
  source: string,
  handle: number,
  operations: KernelOperations,
  progress: CopyProgress,
): Promise<void> {
  const file = await open(source, 'r')
  try {
    const buffer = Buffer.alloc(pieceBytes)
    for (let position = 0; ;) {
      progress.signal.throwIfAborted()
      const { bytesRead } = await file.read(buffer, 0, pieceBytes, position)
      if (bytesRead === 0) return
      await operations.write(handle, buffer.subarray(0, bytesRead), position)
      position += bytesRead
      progress.copied(bytesRead)
    }
  } finally {
    await file.close()
  }
}

async function freePlace(operations: KernelOperations, folder: string, name: string): Promise<string> {
  for (let count = 2; ; count++) {
    const target = join(folder, numberedName(name, count))
    if ((await kindAt(operations, target)) === undefined) return target
  }
}
