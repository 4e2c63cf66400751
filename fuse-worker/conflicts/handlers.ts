/** The worker's answers about conflicts and recovered files: one line a request. */
import type { WorkerParams, WorkerRequestName, WorkerResult } from '../../contracts/worker-protocol.ts'
import type { ConflictDesk } from './conflict-desk.ts'

type Served = Extract<WorkerRequestName, `conflict:${string}` | `recovered:${string}`>
type Handlers = { [N in Served]: (params: WorkerParams<N>) => Promise<WorkerResult<N>> }

/** `desk` throws ProblemError while no drive is mounted. */
export function conflictHandlers(desk: () => ConflictDesk): Handlers {
  return {
    'conflict:list': async () => ({ conflicts: desk().list() }),
    'conflict:resolve': async (choices) => ({ outcomes: desk().resolve(choices) }),
    'conflict:undo': async ({ ids }) => {
      desk().undo(ids)
      return {}
    },
    'conflict:merge': async ({ seen, text }) => desk().merge(seen, text),
    'conflict:preview': async ({ id, side, atMostBytes }) => desk().preview(id, side, atMostBytes),
    'recovered:list': async () => ({ files: desk().recoveredFiles() }),
    'recovered:preview': async ({ id, atMostBytes }) => desk().recoveredPreview(id, atMostBytes),
    'recovered:restore': async ({ id }) => ({ path: await desk().restore(id) }),
    'recovered:remove': async ({ ids }) => {
      desk().removeRecovered(ids)
      return {}
    },
  }
}
