/**
 * Puts a recovered version back on the drive, as any program would: a new file beside whatever has its name now, with the time
 * it had. The recovered one stays until its days are over.
 */
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path/posix'
import type { RecoveredFile } from '../../contracts/conflict.ts'
import { ProblemError } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import { FsError, type Caller, type KernelOperations } from '../fuse/kernel.ts'
import type { NamePlatform } from '../s3/names.ts'
import { recoveredName } from './copy-name.ts'

const pieceBytes = 1024 * 1024

export type RestoreOptions = { operations: KernelOperations; caller: Caller; platform: NamePlatform; nowMs: number }

/** Returns the new file's path inside the drive. Throws ProblemError. */
export async function restore(file: RecoveredFile & { contentPath: string }, options: RestoreOptions): Promise<string> {
  const { operations } = options
  try {
    const directory = await existing(dirname(`/${file.path}`), options)
    const { path, handle } = await createBeside(directory, file.path, options)
    try {
      await copyInto(operations, handle, file.contentPath)
      await operations.utimens(path, file.modifiedAt, file.modifiedAt)
      await operations.flush(handle)
    } finally {
      await operations.release(handle)
    }
    return path.slice(1)
  } catch (error) {
    if (!(error instanceof FsError)) throw error
    throw new ProblemError(
      {
        code: error.errno === 'ENOSPC' ? 'disk-full' : 'internal',
        message: t('worker.recovered-not-put-back', { path: file.path }),
        consequence: t('worker.recovered-not-put-back.consequence'),
        remedy:
          error.errno === 'EROFS'
            ? t('worker.recovered-not-put-back.remedy.a')
            : t('worker.recovered-not-put-back.remedy.b'),
        detail: error.errno,
      },
      { cause: error },
    )
  }
}

/** Folders that are gone by now are made again. */
async function existing(directory: string, options: RestoreOptions): Promise<string> {
  if (directory === '/') return directory
  await existing(dirname(directory), options)
  try {
    await options.operations.mkdir(directory, 0o755, options.caller)
  } catch (error) {
    if (!(error instanceof FsError && error.errno === 'EEXIST')) throw error
  }
  return directory
}

async function createBeside(
  directory: string,
  path: string,
  { operations, caller, platform, nowMs }: RestoreOptions,
): Promise<{ path: string; handle: number }> {
  const taken = new Set(await operations.readdir(directory))
  for (;;) {
    const name = recoveredName({
      name: path.slice(path.lastIndexOf('/') + 1),
      atMs: nowMs,
      platform,
      isTaken: (candidate) => taken.has(candidate),
    })
    const target = join(directory, name)
    try {
      return { path: target, handle: await operations.create(target, 0o644, caller) }
    } catch (error) {
      if (!(error instanceof FsError && error.errno === 'EEXIST')) throw error
      taken.add(name)
    }
  }
}

async function copyInto(operations: KernelOperations, handle: number, source: string): Promise<void> {
  const file = await open(source, 'r')
  try {
    const buffer = Buffer.alloc(pieceBytes)
    for (let position = 0; ;) {
      const { bytesRead } = await file.read(buffer, 0, pieceBytes, position)
      if (bytesRead === 0) return
      await operations.write(handle, buffer.subarray(0, bytesRead), position)
      position += bytesRead
    }
  } finally {
    await file.close()
  }
}
