/** What helps to find out what went wrong: how much is logged, and what a person may hand to somebody else. */
import { z } from 'zod'

/** From little to much; each includes those before it. */
export const logLevels = ['error', 'warning', 'info', 'debug'] as const
export const logLevelSchema = z.enum(logLevels)
export type LogLevel = z.infer<typeof logLevelSchema>

export const usualLogLevel: LogLevel = 'info'

export function isLogged(level: LogLevel, wanted: LogLevel): boolean {
  return logLevels.indexOf(level) <= logLevels.indexOf(wanted)
}

export const longestBundle = 4 * 1024 * 1024

/** A support bundle as it is shown, copied and saved: text, without secrets and without anybody's names. */
export const bundleSchema = z.object({ text: z.string().max(longestBundle) })
