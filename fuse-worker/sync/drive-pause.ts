/**
 * A drive's pause: uploads and downloads that nobody waits for rest. Kept beside the journal, so that it outlives this process, and
 * ended by the wall clock: a timer does not count the time a computer sleeps, so the clock is looked at now and then.
 */
import type { Pause } from '../../contracts/pause.ts'
import type { Clock } from '../runtime/clock.ts'

const recordName = 'pausedUntil'
const untilResumed = 'resumed'
const none = ''
const lookMs = 10_000

type Record = { getMeta(name: string): string | undefined; setMeta(name: string, value: string): void }

export class DrivePause {
  readonly #clock: Clock
  readonly #record: Record
  readonly #listeners: (() => void)[] = []
  #current: Pause | undefined
  #cancelLook: (() => void) | undefined

  constructor({ clock, record }: { clock: Clock; record: Record }) {
    this.#clock = clock
    this.#record = record
    this.#current = pauseFrom(record.getMeta(recordName))
    this.look()
  }

  get current(): Pause | undefined {
    return this.#current
  }

  get isOn(): boolean {
    return this.#current !== undefined
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  begin(pause: Pause): void {
    this.#change(pause)
    this.look()
  }

  end(): void {
    if (this.isOn) this.#change(undefined)
  }

  /** Whether it is over by now: the computer may have slept past its end. */
  look(): void {
    this.#cancelLook?.()
    const until = this.#current?.until
    if (until === undefined) return
    const leftMs = until - this.#clock.now()
    if (leftMs <= 0) this.end()
    else this.#cancelLook = this.#clock.after(Math.min(leftMs, lookMs), () => this.look())
  }

  close(): void {
    this.#cancelLook?.()
  }

  /** Recorded first: a death right after it leaves what the person was told. */
  #change(pause: Pause | undefined): void {
    this.#record.setMeta(recordName, pause === undefined ? none : String(pause.until ?? untilResumed))
    this.#current = pause
    for (const listener of this.#listeners) listener()
  }
}

function pauseFrom(recorded: string | undefined): Pause | undefined {
  if (recorded === undefined || recorded === none) return undefined
  const until = Number(recorded)
  return Number.isFinite(until) ? { until } : {}
}
