/** The files that were transferred last, newest first: what a person may want to look at again. Pure. */
import type { Transfer } from '../contracts/transfer.ts'

export type RecentFile = { driveId: string; path: string }

const mostShown = 8

/** `finished` is newest last; a file counts once, under the name it was transferred by last. */
export function recentFiles(finished: readonly Transfer[]): RecentFile[] {
  const recent = new Map<string, RecentFile>()
  for (let index = finished.length - 1; index >= 0 && recent.size < mostShown; index--) {
    const transfer = finished[index]
    if (transfer === undefined || transfer.status.state !== 'done' || !isOfFile(transfer)) continue
    const { driveId, path } = transfer
    recent.set(`${driveId}/${path}`, recent.get(`${driveId}/${path}`) ?? { driveId, path })
  }
  return [...recent.values()]
}

function isOfFile({ kind, path, stops }: Transfer): boolean {
  // What the window copies in or out goes by the name of a place, not of a file of the drive.
  if (stops === 'by-cancel' || path === '') return false
  return kind === 'upload' || kind === 'download' || kind === 'copy'
}
