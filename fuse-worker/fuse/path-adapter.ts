/**
 * Answers the kernel's questions by path with the filesystem by node. Has no opinions: resolves the path, calls, hands back. The one
 * thing it knows is libfuse's way of unlinking an open file: a rename to `.fuse_hidden…`, and an unlink of that name at the last
 * close. Such a name is an orphan here: in no directory, never in the bucket, and gone after a crash.
 */
import { rootId, type Node, type NodeId } from '../metadata/node.ts'
import type { Filesystem } from '../fs/filesystem.ts'
import { foreseen } from '../fs/errors.ts'
import { FsError, type KernelOperations } from './kernel.ts'

type Place = { parent: NodeId; name: string }
type Answer<T> = T | Promise<T>

const accessMode = 3
const writeOnly = 1
const readWrite = 2
const truncateFlag = 0o1000
const fileTypeMask = 0o170000
const regularFile = 0o100000

export function createPathAdapter(fs: Filesystem): KernelOperations {
  const find = (path: string): Answer<Node> => chain(resolve(fs, path), (node) => node ?? absent())
  const at = <T>(path: string, use: (node: Node) => Answer<T>): Answer<T> => chain(find(path), use)
  const within = <T>(path: string, use: (place: Place) => Answer<T>): Answer<T> => {
    const { directory, name } = split(path)
    return chain(find(directory), (parent) => use({ parent: parent.id, name }))
  }

  const operations: KernelOperations = {
    getattr: (path) => at(path, (node) => fs.stat(node)),
    fgetattr: (_path, handle) => fs.statHandle(handle),
    access: (path) => at(path, () => undefined),
    statfs: () => fs.statfs(),
    readdir: (path) => at(path, (node) => chain(fs.lookup.entries(node.id), (entries) => [...entries.keys()])),
    open: (path, flags) =>
      at(path, (node) =>
        fs.io.open(node.id, {
          isReadable: (flags & accessMode) !== writeOnly,
          isWritable: (flags & accessMode) === writeOnly || (flags & accessMode) === readWrite,
          truncates: (flags & truncateFlag) !== 0,
        }),
      ),
    create: (path, mode, caller) =>
      within(path, ({ parent, name }) => {
        if (isHiddenName(name)) throw new FsError('EINVAL', 'a name that libfuse keeps for itself')
        return chain(fs.names.createFile(parent, name, mode, caller), (node) =>
          fs.io.open(node.id, { isReadable: true, isWritable: true, truncates: false }),
        )
      }),
    read: (handle, buffer, offset) => fs.io.read(handle, buffer, offset),
    write: (handle, buffer, offset) => fs.io.write(handle, buffer, offset),
    flush: (handle) => fs.io.flush(handle),
    fsync: (handle) => fs.io.fsync(handle),
    fsyncdir: () => fs.syncAll(),
    release: (handle) => fs.io.release(handle),
    truncate: (path, size) => at(path, (node) => fs.io.truncate(node.id, size)),
    ftruncate: (handle, size) => fs.io.truncate(fs.nodeOfHandle(handle), size),
    unlink: (path) => {
      if (isHiddenName(split(path).name)) {
        // The last release may have taken it away already.
        const orphan = orphanAt(fs, path)
        if (orphan !== undefined) fs.names.dropOrphan(orphan)
        return
      }
      return within(path, ({ parent, name }) => fs.names.unlink(parent, name))
    },
    mkdir: (path, mode, caller) =>
      within(path, ({ parent, name }) => chain(fs.names.mkdir(parent, name, mode, caller), () => undefined)),
    rmdir: (path) => within(path, ({ parent, name }) => fs.names.rmdir(parent, name)),
    rename: (from, to) => {
      const target = split(to)
      if (isHiddenName(target.name)) {
        return within(from, ({ parent, name }) => fs.names.orphan(parent, name, target.name))
      }
      return within(from, (source) =>
        within(to, (place) => fs.renames.rename(source.parent, source.name, place.parent, place.name)),
      )
    },
    symlink: (target, path, caller) =>
      within(path, ({ parent, name }) => chain(fs.names.symlink(parent, name, target, caller), () => undefined)),
    readlink: (path) => at(path, (node) => fs.readlink(node.id)),
    link: () => {
      throw new FsError('EPERM', 'a bucket has no hard links')
    },
    mknod: (path, mode, _device, caller) => {
      if ((mode & fileTypeMask) !== regularFile && (mode & fileTypeMask) !== 0) {
        throw new FsError('EPERM', 'a bucket has no devices')
      }
      return within(path, ({ parent, name }) => chain(fs.names.makeNode(parent, name, mode, caller), () => undefined))
    },
    chmod: (path, mode) => at(path, (node) => fs.attributes.chmod(node.id, mode)),
    chown: (path, uid, gid) => at(path, (node) => fs.attributes.chown(node.id, uid, gid)),
    utimens: (path, atime, mtime) => at(path, (node) => fs.attributes.utimens(node.id, atime, mtime)),
    setxattr: (path, name, value, flags) => at(path, (node) => fs.attributes.setxattr(node.id, name, value, flags)),
    getxattr: (path, name) => at(path, (node) => fs.attributes.getxattr(node.id, name)),
    listxattr: (path) => at(path, (node) => fs.attributes.listxattr(node.id)),
    removexattr: (path, name) => at(path, (node) => fs.attributes.removexattr(node.id, name)),
  }
  return withForeseenErrors(operations)
}

/** Errors of the bucket and the cache disk become errnos here; others pass, to be logged and become EIO. */
function withForeseenErrors(operations: KernelOperations): KernelOperations {
  const wrapped: Record<string, unknown> = {}
  for (const [name, operation] of Object.entries(operations)) {
    const call = operation as (...args: unknown[]) => unknown
    wrapped[name] = (...args: unknown[]) => {
      try {
        const answer = call(...args)
        return answer instanceof Promise ? answer.catch(rethrow) : answer
      } catch (error) {
        return rethrow(error)
      }
    }
  }
  return wrapped as unknown as KernelOperations
}

function rethrow(error: unknown): never {
  throw foreseen(error) ?? error
}

function resolve(fs: Filesystem, path: string): Answer<Node | undefined> {
  if (isHiddenName(split(path).name)) return orphanAt(fs, path)
  return walk(fs, fs.node(rootId), names(path), 0)
}

/** Synchronous as long as every step is. */
function walk(fs: Filesystem, from: Node, steps: readonly string[], index: number): Answer<Node | undefined> {
  let node = from
  for (let position = index; position < steps.length; position++) {
    if (node.kind !== 'directory') throw new FsError('ENOTDIR')
    const step = steps[position] ?? ''
    const isLast = position === steps.length - 1
    const found = isLast ? fs.lookup.find(node.id, step) : fs.lookup.findOnTheWay(node.id, step)
    if (found instanceof Promise) {
      return found.then((next) => (next === undefined ? undefined : walk(fs, fs.node(next.id), steps, position + 1)))
    }
    if (found === undefined) return undefined
    node = found
  }
  return node
}

function orphanAt(fs: Filesystem, path: string): Node | undefined {
  const { name } = split(path)
  return isHiddenName(name) ? fs.orphanNamed(name) : undefined
}

/** Exactly what libfuse makes up, so that no name a person chose is taken for it. */
const isHiddenName = (name: string): boolean => /^\.fuse_hidden[0-9a-f]{16}$/.test(name)

const names = (path: string): string[] => (path === '/' ? [] : path.slice(1).split('/'))

function split(path: string): { directory: string; name: string } {
  const cut = path.lastIndexOf('/')
  return { directory: cut <= 0 ? '/' : path.slice(0, cut), name: path.slice(cut + 1) }
}

function absent(): never {
  throw new FsError('ENOENT')
}

function chain<T, U>(answer: Answer<T>, next: (value: T) => Answer<U>): Answer<U> {
  return answer instanceof Promise ? answer.then(next) : next(answer)
}
