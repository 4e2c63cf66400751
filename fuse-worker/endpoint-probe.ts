/**
 * What the endpoint honours, asked behind the mount and learnt once. A probe that could try nothing has learnt nothing: it is made again when
 * the bucket answers again after it was out of reach, and otherwise after a long pause. Until one has told, nothing is claimed
 * of the endpoint, and every write is checked before and after (`s3/guarded-store.ts`).
 */
import type { Capabilities } from '../contracts/account.ts'
import type { Clock } from './runtime/clock.ts'
import type { Connection } from './sync/connection.ts'

const pauseMs = 10 * 60_000

type Options = {
  clock: Clock
  connection: Pick<Connection, 'isOnline' | 'onChange' | 'tryNow'>
  known: Capabilities | undefined
  /** Throws when nothing could be tried. */
  probe: () => Promise<Capabilities>
  onLearnt: (capabilities: Capabilities) => void
  onFailed: (error: unknown) => void
}

export class EndpointProbe {
  readonly #options: Options
  #known: Capabilities | undefined
  #asking: Promise<void> | undefined
  #cancelPause: (() => void) | undefined
  #isStopped = false
  #isWantedAgain = false

  constructor(options: Options) {
    this.#options = options
    this.#known = options.known
    const { connection } = options
    let wasOnline = connection.isOnline
    connection.onChange(() => {
      const isBack = !wasOnline && connection.isOnline
      wasOnline = connection.isOnline
      if (isBack) this.again()
    })
  }

  get known(): Capabilities | undefined {
    return this.#known
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  /** What the last one failed of may be over: it is not waited any longer, and one under way is made again if it fails. */
  again(): void {
    this.#isWantedAgain = this.#asking !== undefined
    if (this.#cancelPause !== undefined) void this.ask()
  }

  /** Resolves when it is known, or cannot be learnt now; never rejects. */
  ask(): Promise<void> {
    if (this.#known !== undefined || this.#isStopped) return Promise.resolve()
    this.#cancelPause?.()
    this.#cancelPause = undefined
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined))
    return this.#asking
  }

  stop(): void {
    this.#isStopped = true
    this.#cancelPause?.()
    this.#cancelPause = undefined
  }

  async #ask(): Promise<void> {
    const { clock, connection, probe, onLearnt, onFailed } = this.#options
    try {
      const learnt = await probe()
      if (this.#isStopped) return
      this.#known = learnt
      onLearnt(learnt)
    } catch (error) {
      if (this.#isStopped) return
      onFailed(error)
      if (this.#isWantedAgain) {
        this.#isWantedAgain = false
        await this.#ask()
        return
      }
      this.#cancelPause = clock.after(pauseMs, () => void this.ask())
      // It has a connection of its own: whether the bucket is out of reach is found out by asking.
      connection.tryNow()
    }
  }
}
