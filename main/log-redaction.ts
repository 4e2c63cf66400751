/**
 * A line of the log as a stranger may read it. What is not known to name nothing is withheld: of a free text only error names, error
 * codes of the system, HTTP statuses and the functions of a stack remain. Must hold: no name, path, key or secret gets through.
 * Relies on workers to keep what they name out of `message`, `operation` and `outcome` (a test reads their sources for that).
 */
import { constants } from 'node:os'
import { logLevels } from '../contracts/diagnostics.ts'
import { problemCodes } from '../contracts/problem.ts'
import type { Placeholders } from './placeholders.ts'

export type LogRedaction = { driveNames: readonly string[]; requestNames: readonly string[]; names: Placeholders }

const systemCodes = new Set(Object.keys(constants.errno))
const codes: ReadonlySet<string> = new Set(problemCodes)
const phases = /^([a-z]+) → ([a-z]+)(?: \(([a-z-]*).*)?$/
const started = /^started: CloudMount [\w.+-]{1,40}, Electron [\d.]{1,20}, (linux|darwin|win32)$/
/** What our own code writes in front of a text that may name something. */
const heads = /^(notified|quitting|reconnecting|unmounting at the end|no tray|listing new conflicts): /
const plainMessage = /^[A-Za-z0-9 ,;:’'().-]{1,160}$/
const plainWord = /^[A-Za-z-]{1,40}$/
const wordFields = new Set(['operation', 'outcome', 'kind', 'level'])
const pathFields = new Set(['key', 'path', 'prefix', 'lostFiles'])

export function redactLine(line: string, redaction: LogRedaction): string {
  const [, time, level, text] = /^(\d{4}-[-\dT:.]+Z) (\w+) (.*)$/.exec(line) ?? []
  if (time === undefined || text === undefined || !logLevels.some((known) => known === level)) return withheld(line)
  return `${time} ${level} ${redactText(text, redaction)}`
}

function redactText(text: string, redaction: LogRedaction): string {
  if (started.test(text)) return text
  const drive = longestFirst(redaction.driveNames).find((name) => text.startsWith(`${name}: `))
  if (drive !== undefined)
    return `${redaction.names('drive', drive)}: ${redactOfDrive(text.slice(drive.length + 2), redaction)}`
  const head = heads.exec(text)
  if (head) return `${head[1]}: ${withheld(text.slice(head[0].length))}`
  const [request = '', code = ''] = text.split(': ')
  if (redaction.requestNames.includes(request) && codes.has(code))
    return `${request}: ${code}: ${withheld(text.slice(request.length + code.length + 4))}`
  return withheld(text)
}

/** What a drive's worker wrote, or what became of the drive. */
function redactOfDrive(text: string, redaction: LogRedaction): string {
  const [, from, to, code] = phases.exec(text) ?? []
  if (from !== undefined && to !== undefined)
    return `${from} → ${to}${code !== undefined && codes.has(code) ? ` (${code})` : ''}`
  const fields = parsed(text)
  if (fields === undefined) return withheld(text)
  return JSON.stringify(
    Object.fromEntries(Object.entries(fields).map(([name, value]) => redactField(name, value, redaction))),
  )
}

function redactField(name: string, value: unknown, { names }: LogRedaction): [string, unknown] {
  const shown = /^[A-Za-z]{1,30}$/.test(name) ? name : names('field', name)
  if (typeof value === 'number' || typeof value === 'boolean') return [shown, value]
  if (typeof value !== 'string') return [shown, 'withheld']
  if (name === 'message' && plainMessage.test(value)) return [shown, value]
  if (name === 'time' && /^\d{4}-[-\dT:.]+Z$/.test(value)) return [shown, value]
  if (wordFields.has(name) && plainWord.test(value)) return [shown, value]
  if (pathFields.has(name)) return [shown, value === '' ? '' : names('file', value)]
  return [shown, withheld(value)]
}

/** What remains of a text that may name anything. */
function withheld(text: string): string {
  const kept = [
    ...matches(text, /\b(?:Type|Range|Syntax|Store|Fs|Problem|Sqlite|Zod)?Error\b/g),
    ...matches(text, /\bE[A-Z0-9]{2,20}\b/g).filter((code) => systemCodes.has(code)),
    ...matches(text, /\bHTTP [1-5]\d\d\b/g),
    ...matches(text, /\bat (?:async )?[\w.$<>]{1,60} (?=\([^()]*:\d+:\d+\))/g).map((frame) => frame.trim()),
  ]
  const said = [...new Set(kept)].join(', ')
  return `[${text.length} characters withheld${said === '' ? '' : `: ${said}`}]`
}

const matches = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([found]) => found)

const longestFirst = (names: readonly string[]): string[] => [...names].sort((a, b) => b.length - a.length)

function parsed(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
