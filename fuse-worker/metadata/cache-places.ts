/**
 * What a host asks before it moves caches, of a worker that has no drive: whether one can live in a folder, and whether nobody has
 * one open. Nothing of what a cache says is changed.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite'
import { ProblemError } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import { syncDirectory } from '../runtime/sync-directory.ts'

const trialName = '.cloudmount-trial'
const sqliteBusy = 5
const sqliteLocked = 6

/** Throws ProblemError `cache-unusable` where a database cannot be kept, or names cannot be replaced and synced. Leaves nothing behind. */
export function tryCachePlace(directory: string): void {
  const trial = join(directory, trialName)
  try {
    rmSync(trial, { recursive: true, force: true })
    mkdirSync(trial, { mode: 0o700 })
    tryDatabase(join(trial, 'drive.sqlite'))
    tryFiles(trial)
  } catch (cause) {
    throw new ProblemError(
      {
        code: 'cache-unusable',
        message: t('worker.cache-place-unusable', { directory }),
        consequence: t('worker.cache-place-unusable.consequence'),
        remedy: t('worker.cache-place-unusable.remedy'),
        detail: String(cause),
      },
      { cause },
    )
  } finally {
    rmSync(trial, { recursive: true, force: true })
  }
}

/** As a drive keeps it: held exclusively, with a write-ahead log. */
function tryDatabase(path: string): void {
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE')
    const mode = database.prepare('PRAGMA journal_mode = WAL').get() as { journal_mode?: unknown } | undefined
    if (mode?.journal_mode !== 'wal') throw new Error('no write-ahead log can be kept here')
    database.exec('CREATE TABLE trial (value INTEGER); INSERT INTO trial VALUES (1)')
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  } finally {
    database.close()
  }
}

function tryFiles(folder: string): void {
  const [made, kept] = [join(folder, 'made'), join(folder, 'kept')]
  const file = openSync(made, 'wx', 0o600)
  try {
    writeSync(file, 'x', 1024 * 1024)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  closeSync(openSync(kept, 'wx', 0o600))
  renameSync(made, kept)
  syncDirectory(folder)
}

/**
 * Throws ProblemError `drive-in-use` while a process has the database of the cache in `directory` open. Afterwards its write-ahead log is in
 * the database, as far as the database is sound; one that is not is left as it is.
 */
export function sealCache(directory: string): void {
  const path = join(directory, 'drive.sqlite')
  if (!existsSync(path)) return
  let database: DatabaseSyncInstance | undefined
  try {
    database = new DatabaseSync(path)
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT; PRAGMA wal_checkpoint(TRUNCATE)')
  } catch (cause) {
    if (!isHeld(cause)) return
    throw new ProblemError(
      {
        code: 'drive-in-use',
        message: t('worker.cache-in-use', { directory }),
        consequence: t('worker.cache-in-use.consequence'),
        remedy: t('worker.cache-in-use.remedy'),
      },
      { cause },
    )
  } finally {
    database?.close()
  }
}

function isHeld(error: unknown): boolean {
  const { errcode } = error as { errcode?: unknown }
  return typeof errcode === 'number' && [sqliteBusy, sqliteLocked].includes(errcode & 0xff)
}
