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
import { momentInWords } from './date-words.ts'
import { bytesInWords, untilInWords } from './quantities.ts'
import { assertNever } from './tone.ts'
import type { StateIcon, Tone } from './tone.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** “4 minutes”, in whole words: it stands in a sentence. */
export function spanInWords(spanMs: number): string {
  const span = Math.abs(spanMs)
  if (span < minuteMs) return t('words.seconds', { count: Math.max(1, Math.round(span / 1000)) })
  if (span < hourMs) return t('words.minutes', { count: Math.round(span / minuteMs) })
  if (span < dayMs) return t('words.hours', { count: Math.round(span / hourMs) })
  return t('words.days', { count: Math.round(span / dayMs) })
}

export function happenedAgo(atMs: number, nowMs: number): string {
  return nowMs - atMs < minuteMs ? t('words.just-now') : t('words.ago', { span: spanInWords(nowMs - atMs) })
}

/** “Edited here and by another client 4 minutes ago”: the other's time where it is known. */
export function whatHappened({ kind, since, theirs }: Conflict, nowMs: number): string {
  const when = happenedAgo(theirs?.modifiedAt ?? since, nowMs)
  return t(happenedTexts[kind], { when })
}

const happenedTexts: Record<Conflict['kind'], MessageKey> = {
  edited: 'conflicts.happened.edited',
  created: 'conflicts.happened.created',
  deleted: 'conflicts.happened.deleted',
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
  if (side.modifiedAt > other.modifiedAt)
    remarks.push(t('conflicts.newer', { span: spanInWords(side.modifiedAt - other.modifiedAt) }))
  if (side.sizeBytes > other.sizeBytes)
    remarks.push(t('conflicts.larger', { size: bytesInWords(side.sizeBytes - other.sizeBytes) }))
  if (side.sizeBytes === other.sizeBytes) remarks.push(t('conflicts.same-size'))
  return remarks
}

export const sideName = (side: 'mine' | 'theirs'): string => t(side === 'mine' ? 'conflicts.mine' : 'conflicts.theirs')

/** What is said of a choice while it waits, while it is carried out, and when it could not be. */
const choiceTexts: Record<PendingChoice['kind'], Record<'keeps' | 'keeping' | 'failed', MessageKey>> = {
  mine: {
    keeps: 'conflicts.keeps.mine',
    keeping: 'conflicts.keeping.mine',
    failed: 'conflicts.failed.mine',
  },
  theirs: {
    keeps: 'conflicts.keeps.theirs',
    keeping: 'conflicts.keeping.theirs',
    failed: 'conflicts.failed.theirs',
  },
  both: {
    keeps: 'conflicts.keeps.both',
    keeping: 'conflicts.keeping.both',
    failed: 'conflicts.failed.both',
  },
  merged: {
    keeps: 'conflicts.keeps.merged',
    keeping: 'conflicts.keeping.merged',
    failed: 'conflicts.failed.merged',
  },
}

export type ConflictSummary = { label: string; tone: Tone; icon: StateIcon; problem?: Problem }

/** How a conflict stands: what was chosen and will happen, or that it waits. */
export function conflictSummary({ choice }: Conflict, hasMovedOn: boolean, nowMs: number): ConflictSummary {
  if (choice === undefined) {
    return hasMovedOn
      ? { label: t('conflicts.moved-on'), tone: 'warning', icon: 'attention' }
      : { label: t('conflicts.needs-you'), tone: 'warning', icon: 'conflict' }
  }
  const texts = choiceTexts[choice.kind]
  switch (choice.state) {
    case 'waiting': {
      const when = untilInWords(choice.appliesAt, nowMs)
      return choice.appliesAt <= nowMs
        ? { label: t(texts.keeping), tone: 'active', icon: 'sync' }
        : { label: t(texts.keeps, { when }), tone: 'active', icon: 'clock' }
    }
    case 'waiting-for-close':
      return { label: t('conflicts.waits-for-close'), tone: 'warning', icon: 'clock' }
    case 'applying':
      return { label: t(texts.keeping), tone: 'active', icon: 'sync' }
    case 'failed': {
      const problem = choice.problem ? { problem: choice.problem } : {}
      return { label: t(texts.failed), tone: 'danger', icon: 'error', ...problem }
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
    return t(choice === 'theirs' ? 'conflicts.then.deleted' : 'conflicts.then.uploaded-again')
  }
  return t(consequences[choice])
}

const consequences: Record<ResolutionKind, MessageKey> = {
  mine: 'conflicts.then.mine',
  theirs: 'conflicts.then.theirs',
  both: 'conflicts.then.both',
}

export function hindranceInWords(hindrance: Hindrance): string {
  return t(hindranceTexts[hindrance])
}

const hindranceTexts: Record<Hindrance, MessageKey> = {
  'not-whole': 'conflicts.hindrance.not-whole',
  'nothing-of-theirs': 'conflicts.hindrance.nothing-of-theirs',
}

/** Said when a choice was made; `impossible` ones were left as they are. */
export function chosenInWords(
  kind: PendingChoice['kind'],
  count: number,
  fileName: string,
  impossible: number,
): string {
  const said = t(chosenTexts[kind], { count, name: fileName })
  return impossible === 0 ? said : `${said} ${t('conflicts.chosen.others', { count: impossible })}`
}

const chosenTexts: Record<PendingChoice['kind'], MessageKey> = {
  mine: 'conflicts.chosen.mine',
  theirs: 'conflicts.chosen.theirs',
  both: 'conflicts.chosen.both',
  merged: 'conflicts.chosen.merged',
}

export function movedOnInWords(count: number): string {
  return t('conflicts.moved-on.said', { count })
}

type LabelAndDetail = { label: string; detail: string }

export function policyWords(policy: ConflictPolicy): LabelAndDetail {
  return policy === 'ask'
    ? { label: t('conflicts.ask'), detail: t('conflicts.policy.ask') }
    : { label: t('conflicts.keep.both'), detail: t('conflicts.policy.both') }
}

export function ruleWords(policy: ConflictRule['policy']): LabelAndDetail {
  return { label: policy === 'ask' ? t('conflicts.ask') : resolutionName(policy), detail: t(ruleDetails[policy]) }
}

const ruleDetails: Record<ConflictRule['policy'], MessageKey> = {
  ask: 'conflicts.rule.ask',
  mine: 'conflicts.rule.mine',
  theirs: 'conflicts.rule.theirs',
  both: 'conflicts.rule.both',
}

/** The weaker guarantee, where the provider does not check conditions. */
export const weakGuarantee = (): string => t('conflicts.weak-guarantee')

/** How far a merge is: `left` of `of` places still need a choice. */
export function mergeInWords({ left, of, hasBase }: { left: number; of: number; hasBase: boolean }): string {
  if (left > 0) {
    const needed = t('conflicts.merge.left', { left, of })
    return hasBase ? `${needed} ${t('conflicts.merge.taken')}` : needed
  }
  if (of > 0) return t('conflicts.merge.done')
  return t(hasBase ? 'conflicts.merge.all-taken' : 'conflicts.merge.same')
}

export function folderInWords(path: string, driveName: string): string {
  return path === '' ? t('conflicts.rule.whole-drive', { drive: driveName }) : path
}

/** What a rule does to conflicts that are there already. */
export function waitingInWords(count: number): string {
  return t('conflicts.rule.waiting', { count })
}

/** Said when a rule was made. */
export function ruleSaid({ path, policy }: ConflictRule, driveName: string): string {
  return path === '' ? t(driveRuleTexts[policy], { drive: driveName }) : t(folderRuleTexts[policy], { path })
}

const driveRuleTexts: Record<ConflictRule['policy'], MessageKey> = {
  ask: 'conflicts.rule.said.drive-ask',
  mine: 'conflicts.rule.said.drive-mine',
  theirs: 'conflicts.rule.said.drive-theirs',
  both: 'conflicts.rule.said.drive-both',
}

const folderRuleTexts: Record<ConflictRule['policy'], MessageKey> = {
  ask: 'conflicts.rule.said.ask',
  mine: 'conflicts.rule.said.mine',
  theirs: 'conflicts.rule.said.theirs',
  both: 'conflicts.rule.said.both',
}
