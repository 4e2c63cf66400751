/** A drive's files for the window's tests: one folder with nothing in it, until a test says otherwise. */
import type { FileEntry } from '../../contracts/file.ts'
import type { IpcParams, IpcRequestName, IpcResult } from '../../contracts/ipc.ts'

type Served = Extract<IpcRequestName, `file:${string}`>
type Handlers = { [N in Served]: (params: IpcParams<N>) => IpcResult<N> }

export class FakeFiles {
  entries: FileEntry[] = []

  readonly handlers: Handlers = {
    'file:list': ({ from, count }) => ({
      revision: 1,
      total: this.entries.length,
      entries: this.entries.slice(from, from + count),
      listing: { state: 'known' },
    }),
    'file:search': ({ text }) => ({
      matches: this.entries.filter(({ name }) => name.includes(text)).map((entry) => ({ ...entry, path: entry.name })),
      isTruncated: false,
      isIndexing: false,
    }),
    'file:properties': ({ path }) => ({
      path,
      entry: this.entries.find(({ name }) => name === path) ?? {
        name: path,
        kind: 'file',
        sizeBytes: 0,
        modifiedAt: 0,
        cachedBytes: 0,
      },
      bucket: { state: 'absent' },
    }),
    'file:share': ({ expiresInSeconds }) => ({
      expiresAt: Date.now() + expiresInSeconds * 1000,
      isShortened: false,
      endsWithSession: false,
    }),
    'file:keep': () => ({}),
    'file:release': () => ({}),
    'file:free': () => ({ freedFiles: 0, freedBytes: 0, stays: [] }),
    'file:download': ({ paths }) => ({
      outcomes: paths.map((path) => ({ path, outcome: 'done' })),
      target: '/home/ana',
    }),
    'file:upload': ({ sources = [] }) => ({
      outcomes: sources.map((path) => ({ path, outcome: 'done' })),
      clashes: [],
      sources,
    }),
    'file:makeFolder': ({ path, name }) => ({ path: `${path}/${name}` }),
    'file:rename': ({ name }) => ({ path: name }),
    'file:delete': ({ paths }) => ({ outcomes: paths.map((path) => ({ path, outcome: 'done' })) }),
    'file:open': () => ({}),
    'file:reveal': () => ({}),
  }
}
