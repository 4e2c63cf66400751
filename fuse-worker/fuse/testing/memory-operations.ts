/**
 * A file system in memory behind KernelOperations, for tests of the seam alone: no bucket, no cache, no permissions.
 * It keeps what the seam handed over (callers, times, handles) where a test can look at it.
 */
import { FsError } from '../kernel.ts'
import type { Caller, KernelOperations, Stat, TimeSetting } from '../kernel.ts'

type MemoryFile = {
  ino: number
  mode: number
  content: Buffer
  target: string
  atimeMs: number
  mtimeMs: number
  xattrs: Map<string, Buffer>
}

export type Recorded = { operation: string; path?: string | undefined; handle?: number; caller?: Caller }

export class MemoryOperations implements KernelOperations {
  readonly files = new Map<string, MemoryFile>()
  readonly handles = new Map<number, MemoryFile>()
  readonly recorded: Recorded[] = []
  readonly timesSet: { atime: TimeSetting; mtime: TimeSetting }[] = []
  #nextHandle = 1
  #nextIno = 2

  constructor() {
    this.#add('/', 0o40755)
  }

  fileAt(path: string): MemoryFile {
    const file = this.files.get(path)
    if (file === undefined) throw new FsError('ENOENT')
    return file
  }

  add(path: string, content: string | Buffer): MemoryFile {
    const file = this.#add(path, 0o100644)
    file.content = Buffer.from(content)
    return file
  }

  #add(path: string, mode: number): MemoryFile {
    const ino = path === '/' ? 1 : this.#nextIno++
    const file = { ino, mode, content: Buffer.alloc(0), target: '', atimeMs: 0, mtimeMs: 0, xattrs: new Map() }
    this.files.set(path, file)
    return file
  }

  #open(file: MemoryFile): number {
    const handle = this.#nextHandle++
    this.handles.set(handle, file)
    return handle
  }

  #held(handle: number): MemoryFile {
    const file = this.handles.get(handle)
    if (file === undefined) throw new FsError('EBADF')
    return file
  }

  #statOf(file: MemoryFile): Stat {
    const { ino, mode, content, atimeMs, mtimeMs } = file
    const size = content.length
    const blocks = Math.ceil(size / 512)
    return { ino, mode, nlink: 1, uid: 0, gid: 0, size, atimeMs, mtimeMs, ctimeMs: mtimeMs, blocks, blksize: 4096 }
  }

  getattr(path: string): Stat | Promise<Stat> {
    return this.#statOf(this.fileAt(path))
  }
  fgetattr(path: string | undefined, handle: number): Stat {
    this.recorded.push({ operation: 'fgetattr', path, handle })
    return this.#statOf(this.#held(handle))
  }
  access(): void {
    // everyone may
  }
  statfs(): ReturnType<KernelOperations['statfs']> {
    const blocks = 2 ** 40
    return { bsize: 4096, blocks, bfree: blocks / 2, bavail: blocks / 2, files: 1000, ffree: 900, namemax: 255 }
  }
  readdir(path: string): string[] {
    const prefix = path === '/' ? '/' : `${path}/`
    const inside = [...this.files.keys()].filter((name) => name.startsWith(prefix) && name !== '/')
    return inside.map((name) => name.slice(prefix.length)).filter((name) => !name.includes('/'))
  }
  open(path: string): number {
    return this.#open(this.fileAt(path))
  }
  create(path: string, mode: number, caller: Caller): number {
    this.recorded.push({ operation: 'create', path, caller })
    return this.#open(this.#add(path, mode))
  }
  read(handle: number, buffer: Buffer, offset: number): number | Promise<number> {
    return this.#held(handle).content.copy(buffer, 0, offset)
  }
  write(handle: number, buffer: Buffer, offset: number): number {
    const file = this.#held(handle)
    const grown = Buffer.alloc(Math.max(file.content.length, offset + buffer.length))
    file.content.copy(grown)
    buffer.copy(grown, offset)
    file.content = grown
    return buffer.length
  }
  flush(): void {
    // nothing is held back
  }
  fsync(handle: number): void {
    this.recorded.push({ operation: 'fsync', handle })
  }
  fsyncdir(path: string): void {
    this.recorded.push({ operation: 'fsyncdir', path })
  }
  release(handle: number): void {
    this.handles.delete(handle)
    this.recorded.push({ operation: 'release', handle })
  }
  truncate(path: string, size: number): void {
    this.#resize(this.fileAt(path), size)
  }
  ftruncate(handle: number, size: number): void {
    this.#resize(this.#held(handle), size)
  }
  #resize(file: MemoryFile, size: number): void {
    const resized = Buffer.alloc(size)
    file.content.copy(resized)
    file.content = resized
  }
  unlink(path: string): void {
    this.fileAt(path)
    this.files.delete(path)
  }
  mkdir(path: string, mode: number, caller: Caller): void {
    this.recorded.push({ operation: 'mkdir', path, caller })
    this.#add(path, mode | 0o40000)
  }
  rmdir(path: string): void | Promise<void> {
    this.files.delete(path)
  }
  rename(from: string, to: string): void {
    const file = this.fileAt(from)
    this.files.delete(from)
    this.files.set(to, file)
  }
  symlink(target: string, path: string, caller: Caller): void {
    this.recorded.push({ operation: 'symlink', path, caller })
    this.#add(path, 0o120777).target = target
  }
  readlink(path: string): string {
    return this.fileAt(path).target
  }
  link(): never {
    throw new FsError('EPERM')
  }
  mknod(path: string, mode: number, _device: number, caller: Caller): void {
    this.recorded.push({ operation: 'mknod', path, caller })
    this.#add(path, mode)
  }
  chmod(path: string, mode: number): void {
    this.fileAt(path).mode = mode
  }
  chown(path: string, uid: number | undefined, gid: number | undefined): void {
    this.recorded.push({ operation: `chown ${String(uid)} ${String(gid)}`, path })
  }
  utimens(path: string, atime: TimeSetting, mtime: TimeSetting): void {
    const file = this.fileAt(path)
    this.timesSet.push({ atime, mtime })
    if (typeof atime === 'number') file.atimeMs = atime
    if (typeof mtime === 'number') file.mtimeMs = mtime
  }
  setxattr(path: string, name: string, value: Buffer): void {
    this.fileAt(path).xattrs.set(name, value)
  }
  getxattr(path: string, name: string): Buffer | undefined {
    return this.fileAt(path).xattrs.get(name)
  }
  listxattr(path: string): string[] {
    return [...this.fileAt(path).xattrs.keys()]
  }
  removexattr(path: string, name: string): void {
    if (!this.fileAt(path).xattrs.delete(name)) throw new FsError('ENODATA')
  }
}
