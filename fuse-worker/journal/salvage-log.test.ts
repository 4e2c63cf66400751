import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DriveDatabase } from '../metadata/database.ts'
import { silentLog } from '../runtime/log.ts'
import { scratchDirectory } from '../testing/local-drive.ts'
import { readSalvage } from './salvage-file.ts'
import { SalvageLog } from './salvage-log.ts'

let scratch: ReturnType<typeof scratchDirectory>
let database: DriveDatabase
let salvage: SalvageLog

beforeEach(() => {
  scratch = scratchDirectory()
  database = new DriveDatabase(join(scratch.path, 'drive.sqlite'))
  const path = join(scratch.path, 'salvage.log')
  salvage = new SalvageLog({ database, path, identity: 'test', log: silentLog, hasPut: () => false })
  salvage.begin()
})
afterEach(() => {
  salvage.close()
  database.close()
  scratch.remove()
})

test('a table that is written twice before the log hears of it is recorded as it is then, upserts too', () => {
  const upsert = database.prepare(
    `INSERT INTO moves (node, from_path, to_path, started_at, items, is_undo) VALUES (?, 'old', 'new', 0, ?, 0)
     ON CONFLICT (node) DO UPDATE SET items = excluded.items`,
  )
  upsert.run(7, 1)
  database.transaction(() => {
    upsert.run(7, 2)
    upsert.run(7, 3)
  })
  const last = readSalvage(join(scratch.path, 'salvage.log')).lines.at(-1)
  expect(last?.entries.find(([table]) => table === 'moves')?.[2]).toMatchObject([{ node: 7, items: 3 }])
})
