/** Pausing and resuming, one drive or all that are mounted: each drive remembers its own pause. */
import { pauseFor, type PauseSpan } from '../contracts/pause.ts'
import type { DriveFleet } from './drive-fleet.ts'
import type { IpcHandlers } from './ipc-dispatch.ts'

const deadlineMs = 15_000

export type PauseDesk = {
  /** Without an id every mounted drive. Rejects with what the first drive answered that could not, once all were asked. */
  pause(id: string | undefined, span: PauseSpan): Promise<void>
  resume(id: string | undefined): Promise<void>
}

export function pauseDesk({ fleet, now }: { fleet: Pick<DriveFleet, 'ask' | 'views'>; now: () => Date }): PauseDesk {
  const each = async (id: string | undefined, ask: (id: string) => Promise<unknown>): Promise<void> => {
    const mounted = fleet.views().filter(({ state }) => state.state === 'mounted')
    const ids = id === undefined ? mounted.map(({ drive }) => drive.id) : [id]
    const answers = await Promise.allSettled(ids.map(ask))
    const refusal = answers.find((answer) => answer.status === 'rejected')
    if (refusal !== undefined) throw refusal.reason
  }
  return {
    pause: (id, span) => {
      const pause = pauseFor(span, now())
      return each(id, (one) => fleet.ask(one, 'drive:pause', pause, deadlineMs))
    },
    resume: (id) => each(id, (one) => fleet.ask(one, 'drive:resume', {}, deadlineMs)),
  }
}

export function pauseHandlers({ pauses }: { pauses: PauseDesk }): Pick<IpcHandlers, 'drive:pause' | 'drive:resume'> {
  return {
    'drive:pause': ({ id, span }) => pauses.pause(id, span).then(() => ({})),
    'drive:resume': ({ id }) => pauses.resume(id).then(() => ({})),
  }
}
