/**
 * Carries out what was decided about a put and the bucket's version (`conflict-finder.ts`), in the journal and in the tree; of a
 * conflict it only says so. Every step is synchronous, and looks first whether the finding is still about the file as it is
 * now. A file that a program has open for writing is never replaced or taken away under it.
 */
import type { ContentStore } from '../cache/content-store.ts'
import type { Journal } from '../journal/journal.ts'
import type { Operation } from '../journal/operation.ts'
import type { DriveDatabase } from '../metadata/database.ts'
import type { NodeKeys } from '../metadata/node-keys.ts'
import { orphanage, type Node } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import { assertNever } from '../runtime/assert-never.ts'
import { StoreError, type ObjectHead } from '../s3/store.ts'
import type { Finding } from './conflict-finder.ts'
import { conflictProblem, heldOpenProblem } from './conflict-words.ts'
import type { RunResult } from './run-result.ts'
import { remoteOf, type TreeChanges } from './tree-changes.ts'
import { isWholeHere } from './whole-content.ts'

export type Outcome =
  | RunResult
  /** The bucket still holds what the change was built on. */
  | { kind: 'unchanged' }
  /** The finding is about a file that changed here since; nothing was done. */
  | { kind: 'stale' }

const outdated = { kind: 'outdated' } as const

export class ConflictOutcome {
  readonly #database: DriveDatabase
  readonly #nodes: Nodes
  readonly #contents: ContentStore
  readonly #journal: Journal
  readonly #keys: NodeKeys
  readonly #tree: TreeChanges

  constructor(options: {
    database: DriveDatabase
    nodes: Nodes
    contents: ContentStore
    journal: Journal
    keys: NodeKeys
    tree: TreeChanges
  }) {
    this.#database = options.database
    this.#nodes = options.nodes
    this.#contents = options.contents
    this.#journal = options.journal
    this.#keys = options.keys
    this.#tree = options.tree
  }

  /** `detail` goes into the words of a conflict. */
  carryOut(id: number, finding: Finding | undefined, detail?: string): Outcome {
    const operation = this.#journal.get(id)
    const node = finding && this.#nodes.get(finding.node)
    if (finding === undefined || operation === undefined || node === undefined) return { kind: 'stale' }
    if (!this.#isAbout(operation, node, finding)) return { kind: 'stale' }
    const { decision } = finding
    switch (decision.kind) {
      case 'nothing':
        return { kind: 'unchanged' }
      case 'send':
        if (finding.there.kind === 'unchanged') return { kind: 'unchanged' }
        return finding.at === 'place' ? this.#rebase(operation, node, finding.head) : this.#standAlone(node)
      case 'adopt':
        return this.#adopt(operation, node, finding.head)
      case 'take':
        return this.#take(operation, node, finding)
      case 'follow':
        return this.#follow(node, finding.head)
      case 'conflict': {
        const problem = conflictProblem(this.#keys.pathOf(node), decision.theirs, detail)
        return { kind: 'conflict', problem, theirs: finding.head }
      }
      default:
        return assertNever(decision)
    }
  }

  /** False when the file was changed, renamed or deleted here since, or another look at the bucket was acted upon. */
  #isAbout(operation: Operation, node: Node, { node: id, base, remote, generation, isDirty }: Finding): boolean {
    if (operation.kind !== 'put' || operation.node !== id || node.parent === orphanage) return false
    const { queued } = this.#journal.slot(operation.key)
    if (queued !== undefined && queued !== operation) return false
    // Renamed again: the newer put knows more.
    const put = this.#journal.putOf(id)
    if (put !== undefined && put !== operation) return false
    if (JSON.stringify(operation.base) !== JSON.stringify(base)) return false
    if (node.remote?.key !== remote?.key || node.remote?.etag !== remote?.etag) return false
    const now = node.kind === 'file' && node.content !== 0 ? this.#contentOf(node).generation : 0
    return node.isContentDirty === isDirty && now === generation
  }

  /** The same bytes under other attributes: ours go onto that version, which was seen. */
  #rebase(operation: Operation, node: Node, head: ObjectHead | undefined): Outcome {
    if (head === undefined) return outdated
    this.#database.transaction(() => {
      operation.base = { kind: 'version', etag: head.etag }
      this.#journal.save(operation)
      if (node.remote?.key === operation.key) node.remote = remoteOf({ ...head, key: operation.key })
      this.#nodes.save(node)
    })
    return outdated
  }

  /** What it stands on was replaced, and only its own bytes count: from here on nothing of it is expected from the bucket. */
  #standAlone(node: Node): Outcome {
    const isWhole = isWholeHere(node, this.#contents)
    const content = this.#contentOf(node)
    this.#database.transaction(() => {
      if (isWhole) this.#contents.markAllDirty(content)
      else this.#contents.giveUpMissing(content)
      this.#contents.save(content)
      node.remote = undefined
      this.#nodes.save(node)
    })
    return outdated
  }

  #adopt(operation: Operation, node: Node, head: ObjectHead | undefined): Outcome {
    if (head === undefined) return outdated
    this.#database.transaction(() => {
      node.remote = remoteOf({ ...head, key: operation.key })
      if (node.content !== 0) {
        const content = this.#contentOf(node)
        this.#contents.markClean(content, node.size)
        this.#contents.save(content)
      }
      if (node.kind === 'file') node.baseSize = node.size
      node.isContentDirty = false
      this.#tree.applyHead(node, head, node.target)
      if (operation.status.state !== 'running') this.#journal.start(operation, undefined)
      this.#journal.finish(operation, { kind: 'version', etag: head.etag })
    })
    if (node.content !== 0) this.#contents.settle(this.#contentOf(node))
    return { kind: 'done' }
  }

  /** Nothing was written here: their version shows, or their deletion happened. */
  #take(operation: Operation, node: Node, { at, head }: Finding): Outcome {
    if (node.kind === 'directory') return this.#keepFolder(operation, node, at)
    if (this.#tree.isOpenForWriting(node.id)) return this.#later(node)
    if (head === undefined) this.#tree.removeSubtree(node)
    else this.#tree.replaceVersion(node, { ...head, key: operation.key })
    // After it: a death between the two leaves an operation that comes to the same end.
    this.#journal.cancel(operation)
    return { kind: 'done' }
  }

  /** A folder that is wanted here is there, and has an object of its own again. */
  #keepFolder(operation: Operation, node: Node, at: Finding['at']): Outcome {
    this.#database.transaction(() => {
      if (at === 'place') operation.base = { kind: 'absent' }
      this.#journal.save(operation)
      if (at === 'source' || node.remote?.key === operation.key) node.remote = undefined
      this.#nodes.save(node)
    })
    return outdated
  }

  #follow(node: Node, head: ObjectHead | undefined): Outcome {
    const { remote } = node
    if (head === undefined || remote === undefined) return outdated
    if (this.#tree.isOpenForWriting(node.id)) return this.#later(node)
    // In this order: a delete of a version that nothing was copied from yet waits for the put.
    this.#database.transaction(() => this.#journal.rebase(remote.key, remote.etag, head.etag))
    const listed = { ...head, key: remote.key }
    if (node.kind !== 'directory') this.#tree.replaceVersion(node, listed)
    else {
      node.remote = remoteOf(listed)
      node.isMetadataKnown = false
      this.#database.transaction(() => this.#nodes.save(node))
    }
    return outdated
  }

  #later(node: Node): Outcome {
    return { kind: 'failed', error: new StoreError('retry', heldOpenProblem(this.#keys.pathOf(node))) }
  }

  #contentOf(node: Node): ReturnType<ContentStore['open']> {
    return this.#contents.open(node.content, node.baseSize)
  }
}
