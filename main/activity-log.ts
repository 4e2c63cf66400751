/**
 * What happened, kept over restarts in a file of JSON lines: an entry that grew is written again under its id, and the last line of
 * an id counts. Written a moment later and all at once, so that a burst costs one write; a crash loses that moment of history and
 * nothing else. Must hold: at most `keptEntries`; a file that is damaged or cannot be written never stops anything.
 */
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { activitySchema, type Activity } from '../contracts/activity.ts'

export type Happening = Omit<Activity, 'id' | 'since' | 'at' | 'count'> & { count?: number }
/** What a transfer needs a person for, known until it no longer does, so that a restart does not tell it again. */
export type Trouble = 'conflict' | 'blocked'

export type ActivityLog = {
  /** Newest last. */
  entries(): readonly Activity[]
  note(happening: Happening): void
  /** False when it was known already. */
  troubled(id: string, trouble: Trouble): boolean
  /** What it was troubled by, if it was. */
  untroubled(id: string): Trouble | undefined
  /** Writes what waits. */
  flush(): void
}

export const keptEntries = 3000
const mostTroubles = 5000
/** The same again within this time is the same burst. */
export const burstMs = 5 * 60_000
const flushMs = 1000

const lineSchema = z.union([
  activitySchema,
  z.object({ trouble: z.string(), as: z.enum(['conflict', 'blocked']).nullable() }),
])

export function activityLog(options: { path: string; nowMs: () => number; changed: () => void }): ActivityLog {
  const { path, nowMs } = options
  const state = load(path)
  const { entries, troubles } = state
  const unsaved = new Map<string, unknown>()
  let nextId = Math.max(0, ...entries.map(({ id }) => id)) + 1
  let lineCount = state.lineCount
  let timer: NodeJS.Timeout | undefined

  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (unsaved.size === 0) return
    try {
      lineCount += unsaved.size
      if (lineCount > 3 * keptEntries) lineCount = rewrite(path, entries, troubles)
      else appendFileSync(path, [...unsaved.values()].map(asLine).join(''), { mode: 0o600 })
    } catch {
      // A full or read-only disk: it stays in memory for as long as the application runs.
    }
    unsaved.clear()
  }
  const save = (name: string, line: unknown): void => {
    unsaved.set(name, line)
    timer ??= setTimeout(flush, flushMs)
  }

  return {
    entries: () => entries,
    note({ count = 1, ...what }) {
      const at = nowMs()
      const last = entries.findLastIndex(({ kind, driveId }) => kind === what.kind && driveId === what.driveId)
      const before = entries[last]
      const isBurst = before !== undefined && at - before.at <= burstMs && mayGrow(before, what)
      const entry: Activity = isBurst
        ? { ...before, at, count: before.count + count }
        : { id: nextId++, since: at, at, count, ...what }
      if (isBurst) entries.splice(last, 1)
      entries.push(entry)
      if (entries.length > keptEntries) entries.splice(0, entries.length - keptEntries)
      save(String(entry.id), entry)
      options.changed()
    },
    troubled(id, trouble) {
      if (troubles.get(id) === trouble) return false
      troubles.set(id, trouble)
      const [oldest] = troubles.keys()
      if (troubles.size > mostTroubles && oldest !== undefined) troubles.delete(oldest)
      save(`trouble ${id}`, { trouble: id, as: trouble })
      return true
    },
    untroubled(id) {
      const trouble = troubles.get(id)
      if (trouble === undefined) return undefined
      troubles.delete(id)
      save(`trouble ${id}`, { trouble: id, as: null })
      return trouble
    },
    flush,
  }
}

const grows: readonly Activity['kind'][] = [
  ...([
    'uploaded',
    'downloaded',
    'deleted',
    'moved',
    'folder-made',
    'freed',
    'conflict-found',
    'conflict-over',
  ] as const),
  ...(['chose-mine', 'chose-theirs', 'chose-both', 'restored', 'blocked', 'unblocked'] as const),
  ...(['choice-undone', 'kept-mine', 'kept-theirs', 'kept-both', 'offline', 'online'] as const),
]

/** What happens to files comes in bursts, and so do the breaks of a poor connection; why something is blocked is told once for each reason. */
function mayGrow(before: Activity, next: Happening): boolean {
  return grows.includes(next.kind) && before.message === next.message
}

const asLine = (value: unknown): string => `${JSON.stringify(value)}\n`

type Loaded = { entries: Activity[]; troubles: Map<string, Trouble>; lineCount: number }

function load(path: string): Loaded {
  const entries = new Map<number, Activity>()
  const troubles = new Map<string, Trouble>()
  const lines = read(path).split('\n')
  for (const line of lines) {
    const parsed = lineSchema.safeParse(jsonOf(line))
    if (!parsed.success) continue
    if ('id' in parsed.data) {
      entries.delete(parsed.data.id)
      entries.set(parsed.data.id, parsed.data)
    } else if (parsed.data.as === null) troubles.delete(parsed.data.trouble)
    else troubles.set(parsed.data.trouble, parsed.data.as)
  }
  return { entries: [...entries.values()].slice(-keptEntries), troubles, lineCount: lines.length }
}

/** Answers how many lines it has now. */
function rewrite(path: string, entries: readonly Activity[], troubles: ReadonlyMap<string, Trouble>): number {
  const lines = [...entries, ...[...troubles].map(([trouble, as]) => ({ trouble, as }))]
  writeFileSync(`${path}.new`, lines.map(asLine).join(''), { mode: 0o600 })
  renameSync(`${path}.new`, path)
  return lines.length
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
