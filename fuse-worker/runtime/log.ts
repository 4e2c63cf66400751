/**
 * One line of JSON an entry, to a stream the host chooses. Callers never pass secrets. A message is a text of ours that names nothing;
 * names and numbers are in the fields, where a support bundle can tell them apart.
 */
import { isLogged, usualLogLevel, type LogLevel } from '../../contracts/diagnostics.ts'

export type LogFields = Record<string, string | number | boolean | undefined>

export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, error: unknown, fields?: LogFields): void
}

export function createLog(
  write: (line: string) => void,
  { level: wanted = () => usualLogLevel }: { level?: () => LogLevel } = {},
): Log {
  const entry = (level: LogLevel, message: string, fields: LogFields | undefined): void => {
    if (!isLogged(level, wanted())) return
    write(JSON.stringify({ time: new Date().toISOString(), level, message, ...fields }) + '\n')
  }
  return {
    debug: (message, fields) => entry('debug', message, fields),
    info: (message, fields) => entry('info', message, fields),
    warn: (message, fields) => entry('warning', message, fields),
    error: (message, error, fields) => entry('error', message, { ...fields, error: describe(error) }),
  }
}

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : ` caused by ${describe(error.cause)}`
  return (error.stack ?? `${error.name}: ${error.message}`) + cause
}
