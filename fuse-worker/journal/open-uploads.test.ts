import { DatabaseSync } from '@photostructure/sqlite'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DriveDatabase } from '../metadata/database.ts'
import { migrations } from '../metadata/schema.ts'
import { scratchDirectory } from '../testing/local-drive.ts'
import { OpenUploads, type SentPart } from './open-uploads.ts'

let scratch: ReturnType<typeof scratchDirectory>
let path: string

beforeEach(() => {
  scratch = scratchDirectory()
  path = join(scratch.path, 'drive.sqlite')
})
afterEach(() => scratch.remove())

const putRow = `INSERT INTO journal (id, kind, key, node, base, state, write_ids, attempts, created_at)
  VALUES (7, 'put', 'a', 2, '{}', '{}', '[]', 1, 0)`
const fields = { key: 'a', uploadId: 'u', writeId: 'mark', wish: 'this' }
const part: SentPart = { partNumber: 3, start: 16, end: 24, etag: '"e"', proof: { kind: 'copy', sourceEtag: '"s"' } }

describe('an upload in parts', () => {
  test('belongs to its put with every part the bucket answered for, through a restart', () => {
    const first = new DriveDatabase(path)
    first.prepare(putRow).run()
    const uploads = new OpenUploads(first)
    uploads.addPart(uploads.begin(7, fields), part)
    first.close()

    const second = new DriveDatabase(path)
    const found = new OpenUploads(second)
    const open = found.ofOperation(7)
    expect(open).toMatchObject(fields)
    expect(open && found.partsOf(open)).toEqual(new Map([[3, part]]))
    expect(found.abandoned()).toEqual([])
    second.close()
  })

  test('is abandoned when its put is gone, wants a delete, or has begun another one', () => {
    const database = new DriveDatabase(path)
    database.prepare(putRow).run()
    const uploads = new OpenUploads(database)
    const first = uploads.begin(7, fields)
    const second = uploads.begin(7, { ...fields, uploadId: 'v' })
    expect(uploads.abandoned().map(({ uploadId }) => uploadId)).toEqual(['u'])
    database.prepare(`UPDATE journal SET kind = 'delete'`).run()
    expect(uploads.abandoned()).toHaveLength(2)
    uploads.forget(first)
    database.prepare('DELETE FROM journal').run()
    expect(uploads.abandoned()).toEqual([second])
    database.close()
  })

  test('that an earlier version of the program left open is abandoned', () => {
    const old = new DatabaseSync(path)
    old.exec(`${migrations[0]}; PRAGMA user_version = 1`)
    old.exec(putRow.replace('attempts,', 'upload_id, attempts,').replace("'[]', 1", "'[]', 'left', 1"))
    old.close()
    const database = new DriveDatabase(path)
    expect(new OpenUploads(database).abandoned()).toMatchObject([{ key: 'a', uploadId: 'left' }])
    expect(database.prepare('SELECT kind, key FROM journal').all()).toEqual([{ kind: 'put', key: 'a' }])
    database.close()
  })
})
