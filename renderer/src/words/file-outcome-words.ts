/** What became of files that something was done with, and what is asked before. */
import type { FileOutcome, Freed } from '../../../contracts/file.ts'
import type { Problem } from '../../../contracts/problem.ts'
import { t, type MessageKey } from '../../../language/language.ts'
import { momentInWords } from './date-words.ts'
import { bytesInWords } from './quantities.ts'

const stayKeys: Record<Freed['stays'][number]['reason'], MessageKey> = {
  kept: 'files.freed.stays.kept',
  unsent: 'files.freed.stays.unsent',
  open: 'files.freed.stays.open',
  'local-only': 'files.freed.stays.local-only',
}

/** What was freed, and why the rest stays. */
export function freedInWords({ freedFiles, freedBytes, stays }: Freed): string {
  const freed =
    freedFiles === 0
      ? t('files.freed.nothing')
      : t('files.freed', { bytes: bytesInWords(freedBytes), count: freedFiles })
  const left = stays.map(({ reason, files, bytes }) =>
    t(stayKeys[reason], { count: files, bytes: bytesInWords(bytes) }),
  )
  return [freed, ...left].join(' ')
}

/** What was done with files. */
export type FileDeed = 'deleted' | 'downloaded' | 'added'

const doneKeys: Record<FileDeed, MessageKey> = {
  deleted: 'files.outcome.deleted',
  downloaded: 'files.outcome.downloaded',
  added: 'files.outcome.added',
}
const failedKeys: Record<FileDeed, MessageKey> = {
  deleted: 'files.outcome.not-deleted',
  downloaded: 'files.outcome.not-downloaded',
  added: 'files.outcome.not-added',
}

/** What became of several files; the problem is the first there was. `target` is of a download. */
export function outcomesInWords(
  outcomes: readonly FileOutcome[],
  deed: FileDeed,
  target = '',
): { said: string | undefined; problem: Problem | undefined } {
  const of = (outcome: FileOutcome['outcome']) => outcomes.filter((one) => one.outcome === outcome)
  const [done, skipped, failed] = [of('done'), of('skipped'), of('failed')]
  const [first] = failed
  const said = [
    ...(done.length > 0 ? [t(doneKeys[deed], { ...subject(done), target })] : []),
    ...(skipped.length > 0 ? [t('files.outcome.skipped', subject(skipped))] : []),
  ].join(' ')
  return { said: said === '' ? undefined : said, problem: first && failureOf(first, failed, failedKeys[deed]) }
}

function failureOf(first: FileOutcome, failed: readonly FileOutcome[], key: MessageKey): Problem {
  const problem: Problem = first.problem ?? { code: 'internal', message: t(key, subject([first])) }
  if (failed.length === 1) return problem
  const message = t('files.outcome.first', { failure: t(key, subject(failed)), message: problem.message })
  return { ...problem, message }
}

function subject(outcomes: readonly FileOutcome[]): { count: number; name: string } {
  return { count: outcomes.length, name: outcomes[0]?.path.split('/').at(-1) ?? '' }
}

export type ShareSpan = '3600' | '86400' | '604800'

export function shareSpans(): { value: ShareSpan; label: string }[] {
  return [
    { value: '3600', label: t('files.share.hour') },
    { value: '86400', label: t('files.share.day') },
    { value: '604800', label: t('files.share.week') },
  ]
}

export function sharedInWords(
  { expiresAt, isShortened, endsWithSession }: { expiresAt: number; isShortened: boolean; endsWithSession: boolean },
  nowMs: number,
): string {
  const until = { moment: momentInWords(expiresAt, nowMs) }
  if (isShortened) return t('files.share.copied.shortened', until)
  return t(endsWithSession ? 'files.share.copied.session' : 'files.share.copied', until)
}

/** Said in the question before a deletion. */
export function afterDeletion(isVersioned: boolean | undefined): string {
  if (isVersioned === undefined) return t('files.delete.history.unknown')
  return isVersioned ? t('files.delete.history.kept') : t('files.delete.history.none')
}

/** Why a name cannot be given; undefined where it can. */
export function nameProblem(name: string): string | undefined {
  if (name.trim() === '') return t('files.name.empty')
  if (name.includes('/')) return t('files.name.slash')
  if (name === '.' || name === '..') return t('files.name.dots')
  return new TextEncoder().encode(name).length > 255 ? t('files.name.long') : undefined
}

/** Which part of a name to select when it is renamed: all but what says its kind. */
export function stemLength(name: string): number {
  const dot = name.lastIndexOf('.')
  return dot > 0 ? dot : name.length
}

export function clashInWords(clashes: readonly string[], count: number, folder: string): string {
  const [first = ''] = clashes
  if (clashes.length !== 1) return t('files.clash.several', { folder, taken: clashes.length, count })
  return t(count === 1 ? 'files.clash.only' : 'files.clash.one', { folder, name: first })
}
