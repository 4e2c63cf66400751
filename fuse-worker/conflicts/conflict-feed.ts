/**
 * Which operations are conflicts, kept up with the journal; tells when one came, went or changed, in bursts. While there are any,
 * looks once a second whether the files in them changed, because the journal does not hear of that.
 */
import type { Operation } from '../journal/operation.ts'
import type { Clock } from '../runtime/clock.ts'

const burstMs = 150
const lookMs = 1_000

export type ConflictsChanged = { count: number; revision: number }

export class ConflictFeed {
  readonly #clock: Clock
  readonly #emit: (changed: ConflictsChanged) => void
  readonly #ids = new Set<number>()
  #onConflict: (id: number) => void = () => undefined
  #onOver: (id: number) => void = () => undefined
  /** What cannot be heard of, in one string. */
  #look: () => string = () => ''
  #lastLook = ''
  #revision = 0
  #cancelBurst: (() => void) | undefined
  #cancelLook: (() => void) | undefined
  #isClosed = false

  constructor(options: { clock: Clock; emit: (changed: ConflictsChanged) => void }) {
    this.#clock = options.clock
    this.#emit = options.emit
  }

  /** `changed` is called for each one that came or changed, `over` for one that went; inside the transaction. */
  listen(listener: { changed: (id: number) => void; over: (id: number) => void; look: () => string }): void {
    this.#onConflict = listener.changed
    this.#onOver = listener.over
    this.#look = listener.look
  }

  start(operations: Iterable<Operation>): void {
    for (const operation of operations) if (isConflict(operation)) this.#ids.add(operation.id)
    if (this.#ids.size > 0) this.changed()
  }

  operationChanged(operation: Operation): void {
    if (!isConflict(operation)) {
      this.operationRemoved(operation)
      return
    }
    this.#ids.add(operation.id)
    this.#onConflict(operation.id)
    this.changed()
  }

  operationRemoved({ id }: Operation): void {
    if (!this.#ids.delete(id)) return
    this.#onOver(id)
    this.changed()
  }

  changed(): void {
    if (this.#isClosed) return
    this.#revision++
    this.#cancelBurst ??= this.#clock.after(burstMs, () => {
      this.#cancelBurst = undefined
      this.#emit({ count: this.#ids.size, revision: this.#revision })
    })
    this.#lookLater()
  }

  close(): void {
    this.#isClosed = true
    this.#cancelBurst?.()
    this.#cancelLook?.()
  }

  #lookLater(): void {
    if (this.#ids.size === 0) return
    this.#cancelLook ??= this.#clock.after(lookMs, () => {
      this.#cancelLook = undefined
      const seen = this.#look()
      if (seen !== this.#lastLook) this.changed()
      this.#lastLook = seen
      this.#lookLater()
    })
  }
}

function isConflict({ kind, status }: Operation): boolean {
  return kind === 'put' && status.state === 'conflict'
}
