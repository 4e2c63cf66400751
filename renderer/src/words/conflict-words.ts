/** What is said of a conflict: what happened, which side is which, and what a choice will do. */
import type {
  Conflict,
  ConflictPolicy,
  ConflictRule,
  PendingChoice,
  ResolutionKind,
} from '../../../contracts/conflict.ts'
import { t, type MessageKey } from '../../../language/language.ts'
import type { Problem } from '../../../contracts/problem.ts'
import type { Hindrance } from '../state/conflict-list.ts'
import { bytesInWords, plural, untilInWords } from './quantities.ts'
import { assertNever } from './tone.ts'
import type { StateIcon, Tone } from './tone.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** “4 minutes”, in whole words: it stands in a sentence. */
export function spanInWords(spanMs: number): string {
  const span = Math.abs(spanMs)
  if (span < minuteMs) return plural(Math.max(1, Math.round(span / 1000)), 'second')
  if (span < hourMs) return plural(Math.round(span / minuteMs), 'minute')
  if (span < dayMs) return plural(Math.round(span / hourMs), 'hour')
  return plural(Math.round(span / dayMs), 'day')
}

export function happenedAgo(atMs: number, nowMs: number): string {
  return nowMs - atMs < minuteMs ? 'just now' : `${spanInWords(nowMs - atMs)} ago`
}

/** “Edited here and by another client 4 minutes ago”: the other's time where it is known. */
export function whatHappened({ kind, since, theirs }: Conflict, nowMs: number): string {
  const when = happenedAgo(theirs?.modifiedAt ?? since, nowMs)
  switch (kind) {
    case 'edited':
      return `Edited here and by another client ${when}`
    case 'created':
      return `Created here and by another client ${when}`
    case 'deleted':
      return `Edited here, deleted by another client ${when}`
    default:
      return assertNever(kind)
  }
}

/** “today 14:32”, “yesterday 09:05”, “21 Nov, 14:32”. */
export function momentInWords(atMs: number, nowMs: number): string {
  const at = new Date(atMs)
  const time = at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  const days = Math.round((startOfDay(nowMs) - startOfDay(atMs)) / dayMs)
  if (days === 0) return `today ${time}`
  if (days === 1) return `yesterday ${time}`
  return `${dateInWords(atMs, new Date(nowMs).getFullYear())}, ${time}`
}

/** Without the year where it is this one. */
export function dateInWords(atMs: number, thisYear?: number): string {
  const at = new Date(atMs)
  const year = at.getFullYear() === thisYear ? {} : { year: 'numeric' as const }
  return at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', ...year })
}

function startOfDay(atMs: number): number {
  return new Date(atMs).setHours(0, 0, 0, 0)
}

export type SideWords = { size: string; time: string; remarks: readonly string[] }

/** Each side with its size and time, and in words what it is more of than the other. */
export function sidesInWords(
  { mine, theirs }: Conflict,
  nowMs: number,
): { mine: SideWords; theirs: SideWords | undefined } {
  const words = (side: { sizeBytes: number; modifiedAt: number }, other: typeof side | undefined): SideWords => ({
    size: bytesInWords(side.sizeBytes),
    time: momentInWords(side.modifiedAt, nowMs),
    remarks: other === undefined ? [] : remarksOn(side, other),
  })
  return { mine: words(mine, theirs), theirs: theirs && words(theirs, mine) }
}

function remarksOn(side: { sizeBytes: number; modifiedAt: number }, other: typeof side): string[] {
  const remarks: string[] = []
  if (side.modifiedAt > other.modifiedAt) remarks.push(`Newer by ${spanInWords(side.modifiedAt - other.modifiedAt)}`)
  if (side.sizeBytes > other.sizeBytes) remarks.push(`Larger by ${bytesInWords(side.sizeBytes - other.sizeBytes)}`)
  if (side.sizeBytes === other.sizeBytes) remarks.push('Same size')
  return remarks
}

const sideNames: Record<PendingChoice['kind'], string> = {
  mine: 'mine',
  theirs: 'theirs',
  both: 'both',
  merged: 'the merged version',
}

export type ConflictSummary = { label: string; tone: Tone; icon: StateIcon; problem?: Problem }

/** How a conflict stands: what was chosen and will happen, or that it waits. */
export function conflictSummary({ choice }: Conflict, hasMovedOn: boolean, nowMs: number): ConflictSummary {
  if (choice === undefined) {
    return hasMovedOn
      ? { label: 'Changed again: look once more', tone: 'warning', icon: 'attention' }
      : { label: 'Needs you', tone: 'warning', icon: 'conflict' }
  }
  const what = sideNames[choice.kind]
  switch (choice.state) {
    case 'waiting': {
      const when = untilInWords(choice.appliesAt, nowMs)
      return when === 'now'
        ? { label: `Keeping ${what}…`, tone: 'active', icon: 'sync' }
        : { label: `Keeps ${what} ${when}`, tone: 'active', icon: 'clock' }
    }
    case 'waiting-for-close':
      return { label: 'Waits until it is closed in the other program', tone: 'warning', icon: 'clock' }
    case 'applying':
      return { label: `Keeping ${what}…`, tone: 'active', icon: 'sync' }
    case 'failed': {
      const problem = choice.problem ? { problem: choice.problem } : {}
      return { label: `Could not keep ${what}`, tone: 'danger', icon: 'error', ...problem }
    }
    default:
      return assertNever(choice.state)
  }
}

const resolutionNames: Record<ResolutionKind, MessageKey> = {
  mine: 'conflicts.keep.mine',
  theirs: 'conflicts.keep.theirs',
  both: 'conflicts.keep.both',
}

export const resolutionName = (kind: ResolutionKind): string => t(resolutionNames[kind])

/** What each choice does to this file, said before it is made. */
export function consequenceOf({ kind }: Conflict, choice: ResolutionKind): string {
  if (kind === 'deleted') {
    return choice === 'theirs'
      ? 'The file goes from this drive. Mine stays among the recovered files for 30 days.'
      : 'Mine is uploaded again.'
  }
  switch (choice) {
    case 'mine':
      return 'Mine is uploaded. Theirs stays among the recovered files, or in the bucket’s history.'
    case 'theirs':
      return 'Theirs takes the place of mine. Mine stays among the recovered files for 30 days.'
    case 'both':
      return 'Theirs keeps the name. Mine stays beside it as a conflicted copy.'
    default:
      return assertNever(choice)
  }
}

export function hindranceInWords(hindrance: Hindrance): string {
  switch (hindrance) {
    case 'not-whole':
      return 'Parts of mine were only in a version that the bucket no longer has, so mine is not whole. Theirs can be kept; what there is of mine goes to the recovered files.'
    case 'nothing-of-theirs':
      return 'Another client deleted it, so there are no two versions to keep. “Keep theirs” deletes it here too; mine then stays among the recovered files for 30 days.'
    default:
      return assertNever(hindrance)
  }
}

/** Said when a choice was made; `impossible` ones were left as they are. */
export function chosenInWords(
  kind: PendingChoice['kind'],
  count: number,
  fileName: string,
  impossible: number,
): string {
  const files = count === 1 ? `“${fileName}”` : plural(count, 'file')
  const said = kind === 'merged' ? `The merged version of ${files} is kept.` : `${keeping(kind)} for ${files}.`
  return impossible === 0
    ? said
    : `${said} ${plural(impossible, 'other')} cannot be settled this way and still ${impossible === 1 ? 'waits' : 'wait'}.`
}

function keeping(kind: ResolutionKind): string {
  return `Keeping ${sideNames[kind]}`
}

export function movedOnInWords(count: number): string {
  return count === 1
    ? 'One file changed again meanwhile, so nothing was done to it. Look at it once more.'
    : `${plural(count, 'file')} changed again meanwhile, so nothing was done to them. Look at them once more.`
}

export const policyWords: Record<ConflictPolicy, { label: string; detail: string }> = {
  ask: { label: 'Ask me', detail: 'The file waits under Conflicts until you choose. It stays readable and writable.' },
  both: {
    label: 'Keep both',
    detail: 'Theirs keeps the name; mine becomes a conflicted copy beside it. Nothing is asked.',
  },
}

export const ruleWords: Record<ConflictRule['policy'], { label: string; detail: string }> = {
  ask: { label: 'Ask me', detail: 'Each file waits until you choose.' },
  mine: { label: 'Keep mine', detail: 'Mine is uploaded; theirs stays among the recovered files for 30 days.' },
  theirs: { label: 'Keep theirs', detail: 'Theirs is taken; mine stays among the recovered files for 30 days.' },
  both: { label: 'Keep both', detail: 'Theirs keeps the name; mine becomes a conflicted copy beside it.' },
}

/** The weaker guarantee, where the provider does not check conditions. */
export const weakGuarantee =
  'This provider ignores conditional writes: CloudMount looks before each write and checks after it. A change that another client makes in the moment between may be found only afterwards.'

/** How far a merge is: `left` of `of` places still need a choice. */
export function mergeInWords({ left, of, hasBase }: { left: number; of: number; hasBase: boolean }): string {
  const taken = hasBase ? ' What only one side changed is taken over already.' : ''
  if (left > 0)
    return `${plural(left, 'place')} of ${of.toLocaleString('en')} still ${left === 1 ? 'needs' : 'need'} you.${taken}`
  if (of > 0) return `Every place is settled. Look it over, then save it.`
  return hasBase
    ? 'Both sides changed different places, so all of it is taken over. Look it over, then save it.'
    : 'Both sides have the same text.'
}

export function folderInWords(path: string, driveName: string): string {
  return path === '' ? `All of “${driveName}”` : path
}

/** What a rule does to conflicts that are there already. */
export function waitingInWords(count: number): string {
  return count === 1
    ? 'One conflict waits there now. It is settled at once, without Undo.'
    : `${plural(count, 'conflict')} wait there now. They are settled at once, without Undo.`
}

/** “mine is kept for conflicts in “a/b””. */
export function ruleInWords({ path, policy }: ConflictRule, driveName: string): string {
  const where = path === '' ? `on “${driveName}”` : `in “${path}”`
  return policy === 'ask'
    ? `you are asked about conflicts ${where}`
    : `${sideNames[policy]} ${policy === 'both' ? 'are' : 'is'} kept for conflicts ${where}`
}
