/** Amounts as a person reads them, in the language in use: in the window, in the tray and in the terminal alike. */
import { languageInUse, t } from '../language/language.ts'

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
