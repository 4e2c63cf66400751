/** The one word that stands for a file or folder in the window: a pure function of what is known of it. */
import type { FileBadge } from '../../contracts/file.ts'
import type { OperationState } from '../journal/operation.ts'

export type FileFacts = {
  isLocalOnly: boolean
  /** Holds bytes that the bucket has not seen. */
  isContentDirty: boolean
  /** Of its own put, if there is one. */
  put: OperationState['state'] | undefined
  isKept: boolean
  sizeBytes: number
  cachedBytes: number
}

export function badgeOfFile(facts: FileFacts): FileBadge {
  const pending = badgeOfState(facts.put)
  if (pending === 'conflict' || pending === 'blocked') return pending
  if (facts.isLocalOnly) return 'local-only'
  if (pending !== undefined) return pending
  if (facts.isContentDirty) return 'waiting'
  if (facts.isKept) return 'pinned'
  return facts.cachedBytes >= facts.sizeBytes ? 'cached' : 'online-only'
}

export type FolderFacts = {
  isLocalOnly: boolean
  /** The loudest of what is below it, and of the folder itself. */
  pending: PendingBadge | undefined
  isKept: boolean
}

export function badgeOfFolder({ isLocalOnly, pending, isKept }: FolderFacts): FileBadge | undefined {
  if (pending !== undefined) return pending
  if (isLocalOnly) return 'local-only'
  return isKept ? 'pinned' : undefined
}

export type PendingBadge = Extract<FileBadge, 'waiting' | 'uploading' | 'blocked' | 'conflict'>

export function badgeOfState(state: OperationState['state'] | undefined): PendingBadge | undefined {
  if (state === undefined) return undefined
  if (state === 'running') return 'uploading'
  return state === 'queued' ? 'waiting' : state
}
