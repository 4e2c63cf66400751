/**
 * A drive's pause: what nobody waits for rests, until a moment or until somebody resumes. The same spans and words in the
 * window, in the tray and in the terminal.
 */
import { z } from 'zod'
import { daysBetween, formatDate } from '../language/dates.ts'
import { t, type MessageKey } from '../language/language.ts'

export const pauseSchema = z.object({
  /** Epoch ms; absent: until somebody resumes. */
  until: z.number().optional(),
})
export type Pause = z.infer<typeof pauseSchema>

export const pauseSpans = ['hour', 'tomorrow', 'resumed'] as const
export type PauseSpan = (typeof pauseSpans)[number]

const hourMs = 60 * 60_000
/** When people sit down again. */
const morningHour = 8

/** Days begin where the computer is. */
export function pauseFor(span: PauseSpan, now: Date): Pause {
  switch (span) {
    case 'hour':
      return { until: now.getTime() + hourMs }
    case 'tomorrow':
      return { until: new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, morningHour).getTime() }
    case 'resumed':
      return {}
  }
}

export const pauseSpanKeys: Record<PauseSpan, MessageKey> = {
  hour: 'shared.pause.hour',
  tomorrow: 'shared.pause.tomorrow',
  resumed: 'shared.pause.resumed',
}

/** “until 16:05”, “until tomorrow 08:00”, “until Monday 08:00”, “until you resume”. */
export function pauseInWords({ until }: Pause, nowMs: number): string {
  if (until === undefined) return t('shared.until.resumed')
  const time = formatDate(until, 'time')
  const days = daysBetween(nowMs, until)
  if (days <= 0) return t('shared.until.time', { time })
  if (days === 1) return t('shared.until.tomorrow', { time })
  return t('shared.until.weekday', { weekday: formatDate(until, 'weekday'), time })
}
