/**
 * Whole folders to another place: linked where both are on one disk, otherwise copied, synced and compared byte by byte. Never
 * touches what it reads, and never writes over anything. Holes stay holes.
 */
import { link, mkdir, open, readdir, rm, rmdir, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder } from './cache-place.ts'

const pieceBytes = 1024 * 1024
/** A run of zeros this long is not written. */
const holeBytes = 64 * 1024
const zeros = Buffer.alloc(holeBytes)
/** The disk may write that many files out at once. */
const copiesAtOnce = 8

/** Paths below the folder, a folder before what is in it. */
export type Tree = { folders: string[]; files: { path: string; diskBytes: number }[]; diskBytes: number }

/** What is in a folder. */
export async function readTree(root: string, { signal, isLoose = false }: ReadOptions = {}): Promise<Tree> {
  const tree: Tree = { folders: [], files: [], diskBytes: 0 }
  const passOver = (error: unknown): undefined => {
    if (!isLoose) throw error
  }
  const visit = async (path: string): Promise<void> => {
    signal?.throwIfAborted()
    for (const name of (await readdir(join(root, path)).catch(passOver)) ?? []) {
      const child = join(path, name)
      const found = await stat(join(root, child)).catch(passOver)
      if (found?.isDirectory()) {
        tree.folders.push(child)
        await visit(child)
      } else if (found?.isFile()) {
        const diskBytes = found.blocks * 512
        tree.files.push({ path: child, diskBytes })
        tree.diskBytes += diskBytes
      } else if (!isLoose) throw new Error(`${join(root, child)} is neither a file nor a folder`)
    }
  }
  await visit('')
  return tree
}

/** `isLoose`: only to count; what cannot be looked at, or is gone meanwhile, is passed over. */
type ReadOptions = { signal?: AbortSignal; isLoose?: boolean }

export type CopyOptions = {
  signal: AbortSignal
  /** So many bytes of the tree's are done. */
  copied(diskBytes: number): void
}

/** Resolves when everything would survive a power failure. `target` must not exist, its parent must. */
export async function copyTree(source: string, target: string, tree: Tree, options: CopyOptions): Promise<void> {
  await mkdir(target, { mode: 0o700 })
  for (const folder of tree.folders) await mkdir(join(target, folder), { mode: 0o700 })
  const queue = tree.files.values()
  let hasFailed = false
  const work = async (): Promise<void> => {
    for (const { path, diskBytes } of queue) {
      if (hasFailed) return
      options.signal.throwIfAborted()
      await copyFile(join(source, path), join(target, path), options.signal)
      options.copied(diskBytes)
    }
  }
  const workers = Array.from({ length: copiesAtOnce }, () =>
    work().catch((error: unknown) => {
      hasFailed = true
      throw error
    }),
  )
  // Nobody writes any more when this function has ended, however it ends.
  const ended = await Promise.allSettled(workers)
  const failure = ended.find((one) => one.status === 'rejected')
  if (failure) throw failure.reason
  for (const folder of [...tree.folders].reverse()) await syncFolder(join(target, folder))
  await syncFolder(target)
}

async function copyFile(source: string, target: string, signal: AbortSignal): Promise<void> {
  const isLinked = await link(source, target).then(
    () => true,
    (error: unknown) => {
      if (isTaken(error)) throw error
      return false
    },
  )
  if (isLinked) return
  const input = await open(source, 'r')
  try {
    const { size, mode, atimeMs, mtimeMs } = await input.stat()
    const output = await open(target, 'wx+', mode & 0o777)
    try {
      await copyBytes(input, output, size, signal)
      await output.utimes(atimeMs / 1000, mtimeMs / 1000)
      await output.sync()
      await compare(input, output, size, source)
    } finally {
      await output.close()
    }
  } finally {
    await input.close()
  }
}

async function copyBytes(input: FileHandle, output: FileHandle, size: number, signal: AbortSignal): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(pieceBytes, size))
  for (let at = 0; at < size;) {
    signal.throwIfAborted()
    const { bytesRead } = await input.read(buffer, 0, Math.min(pieceBytes, size - at), at)
    if (bytesRead === 0) throw new Error('a file became shorter while it was read')
    for (const { start, end } of runsOfData(buffer.subarray(0, bytesRead)))
      await writeWhole(output, buffer.subarray(start, end), at + start)
    at += bytesRead
  }
  await output.truncate(size)
}

/** What of a piece has to be written: all but its long runs of zeros. */
export function runsOfData(piece: Buffer): { start: number; end: number }[] {
  const runs: { start: number; end: number }[] = []
  for (let start = 0; start < piece.length; start += holeBytes) {
    const end = Math.min(start + holeBytes, piece.length)
    if (piece.subarray(start, end).equals(zeros.subarray(0, end - start))) continue
    const last = runs.at(-1)
    if (last?.end === start) last.end = end
    else runs.push({ start, end })
  }
  return runs
}

async function writeWhole(output: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await output.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}

async function compare(input: FileHandle, output: FileHandle, size: number, name: string): Promise<void> {
  const [mine, theirs] = [
    Buffer.allocUnsafe(Math.min(pieceBytes, size)),
    Buffer.allocUnsafe(Math.min(pieceBytes, size)),
  ]
  const differs = () => new Error(`the copy of ${name} is not what was copied`)
  if ((await output.stat()).size !== size || (await input.stat()).size !== size) throw differs()
  for (let at = 0; at < size;) {
    const wanted = Math.min(pieceBytes, size - at)
    const read = await Promise.all(
      [input, output].map((file, index) => readWhole(file, index ? theirs : mine, wanted, at)),
    )
    if (read.some((isWhole) => !isWhole) || !mine.subarray(0, wanted).equals(theirs.subarray(0, wanted)))
      throw differs()
    at += wanted
  }
}

async function readWhole(file: FileHandle, buffer: Buffer, length: number, position: number): Promise<boolean> {
  for (let done = 0; done < length;) {
    const { bytesRead } = await file.read(buffer, done, length - done, position + done)
    if (bytesRead === 0) return false
    done += bytesRead
  }
  return true
}

/** Ours only, by name; the folder they were in goes too when nothing else is in it. */
export async function removeTrees(directory: string, names: readonly string[]): Promise<void> {
  for (const name of names) await rm(join(directory, name), { recursive: true, force: true })
  await rmdir(directory).catch(() => undefined)
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST'
}
