/** What became of files that something was done with, and what is asked before. */
import type { FileOutcome, Freed } from '../../../contracts/file.ts'
import type { Problem } from '../../../contracts/problem.ts'
import { momentInWords } from './conflict-words.ts'
import { itemsInWords } from './file-words.ts'
import { bytesInWords, plural } from './quantities.ts'

const stayWords: Record<Freed['stays'][number]['reason'], string> = {
  kept: 'kept offline',
  unsent: 'not in the bucket yet',
  open: 'open in a program',
  'local-only': 'nowhere else',
}

/** What was freed, and why the rest stays. */
export function freedInWords({ freedFiles, freedBytes, stays }: Freed): string {
  const freed =
    freedFiles === 0
      ? 'Nothing was freed.'
      : `${bytesInWords(freedBytes)} freed. ${plural(freedFiles, 'file')} ${freedFiles === 1 ? 'is' : 'are'} online only now.`
  const left = stays.map(
    ({ reason, files, bytes }) =>
      `${plural(files, 'file')} (${bytesInWords(bytes)}) ${files === 1 ? 'stays' : 'stay'}: ${stayWords[reason]}.`,
  )
  return [freed, ...left].join(' ')
}

/** What became of several files; the problem is the first there was. */
export function outcomesInWords(
  outcomes: readonly FileOutcome[],
  words: { done: string; failed: string },
): { said: string | undefined; problem: Problem | undefined } {
  const of = (outcome: FileOutcome['outcome']) => outcomes.filter((one) => one.outcome === outcome)
  const [done, skipped, failed] = [of('done'), of('skipped'), of('failed')]
  const [first] = failed
  const said = [
    ...(done.length > 0 ? [`${subject(done)} ${done.length === 1 ? 'is' : 'are'} ${words.done}.`] : []),
    ...(skipped.length > 0 ? [`${subject(skipped)} ${skipped.length === 1 ? 'was' : 'were'} left out.`] : []),
  ].join(' ')
  return { said: said === '' ? undefined : said, problem: first && failureOf(first, failed, words.failed) }
}

function failureOf(first: FileOutcome, failed: readonly FileOutcome[], verb: string): Problem {
  const problem: Problem = first.problem ?? { code: 'internal', message: `${subject([first])} could not be ${verb}.` }
  if (failed.length === 1) return problem
  return { ...problem, message: `${plural(failed.length, 'item')} could not be ${verb}. The first: ${problem.message}` }
}

function subject(outcomes: readonly FileOutcome[]): string {
  return itemsInWords(outcomes.map(({ path }) => path.split('/').at(-1) ?? path))
}

export const shareSpans = [
  { value: '3600', label: '1 hour' },
  { value: '86400', label: '1 day' },
  { value: '604800', label: '7 days' },
] as const
export type ShareSpan = (typeof shareSpans)[number]['value']

export function sharedInWords(
  { expiresAt, isShortened, endsWithSession }: { expiresAt: number; isShortened: boolean; endsWithSession: boolean },
  nowMs: number,
): string {
  const until = `The link is copied. Whoever has it can read the file until ${momentInWords(expiresAt, nowMs)}.`
  if (isShortened) return `${until} That is sooner than asked for, because the account’s keys end then.`
  return endsWithSession ? `${until} It ends sooner if the session of the account’s keys does.` : until
}

/** Said in the question before a deletion. */
export function afterDeletion(isVersioned: boolean | undefined): string {
  if (isVersioned === undefined)
    return 'Whether the bucket keeps older versions could not be found out, so take it that this cannot be undone.'
  return isVersioned
    ? 'The bucket keeps older versions: “Deleted files…” in the drive’s menu brings them back.'
    : 'This bucket keeps no older versions: what is deleted is gone for everybody who uses it.'
}

/** Why a name cannot be given; undefined where it can. */
export function nameProblem(name: string): string | undefined {
  if (name.trim() === '') return 'Enter a name.'
  if (name.includes('/')) return 'A name cannot have “/” in it.'
  if (name === '.' || name === '..') return 'This name means something else to the system.'
  return new TextEncoder().encode(name).length > 255 ? 'This name is too long.' : undefined
}

/** Which part of a name to select when it is renamed: all but what says its kind. */
export function stemLength(name: string): number {
  const dot = name.lastIndexOf('.')
  return dot > 0 ? dot : name.length
}

export function clashInWords(clashes: readonly string[], count: number, folder: string): string {
  const [first = ''] = clashes
  if (clashes.length === 1)
    return count === 1
      ? `“${folder}” has a “${first}” already.`
      : `“${folder}” has a “${first}” already. Nothing was uploaded yet.`
  return `“${folder}” has ${clashes.length.toLocaleString('en')} of these ${count.toLocaleString('en')} names already. Nothing was uploaded yet.`
}
