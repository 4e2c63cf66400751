/**
 * Turns KernelOperations into the callbacks the addon calls. No opinions: unwrap the arguments, call, answer.
 * What holds: every request is answered exactly once; an operation that returns a value is answered before this returns
 * (a promise costs a turn of the event loop); whatever is thrown becomes an errno, and EIO with a report when nobody
 * chose one.
 */
import { errnoNumbers } from './errno.ts'
import { FsError } from './kernel.ts'
import type { Caller, KernelMountOptions, Stat, TimeSetting } from './kernel.ts'

/** Zero or a count on success, a negative errno on failure. */
type Done = (result: number) => void
type DoneWith<T> = (result: number, value?: T) => void

type NativeStat = Omit<Stat, 'atimeMs' | 'mtimeMs' | 'ctimeMs'> & { atime: number; mtime: number; ctime: number }
type NativeStatFs = Record<
  'bsize' | 'frsize' | 'blocks' | 'bfree' | 'bavail' | 'files' | 'ffree' | 'favail' | 'namemax',
  number
>

export type NativeOperations = ReturnType<typeof nativeOperations>

type Source = Pick<KernelMountOptions, 'operations' | 'onUnexpectedError'>

/** `-1` of chown(2), as the kernel passes it on. */
const unchangedOwner = 0xffffffff

export function nativeOperations(source: Source, platform: NodeJS.Platform = process.platform) {
  const { operations: ops } = source
  const numbers = errnoNumbers(platform)

  const failureOf = (error: unknown, operation: string, path: string | undefined) => {
    if (error instanceof FsError) return -numbers[error.errno]
    source.onUnexpectedError(error, operation, path)
    return -numbers.EIO
  }

  const settle = <T>(
    operation: string,
    path: string | null | undefined,
    fail: Done,
    call: () => T | Promise<T>,
    succeed: (value: T) => void,
  ) => {
    const onError = (error: unknown) => fail(failureOf(error, operation, path ?? undefined))
    try {
      const answer = call()
      if (isPromise(answer)) answer.then(succeed).catch(onError)
      else succeed(answer)
    } catch (error) {
      onError(error)
    }
  }

  const settleVoid = (
    operation: string,
    path: string | null | undefined,
    done: Done,
    call: () => void | Promise<void>,
  ) => settle(operation, path, done, call, () => done(0))

  return {
    getattr: (path: string, done: DoneWith<NativeStat>) =>
      settle(
        'getattr',
        path,
        done,
        () => ops.getattr(path),
        (stat) => done(0, toNativeStat(stat)),
      ),
    fgetattr: (path: string | null, handle: number, done: DoneWith<NativeStat>) =>
      settle(
        'fgetattr',
        path,
        done,
        () => ops.fgetattr(path ?? undefined, handle),
        (stat) => done(0, toNativeStat(stat)),
      ),
    access: (path: string, mode: number, done: Done) => settleVoid('access', path, done, () => ops.access(path, mode)),
    statfs: (path: string, done: DoneWith<NativeStatFs>) =>
      settle(
        'statfs',
        path,
        done,
        () => ops.statfs(path),
        (space) => done(0, { ...space, frsize: space.bsize, favail: space.ffree }),
      ),
    readdir: (path: string, done: (result: number, names?: string[], kinds?: Float64Array) => void) => {
      const readdirEntries = ops.readdirEntries?.bind(ops)
      if (readdirEntries === undefined) {
        settle(
          'readdir',
          path,
          done,
          () => ops.readdir(path),
          (names) => done(0, ['.', '..', ...names]),
        )
        return
      }
      settle(
        'readdir',
        path,
        done,
        () => readdirEntries(path),
        (entries) => done(0, ['.', '..', ...entries.map((entry) => entry.name)], kindsOf(entries)),
      )
    },
    open: (path: string, flags: number, done: DoneWith<number>) =>
      settle(
        'open',
        path,
        done,
        () => ops.open(path, flags),
        (handle) => done(0, handle),
      ),
    create: (path: string, mode: number, done: DoneWith<number>, caller: Caller) =>
      settle(
        'create',
        path,
        done,
        () => ops.create(path, mode, caller),
        (handle) => done(0, handle),
      ),
    read: (path: string | null, handle: number, buffer: Buffer, _length: number, offset: number, done: Done) =>
      settle('read', path, done, () => ops.read(handle, buffer, offset), done),
    write: (path: string | null, handle: number, buffer: Buffer, _length: number, offset: number, done: Done) =>
      settle('write', path, done, () => ops.write(handle, buffer, offset), done),
    flush: (path: string | null, handle: number, done: Done) =>
      settleVoid('flush', path, done, () => ops.flush(handle)),
    fsync: (path: string | null, isDataOnly: number, handle: number, done: Done) =>
      settleVoid('fsync', path, done, () => ops.fsync(handle, isDataOnly !== 0)),
    fsyncdir: (path: string | null, _isDataOnly: number, _handle: number, done: Done) =>
      settleVoid('fsyncdir', path, done, () => (path === null ? undefined : ops.fsyncdir(path))),
    release: (path: string | null, handle: number, done: Done) =>
      settleVoid('release', path, done, () => ops.release(handle)),
    truncate: (path: string, size: number, done: Done) =>
      settleVoid('truncate', path, done, () => ops.truncate(path, size)),
    ftruncate: (path: string | null, handle: number, size: number, done: Done) =>
      settleVoid('ftruncate', path, done, () => ops.ftruncate(handle, size)),
    unlink: (path: string, done: Done) => settleVoid('unlink', path, done, () => ops.unlink(path)),
    mkdir: (path: string, mode: number, done: Done, caller: Caller) =>
      settleVoid('mkdir', path, done, () => ops.mkdir(path, mode, caller)),
    rmdir: (path: string, done: Done) => settleVoid('rmdir', path, done, () => ops.rmdir(path)),
    rename: (from: string, to: string, done: Done) => settleVoid('rename', from, done, () => ops.rename(from, to)),
    symlink: (target: string, path: string, done: Done, caller: Caller) =>
      settleVoid('symlink', path, done, () => ops.symlink(target, path, caller)),
    readlink: (path: string, done: DoneWith<string>) =>
      settle(
        'readlink',
        path,
        done,
        () => ops.readlink(path),
        (target) => done(0, target),
      ),
    link: (from: string, to: string, done: Done) => settleVoid('link', from, done, () => ops.link(from, to)),
    mknod: (path: string, mode: number, device: number, done: Done, caller: Caller) =>
      settleVoid('mknod', path, done, () => ops.mknod(path, mode, device, caller)),
    chmod: (path: string, mode: number, done: Done) => settleVoid('chmod', path, done, () => ops.chmod(path, mode)),
    chown: (path: string, uid: number, gid: number, done: Done) =>
      settleVoid('chown', path, done, () => ops.chown(path, ownerOf(uid), ownerOf(gid))),
    utimens: (path: string, atime: TimeSetting, mtime: TimeSetting, done: Done) =>
      settleVoid('utimens', path, done, () => ops.utimens(path, atime, mtime)),
    setxattr: (path: string, name: string, value: Buffer, _position: number, flags: number, done: Done) =>
      settleVoid('setxattr', path, done, () => ops.setxattr(path, name, value, flags)),
    getxattr: (path: string, name: string, _position: number, done: DoneWith<Buffer>) =>
      settle(
        'getxattr',
        path,
        done,
        () => ops.getxattr(path, name),
        (value) => (value === undefined ? done(-numbers.ENODATA) : done(0, value)),
      ),
    listxattr: (path: string, done: DoneWith<string[]>) =>
      settle(
        'listxattr',
        path,
        done,
        () => ops.listxattr(path),
        (names) => done(0, names),
      ),
    removexattr: (path: string, name: string, done: Done) =>
      settleVoid('removexattr', path, done, () => ops.removexattr(path, name)),
  }
}

function isPromise<T>(answer: T | Promise<T>): answer is Promise<T> {
  return answer instanceof Promise
}

function ownerOf(id: number): number | undefined {
  return id === unchangedOwner ? undefined : id
}

function toNativeStat({ atimeMs, mtimeMs, ctimeMs, ...rest }: Stat): NativeStat {
  return { ...rest, atime: atimeMs, mtime: mtimeMs, ctime: ctimeMs }
}

/** A mode and an inode number for each name; zeroes for `.` and `..`, whose numbers nothing needs. */
function kindsOf(entries: readonly { mode: number; ino: number }[]): Float64Array {
  const kinds = new Float64Array((entries.length + 2) * 2)
  kinds[0] = kinds[2] = directoryMode
  entries.forEach((entry, index) => {
    kinds[(index + 2) * 2] = entry.mode
    kinds[(index + 2) * 2 + 1] = entry.ino
  })
  return kinds
}

const directoryMode = 0o40000
