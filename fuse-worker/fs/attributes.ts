/** Mode, owner, times and extended attributes: changed here at once, sent to the bucket with the next put of the node. */
import { FsError, type TimeSetting } from '../fuse/kernel.ts'
import type { Node, NodeId } from '../metadata/node.ts'
import { maxMetadataBytes, metadataSizeBytes } from '../s3/user-metadata.ts'
import { objectAttributesOf } from '../sync/attributes.ts'
import { asFsError } from './errors.ts'
import { writeBackMs, type Volume } from './volume.ts'

/** As long as the marks our writes leave; the real one is only known when the write is sent. */
const longestMark = 'x'.repeat(64)
const xattrCreate = 1
const xattrReplace = 2

export class Attributes {
  readonly #volume: Volume

  constructor(volume: Volume) {
    this.#volume = volume
  }

  chmod(id: NodeId, mode: number): void | Promise<void> {
    return this.#change(id, (node) => {
      node.mode = mode & 0o7777
    })
  }

  chown(id: NodeId, uid: number | undefined, gid: number | undefined): void | Promise<void> {
    return this.#change(id, (node) => {
      node.uid = uid ?? node.uid
      node.gid = gid ?? node.gid
    })
  }

  utimens(id: NodeId, atime: TimeSetting, mtime: TimeSetting): void | Promise<void> {
    const resolve = (setting: TimeSetting): number | undefined => (setting === 'now' ? this.#volume.now : setting)
    return this.#change(
      id,
      (node) => {
        node.atimeMs = resolve(atime) ?? node.atimeMs
        node.mtimeMs = resolve(mtime) ?? node.mtimeMs
      },
      // The time of the last read is nobody's business but this machine's.
      mtime !== undefined,
    )
  }

  setxattr(id: NodeId, name: string, value: Buffer, flags: number): void | Promise<void> {
    return this.#change(id, (node) => {
      const known = node.xattrs?.[name] !== undefined
      if (flags === xattrCreate && known) throw new FsError('EEXIST')
      if (flags === xattrReplace && !known) throw new FsError('ENODATA')
      const xattrs = { ...node.xattrs, [name]: value.toString('base64') }
      const { metadata } = objectAttributesOf({ ...node, xattrs }, longestMark)
      if (metadataSizeBytes(metadata) > maxMetadataBytes)
        throw new FsError('ENOSPC', 'S3 has room for 2 KB of metadata')
      node.xattrs = xattrs
    })
  }

  getxattr(id: NodeId, name: string): Buffer | undefined {
    const value = this.#volume.node(id).xattrs?.[name]
    return value === undefined ? undefined : Buffer.from(value, 'base64')
  }

  listxattr(id: NodeId): string[] {
    return Object.keys(this.#volume.node(id).xattrs ?? {})
  }

  removexattr(id: NodeId, name: string): void | Promise<void> {
    return this.#change(id, (node) => {
      if (node.xattrs?.[name] === undefined) throw new FsError('ENODATA')
      const { [name]: _removed, ...rest } = node.xattrs
      node.xattrs = Object.keys(rest).length === 0 ? undefined : rest
    })
  }

  /** A change of what is not known yet would replace it, or be replaced by it: so it is learnt first, or refused. */
  #change(id: NodeId, change: (node: Node) => void, isForBucket = true): void | Promise<void> {
    this.#volume.assertWritable()
    const node = this.#volume.node(id)
    if (node.isMetadataKnown || node.remote === undefined) {
      this.#changeNow(node, change, isForBucket)
      return
    }
    return this.#learn(id).then(() => this.#changeNow(this.#volume.node(id), change, isForBucket))
  }

  async #learn(id: NodeId): Promise<void> {
    try {
      await this.#volume.within('metadata', this.#volume.parts.remote.revalidate(id))
    } catch (error) {
      throw asFsError(error)
    }
  }

  #changeNow(node: Node, change: (node: Node) => void, isForBucket: boolean): void {
    this.#volume.parts.database.transaction(() => {
      change(node)
      node.ctimeMs = this.#volume.now
      this.#volume.parts.nodes.save(node)
      if (isForBucket) this.#volume.wishPut(node, this.#volume.now + writeBackMs)
    })
    if (this.#volume.isAhead(node.id)) this.#volume.noteAhead(node)
  }
}
