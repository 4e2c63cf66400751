import type { CloudMountBridge, IpcEvent, IpcEventMessage, Snapshot } from '../../../contracts/ipc.ts'
import type { Problem } from '../../../contracts/problem.ts'
import { judgeArrival, replayable } from './event-sequence.ts'

type FeedOptions = {
  bridge: CloudMountBridge
  onSnapshot: (snapshot: Snapshot) => void
  onEvent: (event: IpcEvent) => void
  onFailure: (problem: Problem) => void
}

/**
 * A snapshot, then every event after it, without a hole: events that arrive while a snapshot is on its way are held,
 * and a gap in their numbers asks for a new one.
 */
export class Feed {
  readonly #options: FeedOptions
  #lastSequence = 0
  #held: IpcEventMessage[] = []
  #isFetching = false
  #stopListening: (() => void) | undefined

  constructor(options: FeedOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    this.#stopListening = this.#options.bridge.onEvent((message) => this.#receive(message))
    await this.refresh()
  }

  stop(): void {
    this.#stopListening?.()
  }

  async refresh(): Promise<void> {
    if (this.#isFetching) return
    this.#isFetching = true
    let hasGap = true
    while (hasGap) {
      const reply = await this.#options.bridge.request('app:snapshot', {})
      if (!reply.ok) {
        this.#isFetching = false
        this.#options.onFailure(reply.problem)
        return
      }
      this.#lastSequence = reply.result.sequence
      this.#options.onSnapshot(reply.result)
      hasGap = this.#replayHeld()
    }
    this.#isFetching = false
  }

  #replayHeld(): boolean {
    const { messages, hasGap } = replayable(this.#lastSequence, this.#held)
    this.#held = []
    for (const message of messages) this.#apply(message)
    return hasGap
  }

  #receive(message: IpcEventMessage): void {
    if (this.#isFetching) {
      this.#held.push(message)
      return
    }
    const arrival = judgeArrival(this.#lastSequence, message.sequence)
    if (arrival === 'apply') this.#apply(message)
    if (arrival === 'gap') {
      this.#held.push(message)
      void this.refresh()
    }
  }

  #apply({ sequence, event }: IpcEventMessage): void {
    this.#lastSequence = sequence
    this.#options.onEvent(event)
  }
}
