/** Nodes as rows of the window: what of each is here, what is on its way, and the one badge that follows. Reads, changes nothing. */
import type { FileEntry } from '../../contracts/file.ts'
import type { Journal } from '../journal/journal.ts'
import type { Operation } from '../journal/operation.ts'
import type { DriveDatabase, Statement } from '../metadata/database.ts'
import type { NodeKeys } from '../metadata/node-keys.ts'
import type { Node, NodeId } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import { badgeOfFile, badgeOfFolder, badgeOfState, type PendingBadge } from './badge.ts'

const loudness: readonly PendingBadge[] = ['waiting', 'uploading', 'blocked', 'conflict']
const kinds = { file: 'file', directory: 'folder', symlink: 'link' } as const

export class Entries {
  readonly #nodes: Nodes
  readonly #keys: NodeKeys
  readonly #journal: Journal
  readonly #isPin: (node: NodeId) => boolean
  readonly #present: Statement

  constructor(options: {
    database: DriveDatabase
    nodes: Nodes
    keys: NodeKeys
    journal: Journal
    /** Whether a person chose this very node to be kept offline. */
    isPin: (node: NodeId) => boolean
  }) {
    this.#nodes = options.nodes
    this.#keys = options.keys
    this.#journal = options.journal
    this.#isPin = options.isPin
    this.#present = options.database.prepare(
      `SELECT content, sum(end - start) AS bytes FROM extents
       WHERE content IN (SELECT value FROM json_each(?)) AND is_dirty = 0 GROUP BY content`,
    )
  }

  /** Of those that are still there, in the same order. */
  of(ids: readonly NodeId[]): { id: NodeId; entry: FileEntry }[] {
    const nodes = ids.map((id) => this.#nodes.get(id)).filter((node) => node !== undefined)
    const cached = this.#cachedBytes(nodes)
    const loud = this.#loudOperations()
    return nodes.map((node) => ({ id: node.id, entry: this.#entry(node, cached.get(node.content) ?? 0, loud) }))
  }

  #entry(node: Node, presentBytes: number, loud: readonly Operation[]): FileEntry {
    const { name, mtimeMs: modifiedAt } = node
    const kept = this.#keptAs(node)
    const put = this.#journal.putOf(node.id)
    const base = { name, kind: kinds[node.kind], modifiedAt, ...(kept === undefined ? {} : { kept }) }
    if (node.kind === 'directory') {
      const pending = louder(badgeOfState(put?.status.state), this.#pendingBelow(node, loud))
      const badge = badgeOfFolder({ isLocalOnly: node.isLocalOnly, pending, isKept: kept !== undefined })
      return { ...base, sizeBytes: 0, cachedBytes: 0, ...(badge === undefined ? {} : { badge }) }
    }
    const cachedBytes = node.kind === 'symlink' ? node.size : Math.min(node.size, presentBytes)
    const { size: sizeBytes, isLocalOnly, isContentDirty } = node
    const badge = badgeOfFile({
      ...{ isLocalOnly, isContentDirty, sizeBytes, cachedBytes },
      isKept: kept !== undefined,
      put: put?.status.state,
    })
    const problem = put !== undefined && 'problem' in put.status ? { problem: put.status.problem } : {}
    const transfer = put === undefined ? {} : { transferId: `op-${put.id}` }
    return { ...base, sizeBytes, cachedBytes, badge, ...problem, ...transfer }
  }

  #keptAs(node: Node): FileEntry['kept'] {
    if (this.#isPin(node.id)) return 'itself'
    for (let parent = this.#nodes.get(node.parent); parent !== undefined; parent = this.#nodes.get(parent.parent))
      if (this.#isPin(parent.id)) return 'with-folder'
    return undefined
  }

  #pendingBelow(folder: Node, loud: readonly Operation[]): PendingBadge | undefined {
    const prefix = this.#keys.ofChildren(folder)
    let found: PendingBadge | undefined
    for (const { key, status } of loud) if (key.startsWith(prefix)) found = louder(found, badgeOfState(status.state))
    if (found !== undefined) return found
    return this.#journal.size > 0 && prefix !== '' && this.#journal.hasAnyBelow(prefix) ? 'waiting' : undefined
  }

  #loudOperations(): Operation[] {
    return [...this.#journal.operations()].filter(
      ({ kind, status }) => kind === 'put' && status.state !== 'queued' && status.state !== 'waiting',
    )
  }

  #cachedBytes(nodes: readonly Node[]): Map<number, number> {
    const contents = nodes.map(({ content }) => content).filter((content) => content !== 0)
    const rows = contents.length === 0 ? [] : this.#present.all(JSON.stringify(contents))
    return new Map(rows.map((row) => [Number(row['content']), Number(row['bytes'])]))
  }
}

function louder(a: PendingBadge | undefined, b: PendingBadge | undefined): PendingBadge | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return loudness.indexOf(a) > loudness.indexOf(b) ? a : b
}
