/** What is said of a drive's files: their state, and what is chosen of them. */
import type { FileBadge, FileEntry, FileSort, FolderListing } from '../../../contracts/file.ts'
import type { Problem } from '../../../contracts/problem.ts'
import type { FileAction } from '../files/abilities.ts'
import { t, type MessageKey } from '../../../language/language.ts'
import { momentInWords } from './date-words.ts'
import { bytesInWords, percentDone } from './quantities.ts'
import { assertNever } from './tone.ts'
import type { StateIcon, Tone } from './tone.ts'

export type FileState = {
  label: string
  tone: Tone
  icon: StateIcon
  /** What the label means for the file, in one sentence. */
  meaning: string
}

const fileStates: Record<FileBadge, Pick<FileState, 'tone' | 'icon'> & { label: MessageKey; meaning: MessageKey }> = {
  'online-only': {
    label: 'files.state.online-only',
    tone: 'neutral',
    icon: 'cloud',
    meaning: 'files.state.online-only.meaning',
  },
  cached: { label: 'files.state.cached', tone: 'good', icon: 'check', meaning: 'files.state.cached.meaning' },
  pinned: { label: 'files.state.pinned', tone: 'good', icon: 'pin', meaning: 'files.state.pinned.meaning' },
  'local-only': {
    label: 'files.state.local-only',
    tone: 'neutral',
    icon: 'computer',
    meaning: 'files.state.local-only.meaning',
  },
  waiting: { label: 'files.state.waiting', tone: 'warning', icon: 'clock', meaning: 'files.state.waiting.meaning' },
  uploading: { label: 'files.state.uploading', tone: 'active', icon: 'sync', meaning: 'files.state.uploading.meaning' },
  blocked: { label: 'files.state.blocked', tone: 'danger', icon: 'error', meaning: 'files.state.blocked.meaning' },
  conflict: {
    label: 'files.state.conflict',
    tone: 'warning',
    icon: 'conflict',
    meaning: 'files.state.conflict.meaning',
  },
}

/** `uploaded`: of its upload, 0 to 100, while it is known. Undefined for a folder of which there is nothing to say. */
export function fileState(entry: FileEntry, uploaded?: number): FileState | undefined {
  const { badge, kind, problem } = entry
  if (badge === undefined) return undefined
  const { label, meaning: meaningKey, ...look } = fileStates[badge]
  const state = { ...look, label: t(label), meaning: t(meaningKey) }
  if (kind === 'folder') return folderState(badge, state)
  const meaning = problem === undefined ? state.meaning : problemInOneLine(problem)
  return { ...state, meaning, ...progressOf(entry, badge, uploaded) }
}

/** Of a row whose deletion can still be taken back. */
export function leavingState(): FileState {
  return {
    label: t('files.state.leaving'),
    tone: 'warning',
    icon: 'clock',
    meaning: t('files.state.leaving.meaning'),
  }
}

function folderState(badge: FileBadge, state: FileState): FileState {
  switch (badge) {
    case 'conflict':
      return { ...state, label: t('files.folder.conflict'), meaning: t('files.folder.conflict.meaning') }
    case 'blocked':
      return { ...state, label: t('files.folder.blocked'), meaning: t('files.folder.blocked.meaning') }
    case 'uploading':
      return { ...state, label: t('files.folder.uploading'), meaning: t('files.folder.uploading.meaning') }
    case 'waiting':
      return { ...state, label: t('files.folder.waiting'), meaning: t('files.folder.waiting.meaning') }
    case 'pinned':
      return { ...state, meaning: t('files.folder.pinned.meaning') }
    case 'local-only':
    case 'cached':
    case 'online-only':
      return state
    default:
      return assertNever(badge)
  }
}

function progressOf(entry: FileEntry, badge: FileBadge, uploaded: number | undefined): Partial<FileState> {
  const { sizeBytes, cachedBytes } = entry
  if (badge === 'uploading' && uploaded !== undefined)
    return { label: t('files.state.uploading.percent', { percent: uploaded }) }
  if (cachedBytes >= sizeBytes) return {}
  const here = percentDone(cachedBytes, sizeBytes)
  if (badge === 'pinned')
    return {
      label: t('files.state.downloading', { percent: here }),
      tone: 'active',
      icon: 'sync',
      meaning: t('files.state.downloading.meaning'),
    }
  if (badge === 'online-only' && cachedBytes > 0)
    return {
      label: t('files.state.partly', { percent: here }),
      meaning: t('files.state.partly.meaning'),
    }
  return {}
}

function problemInOneLine({ message, consequence, remedy }: Problem): string {
  return [message, consequence, remedy].filter(Boolean).join(' ')
}

const sortKeys: Record<FileSort, MessageKey> = {
  name: 'files.sort.name',
  size: 'files.sort.size',
  modified: 'files.sort.modified',
}

export function sortInWords(sort: FileSort): string {
  return t(sortKeys[sort])
}

export function sizeInWords({ kind, sizeBytes }: FileEntry): string {
  return kind === 'file' ? bytesInWords(sizeBytes) : ''
}

export function kindInWords({ kind, name }: Pick<FileEntry, 'kind' | 'name'>): string {
  if (kind === 'folder') return t('files.kind.folder')
  if (kind === 'link') return t('files.kind.link')
  const extension = /[^.].*\.([^.]{1,12})$/.exec(name)?.[1]
  return extension === undefined ? t('files.kind.file') : t('files.kind.of', { extension: extension.toUpperCase() })
}

/** What a screen reader says of a row. */
export function rowInWords(
  entry: FileEntry,
  options: { folder?: string; nowMs: number; uploaded?: number | undefined; isLeaving?: boolean },
): string {
  const { folder, nowMs, uploaded, isLeaving = false } = options
  const state = isLeaving ? leavingState() : fileState(entry, uploaded)
  return [
    entry.name,
    entry.kind === 'file' ? undefined : kindInWords(entry).toLowerCase(),
    folder,
    state?.label,
    sizeInWords(entry),
    entry.modifiedAt > 0 ? momentInWords(entry.modifiedAt, nowMs) : undefined,
  ]
    .filter(Boolean)
    .join(', ')
}

const actionKeys: Record<FileAction, MessageKey> = {
  open: 'files.action.open',
  settle: 'files.action.settle',
  transfers: 'files.action.transfers',
  keep: 'files.action.keep',
  release: 'files.action.release',
  free: 'files.action.free',
  download: 'files.action.download',
  share: 'files.action.share',
  versions: 'files.action.versions',
  properties: 'files.action.properties',
  reveal: 'files.action.reveal',
  rename: 'files.action.rename',
  delete: 'files.action.delete',
}

export function actionInWords(action: FileAction): string {
  return t(actionKeys[action])
}

/** “3 items”, or the name of the one. */
export function itemsInWords(names: readonly string[]): string {
  const [only] = names
  return names.length === 1 && only !== undefined
    ? t('files.items.one', { name: only })
    : t('files.items', { count: names.length })
}

export function totalInWords(total: number, listing: FolderListing | undefined, isSorting = false): string {
  if (listing?.state === 'fetching' && listing.isFirst) return t('files.total.so-far', { count: total })
  return t(isSorting ? 'files.total.sorting' : 'files.items', { count: total })
}

export function chosenFilesInWords(chosen: readonly FileEntry[], total: number): string {
  const bytes = chosen.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const values = { chosen: chosen.length, total, bytes: bytesInWords(bytes) }
  return t(bytes > 0 ? 'files.chosen.bytes' : 'files.chosen', values)
}

export function matchesInWords(count: number, found: { isTruncated: boolean; isIndexing: boolean }): string {
  const { isTruncated, isIndexing } = found
  if (count === 0) return t(isIndexing ? 'files.found.nothing.yet' : 'files.found.nothing')
  if (isTruncated) return t(isIndexing ? 'files.found.first.indexing' : 'files.found.first', { count })
  return t(isIndexing ? 'files.found.all.indexing' : 'files.found.all', { count })
}
