/** Stands in for the drives' workers: a tree of files for each drive, listed in parts, searched and changed as asked. */
import type { SideContent } from '../../contracts/conflict.ts'
import type { FileEntry, FolderListing, FileProperties, FileSort } from '../../contracts/file.ts'
import type { IpcEvent, IpcParams, IpcRequestName, IpcResult } from '../../contracts/ipc.ts'
import type { FileTree } from './scenario-files.ts'

type Served = Extract<IpcRequestName, `file:${string}`>
type Handlers = { [N in Served]: (params: IpcParams<N>) => Promise<IpcResult<N>> | IpcResult<N> }

export class FakeFiles {
  readonly #trees = new Map<string, FileTree>()
  readonly #emit: (event: IpcEvent) => void
  #revision = 1
  #lastSorted: { of: readonly FileEntry[]; order: string; entries: readonly FileEntry[] } | undefined
  /** What every folder's listing is said to be. */
  listing: FolderListing = { state: 'known' }
  /** Lets the listings through that are asked for meanwhile. */
  isListingSlow = false
  letListingCome: (() => void) | undefined
  isIndexing = false
  /** Why the bucket cannot tell of an object now. */
  properties: FileProperties['bucket'] | undefined
  isShareShortened = false
  /** What every file holds that is on this computer. */
  content: SideContent | undefined = { kind: 'text', text: 'One line\nand another one', isUtf8: true }
  /** What the system's dialog answers. */
  chosen = ['/home/ana/Pictures/chosen.jpg']

  constructor(emit: (event: IpcEvent) => void) {
    this.#emit = emit
  }

  begin(trees: Record<string, FileTree>): void {
    for (const [id, tree] of Object.entries(trees)) this.#trees.set(id, structuredClone(tree))
  }

  /** As if somebody else changed the folder. */
  change(driveId: string, folder: string, change: (entries: FileEntry[]) => FileEntry[]): void {
    const tree = this.#tree(driveId)
    tree[folder] = change(tree[folder] ?? [])
    this.tell(driveId, folder)
  }

  tell(driveId: string, folder: string): void {
    this.#revision += 1
    this.#emit({ kind: 'files:changed', driveId, folders: [folder] })
  }

  readonly handlers: Handlers = {
    'file:list': async ({ driveId, path, sort, isDescending, from, count }) => {
      if (this.isListingSlow) await new Promise<void>((done) => (this.letListingCome = done))
      const entries = this.#sorted(this.#tree(driveId)[path] ?? [], sort, isDescending)
      const listing = this.listing
      return { revision: this.#revision, total: entries.length, entries: entries.slice(from, from + count), listing }
    },
    'file:search': ({ driveId, text, under = '', limit }) => {
      const words = text.toLowerCase().split(/\s+/).filter(Boolean)
      const matches = Object.entries(this.#tree(driveId)).flatMap(([folder, entries]) =>
        entries
          .map((entry) => ({ ...entry, path: folder === '' ? entry.name : `${folder}/${entry.name}` }))
          .filter(({ path, name }) => {
            const isUnder = under === '' || path.startsWith(`${under}/`)
            return isUnder && words.every((word) => name.toLowerCase().includes(word))
          }),
      )
      return {
        matches: matches.slice(0, limit),
        isTruncated: matches.length > limit,
        isIndexing: this.isIndexing,
      }
    },
    'file:content': ({ driveId, path }) => {
      const { cachedBytes, sizeBytes } = this.#entry(driveId, path)
      return cachedBytes >= sizeBytes && this.content !== undefined ? { content: this.content } : {}
    },
    'file:properties': ({ driveId, path }) => {
      const entry = this.#entry(driveId, path)
      return { path, entry, bucket: this.properties ?? bucketOf(path, entry) }
    },
    'file:share': ({ expiresInSeconds }) => ({
      expiresAt: Date.now() + expiresInSeconds * 1000,
      isShortened: this.isShareShortened,
      endsWithSession: false,
    }),
    'file:keep': ({ driveId, paths }) =>
      this.#each(driveId, paths, (entry) => ({ ...entry, badge: 'pinned', kept: 'itself' })),
    'file:release': ({ driveId, paths }) =>
      this.#each(driveId, paths, ({ kept: _kept, badge: _badge, ...entry }) => ({ ...entry, badge: 'cached' })),
    'file:free': ({ driveId, paths }) => {
      const entries = paths.map((path) => this.#entry(driveId, path))
      const unsent = entries.filter(({ badge }) => badge === 'waiting' || badge === 'uploading')
      const freed = entries.filter((entry) => entry.cachedBytes > 0 && !unsent.includes(entry))
      const isFreed = (entry: FileEntry) => freed.some(({ name }) => name === entry.name)
      const freedBytes = freed.reduce((sum, { cachedBytes }) => sum + cachedBytes, 0)
      this.#each(driveId, paths, (entry) =>
        isFreed(entry) ? { ...entry, badge: 'online-only', cachedBytes: 0 } : entry,
      )
      const [first] = unsent
      const bytes = unsent.reduce((sum, { cachedBytes }) => sum + cachedBytes, 0)
      const stays = first ? [{ reason: 'unsent' as const, files: unsent.length, bytes, path: first.name }] : []
      return { freedFiles: freed.length, freedBytes, stays }
    },
    'file:download': ({ paths }) => ({
      outcomes: paths.map((path) => ({ path, outcome: 'done' })),
      target: '/home/ana/Downloads',
    }),
    'file:upload': ({ driveId, path, sources = this.chosen, onClash }) => {
      const names = sources.map((source) => source.split('/').at(-1) ?? source)
      const taken = (name: string) => (this.#tree(driveId)[path] ?? []).some((entry) => entry.name === name)
      const clashes = onClash === undefined ? names.filter(taken) : []
      if (clashes.length > 0) return { outcomes: [], clashes, sources }
      const added = names.filter((name) => !taken(name)).map((name) => uploading(name))
      this.change(driveId, path, (entries) => [...entries, ...added])
      const outcomeOf = (name: string) =>
        onClash === 'skip' && !added.some((one) => one.name === name) ? 'skipped' : 'done'
      return { outcomes: names.map((name) => ({ path: name, outcome: outcomeOf(name) })), clashes: [], sources }
    },
    'file:makeFolder': ({ driveId, path, name }) => {
      const made: FileEntry = { name, kind: 'folder', sizeBytes: 0, modifiedAt: Date.now(), cachedBytes: 0 }
      this.change(driveId, path, (entries) => [...entries, made])
      return { path: path === '' ? name : `${path}/${name}` }
    },
    'file:rename': ({ driveId, path, name }) => {
      this.#each(driveId, [path], (entry) => ({ ...entry, name }))
      return { path: [...path.split('/').slice(0, -1), name].join('/') }
    },
    'file:delete': ({ driveId, paths }) => {
      this.#each(driveId, paths, () => undefined)
      return { outcomes: paths.map((path) => ({ path, outcome: 'done' })) }
    },
    'file:open': () => ({}),
    'file:reveal': () => ({}),
  }

  /** A folder of 100,000 is sorted once, and not for every part of it. */
  #sorted(entries: readonly FileEntry[], sort: FileSort, isDescending: boolean): readonly FileEntry[] {
    const last = this.#lastSorted
    const order = `${sort} ${isDescending}`
    if (last?.of === entries && last.order === order) return last.entries
    this.#lastSorted = { of: entries, order, entries: sorted(entries, sort, isDescending) }
    return this.#lastSorted.entries
  }

  #tree(driveId: string): FileTree {
    return this.#trees.get(driveId) ?? {}
  }

  #entry(driveId: string, path: string): FileEntry {
    const { folder, name } = split(path)
    const found = this.#tree(driveId)[folder]?.find((entry) => entry.name === name)
    return found ?? { name, kind: 'file', sizeBytes: 0, modifiedAt: 0, cachedBytes: 0 }
  }

  /** Each of them as it is then; none where there is nothing. */
  #each(
    driveId: string,
    paths: readonly string[],
    change: (entry: FileEntry) => FileEntry | undefined,
  ): Record<string, never> {
    for (const path of paths) {
      const { folder, name } = split(path)
      this.change(driveId, folder, (entries) =>
        entries.flatMap((entry) => (entry.name === name ? (change(entry) ?? []) : entry)),
      )
    }
    return {}
  }
}

function split(path: string): { folder: string; name: string } {
  const parts = path.split('/')
  return { folder: parts.slice(0, -1).join('/'), name: parts.at(-1) ?? '' }
}

function sorted(entries: readonly FileEntry[], sort: FileSort, isDescending: boolean): FileEntry[] {
  const direction = isDescending ? -1 : 1
  const byName = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })
  const value = (entry: FileEntry) => (sort === 'size' ? entry.sizeBytes : entry.modifiedAt)
  return [...entries].sort((one, other) => {
    const isFolder = Number(other.kind === 'folder') - Number(one.kind === 'folder')
    const order = sort === 'name' ? 0 : value(one) - value(other)
    return isFolder || direction * (order || byName.compare(one.name, other.name))
  })
}

function uploading(name: string): FileEntry {
  return { name, kind: 'file', sizeBytes: 240_000, modifiedAt: Date.now(), cachedBytes: 240_000, badge: 'uploading' }
}

function bucketOf(path: string, entry: FileEntry): FileProperties['bucket'] {
  if (entry.kind === 'folder') return { state: 'absent', key: `${path}/` }
  if (entry.badge === 'local-only') return { state: 'absent' }
  return {
    state: 'there',
    object: {
      key: path,
      etag: '"9b2cf535f27731c974343645a3985328-3"',
      versionId: '3HL4kqtJvjVBH40Nrjfkd',
      sizeBytes: entry.sizeBytes,
      modifiedAt: entry.modifiedAt,
      contentType: 'application/octet-stream',
      storageClass: 'STANDARD_IA',
      encryption: 'AES256',
      metadata: { mtime: '1763728800.25', mode: '33188', camera: 'R5 — Ana' },
    },
  }
}
