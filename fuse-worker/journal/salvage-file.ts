/**
 * The salvage log as a file: a header, then lines, each with a checksum of its own and each standing for one transaction (those of
 * the snapshot at the beginning: a part of it). An entry says what a few rows of one table have become; entries are taken
 * in order, later ones replace earlier ones. So every line that can be read is worth something, whatever became of the others.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { z } from 'zod'

export const salvageName = 'salvage.log'

/** Few rows each: where one changes, the log gets the whole table. */
export const smallTables = ['pins', 'uploads', 'lost', 'origins', 'moves'] as const

const valueSchema = z.union([z.string(), z.number()])
const rowSchema = z.record(z.string(), valueSchema)
const entrySchema = z.tuple([z.enum(['nodes', 'journal', 'extents', ...smallTables]), rowSchema, z.array(rowSchema)])
const lineSchema = z.object({ seq: z.number(), entries: z.array(entrySchema) })
const headerSchema = z.object({ format: z.literal(1), identity: z.string(), seq: z.number(), lines: z.number() })

/** Columns that are NULL are left out. */
export type SalvageRow = z.infer<typeof rowSchema>
/** The rows that this key picks out are these, and no others. */
export type SalvageEntry = z.infer<typeof entrySchema>
export type SalvageLine = z.infer<typeof lineSchema>
export type SalvageHeader = z.infer<typeof headerSchema>

export type SalvageFile = {
  /** Undefined when there is no log, or none with a legible beginning. */
  header: SalvageHeader | undefined
  lines: SalvageLine[]
  lastSeq: number
  /** Nothing that was ever written to it is missing or damaged. */
  isWhole: boolean
}

const checksumDigits = 16

export function encodeLine(value: SalvageHeader | SalvageLine): string {
  const text = JSON.stringify(value)
  return `${checksum(text)} ${text}\n`
}

export function readSalvage(path: string): SalvageFile {
  const file: SalvageFile = { header: undefined, lines: [], lastSeq: 0, isWhole: false }
  const bytes = readIfThere(path)
  if (bytes === undefined) return file
  let isWhole = bytes.at(-1) === newline
  for (const text of linesOf(bytes)) {
    const value = decode(text)
    const header = headerSchema.safeParse(value)
    if (header.success && file.header === undefined) {
      file.header = header.data
      isWhole &&= file.lines.length === 0
      continue
    }
    const line = lineSchema.safeParse(value)
    if (line.success) file.lines.push(line.data)
    else isWhole = false
  }
  file.lastSeq = Math.max(file.header?.seq ?? 0, ...file.lines.slice(-1).map(({ seq }) => seq))
  file.isWhole = isWhole && file.header !== undefined && isWithoutGaps(file.header, file.lines)
  return file
}

function isWithoutGaps(header: SalvageHeader, lines: readonly SalvageLine[]): boolean {
  return (
    lines.length >= header.lines &&
    lines.every(({ seq }, index) => seq === header.seq + Math.max(0, index - header.lines + 1))
  )
}

const newline = 0x0a

function* linesOf(bytes: Buffer): Generator<string> {
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(newline, start)
    const end = found < 0 ? bytes.length : found
    if (end > start) yield bytes.toString('utf8', start, end)
    start = end + 1
  }
}

function decode(line: string): unknown {
  const text = line.slice(checksumDigits + 1)
  if (line.slice(0, checksumDigits) !== checksum(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, checksumDigits)
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
