/**
 * One SQLite database per drive, in WAL mode, held exclusively: a second worker on the same drive fails to open it.
 * Everything that must change together changes inside `transaction`. A committed transaction survives the death of any
 * process; `makeDurable` makes all committed ones survive power loss.
 *
 * What is kept in memory beside the database may run ahead of a transaction that then fails; whoever keeps such state
 * registers with `onRollback` and reloads.
 */
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite'
import { closeSync, fdatasync, openSync } from 'node:fs'
import { ProblemError } from '../../contracts/problem.ts'
import { migrations } from './schema.ts'

export type SqlValue = string | number | null
export type SqlRow = Record<string, SqlValue>

/** A prepared statement, with the types this database really holds. */
export interface Statement {
  run(...values: SqlValue[]): { lastInsertRowid: number | bigint }
  get(...values: SqlValue[]): SqlRow | undefined
  all(...values: SqlValue[]): SqlRow[]
}

export class DriveDatabase {
  readonly #database: DatabaseSyncInstance
  readonly #walPath: string
  readonly #rollbackListeners: (() => void)[] = []
  readonly #begin: Statement
  readonly #commit: Statement
  #depth = 0
  #walDescriptor: number | undefined

  /** Throws ProblemError `database-newer`, `drive-in-use` or `database-damaged`. */
  constructor(path: string) {
    this.#walPath = `${path}-wal`
    this.#database = open(path)
    this.#begin = this.prepare('BEGIN IMMEDIATE')
    this.#commit = this.prepare('COMMIT')
  }

  prepare(sql: string): Statement {
    return this.#database.prepare(sql)
  }

  /** Runs `change` in one transaction; inside another one it joins that. Synchronous by design: nothing interleaves. */
  transaction<T>(change: () => T): T {
    if (this.#depth > 0) return change()
    this.#begin.run()
    this.#depth = 1
    try {
      const result = change()
      this.#commit.run()
      return result
    } catch (error) {
      this.#rollBack()
      throw error
    } finally {
      this.#depth = 0
    }
  }

  onRollback(listener: () => void): void {
    this.#rollbackListeners.push(listener)
  }

  /** After this, every transaction committed before the call survives power loss. */
  makeDurable(): Promise<void> {
    this.#walDescriptor ??= openSync(this.#walPath, 'r')
    const descriptor = this.#walDescriptor
    return new Promise((resolve, reject) => {
      fdatasync(descriptor, (error) => (error === null ? resolve() : reject(error)))
    })
  }

  getMeta(name: string): string | undefined {
    const row = this.prepare('SELECT value FROM meta WHERE name = ?').get(name)
    return typeof row?.['value'] === 'string' ? row['value'] : undefined
  }

  setMeta(name: string, value: string): void {
    this.prepare('INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value').run(
      name,
      value,
    )
  }

  close(): void {
    if (this.#walDescriptor !== undefined) closeSync(this.#walDescriptor)
    this.#database.close()
  }

  #rollBack(): void {
    try {
      this.#database.exec('ROLLBACK')
    } catch {
      // SQLite has rolled back by itself (disk full, I/O error): there is no transaction left to end.
    }
    for (const listener of this.#rollbackListeners) listener()
  }
}

function open(path: string): DatabaseSyncInstance {
  try {
    const database = new DatabaseSync(path)
    database.exec(
      'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16000',
    )
    migrate(database, path)
    return database
  } catch (error) {
    throw openProblem(error, path)
  }
}

function migrate(database: DatabaseSyncInstance, path: string): void {
  const row = (database.prepare('PRAGMA user_version') as Statement).get()
  const found = Number(row?.['user_version'] ?? 0)
  if (found > migrations.length) {
    throw new ProblemError({
      code: 'database-newer',
      message: `The drive's cache at ${path} was written by a newer version of CloudMount.`,
      consequence: 'Nothing in it was touched; changes waiting for upload are still there.',
      remedy: 'Install the newer version again to mount this drive.',
    })
  }
  for (let version = found; version < migrations.length; version++) {
    database.exec(`BEGIN IMMEDIATE; ${migrations[version]}; PRAGMA user_version = ${version + 1}; COMMIT`)
  }
}

function openProblem(error: unknown, path: string): Error {
  if (error instanceof ProblemError) return error
  const text = error instanceof Error ? error.message : String(error)
  if (/locked|busy/i.test(text)) {
    return new ProblemError(
      {
        code: 'drive-in-use',
        message: 'This drive is already mounted by another CloudMount process.',
        remedy: 'Unmount it there first, or choose another cache folder.',
        detail: path,
      },
      { cause: error },
    )
  }
  if (/malformed|not a database|corrupt/i.test(text)) {
    return new ProblemError(
      {
        code: 'database-damaged',
        message: `The drive's cache database at ${path} is damaged.`,
        consequence:
          'It was left as it is. The bucket is not affected; changes not yet uploaded are in the cache folder.',
        remedy:
          'Move what is in that folder to a safe place, leave the empty folder, and mount again. Keep what you moved if changes were waiting for upload.',
        detail: text,
      },
      { cause: error },
    )
  }
  return error instanceof Error ? error : new Error(text)
}
