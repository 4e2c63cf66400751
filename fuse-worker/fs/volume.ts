/**
 * The parts a filesystem is made of, and the few steps every change shares: mark the node, record the operation, keep
 * the times. Each step is synchronous and belongs into the caller's transaction, so that a change is all there or not at all.
 */
import type { Content, ContentStore } from '../cache/content-store.ts'
import { FsError } from '../fuse/kernel.ts'
import type { Journal } from '../journal/journal.ts'
import type { DriveDatabase } from '../metadata/database.ts'
import type { NodeKeys } from '../metadata/node-keys.ts'
import { orphanage, type Node, type NodeId } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import type { Origins } from '../metadata/origins.ts'
import type { Clock } from '../runtime/clock.ts'
import type { NamePlatform } from '../s3/names.ts'
import type { Bases } from '../sync/bases.ts'
import type { Downloads, Source } from '../sync/downloads.ts'
import { writeBackMs, type Placement } from '../sync/placement.ts'
import type { Relocation } from '../sync/relocation.ts'
import type { UnreadVersions } from '../sync/unread-versions.ts'
import { openContentOf } from '../sync/node-content.ts'
import type { RemoteView } from '../sync/remote-view.ts'
import type { FolderUse } from '../sync/sweep.ts'
import type { WarmUp } from '../sync/warm-up.ts'
import { deadlinesMs, within } from './deadlines.ts'
import type { Handles } from './handles.ts'

export { writeBackMs } from '../sync/placement.ts'
/** A file that stays open for writing is uploaded after this all the same. */
export const openWriteBackMs = 30_000

export type VolumeOptions = {
  isReadOnly: boolean
  /** In strict mode close and fsync answer when the bucket has it. */
  isStrict: boolean
  platform: NamePlatform
  isLocalOnlyName: (name: string) => boolean
}

export type VolumeParts = {
  database: DriveDatabase
  nodes: Nodes
  keys: NodeKeys
  contents: ContentStore
  journal: Journal
  origins: Origins
  bases: Bases
  unread: UnreadVersions
  placement: Placement
  relocation: Relocation
  remote: RemoteView
  downloads: Downloads
  handles: Handles
  folderUse: FolderUse
  warmUp: WarmUp
  clock: Clock
  options: VolumeOptions
  /** Uploads this node now; resolves when the bucket has it, rejects with what stands in the way. */
  uploadNow: (node: NodeId) => Promise<void>
  statCache: () => { blocks: number; bfree: number; bavail: number; bsize: number }
}

export class Volume {
  readonly parts: VolumeParts
  /** Sizes and times of files being written, ahead of their rows; outlives a rollback. */
  readonly #ahead = new Map<NodeId, { size: number; mtimeMs: number; ctimeMs: number }>()

  constructor(parts: VolumeParts) {
    this.parts = parts
    parts.database.onRollback(() => this.#reapply())
    parts.nodes.keepAhead((id) => this.#ahead.has(id))
  }

  get now(): number {
    return this.parts.clock.now()
  }

  node(id: NodeId): Node {
    const node = this.parts.nodes.get(id)
    if (node === undefined) throw new FsError('ENOENT')
    return node
  }

  directory(id: NodeId): Node {
    const node = this.node(id)
    if (node.kind !== 'directory') throw new FsError('ENOTDIR')
    return node
  }

  /** What the operation waits for the bucket to answer, and not for longer than SEMANTICS.md says. */
  within<T>(operation: keyof typeof deadlinesMs, answer: Promise<T>): Promise<T> {
    return within(this.parts.clock, deadlinesMs[operation], answer)
  }

  assertWritable(): void {
    if (this.parts.options.isReadOnly) throw new FsError('EROFS')
  }

  contentOf(node: Node): Content {
    return openContentOf(node, this.parts)
  }

  /** Where the base of the node's current content is; undefined when the bucket has none. */
  sourceOf(node: Node): Source | undefined {
    return node.remote === undefined ? undefined : { node: node.id, key: node.remote.key, etag: node.remote.etag }
  }

  /** The node, as it is now, is to be in the bucket under the key of its place. */
  wishPut(node: Node, dueAtMs: number): void {
    this.parts.placement.wishPut(node, dueAtMs)
  }

  /** What the bucket has of this node, whose place has this key, is to go. */
  wishGone(node: Node, key: string | undefined): void {
    this.parts.placement.wishGone(node, key)
  }

  /** Before content changes: from here on a crash leaves a put behind, whatever else it loses. */
  beginContentChange(node: Node): void {
    if (node.isContentDirty && (this.parts.journal.queuedPutOf(node.id) !== undefined || node.isLocalOnly)) return
    if (node.isContentDirty && node.parent === orphanage) return
    this.parts.bases.keep(node)
    this.parts.database.transaction(() => {
      node.isContentDirty = true
      this.parts.nodes.save(node)
      this.wishPut(node, this.now + openWriteBackMs)
    })
  }

  /** Size and times moved on in memory; `persist` writes them. */
  noteAhead(node: Node): void {
    const { size, mtimeMs, ctimeMs } = node
    const known = this.#ahead.get(node.id)
    if (known === undefined) this.#ahead.set(node.id, { size, mtimeMs, ctimeMs })
    else Object.assign(known, { size, mtimeMs, ctimeMs })
  }

  isAhead(node: NodeId): boolean {
    return this.#ahead.has(node)
  }

  /** What programs were told of this file survives this process from here on; `seals` makes damage to it noticeable as well. */
  persist(id: NodeId, dueAtMs: number, { seals }: { seals: boolean } = { seals: true }): void {
    const node = this.parts.nodes.get(id)
    if (node === undefined) return
    this.parts.database.transaction(() => {
      if (node.content !== 0) this.parts.contents.save(this.contentOf(node), { seals })
      node.baseSize = node.content === 0 ? node.baseSize : this.contentOf(node).baseSize
      this.parts.nodes.save(node)
      if (node.isContentDirty) this.wishPut(node, dueAtMs)
    })
    this.#ahead.delete(id)
  }

  /** Everything written so far; called once a second, without seals because the next second changes it again, and before the end. */
  persistAll(how: { seals: boolean }): void {
    for (const id of [...this.#ahead.keys()]) this.persist(id, this.now + openWriteBackMs, how)
  }

  forgetAhead(id: NodeId): void {
    this.#ahead.delete(id)
  }

  /** An entry came or went. */
  touchDirectory(id: NodeId): void {
    const directory = this.parts.nodes.get(id)
    if (directory === undefined) return
    directory.mtimeMs = this.now
    directory.ctimeMs = this.now
    this.parts.nodes.save(directory)
  }

  /** A folder that only the keys below it implied stays when the last of them goes: it gets an object of its own. */
  keepEmptied(id: NodeId): void {
    const directory = this.parts.nodes.get(id)
    if (directory === undefined || directory.remote !== undefined || directory.isLocalOnly) return
    // What it holds is not all known; whether anything is left shows when it is.
    if (this.parts.origins.has(id)) return
    if (this.parts.nodes.childCount(id, 1) === 0) this.wishPut(directory, this.now + writeBackMs)
  }

  #reapply(): void {
    for (const [id, { size, mtimeMs, ctimeMs }] of this.#ahead) {
      const node = this.parts.nodes.get(id)
      if (node !== undefined) Object.assign(node, { size, mtimeMs, ctimeMs })
    }
  }
}
