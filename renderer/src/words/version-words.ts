/** What is said of a bucket's history. */
import type { DeletedFile, FileVersion, UndeleteOutcome } from '../../../contracts/version.ts'
import { t } from '../../../language/language.ts'
import { momentInWords } from './date-words.ts'
import { bytesInWords } from './quantities.ts'

export function notVersioned(): string {
  return t('versions.none')
}

export function versionInWords(version: FileVersion, nowMs: number): { moment: string; what: string } {
  const moment = momentInWords(version.modifiedAt, nowMs)
  if (version.kind === 'deleted')
    return { moment, what: t(version.isCurrent ? 'versions.is.deleted.still' : 'versions.is.deleted') }
  const size = bytesInWords(version.sizeBytes)
  return { moment, what: version.isCurrent ? t('versions.is.current', { size }) : size }
}

export function deletedInWords({ sizeBytes, deletedAt }: DeletedFile, nowMs: number): string {
  return t('versions.deleted.file', { size: bytesInWords(sizeBytes), moment: momentInWords(deletedAt, nowMs) })
}

/** What became of several files that were to come back. */
export function undeletedInWords(outcomes: readonly UndeleteOutcome[]): string {
  const count = (outcome: UndeleteOutcome['outcome']) => outcomes.filter((one) => one.outcome === outcome).length
  const [restored, exists, failed] = [count('restored'), count('exists'), count('failed')]
  return [
    ...(restored > 0 ? [t('versions.undeleted', { count: restored })] : []),
    ...(exists > 0 ? [t('versions.undeleted.exists', { count: exists })] : []),
    ...(failed > 0 ? [t('versions.undeleted.failed', { count: failed })] : []),
  ].join(' ')
}
