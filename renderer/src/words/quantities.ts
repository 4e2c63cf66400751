/** Numbers as a person reads them. */
import { bytesInWords, plural } from '../../../contracts/quantities.ts'

export { bytesInWords, countInWords, plural, rateInWords } from '../../../contracts/quantities.ts'

/** “12 of 40 MB”: the unit once where it is the same. */
export function shareInWords(doneBytes: number, sizeBytes: number): string {
  const [done = '', doneUnit] = bytesInWords(doneBytes).split(' ')
  const whole = bytesInWords(sizeBytes)
  return whole.endsWith(` ${doneUnit}`) ? `${done} of ${whole}` : `${done} ${doneUnit} of ${whole}`
}

/** A span of time, coarse on purpose: an estimate to the second would only flicker. */
export function durationInWords(durationMs: number): string {
  const seconds = Math.max(0, Math.ceil(durationMs / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  const rest = minutes % 60
  if (hours < 24) return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`
  return plural(Math.round(hours / 24), 'day')
}

/** A moment still to come, as in “again in 12 s”. */
export function untilInWords(atMs: number, nowMs: number): string {
  const leftMs = atMs - nowMs
  return leftMs <= 0 ? 'now' : `in ${durationInWords(leftMs)}`
}

export function agoInWords(atMs: number, nowMs: number): string {
  const passedMs = nowMs - atMs
  return passedMs < 10_000 ? 'just now' : `${durationInWords(passedMs)} ago`
}

/** 0 to 100, and never 100 before the last byte. */
export function percentDone(doneBytes: number, sizeBytes: number): number {
  if (sizeBytes <= 0) return 0
  if (doneBytes >= sizeBytes) return 100
  return Math.min(99, Math.max(0, Math.floor((doneBytes / sizeBytes) * 100)))
}
