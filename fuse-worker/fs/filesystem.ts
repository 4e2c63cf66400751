/**
 * The filesystem by node: what the path adapter (or one day an inode-based binding) calls. Holds no logic of its own beyond putting
 * the parts together and describing nodes.
 */
import { FsError, type Stat, type StatFs } from '../fuse/kernel.ts'
import { orphanage, type Node, type NodeId } from '../metadata/node.ts'
import { Attributes } from './attributes.ts'
import { FileIo } from './file-io.ts'
import { Lookup } from './lookup.ts'
import { Namespace } from './namespace.ts'
import { Removal } from './removal.ts'
import { Renames } from './renames.ts'
import type { Volume } from './volume.ts'

const typeBits = { file: 0o100000, directory: 0o040000, symlink: 0o120000 } as const
const blockBytes = 4_096

export class Filesystem {
  readonly lookup: Lookup
  readonly names: Namespace
  readonly renames: Renames
  readonly io: FileIo
  readonly attributes: Attributes
  readonly #volume: Volume

  constructor(volume: Volume) {
    this.#volume = volume
    this.lookup = new Lookup(volume)
    const removal = new Removal(volume)
    this.names = new Namespace(volume, this.lookup, removal)
    this.renames = new Renames(volume, this.lookup, removal)
    this.io = new FileIo(volume)
    this.attributes = new Attributes(volume)
  }

  node(id: NodeId): Node {
    return this.#volume.node(id)
  }

  orphanNamed(name: string): Node | undefined {
    return this.#volume.parts.nodes.children(orphanage).get(name)
  }

  stat(node: Node): Stat {
    return {
      ino: node.id,
      mode: typeBits[node.kind] | node.mode,
      nlink: this.#linksOf(node),
      uid: node.uid,
      gid: node.gid,
      size: node.kind === 'directory' ? blockBytes : node.size,
      atimeMs: node.atimeMs,
      mtimeMs: node.mtimeMs,
      ctimeMs: node.ctimeMs,
      blocks: node.kind === 'directory' ? 8 : Math.ceil(node.size / 512),
      blksize: blockBytes,
    }
  }

  /** An open file keeps the node it opened, whatever its name stands for by now. */
  statHandle(handle: number): Stat {
    return this.stat(this.#volume.node(this.#volume.parts.handles.get(handle).node))
  }

  nodeOfHandle(handle: number): NodeId {
    return this.#volume.parts.handles.get(handle).node
  }

  readlink(id: NodeId): string {
    const node = this.#volume.node(id)
    if (node.kind !== 'symlink') throw new FsError('EINVAL')
    if (node.target === undefined) throw new FsError('EIO', 'a link whose target is not known')
    return node.target
  }

  /** fsync of a directory: every name given so far survives power loss. */
  syncAll(): Promise<void> {
    return this.#volume.parts.database.makeDurable()
  }

  /** Honest numbers: what can be written is bounded by the disk the cache is on. */
  statfs(): StatFs {
    const { blocks, bfree, bavail, bsize } = this.#volume.parts.statCache()
    return { bsize, blocks, bfree, bavail, files: 1_000_000_000, ffree: 999_999_999, namemax: 255 }
  }

  #linksOf(node: Node): number {
    if (node.parent === orphanage) return 0
    if (node.kind !== 'directory') return 1
    return 2 + this.#volume.parts.nodes.folderCount(node.id)
  }
}
