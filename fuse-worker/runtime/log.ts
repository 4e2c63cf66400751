/** One line of JSON an entry, to a stream the host chooses. Callers never pass secrets; file names are allowed. */
export type LogFields = Record<string, string | number | boolean | undefined>

export interface Log {
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, error: unknown, fields?: LogFields): void
}

export function createLog(write: (line: string) => void): Log {
  const entry = (level: string, message: string, fields: LogFields | undefined): void =>
    write(JSON.stringify({ time: new Date().toISOString(), level, message, ...fields }) + '\n')
  return {
    info: (message, fields) => entry('info', message, fields),
    warn: (message, fields) => entry('warn', message, fields),
    error: (message, error, fields) => entry('error', message, { ...fields, error: describe(error) }),
  }
}

export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : ` caused by ${describe(error.cause)}`
  return (error.stack ?? `${error.name}: ${error.message}`) + cause
}
