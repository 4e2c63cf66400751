/**
 * A filesystem as the suite sees it: what programs do with paths, and what lies behind (the bucket, the queue, time). Implemented in
 * process on KernelOperations and on a real mount held by another process. Errors carry the errno's name as `code`.
 */
import { constants } from 'node:os'
import { expect } from 'vitest'
import type { ObjectAttributes } from '../s3/store.ts'

export type OpenFlags = 'r' | 'r+' | 'w' | 'w+' | 'wx' | 'a' | 'a+'

export type FileStat = {
  kind: 'file' | 'directory' | 'symlink' | 'other'
  size: number
  mode: number
  uid: number
  gid: number
  nlink: number
  ino: number
  mtimeMs: number
}

export interface OpenFile {
  read(length: number, offset: number): Promise<Buffer>
  /** Without an offset: at the end, of a file opened for appending. */
  write(bytes: string | Buffer, offset?: number): Promise<void>
  truncate(size: number): Promise<void>
  stat(): Promise<FileStat>
  sync(): Promise<void>
  close(): Promise<void>
}

export interface Xattrs {
  set(path: string, name: string, value: Buffer, flags?: 'create' | 'replace'): Promise<void>
  /** ENODATA when there is none. */
  get(path: string, name: string): Promise<Buffer>
  list(path: string): Promise<string[]>
  remove(path: string, name: string): Promise<void>
}

/** The same bucket through another client. */
export interface BucketView {
  put(key: string, body: string | Buffer, attributes?: Partial<ObjectAttributes>): Promise<void>
  get(key: string): Promise<Buffer | undefined>
  metadata(key: string): Promise<Record<string, string> | undefined>
  delete(key: string): Promise<void>
  keys(prefix: string): Promise<string[]>
  /** Puts, copies and completed uploads of this key so far; undefined where nobody counts. */
  writesOf(key: string): number | undefined
}

export interface FsUnderTest {
  open(path: string, flags: OpenFlags, mode?: number): Promise<OpenFile>
  /** Of the name itself, not of what a link leads to. */
  stat(path: string): Promise<FileStat>
  readdir(path: string): Promise<string[]>
  mkdir(path: string, mode?: number): Promise<void>
  rmdir(path: string): Promise<void>
  unlink(path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  symlink(target: string, path: string): Promise<void>
  readlink(path: string): Promise<string>
  link(from: string, to: string): Promise<void>
  chmod(path: string, mode: number): Promise<void>
  chown(path: string, uid: number, gid: number): Promise<void>
  truncate(path: string, size: number): Promise<void>
  utimes(path: string, atimeMs: number, mtimeMs: number): Promise<void>
  statfs(path: string): Promise<{ blocks: number; bfree: number; bsize: number }>
  readonly xattrs: Xattrs | undefined
  readonly bucket: BucketView
  /** Everything written is in the bucket, or stands before the person; how many operations are left. */
  upload(): Promise<number>
  /** Unmounts (what is pending stays in the queue) and mounts again, on the same cache. */
  restart(): Promise<void>
  /** The process that serves it dies without a word, and another one mounts what it left. */
  crash(): Promise<void>
  /** Tries again while time passes, longer than anything is trusted, and throws what the last try threw. */
  eventually<T>(check: () => Promise<T>): Promise<T>
  /** Where it is mounted, for real programs; undefined in process. */
  readonly mountpoint: string | undefined
  stop(): Promise<void>
}

/** Puts objects in the bucket before the drive is mounted. */
export type Seed = (bucket: BucketView) => Promise<void>
export type StartFs = (seed: Seed) => Promise<FsUnderTest>

export async function writeAll(fs: FsUnderTest, path: string, content: string | Buffer): Promise<void> {
  const file = await fs.open(path, 'w')
  try {
    await file.write(content, 0)
  } finally {
    await file.close()
  }
}

export async function readAll(fs: FsUnderTest, path: string): Promise<Buffer> {
  const file = await fs.open(path, 'r')
  try {
    const { size } = await file.stat()
    const pieces: Buffer[] = []
    for (let position = 0; ;) {
      const piece = await file.read(Math.max(1, Math.min(1024 * 1024, size + 1)), position)
      if (piece.length === 0) return Buffer.concat(pieces)
      pieces.push(piece)
      position += piece.length
    }
  } finally {
    await file.close()
  }
}

export const readText = async (fs: FsUnderTest, path: string): Promise<string> => (await readAll(fs, path)).toString()

/** Node has no name for this one. */
const nameOf = (code: string | undefined): string | undefined =>
  code === `Unknown system error -${constants.errno.ESTALE}` ? 'ESTALE' : code

export async function outcomeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'success',
    (error: unknown) => nameOf((error as NodeJS.ErrnoException).code) ?? String(error),
  )
}

export async function expectErrno(promise: Promise<unknown>, code: string): Promise<void> {
  expect(await outcomeOf(promise)).toBe(code)
}

/** Bytes that differ everywhere, so that a piece in the wrong place shows. */
export function patternBytes(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length)
  let state = seed >>> 0
  for (let at = 0; at + 4 <= length; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes.writeUInt32LE(state, at)
  }
  return bytes
}
