/**
 * Names coming and going: create, mkdir, symlink, unlink, rmdir. Each asks the bucket first for what it must
 * know, and then changes everything in one synchronous transaction.
 */
import type { Content } from '../cache/content-store.ts'
import { FsError, type Caller } from '../fuse/kernel.ts'
import { blankNode, orphanage, type Node, type NodeId, type NodeKind } from '../metadata/node.ts'
import { asFsError, segmentOf } from './errors.ts'
import type { Lookup } from './lookup.ts'
import type { Removal } from './removal.ts'
import { openWriteBackMs, writeBackMs, type Volume } from './volume.ts'

export class Namespace {
  readonly #volume: Volume
  readonly #lookup: Lookup
  readonly #removal: Removal

  constructor(volume: Volume, lookup: Lookup, removal: Removal) {
    this.#volume = volume
    this.#lookup = lookup
    this.#removal = removal
  }

  createFile(parent: NodeId, name: string, mode: number, caller: Caller): Node | Promise<Node> {
    return this.#whenFree(parent, name, () =>
      this.#insert(parent, name, 'file', mode, caller, this.#volume.now + openWriteBackMs),
    )
  }

  makeNode(parent: NodeId, name: string, mode: number, caller: Caller): Node | Promise<Node> {
    return this.#whenFree(parent, name, () =>
      this.#insert(parent, name, 'file', mode, caller, this.#volume.now + writeBackMs),
    )
  }

  mkdir(parent: NodeId, name: string, mode: number, caller: Caller): Node | Promise<Node> {
    return this.#whenFree(parent, name, () =>
      this.#insert(parent, name, 'directory', mode, caller, this.#volume.now + writeBackMs),
    )
  }

  symlink(parent: NodeId, name: string, target: string, caller: Caller): Node | Promise<Node> {
    return this.#whenFree(parent, name, () =>
      this.#insert(parent, name, 'symlink', 0o777, caller, this.#volume.now + writeBackMs, target),
    )
  }

  unlink(parent: NodeId, name: string): void | Promise<void> {
    this.#volume.assertWritable()
    return this.#with(parent, name, (node) => {
      if (node.kind === 'directory') throw new FsError('EISDIR')
      this.#takeAway(node)
    })
  }

  /** Unlinks a file that a program has open; it stays reachable under this name for whoever has it open. */
  orphan(parent: NodeId, name: string, orphanName: string): void | Promise<void> {
    this.#volume.assertWritable()
    return this.#with(parent, name, (node) => this.#makeOrphan(node, orphanName))
  }

  /** The last program that had it open is done with it. */
  dropOrphan(node: Node): void {
    const { handles } = this.#volume.parts
    if (!handles.isOpen(node.id)) this.#erase(node)
  }

  async rmdir(parent: NodeId, name: string): Promise<void> {
    this.#volume.assertWritable()
    const id = await this.#within('rmdir', async () => {
      const found = await this.#lookup.find(parent, name)
      if (found === undefined) throw new FsError('ENOENT')
      if (found.kind !== 'directory') throw new FsError('ENOTDIR')
      await this.#lookup.listNow(found.id)
      return found.id
    })
    const node = this.#volume.directory(id)
    if (this.#volume.parts.nodes.childCount(node.id, 1) > 0) throw new FsError('ENOTEMPTY')
    this.#takeAway(node)
  }

  /** All the asking before a change: once its deadline has passed, the change is not made any more. */
  async #within<T>(operation: 'rmdir', ask: () => Promise<T>): Promise<T> {
    try {
      return await this.#volume.within(operation, ask())
    } catch (error) {
      throw asFsError(error)
    }
  }

  #whenFree(parent: NodeId, name: string, create: () => Node): Node | Promise<Node> {
    this.#volume.assertWritable()
    const found = this.#lookup.find(parent, name)
    if (found instanceof Promise) {
      return found.then(() => {
        if (this.#volume.parts.nodes.child(parent, name) !== undefined) throw new FsError('EEXIST')
        return create()
      })
    }
    if (found !== undefined) throw new FsError('EEXIST')
    return create()
  }

  #with(parent: NodeId, name: string, use: (node: Node) => void): void | Promise<void> {
    const found = this.#lookup.find(parent, name)
    if (found instanceof Promise) {
      return found.then((node) => {
        if (node === undefined) throw new FsError('ENOENT')
        use(this.#volume.node(node.id))
      })
    }
    if (found === undefined) throw new FsError('ENOENT')
    use(found)
  }

  #insert(
    parent: NodeId,
    name: string,
    kind: NodeKind,
    mode: number,
    caller: Caller,
    dueAtMs: number,
    target?: string,
  ): Node {
    const { database, nodes, keys, bases, options } = this.#volume.parts
    const directory = this.#volume.directory(parent)
    if (directory.parent === orphanage) throw new FsError('ENOENT')
    const segment = segmentOf(name, this.#volume.parts.options.platform)
    bases.keepMovedAway(keys.ofNewChild(directory, segment, kind === 'directory'))
    const nowMs = this.#volume.now
    const fields = blankNode({
      parent,
      name,
      segment,
      kind,
      mode: mode & 0o7777,
      uid: caller.uid,
      gid: (directory.mode & 0o2000) !== 0 ? directory.gid : caller.gid,
      nowMs,
    })
    if (kind === 'directory' && (directory.mode & 0o2000) !== 0) fields.mode |= 0o2000
    fields.isLocalOnly = directory.isLocalOnly || options.isLocalOnlyName(name)
    fields.isContentDirty = kind === 'file'
    fields.target = target
    fields.size = target === undefined ? 0 : Buffer.byteLength(target)
    fields.listedAtMs = kind === 'directory' ? nowMs : 0
    return database.transaction(() => {
      const node = nodes.insert(fields)
      this.#volume.wishPut(node, dueAtMs)
      this.#volume.touchDirectory(parent)
      return node
    })
  }

  #takeAway(node: Node): void {
    const { parent } = node
    const dropped: Content[] = []
    this.#volume.parts.database.transaction(() => {
      this.#removal.takeAwayInTransaction(node, dropped)
      this.#volume.touchDirectory(parent)
      this.#volume.keepEmptied(parent)
    })
    this.#removal.release(dropped)
  }

  #makeOrphan(node: Node, name: string): void {
    const { database, nodes, keys } = this.#volume.parts
    const { parent } = node
    database.transaction(() => {
      this.#volume.wishGone(node, keys.of(node))
      node.ctimeMs = this.#volume.now
      nodes.move(node, orphanage, name, '')
      this.#volume.touchDirectory(parent)
      this.#volume.keepEmptied(parent)
    })
  }

  #erase(node: Node): void {
    const { database, nodes, contents } = this.#volume.parts
    const content = node.content === 0 ? undefined : this.#volume.contentOf(node)
    database.transaction(() => {
      if (content !== undefined) contents.removeRows(content)
      nodes.remove(node)
    })
    this.#volume.forgetAhead(node.id)
    if (content !== undefined) this.#removal.release([content])
  }
}
