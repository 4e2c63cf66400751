/**
 * A database that is damaged or lost is put together anew beside the damaged one, complete and on the disk, before anything is
 * moved; then the damaged files go into a folder of their own and the new one takes their place. A death at any point
 * leaves either the damaged database, and it begins again, or the finished new one, and it is put in place.
 */
import { copyFileSync, existsSync, fsyncSync, mkdirSync, openSync, closeSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { DriveDatabase, type SqlRow } from '../metadata/database.ts'
import { syncDirectory } from '../runtime/sync-directory.ts'
import { readRemains, type Remains } from './remains.ts'
import { readSalvage, salvageName, type SalvageEntry, type SalvageFile, type SalvageRow } from './salvage-file.ts'
import { salvageSeqName } from './salvage-log.ts'
import { replay, rowWriter } from './salvage-replay.ts'
import { settle, type SettleOptions } from './settle-salvaged.ts'

export const databaseName = 'drive.sqlite'
export const damageMarkName = `${databaseName}-damaged`
const makingName = `${databaseName}-making`
const readyName = `${databaseName}-ready`
const parts = ['', '-shm', '-wal']
const rebuiltName = 'rebuilt'

const rebuiltSchema = z.object({
  /** Where the damaged files are, within the cache's folder. */
  directory: z.string(),
  reason: z.string(),
  files: z.array(z.string()),
  otherChanges: z.number(),
  lostKeys: z.array(z.string()),
  /** Content that the damaged database, too, called clean: its chunk files may go. */
  cleanContents: z.array(z.number()),
  /** Chunk files that nothing explains, once they are moved. */
  unexplainedChunks: z.number().optional(),
})
export type Rebuilt = z.infer<typeof rebuiltSchema>

export type RebuildOptions = Omit<SettleOptions, 'isWhole'> & { cacheDirectory: string; identity: string }

export function rebuild(options: RebuildOptions, reason: string): void {
  const { cacheDirectory, identity } = options
  const log = readSalvage(join(cacheDirectory, salvageName))
  const making = join(cacheDirectory, makingName)
  for (const part of parts) rmSync(making + part, { force: true })
  const remains = readRemains(join(cacheDirectory, databaseName))
  const database = new DriveDatabase(making)
  try {
    database.transaction(() => {
      database.setMeta('identity', identity)
      replay(database, log.lines)
      if (!log.isWhole) supplement(database, log, remains)
      const settled = settle(database, { ...options, isWhole: log.isWhole })
      const cleanContents = log.isWhole ? cleanIn(remains, log) : []
      const directory = `damaged-${new Date(options.nowMs).toISOString().replaceAll(':', '.')}`
      setRebuilt(database, { directory, reason, ...settled, cleanContents })
      database.setMeta(salvageSeqName, String(log.lastSeq))
    })
  } finally {
    database.close()
  }
  syncFile(making)
  renameSync(making, join(cacheDirectory, readyName))
  syncDirectory(cacheDirectory)
  installReady(cacheDirectory)
}

/** The second half: a finished database takes the place of the damaged one. Does nothing when there is none. */
export function installReady(cacheDirectory: string): void {
  const ready = join(cacheDirectory, readyName)
  if (!existsSync(ready)) return
  const aside = join(cacheDirectory, asideOf(ready))
  mkdirSync(aside, { recursive: true, mode: 0o700 })
  const log = join(cacheDirectory, salvageName)
  // A copy: until it is written anew, the log belongs to the new database, too.
  if (existsSync(log)) copyFileSync(log, join(aside, salvageName))
  // Its log first: beside the new database it would be taken for that one's.
  for (const name of [`${databaseName}-shm`, `${databaseName}-wal`, databaseName, damageMarkName]) {
    const from = join(cacheDirectory, name)
    if (existsSync(from)) renameSync(from, join(aside, name))
  }
  syncDirectory(aside)
  syncDirectory(cacheDirectory)
  renameSync(ready, join(cacheDirectory, databaseName))
  syncDirectory(cacheDirectory)
}

/** Set from the rebuild until a person has been told. */
export function rebuiltOf(database: DriveDatabase): Rebuilt | undefined {
  const text = database.getMeta(rebuiltName)
  return text === undefined ? undefined : rebuiltSchema.parse(JSON.parse(text))
}

export function setRebuilt(database: DriveDatabase, rebuilt: Rebuilt): void {
  database.setMeta(rebuiltName, JSON.stringify(rebuilt))
}

export function forgetRebuilt(database: DriveDatabase): void {
  database.prepare('DELETE FROM meta WHERE name = ?').run(rebuiltName)
}

function asideOf(ready: string): string {
  const database = new DriveDatabase(ready)
  try {
    return rebuiltOf(database)?.directory ?? 'damaged'
  } finally {
    database.close()
  }
}

/** Where the log has holes, the damaged database may know what stood there; never more than where the log is silent. */
function supplement(database: DriveDatabase, log: SalvageFile, remains: Remains): void {
  const told = mentioned(log)
  const write = rowWriter(database)
  const nodes = new Map(remains.nodes.map((row) => [Number(row['id']), row]))
  const wanted = new Set<number>()
  for (const row of remains.journal) {
    if (told.journal.has(Number(row['id']))) continue
    write(entryOf('journal', ['id'], row))
    if (row['kind'] === 'put') wanted.add(Number(row['node']))
  }
  for (const [id, row] of nodes) if (row['is_content_dirty'] === 1 || row['is_local_only'] === 1) wanted.add(id)
  const contents = new Set<number>()
  for (const id of withAncestors(wanted, nodes)) {
    const row = nodes.get(id)
    if (row === undefined || told.nodes.has(id)) continue
    write(entryOf('nodes', ['id'], row))
    if (row['is_content_dirty'] === 1) contents.add(Number(row['content']))
  }
  for (const row of remains.extents) {
    if (!contents.has(Number(row['content'])) || told.contents.has(Number(row['content']))) continue
    write(entryOf('extents', ['content', 'chunk', 'is_dirty', 'start'], row))
  }
}

function mentioned(log: SalvageFile): { nodes: Set<number>; journal: Set<number>; contents: Set<number> } {
  const told = { nodes: new Set<number>(), journal: new Set<number>(), contents: new Set<number>() }
  for (const { entries } of log.lines) {
    for (const [table, key] of entries) {
      if (table === 'extents') told.contents.add(Number(key['content']))
      else if (table === 'nodes' || table === 'journal') told[table].add(Number(key['id']))
    }
  }
  return told
}

function withAncestors(ids: ReadonlySet<number>, nodes: ReadonlyMap<number, SqlRow>): Set<number> {
  const all = new Set<number>()
  for (const first of ids) {
    for (let id = first; !all.has(id) && nodes.has(id); id = Number(nodes.get(id)?.['parent'])) all.add(id)
  }
  return all
}

function entryOf(table: SalvageEntry[0], keyColumns: readonly string[], row: SqlRow): SalvageEntry {
  const values = Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as SalvageRow
  const key = Object.fromEntries(keyColumns.map((column) => [column, values[column] ?? 0]))
  return [table, key, [values]]
}

function cleanIn(remains: Remains, log: SalvageFile): number[] {
  const clean = new Set(remains.extents.map((row) => Number(row['content'])))
  for (const row of remains.extents) if (row['is_dirty'] !== 0) clean.delete(Number(row['content']))
  for (const content of mentioned(log).contents) clean.delete(content)
  return [...clean]
}

function syncFile(path: string): void {
  const descriptor = openSync(path, 'r+')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
