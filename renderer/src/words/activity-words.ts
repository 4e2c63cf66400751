/** What happened, as one sentence each, and by day. */
import type { Activity, ActivityKind } from '../../../contracts/activity.ts'
import { plural } from '../../../contracts/quantities.ts'
import { t } from '../../../language/language.ts'

type Sentence = (of: { what: string; count: number; drive: string; name: string }) => string

const wereOf = (count: number): string => (count === 1 ? 'was' : 'were')

const sentences: Record<ActivityKind, Sentence> = {
  uploaded: ({ what, drive }) => `Uploaded ${what} to ${drive}`,
  downloaded: ({ what, drive }) => `Downloaded ${what} from ${drive}`,
  deleted: ({ what, drive }) => `Deleted ${what} from ${drive}`,
  moved: ({ what, drive }) => `Moved ${what} on ${drive}`,
  'folder-made': ({ what, drive }) => `Made ${what} on ${drive}`,
  freed: ({ what, drive }) => `Freed the space of ${what} of ${drive} on this computer`,
  offline: ({ drive }) => `${drive} went offline`,
  online: ({ drive }) => `${drive} is online again`,
  'signed-out': ({ drive }) => t('sign-in.happened.ended', { drive }),
  'signed-in': ({ drive }) => t('sign-in.happened.again', { drive }),
  paused: ({ drive }) => `${drive} was paused`,
  resumed: ({ drive }) => `${drive} was resumed`,
  'conflict-found': ({ what, drive, count }) =>
    `${what} on ${drive} ${wereOf(count)} changed here and by another client`,
  'conflict-over': ({ what, drive, count }) =>
    `${count === 1 ? 'The conflict' : 'The conflicts'} of ${what} on ${drive} ${wereOf(count)} settled`,
  'chose-mine': ({ what, drive }) => `You chose to keep your version of ${what} on ${drive}`,
  'chose-theirs': ({ what, drive }) => `You chose to keep the bucket’s version of ${what} on ${drive}`,
  'chose-both': ({ what, drive }) => `You chose to keep both versions of ${what} on ${drive}`,
  'choice-undone': ({ count, drive }) => t('activity.choice-undone', { count, drive }),
  'kept-mine': ({ what, drive, count }) => t('activity.kept-mine', { what, drive, count }),
  'kept-theirs': ({ what, drive, count }) => t('activity.kept-theirs', { what, drive, count }),
  'kept-both': ({ what, drive, count }) => t('activity.kept-both', { what, drive, count }),
  restored: ({ what, drive }) => `Restored ${what} on ${drive}`,
  blocked: ({ what, drive, count }) => `${what} on ${drive} ${wereOf(count)} held back`,
  unblocked: ({ what, drive, count }) => `${what} on ${drive} ${wereOf(count)} held back no longer`,
  notice: () => 'Notice',
  mounted: ({ drive }) => `${drive} was mounted`,
  unmounted: ({ drive }) => `${drive} was unmounted`,
  failed: ({ drive }) => `${drive} could not be mounted`,
  restarting: ({ drive }) => `${drive} ended unexpectedly and was started again`,
  'drive-added': ({ drive }) => `${drive} was added`,
  'drive-changed': ({ drive }) => `The options of ${drive} were changed`,
  'drive-removed': ({ drive }) => `${drive} was removed`,
  'account-added': ({ name }) => `The account ${name} was added`,
  'account-changed': ({ name }) => `The account ${name} was changed`,
  'account-removed': ({ name }) => `The account ${name} was removed`,
}

type ActivityWords = { sentence: string; detail: string }

export function activityInWords(entry: Activity): ActivityWords {
  const { kind, count, path, from, message, name } = entry
  const noun = kind === 'folder-made' ? 'folder' : kind === 'moved' ? 'item' : 'file'
  const only = count === 1 && path !== undefined && path !== ''
  const quoted = `“${name ?? 'a drive that is gone'}”`
  const what = only ? `“${lastOf(path)}”` : plural(count, noun)
  const sentence = kind === 'notice' ? (message ?? '') : sentences[kind]({ what, count, drive: quoted, name: quoted })
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
  if (count > 1 && path !== undefined) parts.unshift(`“${path}” and ${plural(count - 1, 'other')}`)
  else if (from !== undefined && path !== undefined) parts.unshift(`from “${from}” to “${path}”`)
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
  for (const { driveId, name } of entries) if (driveId !== undefined) names.set(driveId, name ?? 'A drive that is gone')
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
  const [at, now] = [new Date(atMs), new Date(nowMs)]
  if (at.toDateString() === now.toDateString()) return 'Today'
  if (at.toDateString() === new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1).toDateString())
    return 'Yesterday'
  const year = at.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' as const }
  return at.toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long', ...year })
}

export function timeInWords(atMs: number): string {
  return new Date(atMs).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
}

export function matchesActivity(entry: Activity, { driveId, text }: { driveId: string; text: string }): boolean {
  if (driveId !== '' && entry.driveId !== driveId) return false
  const wanted = text.trim().toLocaleLowerCase()
  if (wanted === '') return true
  const { sentence, detail } = activityInWords(entry)
  return `${sentence} ${detail} ${entry.path ?? ''}`.toLocaleLowerCase().includes(wanted)
}
