/**
 * Copies files and folders from the drive into a folder of this computer. A file has its name there once it is whole: until then it
 * is a hidden part file, which a failure or a cancelled copy removes. Nothing that is there already is written over.
 */
import { mkdir, open, rename, rm, symlink, utimes } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { FileOutcome } from '../../contracts/file.ts'
import type { KernelOperations, Stat } from '../fuse/kernel.ts'
import { fileTypeBits, folderBits } from './changes.ts'
import type { CopyProgress } from './copies.ts'
import { fsProblem } from './fs-problem.ts'
import { numberedName } from './numbered-name.ts'

const linkBits = 0o120000
const pieceBytes = 1024 * 1024
const mostTries = 1_000

export type CopyOut = {
  operations: KernelOperations
  progress: CopyProgress
  /** What the drive's own folder is called. */
  driveName: string
}

export async function copyOut(path: string, folder: string, copying: CopyOut): Promise<FileOutcome> {
  try {
    const name = path === '' ? copying.driveName : basename(path)
    return { path, outcome: 'done', target: await copyOne(`/${path}`, folder, name, copying) }
  } catch (error) {
    if (copying.progress.signal.aborted) return { path, outcome: 'cancelled' }
    return { path, outcome: 'failed', problem: fsProblem(error, path) }
  }
}

async function copyOne(path: string, folder: string, name: string, copying: CopyOut): Promise<string> {
  const { operations, progress } = copying
  progress.signal.throwIfAborted()
  const stat = await operations.getattr(path)
  const kind = stat.mode & fileTypeBits
  if (kind === linkBits) {
    const aim = await operations.readlink(path)
    return place(folder, name, (target) => symlink(aim, target))
  }
  if (kind !== folderBits) return copyFile(path, folder, name, stat, copying)
  const made = await place(folder, name, (target) => mkdir(target))
  for (const child of await operations.readdir(path)) await copyOne(join(path, child), made, child, copying)
  await utimes(made, stat.atimeMs / 1000, stat.mtimeMs / 1000)
  return made
}

async function copyFile(path: string, folder: string, name: string, stat: Stat, copying: CopyOut): Promise<string> {
  copying.progress.found(stat.size)
  const part = await place(folder, `.${name.slice(0, 100)}.cloudmount-part`, async (target) =>
    (await open(target, 'wx')).close(),
  )
  try {
    await writeContent(path, part, copying)
    await utimes(part, stat.atimeMs / 1000, stat.mtimeMs / 1000)
    const target = await place(folder, name, async (free) => (await open(free, 'wx')).close())
    await rename(part, target)
    return target
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

async function writeContent(path: string, part: string, { operations, progress }: CopyOut): Promise<void> {
  const handle = await operations.open(path, 0)
  try {
    const file = await open(part, 'w')
    try {
      const buffer = Buffer.alloc(pieceBytes)
      for (let position = 0; ;) {
        progress.signal.throwIfAborted()
        const bytesRead = await operations.read(handle, buffer, position)
        if (bytesRead === 0) break
        await file.write(buffer, 0, bytesRead, position)
        position += bytesRead
        progress.copied(bytesRead)
      }
      await file.datasync()
    } finally {
      await file.close()
    }
  } finally {
    await operations.release(handle)
  }
}

/** Under the name, or the first numbered one that is free. */
async function place(folder: string, name: string, make: (target: string) => Promise<unknown>): Promise<string> {
  for (let count = 1; ; count++) {
    const target = join(folder, numberedName(name, count))
    try {
      await make(target)
      return target
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST' || count === mostTries) throw error
    }
  }
}
