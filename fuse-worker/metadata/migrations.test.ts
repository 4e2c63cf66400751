import { DatabaseSync } from '@photostructure/sqlite'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { drained, makeTestDrive, readFile, scratchDirectory } from '../testing/local-drive.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { createMemoryStore } from '../testing/memory-store.ts'
import { DriveDatabase } from './database.ts'
import { migrations } from './schema.ts'

/** As the first version wrote it: a folder, a new file with content, and their operations. */
const firstRows = `
  INSERT INTO meta VALUES ('identity', 'test'), ('writerId', 'abc'), ('lastNodeId', '1000');
  INSERT INTO nodes VALUES
    (1, 0, '', '', 'directory', 493, 1000, 1000, 0, 5, 5, 5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, 0, 0, 0, 0, 0, 9),
    (2, 1, 'notes', 'notes', 'directory', 488, 1000, 1000, 0, 5, 5, 5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, 0, 0, 0, 0, 0, 9),
    (3, 2, 'a.txt', 'a.txt', 'file', 416, 1000, 1000, 11, 5, 7000, 5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, 0, 1, 4, 0, 0, 0);
  INSERT INTO extents VALUES (4, 0, 0, 11, 0), (4, 0, 0, 11, 1);
  INSERT INTO journal (kind, key, node, base, state, write_ids, upload_id, attempts, created_at) VALUES
    ('put', 'notes/', 2, '{"kind":"absent"}', '{"state":"queued"}', '[]', NULL, 0, 5),
    ('put', 'notes/a.txt', 3, '{"kind":"absent"}', '{"state":"running"}', '["abc.2.1.1"]', 'upload-1', 1, 5);`

describe('the versions of the database', () => {
  let scratch: { path: string; remove: () => void }

  beforeEach(() => {
    scratch = scratchDirectory()
  })

  afterEach(() => {
    scratch.remove()
  })

  function write(version: number): string {
    const path = join(scratch.path, 'drive.sqlite')
    const database = new DatabaseSync(path)
    database.exec(migrations[0] ?? '')
    database.exec(firstRows)
    for (const step of migrations.slice(1, version)) database.exec(step)
    database.exec(`PRAGMA user_version = ${version}`)
    database.close()
    return path
  }

  for (let version = 1; version <= migrations.length; version++) {
    it(`what version ${version} left is all there, and reaches the bucket`, async () => {
      write(version)
      const content = join(scratch.path, 'content', '04')
      mkdirSync(content, { recursive: true })
      writeFileSync(join(content, '4.0'), 'from before')
      const clock = new ManualClock()
      const store = createMemoryStore()
      const drive = makeTestDrive({ store, cacheDirectory: scratch.path, clock })
      expect(await readFile(drive.operations, '/notes/a.txt')).toBe('from before')
      expect(await drive.operations.getattr('/notes/a.txt')).toMatchObject({ mode: 0o100640, mtimeMs: 7000 })
      drive.start()
      expect(await drained(drive, clock)).toBe(0)
      expect(store.keys()).toEqual(['notes/', 'notes/a.txt'])
      expect(store.peek('notes/a.txt')?.toString()).toBe('from before')
      await drive.close()
    })
  }

  it('a newer one is refused and left as it is, byte for byte', () => {
    const path = write(migrations.length)
    const database = new DatabaseSync(path)
    database.exec(`PRAGMA user_version = ${migrations.length + 1}`)
    database.close()
    const before = readFileSync(path)
    const open = (): unknown => makeTestDrive({ store: createMemoryStore(), cacheDirectory: scratch.path })
    expect(open).toThrow('was written by a newer version of CloudMount')
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(readdirSync(scratch.path)).toEqual(['drive.sqlite'])
  })

  it('a step that fails half way leaves the version before it, and the next start takes it again', () => {
    const path = write(1)
    const steps = migrations as string[]
    const [, second = ''] = steps
    steps[1] = `${second}; CREATE TABLE half_way (x); INSERT INTO nowhere VALUES (1)`
    try {
      expect(() => new DriveDatabase(path)).toThrow('nowhere')
    } finally {
      steps[1] = second
    }
    const raw = new DatabaseSync(path)
    expect(raw.prepare('PRAGMA user_version').get()).toMatchObject({ user_version: 1 })
    expect(raw.prepare("SELECT name FROM sqlite_master WHERE name = 'half_way'").all()).toEqual([])
    raw.close()
    const database = new DriveDatabase(path)
    expect(
      database
        .prepare('SELECT name FROM nodes ORDER BY id')
        .all()
        .map(({ name }) => name),
    ).toEqual(['', 'notes', 'a.txt'])
    database.close()
  })
})
