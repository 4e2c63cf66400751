/** The requests about files, each answered by the one who does it. */
import type { DriveFiles } from '../drive-files.ts'
import { ProblemError } from '../../contracts/problem.ts'
import type { WorkerParams, WorkerRequestName, WorkerResult } from '../../contracts/worker-protocol.ts'

type Served = Extract<WorkerRequestName, `file:${string}`>
type Handlers = { [N in Served]: (params: WorkerParams<N>) => Promise<WorkerResult<N>> }

export function fileHandlers(files: () => DriveFiles): Handlers {
  const refuse = (): Promise<never> =>
    Promise.reject(new ProblemError({ code: 'internal', message: 'This version cannot do that with files yet.' }))
  return {
    'file:list': (query) => files().folders.list(query),
    'file:search': refuse,
    'file:properties': refuse,
    'file:share': refuse,
    'file:keep': async ({ paths }) => {
      for (const path of paths) await files().pins.add(path)
      files().folders.allChanged()
      return {}
    },
    'file:release': async ({ paths }) => {
      for (const path of paths) await files().pins.remove(path)
      files().folders.allChanged()
      return {}
    },
    'file:free': refuse,
    'file:download': refuse,
    'file:upload': refuse,
    'file:makeFolder': refuse,
    'file:rename': refuse,
    'file:delete': refuse,
  }
}
