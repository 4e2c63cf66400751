/**
 * Asks in the background for the folders in use, so that changes of other clients show (and clean files that changed are dropped from
 * the cache) without a program having to wait for it. At a gentle rate, and not at all while the drive is offline; while the
 * machine sleeps nothing ticks.
 */
import type { NodeId } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Connection } from './connection.ts'
import { nextToSweep, pauseAfterMs, type FolderInUse, type SweepRule } from './sweep-plan.ts'

const mostRemembered = 1_000

/** Which folders programs have looked into lately. */
export class FolderUse {
  readonly #usedAtMs = new Map<NodeId, number>()

  note(folder: NodeId, nowMs: number): void {
    this.#usedAtMs.set(folder, nowMs)
    if (this.#usedAtMs.size > mostRemembered) this.#forgetOldest()
  }

  entries(): IterableIterator<[NodeId, number]> {
    return this.#usedAtMs.entries()
  }

  forget(folder: NodeId): void {
    this.#usedAtMs.delete(folder)
  }

  #forgetOldest(): void {
    const byAge = [...this.#usedAtMs].sort(([, a], [, b]) => a - b)
    for (const [folder] of byAge.slice(0, mostRemembered / 2)) this.#usedAtMs.delete(folder)
  }
}

export type SweepOptions = {
  clock: Clock
  connection: Connection
  nodes: Nodes
  use: FolderUse
  /** The nodes programs have open. */
  openNodes: () => Iterable<NodeId>
  list: (folder: NodeId) => Promise<void>
  rule: SweepRule
}

export class Sweep {
  readonly #options: SweepOptions
  /** A folder that cannot be listed waits for its next turn like any other. */
  readonly #triedAtMs = new Map<NodeId, number>()
  #cancel: (() => void) | undefined
  #isClosed = false

  constructor(options: SweepOptions) {
    this.#options = options
  }

  start(): void {
    this.#later(pauseAfterMs(0))
  }

  close(): void {
    this.#isClosed = true
    this.#cancel?.()
  }

  #later(delayMs: number): void {
    if (!this.#isClosed) this.#cancel = this.#options.clock.after(delayMs, () => void this.#sweepOne())
  }

  async #sweepOne(): Promise<void> {
    const { clock, connection, nodes, list, rule } = this.#options
    const folder = connection.isOnline ? nextToSweep(this.#folders(), clock.now(), rule) : undefined
    // What cannot be listed now is found out by the program that asks for it.
    if (folder !== undefined) {
      this.#triedAtMs.set(folder, clock.now())
      // Its listing says the same, unless it failed; what failed this long ago has its turn anyway.
      for (const [oldest] of this.#triedAtMs) if (this.#triedAtMs.size > mostRemembered) this.#triedAtMs.delete(oldest)
      await list(folder).catch(() => undefined)
    }
    if (this.#isClosed) return
    this.#later(pauseAfterMs(folder === undefined ? 0 : nodes.childCount(folder)))
  }

  *#folders(): Generator<FolderInUse> {
    const { clock, nodes, use, openNodes } = this.#options
    for (const id of openNodes()) {
      const folder = nodes.get(id)?.parent
      if (folder !== undefined) use.note(folder, clock.now())
    }
    for (const [id, usedAtMs] of [...use.entries()]) {
      const node = nodes.get(id)
      if (node?.kind !== 'directory') {
        use.forget(id)
        this.#triedAtMs.delete(id)
      } else if (!node.isLocalOnly && node.listedAtMs > 0) {
        yield { id, usedAtMs, listedAtMs: Math.max(node.listedAtMs, this.#triedAtMs.get(id) ?? 0) }
      }
    }
  }
}
