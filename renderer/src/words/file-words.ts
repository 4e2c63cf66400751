/** What is said of a drive's files: their state, and what is chosen of them. */
import type { FileBadge, FileEntry, FileSort, FolderListing } from '../../../contracts/file.ts'
import type { Problem } from '../../../contracts/problem.ts'
import type { FileAction } from '../files/abilities.ts'
import { t } from '../../../language/language.ts'
import { momentInWords } from './conflict-words.ts'
import { bytesInWords, percentDone, plural } from './quantities.ts'
import { assertNever } from './tone.ts'
import type { StateIcon, Tone } from './tone.ts'

export type FileState = {
  label: string
  tone: Tone
  icon: StateIcon
  /** What the label means for the file, in one sentence. */
  meaning: string
}

const fileStates: Record<FileBadge, FileState> = {
  'online-only': {
    label: 'Online only',
    tone: 'neutral',
    icon: 'cloud',
    meaning: 'In the bucket; downloaded when a program opens it.',
  },
  cached: {
    label: 'On this computer',
    tone: 'good',
    icon: 'check',
    meaning: 'Also on this computer, until its space is needed.',
  },
  pinned: {
    label: 'Kept offline',
    tone: 'good',
    icon: 'pin',
    meaning: 'Stays on this computer and is kept up to date.',
  },
  'local-only': {
    label: 'Local only',
    tone: 'neutral',
    icon: 'computer',
    meaning: 'Never uploaded: its name is among those that stay on this computer.',
  },
  waiting: {
    label: 'Waiting to upload',
    tone: 'warning',
    icon: 'clock',
    meaning: 'Saved on this computer; uploaded by itself.',
  },
  uploading: { label: 'Uploading', tone: 'active', icon: 'sync', meaning: 'On its way to the bucket.' },
  blocked: { label: 'Needs you', tone: 'danger', icon: 'error', meaning: 'Its change cannot be uploaded.' },
  conflict: {
    label: 'Conflict',
    tone: 'warning',
    icon: 'conflict',
    meaning: 'Changed here and in the bucket; both versions are kept.',
  },
}

/** `uploaded`: of its upload, 0 to 100, while it is known. Undefined for a folder of which there is nothing to say. */
export function fileState(entry: FileEntry, uploaded?: number): FileState | undefined {
  const { badge, kind, problem } = entry
  if (badge === undefined) return undefined
  const state = fileStates[badge]
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
      return { ...state, label: 'Conflict inside', meaning: 'A file in it was changed here and in the bucket.' }
    case 'blocked':
      return { ...state, label: 'Needs you inside', meaning: 'A change in it cannot be uploaded.' }
    case 'uploading':
      return { ...state, label: 'Uploading inside', meaning: 'Something in it is on its way to the bucket.' }
    case 'waiting':
      return { ...state, label: 'Changes inside', meaning: 'Something in it waits to be uploaded.' }
    case 'pinned':
      return { ...state, meaning: 'Everything in it stays on this computer and is kept up to date.' }
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
  if (badge === 'uploading' && uploaded !== undefined) return { label: `Uploading, ${uploaded} %` }
  if (cachedBytes >= sizeBytes) return {}
  const here = percentDone(cachedBytes, sizeBytes)
  if (badge === 'pinned')
    return {
      label: `Downloading, ${here} %`,
      tone: 'active',
      icon: 'sync',
      meaning: 'Being fetched to be kept offline.',
    }
  if (badge === 'online-only' && cachedBytes > 0)
    return {
      label: `${here} % here`,
      meaning: 'Partly on this computer; the rest is downloaded when a program reads it.',
    }
  return {}
}

function problemInOneLine({ message, consequence, remedy }: Problem): string {
  return [message, consequence, remedy].filter(Boolean).join(' ')
}

export const sortWords: Record<FileSort, string> = { name: 'Name', size: 'Size', modified: 'Modified' }

export function sizeInWords({ kind, sizeBytes }: FileEntry): string {
  return kind === 'file' ? bytesInWords(sizeBytes) : ''
}

export function kindInWords({ kind, name }: Pick<FileEntry, 'kind' | 'name'>): string {
  if (kind === 'folder') return 'Folder'
  if (kind === 'link') return 'Link'
  const extension = /[^.].*\.([^.]{1,12})$/.exec(name)?.[1]
  return extension === undefined ? 'File' : `${extension.toUpperCase()} file`
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

export const actionWords: Record<FileAction, string> = {
  open: 'Open',
  settle: 'Settle conflict…',
  transfers: 'Show in Transfers',
  keep: 'Keep offline',
  release: 'Stop keeping offline',
  free: 'Free up space',
  download: 'Download…',
  share: 'Share link…',
  versions: 'Versions…',
  properties: 'Properties',
  reveal: 'Show in file manager',
  rename: 'Rename…',
  delete: 'Delete…',
}

/** “3 items”, or the name of the one. */
export function itemsInWords(names: readonly string[]): string {
  const [only] = names
  return names.length === 1 && only !== undefined ? `“${only}”` : plural(names.length, 'item')
}

export function totalInWords(total: number, listing: FolderListing | undefined, isSorting = false): string {
  if (listing?.state === 'fetching' && listing.isFirst) return `${plural(total, 'item')} so far`
  return isSorting ? t('files.total.sorting', { count: total }) : plural(total, 'item')
}

export function chosenFilesInWords(chosen: readonly FileEntry[], total: number): string {
  const bytes = chosen.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const count = `${chosen.length.toLocaleString('en')} of ${total.toLocaleString('en')} selected`
  return bytes > 0 ? `${count}, ${bytesInWords(bytes)}` : count
}

export function matchesInWords(count: number, found: { isTruncated: boolean; isIndexing: boolean }): string {
  if (count === 0) return found.isIndexing ? 'Nothing found yet: names are still being read.' : 'Nothing found.'
  const first = found.isTruncated
    ? `The first ${count.toLocaleString('en')} found; type more to find others.`
    : `${count.toLocaleString('en')} found.`
  return found.isIndexing ? `${first} Names are still being read.` : first
}
