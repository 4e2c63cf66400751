/** What is said of a version that a choice discarded. */
import type { RecoveredFile } from '../../../contracts/conflict.ts'
import { t } from '../../../language/language.ts'
import { sideName } from './conflict-words.ts'
import { dateInWords, momentInWords } from './date-words.ts'
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
  const values = {
    side: sideName(file.side),
    size: bytesInWords(file.sizeBytes),
    time: momentInWords(file.modifiedAt, nowMs),
  }
  return {
    version: t(file.isIncomplete === true ? 'conflicts.recovered.incomplete' : 'conflicts.recovered.version', values),
    kept: t('conflicts.recovered.kept', {
      discarded: momentInWords(file.discardedAt, nowMs),
      until: dateInWords(file.keptUntil, nowMs),
    }),
  }
}
