/**
 * What the journal has to hold for a node to be in the bucket under the key of its place. A file of a renamed folder may still stand
 * on its old key with nothing in the journal (it is displaced); whatever happens to it next settles that first. Every
 * step is synchronous and belongs into the caller's transaction.
 */
import type { Problem } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import type { Journal } from '../journal/journal.ts'
import { deleteMark, type Base, type Operation } from '../journal/operation.ts'
import type { NodeKeys } from '../metadata/node-keys.ts'
import { orphanage, rootId, type Node, type NodeId } from '../metadata/node.ts'
import type { ETag } from '../s3/store.ts'
import { maxKeyBytes } from '../s3/names.ts'

/** How long a file rests after its last close before it is uploaded: saves come in bursts. */
export const writeBackMs = 2_000

export class Placement {
  readonly #journal: Journal
  readonly #keys: NodeKeys
  readonly #now: () => number

  constructor(options: { journal: Journal; keys: NodeKeys; now: () => number }) {
    this.#journal = options.journal
    this.#keys = options.keys
    this.#now = options.now
  }

  /** Whether the bucket has it under another key than that of its place, and no operation knows of that. */
  isDisplaced(node: Node, key = this.#keys.of(node)): boolean {
    return (
      node.remote !== undefined &&
      key !== undefined &&
      node.remote.key !== key &&
      this.#journal.putOf(node.id) === undefined
    )
  }

  /** The key's state in the bucket as this node's change saw it. */
  baseAt(node: Node, key: string): Base {
    return node.remote?.key === key ? { kind: 'version', etag: node.remote.etag } : { kind: 'absent' }
  }

  /** The node, as it is now, is to be in the bucket under the key of its place. */
  wishPut(node: Node, dueAtMs: number): void {
    if (node.isLocalOnly || node.id === rootId || node.parent === orphanage) return
    const queued = this.#journal.queuedPutOf(node.id)
    if (queued !== undefined) {
      // Puts that failed for the person to see stay as they are: what changed rides with them when they go on.
      if (queued.status.state === 'queued') this.#journal.defer(queued, dueAtMs)
      this.#journal.own(queued)
      return
    }
    const key = this.#keys.of(node)
    if (key === undefined) return
    this.#leaveOldKey(node, key)
    this.#journal.wishPut(key, node.id, this.baseAt(node, key), dueAtMs)
  }

  /** What the bucket has of this node, whose place has this key, is to go. */
  wishGone(node: Node, key: string | undefined, move?: NodeId): void {
    if (node.isLocalOnly || key === undefined) return
    if (!this.#leaveOldKey(node, key)) {
      this.#journal.wishDelete(key, node.id, this.baseAt(node, key), this.#now() + writeBackMs, move)
    }
  }

  /** A displaced node follows its folder: a copy under the key of its place, and the old key is let go. False: it is in place. */
  settle(node: Node, move: NodeId | undefined): boolean {
    const key = this.#keys.of(node)
    if (key === undefined || !this.isDisplaced(node, key)) return false
    this.#leaveOldKey(node, key, move)
    this.#journal.wishPut(key, node.id, { kind: 'absent' }, this.#now(), move)
    if (Buffer.byteLength(key) > maxKeyBytes) this.#block(node, key)
    return true
  }

  /** After its folder moved: the put that was on its way to the old key goes to the new one. Returns whether one is left. */
  rekey(put: Operation, node: Node, move: NodeId): boolean {
    const newKey = this.#keys.of(node)
    if (newKey === undefined) return false
    const isMoveOnly = put.move !== undefined
    const isUnderWay = this.#journal.slot(put.key).running !== undefined
    this.wishGone(node, put.key, isMoveOnly ? move : undefined)
    const { remote } = node
    const isHome = isMoveOnly && !isUnderWay && remote?.key === newKey
    if (isHome && this.#takeBackDelete(newKey, remote.etag)) return false
    const tag = isMoveOnly ? move : undefined
    this.#journal.wishPut(newKey, node.id, this.baseAt(node, newKey), this.#now() + writeBackMs, tag)
    return isMoveOnly
  }

  #leaveOldKey(node: Node, key: string, move?: NodeId): boolean {
    const { remote } = node
    if (remote === undefined || !this.isDisplaced(node, key)) return false
    const base: Base = { kind: 'version', etag: remote.etag }
    this.#journal.vacate(remote.key, node.id, base, this.#now() + (move === undefined ? writeBackMs : 0), move)
    return true
  }

  /** The object never left this key, and nobody has begun to delete it: then it need not come back either. */
  #takeBackDelete(key: string, etag: ETag): boolean {
    const { queued, running } = this.#journal.slot(key)
    if (running !== undefined || queued?.kind !== 'delete' || queued.base.kind !== 'version') return false
    if (queued.base.etag !== etag || queued.writeIds.includes(deleteMark)) return false
    this.#journal.cancel(queued)
    return true
  }

  #block(node: Node, key: string): void {
    const put = this.#journal.putOf(node.id)
    if (put !== undefined)
      this.#journal.setStatus(put, { state: 'blocked', problem: tooLong(this.#keys.pathOf(node), key) })
  }
}

function tooLong(path: string, key: string): Problem {
  return {
    code: 'name-too-long',
    message: t('worker.move-name-too-long', { path, maxKeyBytes }),
    consequence: t('worker.move-name-too-long.consequence'),
    remedy: t('worker.move-name-too-long.remedy'),
    detail: `${Buffer.byteLength(key)} bytes`,
  }
}
