/** Reads the conflicts out of the journal: what each side is now, as a person is shown it and as a choice is about it. */
import type { Conflict, PendingChoice, SeenSides, TheirVersion } from '../../contracts/conflict.ts'
import type { ContentStore } from '../cache/content-store.ts'
import type { Journal } from '../journal/journal.ts'
import type { ConflictState, Operation } from '../journal/operation.ts'
import type { NodeKeys } from '../metadata/node-keys.ts'
import { orphanage, type Node } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import type { OpenFiles } from '../sync/tree-changes.ts'
import { isWhole } from '../sync/whole-content.ts'

export type Standoff = {
  operation: Operation & { status: ConflictState }
  node: Node
  theirs: TheirVersion | undefined
}

export class Sides {
  readonly #journal: Journal
  readonly #nodes: Nodes
  readonly #keys: NodeKeys
  readonly #contents: ContentStore
  readonly #openFiles: OpenFiles

  constructor(options: {
    journal: Journal
    nodes: Nodes
    keys: NodeKeys
    contents: ContentStore
    openFiles: OpenFiles
  }) {
    this.#journal = options.journal
    this.#nodes = options.nodes
    this.#keys = options.keys
    this.#contents = options.contents
    this.#openFiles = options.openFiles
  }

  all(): Standoff[] {
    return [...this.#journal.operations()].flatMap((operation) => this.#standoffOf(operation) ?? [])
  }

  get(id: number): Standoff | undefined {
    const operation = this.#journal.get(id)
    return operation === undefined ? undefined : this.#standoffOf(operation)
  }

  pathOf({ node }: Standoff): string {
    return this.#keys.pathOf(node)
  }

  /** Another one whenever what is here changes, in this process or an earlier one; programs cannot set a ctime. */
  revisionOf({ node }: Standoff): string {
    return [node.id, node.content, node.size, node.ctimeMs].join('.')
  }

  isOpenForWriting({ node }: Standoff): boolean {
    return this.#openFiles.isOpenForWriting(node.id)
  }

  isWhole({ operation, node, theirs }: Standoff): boolean {
    return isWhole(node, this.#contents, { key: operation.key, etag: theirs?.etag })
  }

  isSeen(standoff: Standoff, seen: SeenSides): boolean {
    return seen.revision === this.revisionOf(standoff) && seen.theirsEtag === standoff.theirs?.etag
  }

  describe(standoff: Standoff, choice: PendingChoice | undefined, hasBase: boolean): Conflict {
    const { operation, node, theirs } = standoff
    return {
      id: String(operation.id),
      path: this.pathOf(standoff),
      kind: theirs === undefined ? 'deleted' : operation.base.kind === 'absent' ? 'created' : 'edited',
      since: operation.status.sinceMs,
      mine: {
        sizeBytes: node.size,
        modifiedAt: node.mtimeMs,
        revision: this.revisionOf(standoff),
        isWhole: this.isWhole(standoff),
        isOpen: this.isOpenForWriting(standoff),
      },
      ...(theirs === undefined ? {} : { theirs }),
      hasBase,
      ...(choice === undefined ? {} : { choice }),
    }
  }

  #standoffOf(operation: Operation): Standoff | undefined {
    const { status } = operation
    if (operation.kind !== 'put' || status.state !== 'conflict') return undefined
    const node = this.#nodes.get(operation.node)
    // A folder's own object holds nothing to choose from.
    if (node === undefined || node.parent === orphanage || node.kind === 'directory') return undefined
    return { operation: { ...operation, status }, node, theirs: status.theirs }
  }
}

/** The bucket keeps it when it is replaced. `null` is the version that a bucket without a history overwrites. */
export function isInHistory({ versionId }: TheirVersion): boolean {
  return versionId !== undefined && versionId !== 'null'
}
