/** The limits as a person types them: megabytes a second, days and times of day. */
import { t } from '../../../language/language.ts'
import { leastBytesPerSecond, type LimitHours } from '../../../contracts/limits.ts'

const megabyte = 1_000_000
const mostMegabytes = 100_000

export type Typed<T> = { value: T } | { error: string }

/** Empty: no limit. A comma is taken for a point. */
export function rateTyped(text: string): Typed<number | undefined> {
  const trimmed = text.trim().replace(',', '.')
  if (trimmed === '') return { value: undefined }
  const megabytes = Number(trimmed)
  if (!/^\d*\.?\d+$/.test(trimmed) || megabytes > mostMegabytes) {
    return { error: t('settings.transfers.rate.invalid') }
  }
  const bytes = Math.round(megabytes * megabyte)
  if (bytes < leastBytesPerSecond) {
    return { error: t('settings.transfers.rate.low', { least: leastBytesPerSecond / megabyte }) }
  }
  return { value: bytes }
}

export function rateText(bytesPerSecond: number | undefined): string {
  return bytesPerSecond === undefined ? '' : String(bytesPerSecond / megabyte)
}

/** Monday first, as 0 is Sunday in the contract. */
export const weekdays = [
  { day: 1, short: 'settings.monday.short', name: 'settings.monday' },
  { day: 2, short: 'settings.tuesday.short', name: 'settings.tuesday' },
  { day: 3, short: 'settings.wednesday.short', name: 'settings.wednesday' },
  { day: 4, short: 'settings.thursday.short', name: 'settings.thursday' },
  { day: 5, short: 'settings.friday.short', name: 'settings.friday' },
  { day: 6, short: 'settings.saturday.short', name: 'settings.saturday' },
  { day: 0, short: 'settings.sunday.short', name: 'settings.sunday' },
] as const

export const usualHours: LimitHours = { days: [1, 2, 3, 4, 5], from: 9 * 60, to: 17 * 60 }

/** A day more or less; the last one stays. */
export function withDay(hours: LimitHours, day: number): LimitHours {
  const days = hours.days.includes(day) ? hours.days.filter((one) => one !== day) : [...hours.days, day].sort()
  return days.length === 0 ? hours : { ...hours, days }
}

export function timeText(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}

/** `HH:MM`, as a field for times gives it; undefined while it is not filled in. */
export function timeTyped(text: string): number | undefined {
  const match = /^(\d{2}):(\d{2})/.exec(text)
  return match ? Number(match[1]) * 60 + Number(match[2]) : undefined
}
