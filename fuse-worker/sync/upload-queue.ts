/**
 * Operations in the order in which they are due, large puts apart from the rest so that they do not hold it up. Entries may be
 * outdated: whoever takes one looks at the journal.
 */
import type { Operation } from '../journal/operation.ts'
import type { NodeId } from '../metadata/node.ts'
import type { Clock } from '../runtime/clock.ts'
import { DueQueue } from './due-queue.ts'

const largeBytes = 1024 * 1024
const hurriedRetryMs = 500

export type QueueName = 'small' | 'large'

export class UploadQueue {
  /** Everything that is queued is due. */
  isHurrying = false
  readonly #clock: Clock
  readonly #sizeOf: (node: NodeId) => number
  readonly #queues: Record<QueueName, DueQueue> = { small: new DueQueue(), large: new DueQueue() }

  constructor({ clock, sizeOf }: { clock: Clock; sizeOf: (node: NodeId) => number }) {
    this.#clock = clock
    this.#sizeOf = sizeOf
  }

  /** Which queue to look at first: large ones take longest, so they begin first, but for what goes before all others. */
  get order(): readonly QueueName[] {
    const { small, large } = this.#queues
    return (small.nextAtMs ?? 0) < Math.min(0, large.nextAtMs ?? 0) ? ['small', 'large'] : ['large', 'small']
  }

  get nextAtMs(): number {
    return Math.min(this.#queues.small.nextAtMs ?? Infinity, this.#queues.large.nextAtMs ?? Infinity)
  }

  /** One that is not to run, or not by itself, is left out. */
  add(operation: Operation): void {
    const atMs = this.dueAtMs(operation)
    if (atMs !== undefined) this.addAt(operation, atMs)
  }

  addAt(operation: Operation, atMs: number): void {
    this.#queues[this.queueOf(operation)].push(operation.id, atMs)
  }

  /** The id of the next that is due at `nowMs`, which whoever takes several reads once: what they put back is not due again meanwhile. */
  take(name: QueueName, nowMs: number): number | undefined {
    return this.#queues[name].take(nowMs)
  }

  queueOf({ kind, node }: Operation): QueueName {
    return kind === 'put' && this.#sizeOf(node) > largeBytes ? 'large' : 'small'
  }

  dueAtMs({ status, dueAtMs, base, priority }: Operation): number | undefined {
    if (base.kind === 'pending') return undefined
    if (status.state === 'queued') return priority > 0 ? -priority : this.isHurrying ? 0 : dueAtMs
    if (status.state !== 'waiting') return undefined
    return this.isHurrying ? Math.min(status.retryAtMs, this.#clock.now() + hurriedRetryMs) : status.retryAtMs
  }
}
