/**
 * What a choice changes here: each function is one transaction, in which the journal and the tree change together. Whoever calls
 * has seen, in the same turn, that both sides are still those that were chosen between, and that what goes is kept elsewhere.
 */
import type { TheirVersion } from '../../contracts/conflict.ts'
import type { Content, ContentStore } from '../cache/content-store.ts'
import type { Journal } from '../journal/journal.ts'
import type { Base } from '../journal/operation.ts'
import type { DriveDatabase } from '../metadata/database.ts'
import type { NodeKeys } from '../metadata/node-keys.ts'
import type { Node } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import { maxKeyBytes, maxNameBytes, segmentFromName, type NamePlatform } from '../s3/names.ts'
import type { ObjectListing } from '../s3/store.ts'
import { writeBackMs } from '../sync/placement.ts'
import type { OpenFiles, TreeChanges } from '../sync/tree-changes.ts'
import { isWholeHere } from '../sync/whole-content.ts'
import { conflictedCopyName } from './copy-name.ts'
import { MovedOn } from './side-writer.ts'
import type { Standoff } from './sides.ts'

export type SettlementParts = {
  database: DriveDatabase
  nodes: Nodes
  keys: NodeKeys
  contents: ContentStore
  journal: Journal
  tree: TreeChanges
  openFiles: OpenFiles
  platform: NamePlatform
  /** The name of this computer, in the names of copies. */
  host: string
  now: () => number
}

export class Settlement {
  readonly #parts: SettlementParts

  constructor(parts: SettlementParts) {
    this.#parts = parts
  }

  /** Mine is sent, on condition that the bucket still holds theirs. */
  keepMine(standoff: Standoff): void {
    const { database } = this.#parts
    database.transaction(() => {
      this.#standAlone(standoff)
      this.#rebase(standoff)
    })
  }

  /** Theirs is what the file is from here on. What a program has open for reading stays what it opened. */
  takeTheirs({ operation, node, theirs }: Standoff): void {
    const { journal, tree } = this.#parts
    const giveUp = (): void => {
      const live = journal.get(operation.id)
      if (live !== undefined) journal.cancel(live)
      node.isContentDirty = false
    }
    if (theirs === undefined) tree.removeSubtree(node, giveUp)
    else tree.replaceVersion(node, listingOf(operation.key, theirs), giveUp)
  }

  /** Mine gets a name of its own and is sent under that; theirs appears under the old name. */
  keepBoth({ operation, node, theirs }: Standoff & { theirs: TheirVersion }): void {
    const { database, nodes, keys, journal, tree, now } = this.#parts
    const { parent, name, segment } = node
    const copyName = this.#copyName(node)
    const decoded = segmentFromName(copyName, this.#parts.platform)
    if (!decoded.ok) throw new Error(`no name for a copy of ${name}`)
    database.transaction(() => {
      const live = journal.get(operation.id)
      this.#standAlone({ operation, node, theirs })
      if (live !== undefined) journal.cancel(live)
      nodes.move(node, parent, copyName, decoded.segment)
      node.ctimeMs = now()
      nodes.save(node)
      const key = keys.of(node)
      if (key !== undefined) journal.wishPut(key, node.id, { kind: 'absent' }, now() + writeBackMs)
      tree.insertListed(parent, { kind: 'object', name, segment, object: listingOf(operation.key, theirs) })
      const folder = nodes.require(parent)
      folder.mtimeMs = now()
      folder.ctimeMs = folder.mtimeMs
      nodes.save(folder)
    })
  }

  /** `content` holds the merged text, whole and on the disk; it takes the place of mine in one step. */
  takeMerged(standoff: Standoff, content: Content, sizeBytes: number): void {
    const { database, nodes, contents, openFiles, now } = this.#parts
    const { node } = standoff
    const old = node.content === 0 ? undefined : contents.open(node.content, node.baseSize)
    database.transaction(() => {
      if (old !== undefined) contents.removeRows(old)
      node.content = content.id
      node.baseSize = 0
      node.size = sizeBytes
      node.mtimeMs = now()
      node.ctimeMs = node.mtimeMs
      node.isContentDirty = true
      if (node.remote?.key === standoff.operation.key) node.remote = undefined
      nodes.save(node)
      contents.save(content, { seals: true })
      this.#rebase(standoff)
    })
    if (old !== undefined && !openFiles.holds(old.id)) contents.removeFiles(old)
  }

  /** All of mine, which must be here, is to be sent: nothing of it can be copied from a version that has been replaced. */
  #standAlone({ operation, node }: Standoff): void {
    const { contents, nodes } = this.#parts
    // Renamed here: the bucket still has its base, under the old name.
    if (node.remote === undefined || node.remote.key !== operation.key) return
    if (!isWholeHere(node, contents)) throw new MovedOn()
    if (node.kind === 'file') {
      if (node.content !== 0) {
        const content = contents.open(node.content, node.baseSize)
        contents.markAllDirty(content)
        contents.save(content)
      }
      node.isContentDirty = true
    }
    node.remote = undefined
    nodes.save(node)
  }

  #rebase({ operation, theirs }: Standoff): void {
    const { journal, now } = this.#parts
    const live = journal.get(operation.id)
    if (live === undefined) return
    const base: Base = theirs === undefined ? { kind: 'absent' } : { kind: 'version', etag: theirs.etag }
    live.base = base
    live.attempts = 0
    live.dueAtMs = now()
    journal.own(live)
    journal.setStatus(live, { state: 'queued' })
  }

  #copyName(node: Node): string {
    const { nodes, keys, journal, platform, host, now } = this.#parts
    const prefix = keys.ofChildren(nodes.require(node.parent))
    return conflictedCopyName({
      ...{ name: node.name, host, atMs: now(), platform },
      maxBytes: Math.min(maxNameBytes, maxKeyBytes - Buffer.byteLength(prefix)),
      isTaken: (name) => nodes.child(node.parent, name) !== undefined || journal.hasPending(prefix + name),
    })
  }
}

function listingOf(key: string, { etag, versionId, sizeBytes, modifiedAt }: TheirVersion): ObjectListing {
  return { key, etag, sizeBytes, lastModifiedMs: modifiedAt, ...(versionId === undefined ? {} : { versionId }) }
}
