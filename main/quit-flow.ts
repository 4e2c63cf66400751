/**
 * How the application ends. A person who quits while bytes are not in the bucket is asked; a signal or the end of the
 * login does not wait: what is queued stays in the journal for the next start.
 * Must hold: the window's question is always answered or settled, and no drive is left mounted without its process.
 */
import { problemFrom, type Problem } from '../contracts/problem.ts'
import type { QuitEvent } from './event-stream.ts'

export type QuitFlow = {
  /** The person asked to quit. */
  ask(): void
  answer(answer: 'wait' | 'leave' | 'cancel'): void
  /** Quit without asking: a signal, a shutdown. */
  leave(): void
}

export type QuitFlowOptions = {
  fleet: {
    pending(): { pendingOperations: number; unsyncedBytes: number }
    /** Resolves with how many changes are left: some, when a drive went offline meanwhile. */
    syncAll(): Promise<number>
    unmountAll(how: { isForced: boolean }): Promise<Problem[]>
  }
  uploadBytesPerSecond(): number
  /** Puts the window in front of the person. */
  showWindow(): void
  tell(event: QuitEvent): void
  raise(problem: Problem): void
  exit(): void
}

/** Quitting again within this time disconnects drives that programs still use. */
export const insistWithinMs = 60_000
/** Between two tries to upload what is left, while a drive is offline. */
export const nextTryMs = 1000

export function quitFlow(options: QuitFlowOptions): QuitFlow {
  const { fleet } = options
  let phase: 'running' | 'asking' | 'waiting' | 'leaving' = 'running'
  let refusedAtMs = -Infinity
  /** Someone who does not ask wants it ended: nothing refuses any more. */
  let isLast = false
  /** Counts answers, so that a wait that was answered otherwise does nothing when it ends. */
  let turn = 0

  const question = () => {
    const pending = fleet.pending()
    const rate = options.uploadBytesPerSecond()
    const estimate = rate > 0 ? { estimateMs: (pending.unsyncedBytes / rate) * 1000 } : {}
    options.tell({ kind: 'quit:asked', ...pending, ...estimate })
    options.showWindow()
  }

  const settle = () => {
    phase = 'running'
    options.tell({ kind: 'quit:settled' })
  }

  const depart = async (isForced: boolean) => {
    if (phase === 'leaving') return
    phase = 'leaving'
    const refusals = await fleet.unmountAll({ isForced })
    if (refusals.length > 0 && isLast) await fleet.unmountAll({ isForced: true })
    if (refusals.length === 0 || isLast) {
      options.exit()
      return
    }
    refusedAtMs = Date.now()
    for (const problem of refusals)
      options.raise({
        ...problem,
        remedy: 'Close what uses it and quit again; quitting again within a minute disconnects it.',
      })
    settle()
    options.showWindow()
  }

  const waitForUploads = async () => {
    const mine = turn
    try {
      while ((await fleet.syncAll()) > 0 && mine === turn)
        await new Promise((resolve) => setTimeout(resolve, nextTryMs))
      if (mine === turn) await depart(false)
    } catch (error) {
      if (mine !== turn) return
      options.raise(problemFrom(error))
      phase = 'asking'
      question()
    }
  }

  return {
    ask() {
      if (phase === 'leaving') return
      const isInsisting = Date.now() - refusedAtMs < insistWithinMs
      if (phase === 'waiting') options.showWindow()
      else if (isInsisting || fleet.pending().pendingOperations === 0) void depart(isInsisting)
      else {
        phase = 'asking'
        question()
      }
    },
    answer(answer) {
      if (phase !== 'asking' && phase !== 'waiting') return
      turn++
      if (answer === 'cancel') settle()
      else if (answer === 'leave') void depart(false)
      else if (phase === 'asking') {
        phase = 'waiting'
        void waitForUploads()
      }
    },
    leave() {
      turn++
      isLast = true
      void depart(true)
    },
  }
}
