/** The requests about files, each answered by the one who does it. */
import type { MountedDrive } from '../mounted-drive.ts'
import type { DriveFiles } from '../drive-files.ts'
import type { WorkerParams, WorkerRequestName, WorkerResult } from '../../contracts/worker-protocol.ts'

type Served = Extract<WorkerRequestName, `file:${string}`>
type Handlers = { [N in Served]: (params: WorkerParams<N>) => Promise<WorkerResult<N>> }

export function fileHandlers(drive: () => Pick<MountedDrive, 'files' | 'share'>): Handlers {
  const files = (): DriveFiles => drive().files
  return {
    'file:list': (query) => files().folders.list(query),
    'file:search': (search) => files().search.search(search),
    'file:peek': async ({ path, atMostBytes }) => {
      const bytes = await files().peek.bytesOf(path, atMostBytes)
      return bytes === undefined ? {} : { bytes }
    },
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
    'file:download': async ({ paths, target }) => ({ outcomes: await files().transport.download(paths, target) }),
    'file:upload': (asked) => files().transport.upload(asked),
    'file:makeFolder': async ({ path, name }) => ({ path: await files().changes.makeFolder(path, name) }),
    'file:rename': async ({ path, name }) => ({ path: await files().changes.rename(path, name) }),
    'file:delete': async ({ paths }) => ({ outcomes: await files().changes.delete(paths) }),
  }
}
