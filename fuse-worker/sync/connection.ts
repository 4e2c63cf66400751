/**
 * Whether the bucket can be reached: a circuit breaker. Closed, calls go through. A call that could not get through opens it,
 * and so do connections that break off one after the other without an answer, a new one included, and silence while something waits: further calls fail at once, and with silence those under way are released
 * too, so that nothing waits on a network that is not there. After a pause one cheap call is let through to try
 * (half-open); any answer, even a refusal, closes the circuit. It is tried for ever, and at once when the network changes.
 * A sign-in that has ended opens it as well: then nothing under way is released, because what was let in before may end well.
 */
import { isSignInProblem, type Problem } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import type { Clock } from '../runtime/clock.ts'
import { isBrokenOff, StoreError, type CallOptions } from '../s3/store.ts'
import { answersRemembered, patienceAfter, shortestPatienceMs, type Patience } from './patience.ts'
import { Silence } from './silence.ts'

const firstPauseMs = 1_000
const longestPauseMs = 30_000
const probeDeadlineMs = 10_000
/** One that breaks off may be an old socket, and so may each of the few that were kept. */
const brokenOffInARow = 3

export type ConnectionState =
  | { state: 'closed' }
  | { state: 'open'; problem: Problem; sinceMs: number; retryAtMs: number }
  | { state: 'half-open'; problem: Problem; sinceMs: number }

function silent(): Problem {
  return {
    code: 'endpoint-unreachable',
    message: t('worker.no-answer'),
    remedy: t('worker.no-answer.remedy'),
  }
}

export class Connection {
  readonly #clock: Clock
  readonly #probe: (call: CallOptions) => Promise<unknown>
  readonly #silence: Silence
  readonly #listeners: (() => void)[] = []
  /** What to do with each thing under way when the endpoint turns out to be gone. */
  readonly #underWay = new Set<(error: StoreError) => void>()
  readonly #answersMs: number[] = []
  #leastPatienceMs = shortestPatienceMs
  #state: ConnectionState = { state: 'closed' }
  #pauseMs = firstPauseMs
  #cancelPause: (() => void) | undefined
  #trying: AbortController | undefined
  #lastHeardAtMs: number | undefined
  /** Calls that broke off since anything was heard. */
  #brokenOff = 0
  #isDoubting = false
  #isClosed = false

  /** `probe` is the cheapest call that proves the bucket reachable. */
  constructor(options: { clock: Clock; probe: (call: CallOptions) => Promise<unknown> }) {
    this.#clock = options.clock
    this.#probe = options.probe
    this.#silence = new Silence({
      clock: options.clock,
      patience: () => this.patience,
      probe: (signal) => this.#ask(signal),
      onSilent: () => this.#giveUp(silent()),
    })
  }

  get state(): ConnectionState {
    return this.#state
  }

  get isOnline(): boolean {
    return this.#state.state === 'closed'
  }

  get patience(): Patience {
    return patienceAfter(this.#answersMs, this.#leastPatienceMs)
  }

  /** When the endpoint last said anything; undefined when it has not since this process began. */
  get lastHeardAtMs(): number | undefined {
    return this.#lastHeardAtMs
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** Throws the reason at once while the circuit is open. */
  check(): void {
    if (this.#state.state !== 'closed') throw new StoreError('offline', this.#state.problem)
  }

  /** Something waits for the endpoint; `release` is called when waiting has become pointless. The result ends the wait. */
  wait(release: (error: StoreError) => void): () => void {
    this.#underWay.add(release)
    const endSilence = this.#silence.wait()
    return () => {
      this.#underWay.delete(release)
      endSilence()
    }
  }

  /** Anything came from the endpoint. */
  heard(): void {
    this.#lastHeardAtMs = this.#clock.now()
    this.#brokenOff = 0
    this.#silence.heard()
  }

  /** A question that is answered as soon as it can be took this long: what is slow is learnt from that. */
  answeredIn(tookMs: number): void {
    this.#answersMs.push(tookMs)
    if (this.#answersMs.length > answersRemembered) this.#answersMs.shift()
  }

  succeeded(): void {
    this.heard()
    this.#pauseMs = firstPauseMs
    this.#stopTrying()
    if (this.#state.state !== 'closed') this.#enter({ state: 'closed' })
  }

  failed(error: StoreError): void {
    if (error.kind === 'offline') this.#open(error.problem)
    else if (isBrokenOff(error)) void this.#doubt()
    // Any answer at all, even a refusal, shows that the server is there.
    else if (error.kind !== 'retry' && error.kind !== 'cancelled') this.succeeded()
  }

  /** The first look at a bucket may take its time: nobody is used to an answer yet. The result takes that back. */
  bePatient(leastMs: number): () => void {
    this.#leastPatienceMs = leastMs
    return () => {
      this.#leastPatienceMs = shortestPatienceMs
    }
  }

  /** The network changed, or the person asks: do not wait for the pause to end, nor for a try on the network as it was. */
  tryNow(): void {
    if (this.#state.state === 'closed') void this.#askBehind()
    else void this.#try()
  }

  close(): void {
    this.#isClosed = true
    this.#stopTrying()
    this.#silence.close()
  }

  /** Online as far as we know: whether that still holds is found out before a program has to, and on a new socket. */
  async #askBehind(): Promise<StoreError | undefined> {
    const endWait = this.#silence.wait()
    const asking = new AbortController()
    const cancelDeadline = this.#clock.after(probeDeadlineMs, () => asking.abort())
    try {
      await this.#ask(asking.signal)
      return undefined
    } catch (error) {
      // What else it means has been seen to where it was heard.
      return error instanceof StoreError ? error : undefined
    } finally {
      cancelDeadline()
      endWait()
    }
  }

  /** An endpoint that resets every connection answers nothing, and is as good as gone: unless a new one is answered. */
  async #doubt(): Promise<void> {
    if (++this.#brokenOff < brokenOffInARow || this.#isDoubting || this.#state.state !== 'closed') return
    this.#isDoubting = true
    const error = await this.#askBehind()
    this.#isDoubting = false
    if (error !== undefined && isBrokenOff(error) && this.#brokenOff > 0) this.#giveUp(error.problem)
  }

  /** Resolves when the endpoint has answered anything; rejects otherwise. */
  async #ask(signal: AbortSignal): Promise<void> {
    const answer = { isHeard: false }
    const onHeard = (): void => {
      answer.isHeard = true
      this.heard()
    }
    const startedAtMs = this.#clock.now()
    try {
      await this.#probe({ signal, isOnFreshSocket: true, onHeard })
      onHeard()
    } catch (error) {
      if (signal.aborted || !(error instanceof StoreError)) throw error
      if (isSignInProblem(error.problem)) {
        this.heard()
        this.#open(error.problem)
        throw error
      }
      if (error.kind === 'offline') this.#giveUp(error.problem)
      else if (error.kind !== 'retry' && error.kind !== 'cancelled') onHeard()
      if (!answer.isHeard) throw error
    }
    this.answeredIn(this.#clock.now() - startedAtMs)
  }

  #giveUp(problem: Problem): void {
    this.#open(problem)
    const error = new StoreError('offline', problem)
    for (const release of [...this.#underWay]) release(error)
  }

  #open(problem: Problem): void {
    if (this.#state.state === 'closed') this.#pause(problem, this.#clock.now())
  }

  #pause(problem: Problem, sinceMs: number): void {
    if (this.#isClosed) return
    const pauseMs = this.#pauseMs * (0.5 + Math.random() / 2)
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs)
    this.#enter({ state: 'open', problem, sinceMs, retryAtMs: this.#clock.now() + pauseMs })
    this.#cancelPause?.()
    this.#cancelPause = this.#clock.after(pauseMs, () => void this.#try())
  }

  async #try(): Promise<void> {
    if (this.#state.state === 'closed' || this.#isClosed) return
    this.#stopTrying()
    const { problem, sinceMs } = this.#state
    const trying = new AbortController()
    this.#trying = trying
    this.#enter({ state: 'half-open', problem, sinceMs })
    const cancelDeadline = this.#clock.after(probeDeadlineMs, () => trying.abort())
    let found = problem
    try {
      await this.#ask(trying.signal)
      if (this.#trying === trying) this.succeeded()
    } catch (error) {
      if (error instanceof StoreError && error.kind !== 'cancelled') found = error.problem
    } finally {
      cancelDeadline()
    }
    if (this.#trying !== trying) return
    this.#trying = undefined
    this.#pause(found, sinceMs)
  }

  #stopTrying(): void {
    this.#cancelPause?.()
    this.#cancelPause = undefined
    const trying = this.#trying
    this.#trying = undefined
    trying?.abort()
  }

  #enter(state: ConnectionState): void {
    this.#state = state
    for (const listener of this.#listeners) listener()
  }
}
