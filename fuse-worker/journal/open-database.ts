/**
 * Opens the drive's database in whatever state the last end left it: a sound one as it is, one that lost its latest commits
 * brought up to its salvage log, a damaged or missing one rebuilt. Refuses a cache that belongs to another drive, and then
 * touches nothing.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ProblemError } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import { DriveDatabase, isDamage } from '../metadata/database.ts'
import { damageMarkName, databaseName, installReady, rebuild, type RebuildOptions } from './rebuild.ts'
import { readSalvage, salvageName, type SalvageFile } from './salvage-file.ts'
import { salvageSeqName } from './salvage-log.ts'
import { replay } from './salvage-replay.ts'

export type Opened = { database: DriveDatabase; replayedTransactions: number }

/** Throws ProblemError. */
export function openDriveDatabase(options: RebuildOptions): Opened {
  const { cacheDirectory, identity } = options
  const path = join(cacheDirectory, databaseName)
  installReady(cacheDirectory)
  const log = readSalvage(join(cacheDirectory, salvageName))
  if (isMissing(path)) {
    if (!hasRemains(cacheDirectory)) return { database: begun(path, identity), replayedTransactions: 0 }
    return rebuilt(options, log, 'it is missing')
  }
  const opened = open(path)
  if (typeof opened === 'string') return rebuilt(options, log, opened)
  const owner = ownerOf(opened)
  if (owner !== undefined && owner !== identity) {
    opened.close()
    throw foreignCache(owner)
  }
  const finding = judge(opened, log, markOf(cacheDirectory))
  if (finding.kind === 'lost') {
    opened.close()
    return rebuilt(options, log, finding.reason)
  }
  if (owner === undefined) opened.setMeta('identity', identity)
  const missed = finding.kind === 'behind' ? log.lines.filter(({ seq }) => seq > finding.seq) : []
  replay(opened, missed)
  return { database: opened, replayedTransactions: missed.length }
}

type Finding = { kind: 'sound' } | { kind: 'behind'; seq: number } | { kind: 'lost'; reason: string }

/** A database ahead of its log is sound: the log is written last. */
function judge(database: DriveDatabase, log: SalvageFile, mark: string | undefined): Finding {
  const damage = mark ?? database.findDamage()
  if (damage !== undefined) return { kind: 'lost', reason: damage }
  const seq = Number(database.getMeta(salvageSeqName) ?? 0)
  if (log.header === undefined || seq >= log.lastSeq) return { kind: 'sound' }
  const isBridged = seq >= log.header.seq && database.getMeta('identity') !== undefined
  return isBridged ? { kind: 'behind', seq } : { kind: 'lost', reason: 'it is older than its salvage log' }
}

function ownerOf(database: DriveDatabase): string | undefined {
  try {
    return database.getMeta('identity')
  } catch (error) {
    if (isDamage(error)) return undefined
    throw error
  }
}

function open(path: string): DriveDatabase | string {
  try {
    return new DriveDatabase(path)
  } catch (error) {
    if (error instanceof ProblemError && error.problem.code === 'database-damaged') {
      return error.problem.detail ?? error.problem.message
    }
    throw error
  }
}

function rebuilt(options: RebuildOptions, log: SalvageFile, reason: string): Opened {
  const owner = log.header?.identity
  if (owner !== undefined && owner !== options.identity) throw foreignCache(owner)
  rebuild(options, reason)
  return { database: new DriveDatabase(join(options.cacheDirectory, databaseName)), replayedTransactions: 0 }
}

function begun(path: string, identity: string): DriveDatabase {
  const database = new DriveDatabase(path)
  database.setMeta('identity', identity)
  return database
}

/** SQLite takes an empty file for a new database, and throws its log away. */
function isMissing(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0
}

function hasRemains(cacheDirectory: string): boolean {
  if (existsSync(join(cacheDirectory, salvageName))) return true
  const content = join(cacheDirectory, 'content')
  if (!existsSync(content)) return false
  return readdirSync(content).some((folder) => readdirSync(join(content, folder)).length > 0)
}

function markOf(cacheDirectory: string): string | undefined {
  const path = join(cacheDirectory, damageMarkName)
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

function foreignCache(owner: string): ProblemError {
  return new ProblemError({
    code: 'invalid-input',
    message: t('worker.cache-foreign', { owner }),
    consequence: t('worker.cache-foreign.consequence'),
    remedy: t('worker.cache-foreign.remedy'),
  })
}
