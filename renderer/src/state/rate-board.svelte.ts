import { createContext } from 'svelte'
import type { DriveView } from '../../../contracts/ipc.ts'
import { entriesOf, noEntries } from './entries.ts'
import { idleHistory, withSample, type RateHistory } from './rates.ts'

const sampleMs = 1000
/** A hidden window is woken less often: what it missed is not known. */
const missedMs = 5000

/** Looks once a second how fast each drive is, for as long as the window is there. */
export class RateBoard {
  #histories = $state.raw(noEntries<string, RateHistory>())
  readonly #drives: () => readonly DriveView[]
  #lastMs = Date.now()

  constructor(drives: () => readonly DriveView[]) {
    this.#drives = drives
  }

  /** Returns what stops it. */
  start(): () => void {
    const timer = setInterval(() => this.#look(Date.now()), sampleMs)
    return () => clearInterval(timer)
  }

  of(driveId: string): RateHistory {
    return this.#histories.get(driveId) ?? idleHistory
  }

  #look(nowMs: number): void {
    const hasMissed = nowMs - this.#lastMs > missedMs
    this.#lastMs = nowMs
    const next = entriesOf(this.#drives(), ({ drive, state, status }) => {
      const isLive = state.state === 'mounted' || state.state === 'unmounting'
      const sample = { up: isLive ? status.uploadBytesPerSecond : 0, down: isLive ? status.downloadBytesPerSecond : 0 }
      return [drive.id, withSample(hasMissed ? idleHistory : this.of(drive.id), sample)]
    })
    const isSame = next.size === this.#histories.size && [...next].every(([id, history]) => this.of(id) === history)
    if (!isSame) this.#histories = next
  }
}

export const [getRateBoard, setRateBoard] = createContext<RateBoard>()
