/**
 * What can still be read out of a damaged database: row by row from both ends of each table, up to where the damage is. Never
 * throws because of damage; what it returns may be old, and is to be trusted only where nothing better is known.
 */
import { DatabaseSync } from '@photostructure/sqlite'
import { existsSync } from 'node:fs'
import type { SqlRow } from '../metadata/database.ts'

export type Remains = { nodes: SqlRow[]; journal: SqlRow[]; extents: SqlRow[] }

export function readRemains(path: string): Remains {
  const remains: Remains = { nodes: [], journal: [], extents: [] }
  if (!existsSync(path)) return remains
  let database: InstanceType<typeof DatabaseSync> | undefined
  try {
    database = new DatabaseSync(path)
    // Without shared memory beside it, as the drive itself opens it.
    database.exec('PRAGMA locking_mode = EXCLUSIVE')
    const read = (table: string, key: string): SqlRow[] => readTable(database as DatabaseReader, table, key)
    remains.journal = read('journal', 'id')
    remains.nodes = read('nodes', 'id')
    remains.extents = read('extents', 'content, chunk, is_dirty, start')
  } catch {
    // Not even its header can be read.
  } finally {
    close(database)
  }
  return remains
}

type DatabaseReader = { prepare(sql: string): { iterate(): Iterable<unknown> } }

function readTable(database: DatabaseReader, table: string, key: string): SqlRow[] {
  const columns = key.split(', ')
  const found = new Map<string, SqlRow>()
  const collect = (order: string): boolean => {
    try {
      for (const row of database.prepare(`SELECT * FROM ${table} ORDER BY ${order}`).iterate() as Iterable<SqlRow>) {
        found.set(columns.map((column) => row[column]).join(), row)
      }
      return true
    } catch {
      return false
    }
  }
  const backwards = columns.map((column) => `${column} DESC`).join(', ')
  if (!collect(key)) collect(backwards)
  return [...found.values()]
}

function close(database: { close(): void } | undefined): void {
  try {
    database?.close()
  } catch {
    // Nothing was written through it.
  }
}
