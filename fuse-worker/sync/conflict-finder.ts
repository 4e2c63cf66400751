/**
 * Finds out what became of the object a put was built on: looks at the key it writes and, of a renamed file, at the key it stands
 * on, and decides (`conflict-decision.ts`). Changes nothing; every answer is about a moment that has passed, so whoever acts
 * on it (`conflict-outcome.ts`) looks again at what may have moved on here.
 */
import type { ContentStore } from '../cache/content-store.ts'
import type { Base, Operation } from '../journal/operation.ts'
import type { Node, NodeId } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import type { ETag, ObjectHead, ObjectStore } from '../s3/store.ts'
import { decide, type Change, type Decision } from './conflict-decision.ts'
import { hereAtPlace, hereAtSource, thereSince, withSameBytes } from './conflict-sides.ts'
import type { SameContent } from './same-content.ts'

export type Finding = {
  readonly node: NodeId
  /** What the operation was built on, and what its file stood on and held, when this was found. */
  readonly base: Base
  readonly remote: { key: string; etag: ETag } | undefined
  readonly generation: number
  readonly isDirty: boolean
  /** The key that the put writes, or the one that its renamed file stands on. */
  readonly at: 'place' | 'source'
  readonly there: Change
  readonly decision: Decision
  /** What the bucket holds under that key. */
  readonly head: ObjectHead | undefined
}

export class ConflictFinder {
  readonly #store: ObjectStore
  readonly #nodes: Nodes
  readonly #contents: ContentStore
  readonly #same: SameContent

  constructor(options: { store: ObjectStore; nodes: Nodes; contents: ContentStore; same: SameContent }) {
    this.#store = options.store
    this.#nodes = options.nodes
    this.#contents = options.contents
    this.#same = options.same
  }

  /** `head` is what the key holds now. Undefined when the file is gone here. Throws StoreError and UploadOutdated. */
  async find(operation: Operation, head: ObjectHead | undefined, signal: AbortSignal): Promise<Finding | undefined> {
    const node = this.#nodes.get(operation.node)
    if (node === undefined) return undefined
    const there = thereSince(operation.base, head?.etag)
    if (there.kind === 'unchanged') return this.#atSource(operation, node, head, signal)
    // What is renamed unedited goes with the word of its source, whatever stands where it is to go.
    const isStandingElsewhere = node.remote !== undefined && node.remote.key !== operation.key
    if (isStandingElsewhere && hereAtSource(operation, node).kind !== 'renamed-and-edited') {
      const found = await this.#atSource(operation, node, head, signal)
      if (found.there.kind !== 'unchanged') return found
    }
    return this.#atPlace(operation, there, head, signal)
  }

  async #atPlace(
    operation: Operation,
    there: Change,
    head: ObjectHead | undefined,
    signal: AbortSignal,
  ): Promise<Finding | undefined> {
    const node = this.#nodes.get(operation.node)
    if (node === undefined) return undefined
    const here = hereAtPlace(operation, node)
    const facts = { ...this.#factsOf(operation, node), at: 'place' as const, head }
    const decision = decide(here, there)
    const couldBeSame = head !== undefined && (decision.kind === 'conflict' || here.kind === 'attributes-edited')
    if (!couldBeSame || !(await this.#same.isSame(node, operation.key, head, signal))) {
      return { ...facts, there, decision }
    }
    const same = withSameBytes(here, there)
    return { ...facts, there: same, decision: decide(here, same) }
  }

  /** What the file stands on; `placeHead` is what the key of the put holds. */
  async #atSource(
    operation: Operation,
    node: Node,
    placeHead: ObjectHead | undefined,
    signal: AbortSignal,
  ): Promise<Finding> {
    const facts = { ...this.#factsOf(operation, node), at: 'source' as const }
    const here = hereAtSource(operation, node)
    // Standing on no object, it cannot be held up by one.
    if (node.remote === undefined) {
      return { ...facts, there: { kind: 'unchanged' }, decision: { kind: 'send' }, head: undefined }
    }
    const { key, etag } = node.remote
    const head = key === operation.key ? placeHead : await this.#store.head(key, { signal })
    const there = thereSince({ kind: 'version', etag }, head?.etag)
    return { ...facts, there, decision: decide(here, there), head }
  }

  #factsOf({ base }: Operation, node: Node): Pick<Finding, 'node' | 'base' | 'remote' | 'generation' | 'isDirty'> {
    const content =
      node.kind === 'file' && node.content !== 0 ? this.#contents.open(node.content, node.baseSize) : undefined
    return {
      node: node.id,
      base: { ...base },
      remote: node.remote && { key: node.remote.key, etag: node.remote.etag },
      generation: content?.generation ?? 0,
      isDirty: node.isContentDirty,
    }
  }
}
