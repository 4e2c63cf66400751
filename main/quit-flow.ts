/**
 * How the application ends. A person who quits while bytes are not in the bucket is asked; a signal does not wait, the end
 * of the system only shortly: what is queued stays in the journal for the next start.
 * Must hold: the window's question is always answered or settled, and no drive is left mounted without its process.
 */
import type { DriveStatus } from '../contracts/drive.ts'
import { problemFrom, type Problem } from '../contracts/problem.ts'
import { outcomeInWords, type Pending } from '../contracts/upload-estimate.ts'
import { t } from '../language/language.ts'
import type { QuitEvent } from './event-stream.ts'
import { shutdownPlan } from './shutdown-plan.ts'

export type QuitFlow = {
  /** The person asked to quit. */
  ask(): void
  answer(answer: 'wait' | 'leave' | 'cancel'): void
  /** Quit without asking: a signal. */
  leave(): void
  /** The system goes down: quits without asking; true asks it to wait for us. */
  shutDown(): boolean
}

export type QuitFlowOptions = {
  fleet: {
    pending(): Pending
    queued(): Pending
    statuses(): DriveStatus[]
    /** Resolves with how many changes are left: some, when a drive stays offline or needs a person. */
    syncAll(isCancelled: () => boolean, how: { endsPauses: boolean }): Promise<number>
    unmountAll(how: { isForced: boolean }): Promise<Problem[]>
  }
  platform: 'linux' | 'darwin' | 'win32'
  /** Puts the window in front of the person. */
  showWindow(): void
  tell(event: QuitEvent): void
  raise(problem: Problem): void
  /** Told to a person who left changes queued, once the window is gone. */
  farewell(message: string): Promise<void>
  exit(): void
}

/** Quitting again within this time disconnects drives that programs still use. */
export const insistWithinMs = 60_000

export function quitFlow(options: QuitFlowOptions): QuitFlow {
  const { fleet } = options
  let phase: 'running' | 'asking' | 'waiting' | 'leaving' = 'running'
  let refusedAtMs = -Infinity
  /** Someone who does not ask wants it ended: nothing refuses any more. */
  let isLast = false
  /** Counts answers, so that a wait that was answered otherwise does nothing when it ends. */
  let turn = 0

  const question = (isAgain: boolean) => {
    phase = 'asking'
    options.tell({ kind: 'quit:asked', ...fleet.pending(), isAgain })
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
      const queued = fleet.queued()
      if (!isLast && queued.pendingOperations > 0) await options.farewell(outcomeInWords(queued))
      options.exit()
      return
    }
    refusedAtMs = Date.now()
    for (const problem of refusals)
      options.raise({
        ...problem,
        remedy: t('main.quit-refused.remedy'),
      })
    settle()
    options.showWindow()
  }

  const waitForUploads = async () => {
    const mine = turn
    try {
      const left = await fleet.syncAll(() => mine !== turn, { endsPauses: true })
      if (mine !== turn) return
      if (left > 0) question(true)
      else await depart(false)
    } catch (error) {
      if (mine !== turn) return
      options.raise(problemFrom(error))
      question(true)
    }
  }

  const uploadBriefly = async (mostMs: number) => {
    if (mostMs === 0) return
    let isOver = false
    const uploaded = fleet.syncAll(() => isOver, { endsPauses: false }).catch(() => 0)
    await Promise.race([uploaded, new Promise((resolve) => setTimeout(resolve, mostMs))])
    isOver = true
  }

  return {
    ask() {
      if (phase === 'leaving') return
      const isInsisting = Date.now() - refusedAtMs < insistWithinMs
      if (phase === 'waiting') options.showWindow()
      else if (isInsisting || fleet.pending().pendingOperations === 0) void depart(isInsisting)
      else question(false)
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
    shutDown() {
      const { delaysShutdown, uploadMs } = shutdownPlan(fleet.statuses(), options.platform)
      turn++
      isLast = true
      void uploadBriefly(uploadMs).then(() => depart(true))
      return delaysShutdown
    },
  }
}
