/**
 * Learns the metadata of small objects in folders that programs listed (links among them), without anybody waiting for it. Who lists a folder
 * looks at its entries next, and who walks through a tree lists the next folder: neither has to share the line with this, so
 * it begins when nothing was listed for a second, stops when something is, and only remembers the folders listed last.
 */
import type { NodeId } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Connection } from './connection.ts'
import type { TreeChanges } from './tree-changes.ts'

const quietMs = 1_000
const atOnce = 2
const mostOfFolder = 400
const mostFolders = 8
/** Bodies up to this may be symbolic links, whose kind only their metadata tells. */
const longestTarget = 4_095

export class WarmUp {
  readonly #nodes: Nodes
  readonly #tree: TreeChanges
  readonly #connection: Connection
  readonly #clock: Clock
  readonly #revalidate: (node: NodeId) => Promise<void>
  /** How many objects of a folder may still be asked for; the folder listed last is last. */
  readonly #left = new Map<NodeId, number>()
  /** Counts listings: what began before the last of them stops. */
  #turn = 0
  #cancel: (() => void) | undefined

  constructor(options: {
    nodes: Nodes
    tree: TreeChanges
    connection: Connection
    clock: Clock
    revalidate: (node: NodeId) => Promise<void>
  }) {
    this.#nodes = options.nodes
    this.#tree = options.tree
    this.#connection = options.connection
    this.#clock = options.clock
    this.#revalidate = options.revalidate
  }

  /** A program listed this folder. */
  listed(folder: NodeId): void {
    this.#left.delete(folder)
    this.#left.set(folder, mostOfFolder)
    for (const [oldest] of this.#left) if (this.#left.size > mostFolders) this.#left.delete(oldest)
    this.#cancel?.()
    const turn = ++this.#turn
    this.#cancel = this.#clock.after(quietMs, () => this.#begin(turn))
  }

  /** Nothing is begun any more. */
  close(): void {
    this.#turn++
    this.#cancel?.()
  }

  #begin(turn: number): void {
    const unknown = this.#unknown()
    for (let lane = 0; lane < atOnce; lane++) void this.#goOn(turn, unknown)
  }

  async #goOn(turn: number, unknown: Iterator<NodeId, void>): Promise<void> {
    while (turn === this.#turn && this.#connection.isOnline) {
      const next = unknown.next()
      if (next.done === true) return
      await this.#revalidate(next.value).catch(() => undefined)
    }
  }

  *#unknown(): Generator<NodeId, void> {
    for (const folder of [...this.#left.keys()].reverse()) {
      const children = this.#nodes.get(folder) === undefined ? [] : [...this.#nodes.children(folder).values()]
      const wanted = children.filter(
        (node) => !node.isMetadataKnown && node.size <= longestTarget && !this.#tree.hasOwnLife(node),
      )
      for (const id of wanted.slice(0, this.#left.get(folder)).map((node) => node.id)) {
        this.#left.set(folder, (this.#left.get(folder) ?? 1) - 1)
        yield id
      }
      this.#left.delete(folder)
    }
  }
}
