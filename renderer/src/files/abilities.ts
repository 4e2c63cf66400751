/** What can be done with the files that are chosen. Pure. */
import type { FileEntry } from '../../../contracts/file.ts'
import type { FileRow } from '../state/file-rows.ts'

export const fileActions = [
  'open',
  'settle',
  'transfers',
  'keep',
  'release',
  'free',
  'download',
  'share',
  'versions',
  'properties',
  'reveal',
  'rename',
  'delete',
] as const
export type FileAction = (typeof fileActions)[number]

/** In the order of the menu. */
export function possibleWith(targets: readonly FileRow[], drive: { isReadOnly: boolean }): readonly FileAction[] {
  if (targets.length === 0) return []
  const entries = targets.map(({ entry }) => entry)
  const [only] = entries.length === 1 ? entries : []
  const isFile = only !== undefined && only.kind === 'file'
  const can: Record<FileAction, boolean> = {
    open: only !== undefined,
    settle: isFile && only.badge === 'conflict',
    transfers: isFile && (only.badge === 'blocked' || only.badge === 'waiting' || only.badge === 'uploading'),
    keep: entries.some(canBeKept),
    release: entries.some(({ kept }) => kept === 'itself'),
    free: entries.some(canBeFreed),
    download: true,
    share: isFile && only.badge !== 'local-only',
    versions: isFile && only.badge !== 'local-only',
    properties: only !== undefined,
    reveal: only !== undefined,
    rename: only !== undefined && !drive.isReadOnly,
    delete: !drive.isReadOnly,
  }
  return fileActions.filter((action) => can[action])
}

export function canBeKept({ kept, badge }: FileEntry): boolean {
  return kept === undefined && badge !== 'local-only'
}

/** Of a folder it is not known what of it is on this computer. */
export function canBeFreed({ kind, kept, cachedBytes, badge }: FileEntry): boolean {
  if (kept !== undefined || badge === 'local-only') return false
  return kind === 'folder' || cachedBytes > 0
}
