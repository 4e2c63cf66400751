/**
 * The seam to the kernel: what a mounted filesystem is asked, by path, and how it answers. The binding implements the
 * calling side, the path adapter the answering side; the in-process test suite calls the same interface without a kernel.
 *
 * An operation returns its value or a promise of it, and throws FsError with the errno the program shall see. One that can answer
 * at once must not return a promise: each promise costs a turn of the event loop.
 */
export type Errno =
  | 'EPERM' | 'ENOENT' | 'EIO' | 'EBADF' | 'EAGAIN' | 'EACCES' | 'EBUSY' | 'EEXIST' | 'EXDEV' | 'ENOTDIR' | 'EISDIR'
  | 'EINVAL' | 'EFBIG' | 'ENOSPC' | 'EROFS' | 'ENAMETOOLONG' | 'ENOSYS' | 'ENOTEMPTY' | 'ELOOP' | 'ENODATA' | 'ERANGE'
  | 'EILSEQ' | 'ENOTSUP' | 'ENETDOWN' | 'ETIMEDOUT' | 'ESTALE' | 'EDQUOT' | 'E2BIG' // prettier-ignore

export class FsError extends Error {
  readonly errno: Errno
  constructor(errno: Errno, message?: string, options?: { cause?: unknown }) {
    super(message ?? errno, options)
    this.name = 'FsError'
    this.errno = errno
  }
}

/** Times are epoch milliseconds with fractions; `mode` carries the file type bits. */
export type Stat = {
  ino: number
  mode: number
  nlink: number
  uid: number
  gid: number
  size: number
  atimeMs: number
  mtimeMs: number
  ctimeMs: number
  blocks: number
  blksize: number
}

export type DirectoryEntry = { name: string; ino: number; mode: number }

export type StatFs = {
  bsize: number
  blocks: number
  bfree: number
  bavail: number
  files: number
  ffree: number
  namemax: number
}

/** Who asked: owner of what the call creates. */
export type Caller = { uid: number; gid: number; pid: number }

/** `'now'` for UTIME_NOW, undefined for UTIME_OMIT. */
export type TimeSetting = number | 'now' | undefined

type Answer<T> = T | Promise<T>

export interface KernelOperations {
  getattr(path: string): Answer<Stat>
  fgetattr(path: string | undefined, handle: number): Answer<Stat>
  access(path: string, mode: number): Answer<void>
  statfs(path: string): Answer<StatFs>
  /** Names without `.` and `..`. */
  readdir(path: string): Answer<string[]>
  /** Asked instead of `readdir` where present: with types and inode numbers, `find` and `ls` need no stat a name. */
  readdirEntries?(path: string): Answer<readonly DirectoryEntry[]>
  /** `flags` as of open(2); the result is a handle, never 0. */
  open(path: string, flags: number): Answer<number>
  create(path: string, mode: number, caller: Caller): Answer<number>
  /** Fills `buffer` from `offset` of the file; returns how many bytes, fewer only at the end of the file. */
  read(handle: number, buffer: Buffer, offset: number): Answer<number>
  write(handle: number, buffer: Buffer, offset: number): Answer<number>
  flush(handle: number): Answer<void>
  fsync(handle: number, isDataOnly: boolean): Answer<void>
  fsyncdir(path: string): Answer<void>
  release(handle: number): Answer<void>
  truncate(path: string, size: number): Answer<void>
  ftruncate(handle: number, size: number): Answer<void>
  unlink(path: string): Answer<void>
  mkdir(path: string, mode: number, caller: Caller): Answer<void>
  rmdir(path: string): Answer<void>
  rename(from: string, to: string): Answer<void>
  /** `target` is what the link says; `path` is where it is. */
  symlink(target: string, path: string, caller: Caller): Answer<void>
  readlink(path: string): Answer<string>
  link(from: string, to: string): Answer<void>
  mknod(path: string, mode: number, device: number, caller: Caller): Answer<void>
  chmod(path: string, mode: number): Answer<void>
  /** Undefined leaves that owner as it is (`-1` of chown(2)). */
  chown(path: string, uid: number | undefined, gid: number | undefined): Answer<void>
  utimens(path: string, atime: TimeSetting, mtime: TimeSetting): Answer<void>
  setxattr(path: string, name: string, value: Buffer, flags: number): Answer<void>
  /** Undefined when the file has no such attribute. */
  getxattr(path: string, name: string): Answer<Buffer | undefined>
  listxattr(path: string): Answer<string[]>
  removexattr(path: string, name: string): Answer<void>
}

export type KernelMountOptions = {
  mountpoint: string
  operations: KernelOperations
  /** Shown by `mount` and `df` as the source, e.g. `cloudmount:bucket/prefix`. */
  sourceName: string
  /** Shown by file managers. */
  volumeName: string
  isReadOnly: boolean
  /** How long the kernel may answer for names and attributes by itself; 1 when absent. */
  attributeSeconds?: number
  /** Let other users in; the kernel checks permission bits either way. */
  allowOther: boolean
  /** Called once when the kernel ended the mount without our asking. */
  onDetached: () => void
  /** Every unexpected error of an operation, with its name and path, before it becomes EIO. */
  onUnexpectedError: (error: unknown, operation: string, path: string | undefined) => void
}

export interface KernelMount {
  readonly mountpoint: string
  /** Throws ProblemError `drive-busy` naming the programs that hold it, unless forced (then lazily detached). */
  unmount(options: { isForced: boolean }): Promise<void>
}
