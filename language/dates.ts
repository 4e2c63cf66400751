/** Days and times as the language in use writes them, in the time zone of this computer. */
import { languageInUse } from './language.ts'

const styles = {
  /** 16:05 */
  time: { hour: '2-digit', minute: '2-digit' },
  /** 3 May */
  day: { day: 'numeric', month: 'short' },
  /** 3 May 2025 */
  dayOfYear: { day: 'numeric', month: 'short', year: 'numeric' },
  /** Saturday 3 May */
  wholeDay: { weekday: 'long', day: 'numeric', month: 'long' },
  /** Saturday 3 May 2025 */
  wholeDayOfYear: { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' },
  /** Saturday */
  weekday: { weekday: 'long' },
} satisfies Record<string, Intl.DateTimeFormatOptions>

/** English has the day before the month, and 24 hours. */
const regions: Record<string, string> = { en: 'en-GB' }

/** To make one takes a millisecond, and a list of files asks for hundreds. */
const formats = new Map<string, Intl.DateTimeFormat>()

export function formatDate(atMs: number, style: keyof typeof styles): string {
  const { tag } = languageInUse()
  const name = `${tag} ${style}`
  const format = formats.get(name) ?? new Intl.DateTimeFormat(regions[tag] ?? tag, styles[style])
  formats.set(name, format)
  return format.format(atMs)
}

/** How many midnights lie between two moments; negative when the second is the earlier one. */
export function daysBetween(fromMs: number, toMs: number): number {
  const dayMs = 24 * 60 * 60 * 1_000
  const midnight = (atMs: number): number => new Date(atMs).setHours(0, 0, 0, 0)
  return Math.round((midnight(toMs) - midnight(fromMs)) / dayMs)
}
