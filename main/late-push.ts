/**
 * Tells drives what was changed while they run. Must hold: the latest is what a drive ends with. One that is just mounting may have read
 * what was before, and is told as soon as it is mounted; what is told to one drive goes one after another, and `send` reads
 * what there is to tell when it is its turn.
 */
import type { DriveState } from '../contracts/drive.ts'

type Send = () => Promise<void>

export class LatePush {
  readonly #state: (id: string) => DriveState['state']
  readonly #late = new Map<string, Map<string, Send>>()
  readonly #sending = new Map<string, Promise<void>>()

  constructor(state: (id: string) => DriveState['state']) {
    this.#state = state
  }

  /** `send` never rejects. Resolves when it was sent, or will be or need not be. */
  async push(id: string, what: string, send: Send): Promise<void> {
    const state = this.#state(id)
    if (state === 'mounted') await this.#inTurn(id, send)
    // An unmount may be refused, too. Whatever else a drive is, it reads everything before it is mounted.
    else if (state === 'mounting' || state === 'unmounting')
      this.#late.set(id, new Map([...(this.#late.get(id) ?? []), [what, send]]))
  }

  /** To be called whenever the state of the drive may be another. */
  stateChanged(id: string): void {
    const late = this.#late.get(id)
    if (late === undefined) return
    const state = this.#state(id)
    if (state === 'mounting' || state === 'unmounting') return
    this.#late.delete(id)
    if (state === 'mounted') for (const send of late.values()) void this.#inTurn(id, send)
  }

  #inTurn(id: string, send: Send): Promise<void> {
    const turn = (this.#sending.get(id) ?? Promise.resolve()).then(send)
    this.#sending.set(id, turn)
    return turn
  }
}
