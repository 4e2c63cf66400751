/**
 * Renames. A file's operations are recorded with the rename itself; a folder moves as one, without asking the bucket for what is below
 * it (sync/relocation.ts). Only where a folder becomes local-only, or stops being so, is each node below it decided by itself.
 */
import type { Content } from '../cache/content-store.ts'
import { FsError } from '../fuse/kernel.ts'
import type { Node, NodeId } from '../metadata/node.ts'
import { maxKeyBytes } from '../s3/names.ts'
import { asFsError, segmentOf } from './errors.ts'
import type { Lookup } from './lookup.ts'
import type { Removal } from './removal.ts'
import { planRename } from './rename-plan.ts'
import { writeBackMs, type Volume } from './volume.ts'

export class Renames {
  readonly #volume: Volume
  readonly #lookup: Lookup
  readonly #removal: Removal

  constructor(volume: Volume, lookup: Lookup, removal: Removal) {
    this.#volume = volume
    this.#lookup = lookup
    this.#removal = removal
  }

  async rename(fromParent: NodeId, fromName: string, toParent: NodeId, toName: string): Promise<void> {
    this.#volume.assertWritable()
    const id = await this.#within(async () => {
      const found = await this.#lookup.find(fromParent, fromName)
      if (found === undefined) throw new FsError('ENOENT')
      const inTheWay = await this.#lookup.find(toParent, toName)
      const isLearnt = found.isLocalOnly || !this.#isEachByItself(found, toParent, toName)
      if (!isLearnt) await this.#volume.parts.remote.loadSubtree(found.id)
      if (inTheWay?.kind === 'directory') await this.#lookup.listNow(inTheWay.id)
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

  /** Whether what is below a folder has to be looked at node by node: some may stay on this machine, or be uploaded from now on. */
  #isEachByItself(source: Node, toParent: NodeId, toName: string): boolean {
    if (source.kind !== 'directory') return false
    const { nodes, options } = this.#volume.parts
    return source.isLocalOnly || nodes.get(toParent)?.isLocalOnly === true || options.isLocalOnlyName(toName)
  }

  /** All the asking before a change: once its deadline has passed, the change is not made any more. */
  async #within<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await this.#volume.within('rename', ask())
    } catch (error) {
      throw asFsError(error)
    }
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
      if (nodes.childCount(target.id, 1) > 0) throw new FsError('ENOTEMPTY')
    } else if (source.kind === 'directory') throw new FsError('ENOTDIR')
  }

  #moveNow(source: Node, target: Node | undefined, toParent: NodeId, toName: string): void {
    const { database, nodes, keys, bases, options, relocation } = this.#volume.parts
    const destination = this.#volume.directory(toParent)
    const segment = segmentOf(toName, options.platform)
    const newKey = keys.ofNewChild(destination, segment, source.kind === 'directory')
    this.#assertRoomBelow(source, Buffer.byteLength(newKey))
    if (target === undefined) bases.keepMovedAway(newKey)
    else bases.keep(target)
    const isEachByItself = this.#isEachByItself(source, toParent, toName)
    const fromParent = source.parent
    const dropped: Content[] = []
    const move = (): void => {
      nodes.move(source, toParent, toName, segment)
      source.ctimeMs = this.#volume.now
      nodes.save(source)
    }
    database.transaction(() => {
      if (target !== undefined) this.#removal.takeAwayInTransaction(target, dropped)
      if (source.kind === 'directory' && !isEachByItself) relocation.relocate(source, move)
      else this.#moveEach(source, move)
      this.#volume.touchDirectory(fromParent)
      if (toParent !== fromParent) this.#volume.touchDirectory(toParent)
      this.#volume.keepEmptied(fromParent)
    })
    this.#removal.release(dropped)
  }

  #moveEach(source: Node, move: () => void): void {
    const { keys, origins } = this.#volume.parts
    const before = this.#subtree(source).map((node) => ({ node, key: keys.of(node) }))
    move()
    for (const { node, key } of before) {
      this.#rekey(node, key)
      // Everything below was listed just now, and has its operations.
      if (node.kind === 'directory') origins.removeAll(node.id)
    }
  }

  /** Throws ENAMETOOLONG when a key below a moved folder would get too long for S3, as far as the keys are known. */
  #assertRoomBelow(source: Node, newKeyBytes: number): void {
    if (source.kind !== 'directory') return
    const { keys, relocation } = this.#volume.parts
    const growth = newKeyBytes - Buffer.byteLength(keys.of(source) ?? '')
    if (growth > 0 && relocation.longestKeyBytes(source) + growth > maxKeyBytes) throw new FsError('ENAMETOOLONG')
  }

  /** After its place changed: what the journal and the bucket have under the old key belongs under the new one. */
  #rekey(node: Node, oldKey: string | undefined): void {
    const { journal, nodes, keys, options, placement } = this.#volume.parts
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
      isEmpty: nodes.childCount(node.id, 1) === 0,
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
        journal.wishPut(newKey, node.id, placement.baseAt(node, newKey), this.#volume.now + writeBackMs)
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
}
