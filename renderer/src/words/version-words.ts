/** What is said of a bucket's history. */
import type { DeletedFile, FileVersion, UndeleteOutcome } from '../../../contracts/version.ts'
import { momentInWords } from './conflict-words.ts'
import { bytesInWords, plural } from './quantities.ts'

export const notVersioned =
  'This bucket keeps no history: a version that is overwritten or deleted there is gone. Turn on “versioning” for the bucket at your provider to keep older versions from then on; they take space there until you remove them.'

export function versionInWords(version: FileVersion, nowMs: number): { moment: string; what: string } {
  const moment = momentInWords(version.modifiedAt, nowMs)
  if (version.kind === 'deleted') return { moment, what: version.isCurrent ? 'Deleted, and still is' : 'Deleted' }
  return {
    moment,
    what: version.isCurrent ? `${bytesInWords(version.sizeBytes)}, current version` : bytesInWords(version.sizeBytes),
  }
}

export function deletedInWords({ sizeBytes, deletedAt }: DeletedFile, nowMs: number): string {
  return `${bytesInWords(sizeBytes)}, deleted ${momentInWords(deletedAt, nowMs)}`
}

/** What became of several files that were to come back. */
export function undeletedInWords(outcomes: readonly UndeleteOutcome[]): string {
  const count = (outcome: UndeleteOutcome['outcome']) => outcomes.filter((one) => one.outcome === outcome).length
  const [restored, exists, failed] = [count('restored'), count('exists'), count('failed')]
  return [
    ...(restored > 0 ? [`${plural(restored, 'file')} ${restored === 1 ? 'is' : 'are'} back.`] : []),
    ...(exists > 0
      ? [
          `${plural(exists, 'file')} had a new one of the same name and stayed as ${exists === 1 ? 'it is' : 'they are'}.`,
        ]
      : []),
    ...(failed > 0 ? [`${plural(failed, 'file')} could not be brought back.`] : []),
  ].join(' ')
}
