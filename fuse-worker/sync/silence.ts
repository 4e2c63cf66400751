/**
 * Notices that the endpoint has fallen silent while something waits for it. Whatever arrives from it counts, for whomever it is: only
 * when nothing has come for a part of the patience is one probe sent, on a socket of its own (a socket can be dead while
 * the network is not), and only when that brings nothing either is the silence reported. A probe that is answered makes
 * the next one later, so that a server that works silently for long (a large copy) is not asked all the time.
 */
import type { Clock } from '../runtime/clock.ts'
import type { Patience } from './patience.ts'

const longestProbePauseMs = 10_000
/** After a sleep or a long turn of the event loop, what has arrived is heard before it is judged. */
const hearingMs = 5

export class Silence {
  readonly #clock: Clock
  readonly #patience: () => Patience
  readonly #probe: (signal: AbortSignal) => Promise<unknown>
  readonly #onSilent: () => void
  #waiting = 0
  /** When the present silence began: the last thing heard, or the first wait after nobody waited. */
  #sinceMs = 0
  #answeredProbes = 0
  #cancelTimer: (() => void) | undefined
  #dueAtMs = 0
  #probing: AbortController | undefined
  #isClosed = false

  constructor(options: {
    clock: Clock
    patience: () => Patience
    probe: (signal: AbortSignal) => Promise<unknown>
    onSilent: () => void
  }) {
    this.#clock = options.clock
    this.#patience = options.patience
    this.#probe = options.probe
    this.#onSilent = options.onSilent
  }

  heard(): void {
    this.#sinceMs = this.#clock.now()
  }

  /** Something waits for the endpoint from now on; the result ends that, and may be called twice. */
  wait(): () => void {
    if (this.#waiting === 0) this.#sinceMs = this.#clock.now()
    this.#waiting++
    this.#answeredProbes = 0
    this.#arm()
    let isWaiting = true
    return () => {
      if (isWaiting) this.#waiting--
      isWaiting = false
    }
  }

  close(): void {
    this.#isClosed = true
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    this.#probing?.abort()
  }

  #arm(): void {
    if (this.#isClosed || this.#waiting === 0 || this.#probing !== undefined) return
    const { probeAfterMs } = this.#patience()
    const pauseMs = Math.min(longestProbePauseMs, probeAfterMs * 2 ** this.#answeredProbes)
    // The system's clock may have been set back meanwhile.
    const dueInMs = Math.min(pauseMs, Math.max(1, this.#sinceMs + pauseMs - this.#clock.now()))
    const dueAtMs = this.#clock.now() + dueInMs
    // One that is due later was set when more patience was called for.
    if (this.#cancelTimer !== undefined && this.#dueAtMs <= dueAtMs) return
    this.#cancelTimer?.()
    this.#dueAtMs = dueAtMs
    this.#later(dueInMs, () => {
      if (this.#waiting === 0) return
      if (this.#clock.now() - this.#sinceMs < pauseMs) this.#arm()
      else this.#ask()
    })
  }

  #ask(): void {
    const probing = new AbortController()
    this.#probing = probing
    const { probeAfterMs, totalMs } = this.#patience()
    const askedWhenSilentSinceMs = this.#sinceMs
    const end = (): void => {
      if (this.#probing !== probing) return
      this.#probing = undefined
      this.#cancelTimer?.()
      this.#cancelTimer = undefined
      probing.abort()
      this.#answeredProbes++
      this.#arm()
    }
    const judge = (): void => {
      if (this.#sinceMs > askedWhenSilentSinceMs || this.#waiting === 0) end()
      else {
        this.#probing = undefined
        probing.abort()
        this.#sinceMs = this.#clock.now()
        this.#onSilent()
        this.#arm()
      }
    }
    this.#later(totalMs - probeAfterMs, () => this.#later(hearingMs, judge))
    // What the probe brings is heard where it arrives; one that fails unheard leaves the judgement to the timer.
    this.#probe(probing.signal).then(end, () => {
      if (this.#sinceMs > askedWhenSilentSinceMs) end()
    })
  }

  #later(delayMs: number, run: () => void): void {
    this.#cancelTimer = this.#clock.after(delayMs, () => {
      this.#cancelTimer = undefined
      run()
    })
  }
}
