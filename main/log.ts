/** Main's log: one line an event in a file that is rotated by size. Callers pass no secrets; workers' output is cut to lines. */
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { isLogged, logLevels, usualLogLevel, type LogLevel } from '../contracts/diagnostics.ts'

export type Log = (level: LogLevel, message: string) => void

const maxLineLength = 4000

/** `<path>`, `<path>.1` … `<path>.<keptFiles>`; a log that cannot be written is never a reason to fail. */
export function fileLog(options: {
  path: string
  maxBytes?: number
  keptFiles?: number
  now?: () => Date
  echo?: (line: string) => void
  /** What is less important is left out. */
  level?: () => LogLevel
}): Log {
  const { path, maxBytes = 2 * 1024 * 1024, keptFiles = 3, now = () => new Date() } = options
  const { level: wanted = () => usualLogLevel } = options
  let sizeBytes = existingSize(path)
  return (level, message) => {
    if (!isLogged(level, wanted())) return
    const text = message.replaceAll(/[\r\n]+/g, ' ⏎ ').slice(0, maxLineLength)
    const line = `${now().toISOString()} ${level} ${text}\n`
    options.echo?.(line)
    try {
      if (sizeBytes === 0) mkdirSync(dirname(path), { recursive: true })
      if (sizeBytes > 0 && sizeBytes + Buffer.byteLength(line) > maxBytes) {
        rotate(path, keptFiles)
        sizeBytes = 0
      }
      appendFileSync(path, line, { mode: 0o600 })
      sizeBytes += Buffer.byteLength(line)
    } catch {
      // A full or read-only disk must not stop the application.
    }
  }
}

/** A worker says its level in each line; what is not such a line came from somewhere else, and is worth a look. */
export function levelOfWorkerLine(line: string): LogLevel {
  const said = /^\{"time":"[^"]*","level":"([a-z]+)"/.exec(line)?.[1]
  return logLevels.find((level) => level === said) ?? 'warning'
}

function rotate(path: string, keptFiles: number): void {
  for (let n = keptFiles - 1; n >= 1; n--) {
    try {
      renameSync(`${path}.${n}`, `${path}.${n + 1}`)
    } catch {
      // Not there yet.
    }
  }
  renameSync(path, `${path}.1`)
}

function existingSize(path: string): number {
  try {
    return statSync(path).size
  } catch {
    return 0
  }
}
