/** What happened, as one sentence each, and by day. */
import type { Activity, ActivityKind } from '../../../contracts/activity.ts'
import { daysBetween } from '../../../language/dates.ts'
import { t, type MessageKey } from '../../../language/language.ts'
import { wholeDayInWords } from './date-words.ts'

const sentences: Record<ActivityKind, MessageKey> = {
  uploaded: 'activity.uploaded',
  downloaded: 'activity.downloaded',
  deleted: 'activity.deleted',
  moved: 'activity.moved',
  'folder-made': 'activity.folder-made',
  freed: 'activity.freed',
  offline: 'activity.offline',
  online: 'activity.online',
  'signed-out': 'sign-in.happened.ended',
  'signed-in': 'sign-in.happened.again',
  paused: 'activity.paused',
  resumed: 'activity.resumed',
  'conflict-found': 'activity.conflict-found',
  'conflict-over': 'activity.conflict-over',
  'chose-mine': 'activity.chose-mine',
  'chose-theirs': 'activity.chose-theirs',
  'chose-both': 'activity.chose-both',
  'choice-undone': 'activity.choice-undone',
  'kept-mine': 'activity.kept-mine',
  'kept-theirs': 'activity.kept-theirs',
  'kept-both': 'activity.kept-both',
  restored: 'activity.restored',
  blocked: 'activity.blocked',
  unblocked: 'activity.unblocked',
  notice: 'activity.notice',
  mounted: 'activity.mounted',
  unmounted: 'activity.unmounted',
  failed: 'activity.failed',
  restarting: 'activity.restarting',
  'drive-added': 'activity.drive-added',
  'drive-changed': 'activity.drive-changed',
  'drive-removed': 'activity.drive-removed',
  'account-added': 'activity.account-added',
  'account-changed': 'activity.account-changed',
  'account-removed': 'activity.account-removed',
}

type ActivityWords = { sentence: string; detail: string }

export function activityInWords(entry: Activity): ActivityWords {
  const { kind, count, path, from, message, name } = entry
  const noun = kind === 'folder-made' ? 'activity.folders' : kind === 'moved' ? 'activity.items' : 'activity.files'
  const only = count === 1 && path !== undefined && path !== ''
  const quoted = t('activity.named', { name: name ?? t('activity.gone') })
  const what = only ? t('activity.named', { name: lastOf(path) }) : t(noun, { count })
  const sentence =
    kind === 'notice' ? (message ?? '') : t(sentences[kind], { what, count, drive: quoted, name: quoted })
  return {
    sentence: sentence.charAt(0).toUpperCase() + sentence.slice(1),
    detail: detailOf({ count, path, from, kind, message }),
  }
}

function detailOf({
  count,
  path,
  from,
  kind,
  message,
}: Pick<Activity, 'count' | 'path' | 'from' | 'kind' | 'message'>): string {
  if (kind === 'notice') return ''
  const parts = [message ?? '']
  if (count > 1 && path !== undefined) parts.unshift(t('activity.others', { path, count: count - 1 }))
  else if (from !== undefined && path !== undefined) parts.unshift(t('activity.from-to', { from, to: path }))
  else if (path?.includes('/') === true) parts.unshift(path)
  return parts.filter((part) => part !== '').join(' · ')
}

const lastOf = (path: string): string => path.replace(/\/$/, '').split('/').at(-1) ?? path

/** By the name they have now, or had last. */
export function drivesIn(
  entries: readonly Activity[],
  present: readonly { drive: { id: string; name: string } }[],
): { value: string; label: string }[] {
  const names = new Map<string, string>()
  for (const { driveId, name } of entries)
    if (driveId !== undefined) names.set(driveId, name ?? t('activity.gone.name'))
  for (const { drive } of present) names.set(drive.id, drive.name)
  return [...names].map(([value, label]) => ({ value, label }))
}

type ActivityDay = { day: string; entries: readonly Activity[] }

/** Newest first. */
export function byDay(entries: readonly Activity[], nowMs: number): ActivityDay[] {
  const days: { day: string; entries: Activity[] }[] = []
  for (const entry of [...entries].sort((a, b) => b.at - a.at)) {
    const day = dayInWords(entry.at, nowMs)
    const last = days.at(-1)
    if (last?.day === day) last.entries.push(entry)
    else days.push({ day, entries: [entry] })
  }
  return days
}

function dayInWords(atMs: number, nowMs: number): string {
  const days = daysBetween(atMs, nowMs)
  if (days === 0) return t('activity.today')
  if (days === 1) return t('activity.yesterday')
  return wholeDayInWords(atMs, nowMs)
}

export function matchesActivity(entry: Activity, { driveId, text }: { driveId: string; text: string }): boolean {
  if (driveId !== '' && entry.driveId !== driveId) return false
  const wanted = text.trim().toLocaleLowerCase()
  if (wanted === '') return true
  const { sentence, detail } = activityInWords(entry)
  return `${sentence} ${detail} ${entry.path ?? ''}`.toLocaleLowerCase().includes(wanted)
}
