/**
 * Frees space now: what the bucket has too leaves this computer, of files and of everything below folders. Nothing that is
 * only here can go: each file is looked at at the moment it is freed, and the cache refuses dirty, pinned and used chunks by itself.
 */
import type { Freed, stayReasons } from '../../contracts/file.ts'
import type { ContentStore } from '../cache/content-store.ts'
import type { Journal } from '../journal/journal.ts'
import type { DriveDatabase, Statement } from '../metadata/database.ts'
import type { NodeKeys } from '../metadata/node-keys.ts'
import type { Node, NodeId } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import type { OpenFiles } from '../sync/tree-changes.ts'

type Reason = (typeof stayReasons)[number]

const nodesPerSlice = 200

type FreeingParts = {
  database: DriveDatabase
  nodes: Nodes
  keys: NodeKeys
  contents: ContentStore
  journal: Journal
  openFiles: OpenFiles
  /** Whether a pin covers it; one that none covers any more is let go by the cache from here on. */
  isKept: (node: Node) => boolean
  /** Throws ProblemError. */
  find: (path: string) => Promise<Node>
}

export class Freeing {
  readonly #parts: FreeingParts
  readonly #below: Statement

  constructor(parts: FreeingParts) {
    this.#parts = parts
    this.#below = parts.database.prepare(
      `SELECT id, name, kind FROM nodes WHERE parent = ? AND name > ? AND (content <> 0 OR kind = 'directory')
       ORDER BY name LIMIT ?`,
    )
  }

  async free(paths: readonly string[]): Promise<Freed> {
    const freed: Freed = { freedFiles: 0, freedBytes: 0, stays: [] }
    const seen = new Set<NodeId>()
    for (const path of paths) {
      const { id } = await this.#parts.find(path)
      for await (const file of this.#filesBelow(id)) {
        if (seen.has(file)) continue
        seen.add(file)
        this.#freeOne(file, freed)
      }
    }
    return freed
  }

  async *#filesBelow(id: NodeId): AsyncGenerator<NodeId> {
    const { nodes } = this.#parts
    if (nodes.get(id)?.kind === 'file') yield id
    const folders = nodes.get(id)?.kind === 'directory' ? [id] : []
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      for (let last = ''; ;) {
        const rows = this.#below.all(folder, last, nodesPerSlice)
        for (const row of rows) {
          if (row['kind'] === 'directory') folders.push(Number(row['id']))
          else yield Number(row['id'])
          last = String(row['name'])
        }
        if (rows.length < nodesPerSlice) break
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
  }

  #freeOne(id: NodeId, freed: Freed): void {
    const { nodes, contents } = this.#parts
    const node = nodes.get(id)
    if (node === undefined || node.kind !== 'file' || node.content === 0) return
    const content = contents.open(node.content, node.baseSize)
    const reason = this.#reasonToStay(node)
    const bytes = contents.evict(content, { mayGo: reason === undefined })
    if (reason === undefined && bytes.stays === 0) {
      freed.freedBytes += bytes.evicted
      if (bytes.evicted > 0) freed.freedFiles++
      return
    }
    freed.freedBytes += bytes.evicted
    if (bytes.stays > 0) this.#note(freed, reason ?? 'open', node, bytes.stays)
  }

  #reasonToStay(node: Node): Reason | undefined {
    const { journal, openFiles, isKept } = this.#parts
    if (node.isLocalOnly) return 'local-only'
    if (node.isContentDirty || node.remote === undefined || journal.putOf(node.id) !== undefined) return 'unsent'
    if (isKept(node)) return 'kept'
    return openFiles.isOpen(node.id) ? 'open' : undefined
  }

  #note({ stays }: Freed, reason: Reason, node: Node, bytes: number): void {
    const known = stays.find((one) => one.reason === reason)
    if (known === undefined) stays.push({ reason, files: 1, bytes, path: this.#parts.keys.pathOf(node) })
    else {
      known.files++
      known.bytes += bytes
    }
  }
}
