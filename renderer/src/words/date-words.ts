import { daysBetween, formatDate } from '../../../language/dates.ts'
import { t } from '../../../language/language.ts'

/** “today 14:32”, “yesterday 09:05”, “21 Nov, 14:32”. */
export function momentInWords(atMs: number, nowMs: number): string {
  const time = formatDate(atMs, 'time')
  const days = daysBetween(atMs, nowMs)
  if (days === 0) return t('words.today', { time })
  if (days === 1) return t('words.yesterday', { time })
  return t('words.moment', { date: dateInWords(atMs, nowMs), time })
}

/** Without the year where it is the present one. */
export function dateInWords(atMs: number, nowMs?: number): string {
  return formatDate(atMs, nowMs !== undefined && isSameYear(atMs, nowMs) ? 'day' : 'dayOfYear')
}

export function wholeDayInWords(atMs: number, nowMs: number): string {
  return formatDate(atMs, isSameYear(atMs, nowMs) ? 'wholeDay' : 'wholeDayOfYear')
}

function isSameYear(atMs: number, otherMs: number): boolean {
  return new Date(atMs).getFullYear() === new Date(otherMs).getFullYear()
}
