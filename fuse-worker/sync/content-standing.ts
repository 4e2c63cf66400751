/** How dear a file's cached content is, asked when it is about to be evicted: only what the bucket still has can be had again. */
import type { Standing } from '../cache/chunk-ranking.ts'
import type { Journal } from '../journal/journal.ts'
import type { DriveDatabase, Statement } from '../metadata/database.ts'
import { orphanage, type Node } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import type { OpenFiles } from './tree-changes.ts'

export class ContentStanding {
  readonly #nodes: Nodes
  readonly #journal: Journal
  readonly #openFiles: OpenFiles
  readonly #nodeOfContent: Statement

  constructor(options: { database: DriveDatabase; nodes: Nodes; journal: Journal; openFiles: OpenFiles }) {
    this.#nodes = options.nodes
    this.#journal = options.journal
    this.#openFiles = options.openFiles
    this.#nodeOfContent = options.database.prepare('SELECT id FROM nodes WHERE content = ? AND content <> 0')
  }

  of(content: number): Standing {
    const node = this.#nodeOf(content)
    // No node: a version that was replaced in the bucket while a program reads it.
    if (node === undefined || node.parent === orphanage || node.isLocalOnly || node.remote === undefined) return 'kept'
    const put = this.#journal.putOf(node.id)
    // Whose base somebody else has replaced is whole only here.
    if (put?.status.state === 'conflict') return 'kept'
    if (put !== undefined || node.isContentDirty) return 'unsynced'
    return this.#openFiles.holds(content) ? 'open' : 'free'
  }

  isPinned(content: number): boolean {
    return this.#nodeOf(content)?.isPinned === true
  }

  #nodeOf(content: number): Node | undefined {
    const row = this.#nodeOfContent.get(content)
    const node = row === undefined ? undefined : this.#nodes.get(Number(row['id']))
    // What is in memory is ahead of the row inside a transaction.
    return node?.content === content ? node : undefined
  }
}
