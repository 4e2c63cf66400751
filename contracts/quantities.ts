/** Amounts as a person reads them, in the window and in the terminal alike. Bytes are decimal, as file managers show them. */

const byteUnits = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

export function bytesInWords(bytes: number): string {
  if (!Number.isFinite(bytes) || bytes < 1) return '0 bytes'
  if (bytes < 1000) return plural(Math.round(bytes), 'byte')
  let value = bytes
  let unit = 0
  while (roundedForReading(value) >= 1000 && unit < byteUnits.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${roundedForReading(value)} ${byteUnits[unit]}`
}

/** Three digits are enough to read: 1.23, 12.3, 123. */
function roundedForReading(value: number): number {
  return Number(value.toPrecision(3))
}

export function rateInWords(bytesPerSecond: number): string {
  return `${bytesInWords(bytesPerSecond)}/s`
}

export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${countInWords(count)} ${count === 1 ? noun : nouns}`
}

export function countInWords(count: number): string {
  return count.toLocaleString('en')
}
