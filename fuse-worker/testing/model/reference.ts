/**
 * What a drive should be: a POSIX tree in memory, as simple as can be, with the same calls and the same errnos. Knows nothing of buckets.
 */
import { FsError } from '../../fuse/kernel.ts'

type Common = { mode: number; xattrs: Map<string, string>; ino: number | undefined; mtimeMs: number | undefined }

export type RefFile = Common & {
  kind: 'file'
  content: Buffer
  /** What the last flush, fsync or truncate promised to keep. */
  durable: Buffer
  openHandles: number
  /** The name libfuse hides it under when it is unlinked while open. */
  hiddenName: string | undefined
}
export type RefDirectory = Common & { kind: 'directory'; children: Map<string, RefNode> }
export type RefSymlink = Common & { kind: 'symlink'; target: string }
export type RefNode = RefFile | RefDirectory | RefSymlink

const common = (mode: number, mtimeMs: number | undefined): Common => ({
  mode,
  xattrs: new Map(),
  ino: undefined,
  mtimeMs,
})

export const refFile = (mode: number, mtimeMs: number | undefined, content = Buffer.alloc(0)): RefFile => ({
  ...common(mode, mtimeMs),
  kind: 'file',
  content,
  durable: content,
  openHandles: 0,
  hiddenName: undefined,
})
export const refDirectory = (mode: number): RefDirectory => ({
  ...common(mode, undefined),
  kind: 'directory',
  children: new Map(),
})

export function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '')
}

export class Reference {
  readonly root = refDirectory(0o755)

  find(path: string): RefNode | undefined {
    let node: RefNode = this.root
    for (const part of partsOf(path)) {
      if (node.kind !== 'directory') throw new FsError('ENOTDIR')
      const next = node.children.get(part)
      if (next === undefined) return undefined
      node = next
    }
    return node
  }

  get(path: string): RefNode {
    const node = this.find(path)
    if (node === undefined) throw new FsError('ENOENT')
    return node
  }

  file(path: string): RefFile {
    const node = this.get(path)
    if (node.kind === 'directory') throw new FsError('EISDIR')
    if (node.kind !== 'file') throw new Error(`${path} is a link: the kernel would have followed it`)
    return node
  }

  #place(path: string): { parent: RefDirectory; name: string } {
    const parts = partsOf(path)
    const name = parts.pop() ?? ''
    const parent = this.get(`/${parts.join('/')}`)
    if (parent.kind !== 'directory') throw new FsError('ENOTDIR')
    return { parent, name }
  }

  add(path: string, node: RefNode): void {
    const { parent, name } = this.#place(path)
    if (parent.children.has(name)) throw new FsError('EEXIST')
    parent.children.set(name, node)
  }

  unlink(path: string): void {
    const { parent, name } = this.#place(path)
    const node = this.get(path)
    if (node.kind === 'directory') throw new FsError('EISDIR')
    parent.children.delete(name)
  }

  rmdir(path: string): void {
    const { parent, name } = this.#place(path)
    const node = this.get(path)
    if (node.kind !== 'directory') throw new FsError('ENOTDIR')
    if (node.children.size > 0) throw new FsError('ENOTEMPTY')
    parent.children.delete(name)
  }

  rename(from: string, to: string): void {
    const source = this.#place(from)
    const moved = this.get(from)
    const target = this.#place(to)
    if (from === to) return
    if (moved.kind === 'directory' && to.startsWith(`${from}/`)) throw new FsError('EINVAL')
    const inTheWay = target.parent.children.get(target.name)
    if (inTheWay?.kind === 'directory') {
      if (moved.kind !== 'directory') throw new FsError('EISDIR')
      if (inTheWay.children.size > 0) throw new FsError('ENOTEMPTY')
    } else if (inTheWay !== undefined && moved.kind === 'directory') throw new FsError('ENOTDIR')
    source.parent.children.delete(source.name)
    target.parent.children.set(target.name, moved)
  }

  write(file: RefFile, bytes: Buffer, offset: number, nowMs: number): void {
    const content = Buffer.alloc(Math.max(file.content.length, offset + bytes.length))
    file.content.copy(content)
    bytes.copy(content, offset)
    file.content = content
    file.mtimeMs = nowMs
  }

  truncate(file: RefFile, size: number, nowMs: number): void {
    const content = Buffer.alloc(size)
    file.content.copy(content, 0, 0, Math.min(size, file.content.length))
    file.content = content
    file.durable = content
    file.mtimeMs = nowMs
  }

  /** Every path with its node, parents before children, without the root. */
  *walk(directory = this.root, prefix = ''): Generator<{ path: string; node: RefNode }> {
    for (const [name, node] of directory.children) {
      const path = `${prefix}/${name}`
      yield { path, node }
      if (node.kind === 'directory') yield* this.walk(node, path)
    }
  }
}
