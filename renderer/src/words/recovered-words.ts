/** What is said of a version that a choice discarded. */
import type { RecoveredFile } from '../../../contracts/conflict.ts'
import { dateInWords, momentInWords } from './conflict-words.ts'
import { bytesInWords } from './quantities.ts'

export type RecoveredRow = { key: string; driveId: string; driveName: string; file: RecoveredFile }

/** Newest first. */
export function recoveredRows(
  lists: ReadonlyMap<string, readonly RecoveredFile[]>,
  nameOf: (driveId: string) => string,
): readonly RecoveredRow[] {
  return [...lists]
    .flatMap(([driveId, files]) =>
      files.map((file) => ({ key: `${driveId}/${file.id}`, driveId, driveName: nameOf(driveId), file })),
    )
    .sort((one, other) => other.file.discardedAt - one.file.discardedAt)
}

export function recoveredInWords(file: RecoveredFile, nowMs: number): { version: string; kept: string } {
  const whose = file.side === 'mine' ? 'Mine' : 'Theirs'
  const missing = file.isIncomplete === true ? ', parts of it are missing' : ''
  return {
    version: `${whose}, ${bytesInWords(file.sizeBytes)}, from ${momentInWords(file.modifiedAt, nowMs)}${missing}`,
    kept: `Discarded ${momentInWords(file.discardedAt, nowMs)}, kept until ${dateInWords(file.keptUntil, new Date(nowMs).getFullYear())}`,
  }
}
