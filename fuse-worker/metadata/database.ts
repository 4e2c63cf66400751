/**
 * One SQLite database per drive, in WAL mode, held exclusively: a second worker on the same drive fails to open it.
 * Everything that must change together changes inside `transaction`. A committed transaction survives the death of any
 * process; `makeDurable` makes all committed ones survive power loss.
 *
 * What is kept in memory beside the database may run ahead of a transaction that then fails; whoever keeps such state
 * registers with `onRollback` and reloads.
 */
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite'
import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { ProblemError } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import { syncDirectory } from '../runtime/sync-directory.ts'
import { migrations } from './schema.ts'

export type SqlValue = string | number | null
export type SqlRow = Record<string, SqlValue>

/** A prepared statement, with the types this database really holds. */
export interface Statement {
  run(...values: (SqlValue | Uint8Array)[]): { lastInsertRowid: number | bigint }
  get(...values: SqlValue[]): SqlRow | undefined
  all(...values: SqlValue[]): SqlRow[]
}

/** The rows that a transaction changed: of `extents`, per content the chunks. */
export type Touched = { nodes: Set<number>; journal: Set<number>; extents: Map<number, Set<number>> }

/** Keeps a record of its own of what transactions change. */
export interface Follower {
  /** The last act of the transaction: it may read and write. */
  beforeCommit(touched: Touched): void
  /** What `beforeCommit` saw is committed. */
  afterCommit(): void
  makeDurable(): Promise<void>
}

export class DriveDatabase {
  readonly #database: DatabaseSyncInstance
  readonly #walPath: string
  readonly #rollbackListeners: (() => void)[] = []
  readonly #begin: Statement
  readonly #commit: Statement
  #depth = 0
  #walDescriptor: number | undefined
  #follower: Follower | undefined
  #touched = nothingTouched()
  #onDamaged: ((error: unknown) => void) | undefined
  #onCommitted: (touched: Touched) => void = () => undefined

  /** Throws ProblemError `database-newer`, `drive-in-use` or `database-damaged`. */
  constructor(path: string) {
    this.#walPath = `${path}-wal`
    this.#database = open(path)
    syncDirectory(dirname(path))
    this.#begin = this.prepare('BEGIN IMMEDIATE')
    this.#commit = this.prepare('COMMIT')
  }

  prepare(sql: string): Statement {
    const statement: Statement = this.#database.prepare(sql)
    return {
      run: (...values) => this.#watched(() => statement.run(...values)),
      get: (...values) => this.#watched(() => statement.get(...values)),
      all: (...values) => this.#watched(() => statement.all(...values)),
    }
  }

  /** From here on `follower` is told of every row that is touched. */
  follow(follower: Follower): void {
    this.#follower = follower
    this.#touched = nothingTouched()
  }

  /** Called after each commit that a follower was told of, on the path of every write: it may only make a note, and not throw. */
  onCommitted(listener: (touched: Touched) => void): void {
    this.#onCommitted = listener
  }

  /** Called once, when a statement meets damage: what is in memory and on disk can no longer be relied on. */
  onDamaged(listener: (error: unknown) => void): void {
    this.#onDamaged = listener
  }

  touchNode(id: number): void {
    this.#touch(() => this.#touched.nodes.add(id))
  }

  touchOperation(id: number, node: number): void {
    this.#touch(() => {
      this.#touched.journal.add(id)
      this.#touched.nodes.add(node)
    })
  }

  touchExtents(content: number, chunk: number): void {
    this.#touch(() => {
      const chunks = this.#touched.extents.get(content)
      if (chunks === undefined) this.#touched.extents.set(content, new Set([chunk]))
      else chunks.add(chunk)
    })
  }

  /** Runs `change` in one transaction; inside another one it joins that. Synchronous by design: nothing interleaves. */
  transaction<T>(change: () => T): T {
    if (this.#depth > 0) return change()
    this.#begin.run()
    this.#depth = 1
    try {
      const result = change()
      this.#follower?.beforeCommit(this.#touched)
      this.#commit.run()
      this.#follower?.afterCommit()
      this.#onCommitted(this.#touched)
      return result
    } catch (error) {
      this.#rollBack()
      throw error
    } finally {
      this.#depth = 0
      if (this.#follower !== undefined) this.#touched = nothingTouched()
    }
  }

  get isInTransaction(): boolean {
    return this.#depth > 0
  }

  onRollback(listener: () => void): void {
    this.#rollbackListeners.push(listener)
  }

  /**
   * After this, every transaction committed before the call survives power loss: it is in the log, which is synced here,
   * or already in the database file, which SQLite syncs after each checkpoint and before it begins the log anew.
   */
  async makeDurable(): Promise<void> {
    const descriptor = this.#wal()
    const logSynced = new Promise<void>((resolve, reject) => {
      fdatasync(descriptor, (error) => (error === null ? resolve() : reject(error)))
    })
    await Promise.all([logSynced, this.#follower?.makeDurable()])
  }

  /** The same at once, for those who must not be interleaved with. */
  makeDurableNow(): void {
    fdatasyncSync(this.#wal())
  }

  /** What is wrong inside the file, as far as its structure tells; undefined for a sound one. Reads all of it. */
  findDamage(): string | undefined {
    try {
      const check: Statement = this.#database.prepare('PRAGMA quick_check(1)')
      const found = String(check.get()?.['quick_check'])
      return found === 'ok' ? undefined : found
    } catch (error) {
      if (isDamage(error)) return error instanceof Error ? error.message : String(error)
      throw error
    }
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

  #wal(): number {
    this.#walDescriptor ??= openSync(this.#walPath, 'r')
    return this.#walDescriptor
  }

  /** A row that was changed outside a transaction is in one of its own by now: the follower hears of it at once. */
  #touch(note: () => void): void {
    if (this.#follower === undefined) return
    note()
    if (this.#depth === 0) this.transaction(() => undefined)
  }

  #watched<T>(query: () => T): T {
    try {
      return query()
    } catch (error) {
      const listener = this.#onDamaged
      if (listener !== undefined && isDamage(error)) {
        this.#onDamaged = undefined
        listener(error)
      }
      throw error
    }
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

function nothingTouched(): Touched {
  return { nodes: new Set(), journal: new Set(), extents: new Map() }
}

const sqliteCorrupt = 11
const sqliteNotADatabase = 26

/** Whether SQLite says that the file is damaged, and not that something went wrong with it this time. */
export function isDamage(error: unknown): boolean {
  const { errcode } = error as { errcode?: unknown }
  if (typeof errcode !== 'number') return false
  const primary = errcode & 0xff
  return primary === sqliteCorrupt || primary === sqliteNotADatabase
}

function open(path: string): DatabaseSyncInstance {
  let database: DatabaseSyncInstance | undefined
  try {
    database = new DatabaseSync(path)
    database.exec('PRAGMA locking_mode = EXCLUSIVE')
    const version = versionOf(database, path)
    // checkpoint_fullfsync: macOS alone needs to be told that a sync has to reach the platter.
    database.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16000;
       PRAGMA checkpoint_fullfsync = ON`,
    )
    migrate(database, version)
    return database
  } catch (error) {
    database?.close()
    throw openProblem(error, path)
  }
}

/** Before anything is written: a newer database is left as it is. */
function versionOf(database: DatabaseSyncInstance, path: string): number {
  const row = (database.prepare('PRAGMA user_version') as Statement).get()
  const found = Number(row?.['user_version'] ?? 0)
  if (found > migrations.length) {
    throw new ProblemError({
      code: 'database-newer',
      message: t('worker.database-newer', { path }),
      consequence: t('worker.database-newer.consequence'),
      remedy: t('worker.database-newer.remedy'),
    })
  }
  return found
}

function migrate(database: DatabaseSyncInstance, found: number): void {
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
        message: t('worker.database-in-use'),
        remedy: t('worker.database-in-use.remedy'),
        detail: path,
      },
      { cause: error },
    )
  }
  if (isDamage(error)) {
    return new ProblemError(
      {
        code: 'database-damaged',
        message: t('worker.database-unreadable', { path }),
        consequence: t('worker.database-unreadable.consequence'),
        detail: text,
      },
      { cause: error },
    )
  }
  return error instanceof Error ? error : new Error(text)
}

/** The first key after every key that begins with `prefix`, which ends in `/`. */
export function afterPrefix(prefix: string): string {
  return `${prefix.slice(0, -1)}0`
}
