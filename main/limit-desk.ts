/** Tells every mounted drive how much of the line it may use, again whenever that changes: by a setting, by the hour, by the other drives. */
import type { DriveLimits, TransferLimits } from '../contracts/limits.ts'
import type { DriveView } from '../contracts/ipc.ts'
import { problemFrom } from '../contracts/problem.ts'
import { sharesOf } from './limit-shares.ts'

/** The wall clock is looked at, because a timer does not count the time a computer sleeps. */
export const lookMs = 15_000

export type LimitDesk = {
  /** Drives or settings changed. */
  look(): void
  /** What a drive that is about to be mounted begins with. */
  of(id: string): DriveLimits
  close(): void
}

export function limitDesk(options: {
  limits: () => TransferLimits
  drives: () => readonly DriveView[]
  tell: (id: string, limits: DriveLimits) => Promise<unknown>
  now: () => Date
  log: (message: string) => void
}): LimitDesk {
  /** What each mounted drive was told last. */
  const told = new Map<string, string>()

  const look = (): void => {
    const mounted = options.drives().filter(({ state }) => state.state === 'mounted')
    const sharing = mounted.map(({ drive, status }) => ({ id: drive.id, status }))
    const shares = sharesOf(options.limits(), sharing, options.now())
    for (const id of [...told.keys()]) if (!shares.has(id)) told.delete(id)
    for (const [id, limits] of shares) {
      const text = JSON.stringify(limits)
      if (told.get(id) === text) continue
      told.set(id, text)
      options.tell(id, limits).catch((error: unknown) => {
        options.log(`limits: ${problemFrom(error).message}`)
        told.delete(id)
      })
    }
  }
  const timer = setInterval(look, lookMs)
  timer.unref()

  return {
    look,
    of(id) {
      const others = options.drives().filter(({ drive, state }) => drive.id !== id && state.state === 'mounted')
      const self = options.drives().filter(({ drive }) => drive.id === id)
      const sharing = [...others, ...self].map(({ drive, status }) => ({ id: drive.id, status }))
      return sharesOf(options.limits(), sharing, options.now()).get(id) ?? {}
    },
    close: () => clearInterval(timer),
  }
}
