/** Brings the rows of a database to what the lines of a salvage log say they had become. Doing it twice changes nothing. */
import type { DriveDatabase, SqlRow, SqlValue } from '../metadata/database.ts'
import { orphanage, rootId } from '../metadata/node.ts'
import type { SalvageEntry, SalvageLine } from './salvage-file.ts'
import { salvageSeqName } from './salvage-log.ts'

export function replay(database: DriveDatabase, lines: readonly SalvageLine[]): void {
  const last = lines.at(-1)
  if (last === undefined) return
  const write = rowWriter(database)
  database.transaction(() => {
    for (const { entries } of lines) for (const entry of entries) write(entry)
    database.setMeta(salvageSeqName, String(last.seq))
    removeUnplaced(database)
  })
}

/** Tables and columns that this version does not know are left out; those that the log does not know keep their defaults. */
export function rowWriter(database: DriveDatabase): (entry: SalvageEntry) => void {
  const columns = new Map<string, Set<string>>()
  const columnsOf = (table: string): Set<string> => {
    const known = columns.get(table)
    if (known !== undefined) return known
    const names = database.prepare(`SELECT name FROM pragma_table_info('${table}')`).all()
    const found = new Set(names.map(({ name }) => String(name)))
    columns.set(table, found)
    return found
  }
  return ([table, key, rows]) => {
    const known = columnsOf(table)
    if (known.size === 0) return
    const where = ['1 = 1', ...Object.keys(key).map((column) => `${quoted(column)} = ?`)]
    database.prepare(`DELETE FROM ${table} WHERE ${where.join(' AND ')}`).run(...Object.values(key))
    for (const row of rows) {
      if (table === 'nodes') vacate(database, row)
      const kept = Object.entries(row).filter(([column]) => known.has(column))
      const names = kept.map(([column]) => quoted(column))
      database
        .prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`)
        .run(...kept.map(([, value]) => value))
    }
  }
}

/** Whoever stood at the place that the log gives to this node is no longer there. */
function vacate(database: DriveDatabase, row: Record<string, string | number>): void {
  database
    .prepare('DELETE FROM nodes WHERE parent = ? AND name = ?')
    .run(row['parent'] as SqlValue, row['name'] as SqlValue)
}

/** Clean nodes below a folder that went. What is at stake has its folders in the log. */
function removeUnplaced(database: DriveDatabase): void {
  const unplaced = `SELECT id FROM nodes WHERE id <> ${rootId} AND parent <> ${orphanage}
    AND parent NOT IN (SELECT id FROM nodes) AND is_content_dirty = 0 AND is_local_only = 0
    AND id NOT IN (SELECT node FROM journal)`
  for (let found: SqlRow[] = database.prepare(unplaced).all(); found.length > 0;) {
    const remove = database.prepare('DELETE FROM nodes WHERE id = ?')
    for (const { id } of found) remove.run(id as SqlValue)
    found = database.prepare(unplaced).all()
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
