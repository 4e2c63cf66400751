import { DatabaseSync } from '@photostructure/sqlite'
import { closeSync, openSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { scratchDirectory } from '../testing/local-drive.ts'
import { DriveDatabase, isDamage } from './database.ts'

let scratch: ReturnType<typeof scratchDirectory>

beforeEach(() => {
  scratch = scratchDirectory()
})

afterEach(() => scratch.remove())

it('damage that a statement meets is reported once, and that statement fails', () => {
  const path = join(scratch.path, 'drive.sqlite')
  new DriveDatabase(path).close()
  const raw = new DatabaseSync(path)
  const insert = raw.prepare('INSERT INTO meta VALUES (?, ?)')
  for (let index = 0; index < 500; index++) insert.run(`name ${index}`, 'value '.repeat(50))
  raw.close()
  const descriptor = openSync(path, 'r+')
  const lastPages = statSync(path).size - 20 * 4096
  writeSync(descriptor, Buffer.alloc(20 * 4096, 0xee), 0, 20 * 4096, lastPages)
  closeSync(descriptor)

  const database = new DriveDatabase(path)
  const met: unknown[] = []
  database.onDamaged((error) => met.push(error))
  for (let turn = 0; turn < 2; turn++) {
    expect(() => database.prepare('SELECT * FROM meta').all()).toThrow('malformed')
  }
  expect(met).toHaveLength(1)
  expect(isDamage(met[0])).toBe(true)
  expect(database.findDamage()).toBeDefined()
  database.close()
})
