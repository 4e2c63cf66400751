/** Numbers as a person reads them, in the language of the window. */
import { languageInUse, t } from '../../../language/language.ts'

export { plural } from '../../../contracts/quantities.ts'

const byteUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const
type Amount = { value: number; unit: (typeof byteUnits)[number] }

/** Bytes are decimal, as file managers show them. */
export function bytesInWords(bytes: number): string {
  const { value, unit } = amountOf(bytes)
  return numbers(unit).format(value)
}

export function rateInWords(bytesPerSecond: number): string {
  return t('words.bytes.rate', { bytes: bytesInWords(bytesPerSecond) })
}

/** “12 of 40 MB”: the unit once where it is the same. */
export function shareInWords(doneBytes: number, sizeBytes: number): string {
  const done = amountOf(doneBytes)
  const isSame = done.unit === amountOf(sizeBytes).unit
  return t('words.bytes.share', {
    done: isSame ? numbers().format(done.value) : bytesInWords(doneBytes),
    whole: bytesInWords(sizeBytes),
  })
}

function amountOf(bytes: number): Amount {
  if (!Number.isFinite(bytes) || bytes < 1) return { value: 0, unit: 'byte' }
  if (bytes < 1000) return { value: Math.round(bytes), unit: 'byte' }
  let value = bytes
  let step = 0
  while (roundedForReading(value) >= 1000 && step < byteUnits.length - 1) {
    value /= 1000
    step += 1
  }
  return { value: roundedForReading(value), unit: byteUnits[step] ?? 'petabyte' }
}

/** Three digits are enough to read: 1.23, 12.3, 123. */
function roundedForReading(value: number): number {
  return Number(value.toPrecision(3))
}

const formats = new Map<string, Intl.NumberFormat>()

function numbers(unit?: Amount['unit']): Intl.NumberFormat {
  const { tag } = languageInUse()
  const name = `${tag} ${unit ?? ''}`
  const known = formats.get(name)
  if (known !== undefined) return known
  const style = { style: 'unit', unit, unitDisplay: unit === 'byte' ? 'long' : 'short' } as const
  const format = new Intl.NumberFormat(tag, {
    ...(unit === undefined ? {} : { ...style, unit }),
    maximumFractionDigits: 2,
    useGrouping: false,
  })
  formats.set(name, format)
  return format
}

export function countInWords(count: number): string {
  return count.toLocaleString(languageInUse().tag)
}

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
