/** The requests about files, each answered by the one who does it. */
import type { MountedDrive } from '../mounted-drive.ts'
import type { DriveFiles } from '../drive-files.ts'
import { ProblemError } from '../../contracts/problem.ts'
import type { WorkerParams, WorkerRequestName, WorkerResult } from '../../contracts/worker-protocol.ts'

type Served = Extract<WorkerRequestName, `file:${string}`>
type Handlers = { [N in Served]: (params: WorkerParams<N>) => Promise<WorkerResult<N>> }

export function fileHandlers(drive: () => Pick<MountedDrive, 'files' | 'share'>): Handlers {
  const files = (): DriveFiles => drive().files
  const refuse = (): Promise<never> =>
    Promise.reject(new ProblemError({ code: 'internal', message: 'This version cannot do that with files yet.' }))
  return {
    'file:list': (query) => files().folders.list(query),
    'file:search': (search) => files().search.search(search),
    'file:properties': ({ path }) => files().properties.of(path),
    'file:share': async ({ path, expiresInSeconds }) => {
      const { expiresAtMs: expiresAt, ...link } = await drive().share(path, expiresInSeconds)
      return { ...link, expiresAt }
    },
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
    'file:free': ({ paths }) => files().freeing.free(paths),
    'file:download': refuse,
    'file:upload': refuse,
    'file:makeFolder': refuse,
    'file:rename': refuse,
    'file:delete': refuse,
  }
}
