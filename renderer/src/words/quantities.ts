/** Numbers and times as a person reads them, in the language of the window. */
import { t } from '../../../language/language.ts'

export { bytesInWords, countInWords, rateInWords, shareInWords } from '../../../contracts/quantities.ts'

/** A span of time, coarse on purpose: an estimate to the second would only flicker. */
export function durationInWords(durationMs: number): string {
  const seconds = Math.max(0, Math.ceil(durationMs / 1000))
  if (seconds < 60) return t('words.span.seconds', { count: seconds })
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return t('words.span.minutes', { count: minutes })
  const hours = Math.floor(minutes / 60)
  const rest = minutes % 60
  if (hours >= 24) return t('words.days', { count: Math.round(hours / 24) })
  return rest === 0 ? t('words.span.hours', { count: hours }) : t('words.span.hours-minutes', { hours, minutes: rest })
}

/** A moment still to come, as in “again in 12 s”. */
export function untilInWords(atMs: number, nowMs: number): string {
  const leftMs = atMs - nowMs
  return leftMs <= 0 ? t('words.until.now') : t('words.until', { span: durationInWords(leftMs) })
}

export function agoInWords(atMs: number, nowMs: number): string {
  const passedMs = nowMs - atMs
  return passedMs < 10_000 ? t('words.just-now') : t('words.ago', { span: durationInWords(passedMs) })
}

/** 0 to 100, and never 100 before the last byte. */
export function percentDone(doneBytes: number, sizeBytes: number): number {
  if (sizeBytes <= 0) return 0
  if (doneBytes >= sizeBytes) return 100
  return Math.min(99, Math.max(0, Math.floor((doneBytes / sizeBytes) * 100)))
}
