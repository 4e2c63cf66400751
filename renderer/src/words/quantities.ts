/** Numbers as a person reads them. Bytes are decimal, as file managers on Linux and macOS show them. */

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

/** “12 of 40 MB”: the unit once where it is the same. */
export function shareInWords(doneBytes: number, sizeBytes: number): string {
  const [done = '', doneUnit] = bytesInWords(doneBytes).split(' ')
  const whole = bytesInWords(sizeBytes)
  return whole.endsWith(` ${doneUnit}`) ? `${done} of ${whole}` : `${done} ${doneUnit} of ${whole}`
}

/** Three digits are enough to read: 1.23, 12.3, 123. */
function roundedForReading(value: number): number {
  return Number(value.toPrecision(3))
}

export function rateInWords(bytesPerSecond: number): string {
  return `${bytesInWords(bytesPerSecond)}/s`
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

export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${countInWords(count)} ${count === 1 ? noun : nouns}`
}

export function countInWords(count: number): string {
  return count.toLocaleString('en')
}

/** 0 to 100, and never 100 before the last byte. */
export function percentDone(doneBytes: number, sizeBytes: number): number {
  if (sizeBytes <= 0) return 0
  if (doneBytes >= sizeBytes) return 100
  return Math.min(99, Math.max(0, Math.floor((doneBytes / sizeBytes) * 100)))
}
