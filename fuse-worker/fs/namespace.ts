/**
 * Names coming, going and moving: create, mkdir, symlink, unlink, rmdir, rename. Each asks the bucket first for what it must
 * know, and then changes everything in one synchronous transaction.
 */
import type { Content } from '../cache/content-store.ts'
import { FsError, type Caller } from '../fuse/kernel.ts'
import { blankNode, orphanage, type Node, type NodeId, type NodeKind } from '../metadata/node.ts'
import { maxKeyBytes, segmentFromName } from '../s3/names.ts'
import { asFsError } from './errors.ts'
import type { Lookup } from './lookup.ts'
import { planRename } from './rename-plan.ts'
import { openWriteBackMs, writeBackMs, type Volume } from './volume.ts'

export class Namespace {
  readonly #volume: Volume
  readonly #lookup: Lookup

  constructor(volume: Volume, lookup: Lookup) {
    this.#volume = volume
    this.#lookup = lookup
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
    if (this.#volume.parts.nodes.children(node.id).size > 0) throw new FsError('ENOTEMPTY')
    this.#takeAway(node)
  }

  async rename(fromParent: NodeId, fromName: string, toParent: NodeId, toName: string): Promise<void> {
    this.#volume.assertWritable()
    const id = await this.#within('rename', async () => {
      const found = await this.#lookup.find(fromParent, fromName)
      if (found === undefined) throw new FsError('ENOENT')
      const inTheWay = await this.#lookup.find(toParent, toName)
      await this.#learnForRename(found, inTheWay)
      return found.id
    })
    const source = this.#volume.node(id)
    // It may have gone while the bucket was asked.
    if (source.parent !== fromParent) throw new FsError('ENOENT')
    const target = this.#volume.parts.nodes.child(toParent, toName)
    if (target?.id === source.id && source.name === toName) return
    this.#assertRenameable(source, target?.id === source.id ? undefined : target, toParent)
    this.#moveNow(source, target?.id === source.id ? undefined : target, toParent, toName)
  }

  /** All the asking before a change: once its deadline has passed, the change is not made any more. */
  async #within<T>(operation: 'rmdir' | 'rename', ask: () => Promise<T>): Promise<T> {
    try {
      return await this.#volume.within(operation, ask())
    } catch (error) {
      throw asFsError(error)
    }
  }

  /** A moved directory takes its whole subtree along, so all of it must be known; a replaced one must be known to be empty. */
  async #learnForRename(source: Node, target: Node | undefined): Promise<void> {
    if (source.kind === 'directory' && !source.isLocalOnly) {
      const isLocal = source.remote === undefined && this.#volume.parts.journal.putOf(source.id) !== undefined
      try {
        if (!isLocal || this.#hasRemoteBelow(source)) await this.#volume.parts.remote.loadSubtree(source.id)
      } catch (error) {
        throw asFsError(error)
      }
    }
    if (target?.kind === 'directory') await this.#lookup.listNow(target.id)
  }

  #hasRemoteBelow(directory: Node): boolean {
    for (const child of this.#volume.parts.nodes.children(directory.id).values()) {
      if (child.remote !== undefined || (child.kind === 'directory' && this.#hasRemoteBelow(child))) return true
    }
    return false
  }

  #assertRenameable(source: Node, target: Node | undefined, toParent: NodeId): void {
    const { nodes } = this.#volume.parts
    const destination = this.#volume.directory(toParent)
    if (source.kind === 'directory') {
      const line = nodes.ancestry(destination) ?? []
      if (line.some((step) => step.id === source.id)) throw new FsError('EINVAL')
    }
    if (target === undefined) return
    if (target.kind === 'directory') {
      if (source.kind !== 'directory') throw new FsError('EISDIR')
      if (nodes.children(target.id).size > 0) throw new FsError('ENOTEMPTY')
    } else if (source.kind === 'directory') throw new FsError('ENOTDIR')
  }

  #moveNow(source: Node, target: Node | undefined, toParent: NodeId, toName: string): void {
    const { database, nodes, keys } = this.#volume.parts
    const destination = this.#volume.directory(toParent)
    const segment = this.#segment(toName)
    const newKey = keys.ofNewChild(destination, segment, source.kind === 'directory')
    this.#assertRoomBelow(source, Buffer.byteLength(newKey))
    const fromParent = source.parent
    const dropped: Content[] = []
    database.transaction(() => {
      if (target !== undefined) this.#takeAwayInTransaction(target, dropped)
      const before = this.#subtree(source).map((node) => ({ node, key: keys.of(node) }))
      nodes.move(source, toParent, toName, segment)
      source.ctimeMs = this.#volume.now
      nodes.save(source)
      for (const { node, key } of before) this.#rekey(node, key)
      this.#volume.touchDirectory(fromParent)
      if (toParent !== fromParent) this.#volume.touchDirectory(toParent)
      this.#volume.keepEmptied(fromParent)
    })
    this.#release(dropped)
  }

  /** Throws ENAMETOOLONG when a key below a moved folder would get too long for S3. */
  #assertRoomBelow(source: Node, newKeyBytes: number): void {
    if (source.kind !== 'directory') return
    const { keys } = this.#volume.parts
    const growth = newKeyBytes - Buffer.byteLength(keys.of(source) ?? '')
    if (growth <= 0) return
    for (const node of this.#subtree(source)) {
      if (Buffer.byteLength(keys.of(node) ?? '') + growth > maxKeyBytes) throw new FsError('ENAMETOOLONG')
    }
  }

  /** After its place changed: what the journal and the bucket have under the old key belongs under the new one. */
  #rekey(node: Node, oldKey: string | undefined): void {
    const { journal, nodes, keys, options } = this.#volume.parts
    const newKey = keys.of(node)
    if (oldKey === undefined || newKey === undefined) return
    const parentIsLocal = nodes.get(node.parent)?.isLocalOnly === true
    const step = planRename({
      isDirectory: node.kind === 'directory',
      isLocalOnly: node.isLocalOnly,
      isLocalOnlyPlace: parentIsLocal || options.isLocalOnlyName(node.name),
      hasRemote: node.remote !== undefined,
      hasPendingPut: journal.putOf(node.id) !== undefined,
      mayHaveReachedBucket: this.#mayHaveReachedBucket(oldKey),
      isEmpty: nodes.children(node.id).size === 0,
    })
    switch (step) {
      case 'nothing':
        return
      case 'becomes-local':
        this.#volume.wishGone(node, oldKey)
        node.isLocalOnly = true
        break
      case 'becomes-real':
        node.isLocalOnly = false
        node.isContentDirty = node.kind === 'file'
        this.#volume.wishPut(node, this.#volume.now + writeBackMs)
        break
      case 'moves':
        this.#volume.wishGone(node, oldKey)
        journal.wishPut(newKey, node.id, this.#volume.baseAt(node, newKey), this.#volume.now + writeBackMs)
        break
    }
    nodes.save(node)
  }

  #mayHaveReachedBucket(key: string): boolean {
    const { queued, running } = this.#volume.parts.journal.slot(key)
    return running !== undefined || (queued !== undefined && queued.writeIds.length > 0)
  }

  #subtree(node: Node): Node[] {
    if (node.kind !== 'directory') return [node]
    return [node, ...[...this.#volume.parts.nodes.children(node.id).values()].flatMap((child) => this.#subtree(child))]
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
    const { database, nodes, keys, options } = this.#volume.parts
    const directory = this.#volume.directory(parent)
    if (directory.parent === orphanage) throw new FsError('ENOENT')
    const segment = this.#segment(name)
    keys.ofNewChild(directory, segment, kind === 'directory')
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
      this.#takeAwayInTransaction(node, dropped)
      this.#volume.touchDirectory(parent)
      this.#volume.keepEmptied(parent)
    })
    this.#release(dropped)
  }

  #takeAwayInTransaction(node: Node, dropped: Content[]): void {
    const { handles, nodes, contents, keys } = this.#volume.parts
    this.#volume.wishGone(node, keys.of(node))
    if (handles.isOpen(node.id)) {
      node.ctimeMs = this.#volume.now
      nodes.move(node, orphanage, `#${node.id}`, '')
      return
    }
    this.#volume.forgetAhead(node.id)
    if (node.content !== 0) {
      const content = this.#volume.contentOf(node)
      contents.removeRows(content)
      dropped.push(content)
    }
    nodes.remove(node)
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
    if (content !== undefined) this.#release([content])
  }

  #release(dropped: Content[]): void {
    const { contents, handles, downloads } = this.#volume.parts
    for (const content of dropped) {
      if (handles.holds(content.id)) continue
      downloads.cancel(content)
      contents.removeFiles(content)
    }
  }

  #segment(name: string): string {
    const decoded = segmentFromName(name, this.#volume.parts.options.platform)
    if (decoded.ok) return decoded.segment
    throw new FsError(decoded.reason === 'name-too-long' ? 'ENAMETOOLONG' : 'EINVAL')
  }
}
