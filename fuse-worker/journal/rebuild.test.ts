import {
  closeSync,
  constants,
  cpSync,
  existsSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs'
import { mkdirSync, renameSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LocalDrive } from '../drive.ts'
import { caller, drained, makeTestDrive, readFile, scratchDirectory, writeFile } from '../testing/local-drive.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { createMemoryStore, type MemoryStore } from '../testing/memory-store.ts'
import { Random } from '../testing/random.ts'
import { damageMarkName, databaseName, rebuild } from './rebuild.ts'
import { salvageName } from './salvage-file.ts'

const mebibyte = 1024 * 1024
const random = new Random(2026)
const bigBefore = random.bytes(10 * mebibyte)
const patch = random.bytes(100_000)
const bigAfter = Buffer.concat([
  bigBefore.subarray(0, 9 * mebibyte),
  patch,
  bigBefore.subarray(9 * mebibyte + patch.length),
])

/** A drive with every kind of change waiting, and what its process leaves on the disk when it dies. */
class Wreck {
  readonly scratch = scratchDirectory()
  readonly clock = new ManualClock()
  readonly store: MemoryStore = createMemoryStore({ now: () => this.clock.now() })
  readonly cache = join(this.scratch.path, 'left')
  readonly path = join(this.cache, databaseName)
  readonly log = join(this.cache, salvageName)
  #open: LocalDrive[] = []

  async make(): Promise<void> {
    this.store.putForeign('big', bigBefore)
    for (const name of ['edited', 'moved', 'removed', 'modes', 'kept'])
      this.store.putForeign(`docs/${name}`, `${name} v1`)
    const running = join(this.scratch.path, 'running')
    const { operations } = this.open(running)
    await readFile(operations, '/docs/kept')
    await operations.mkdir('/new', 0o750, caller)
    await operations.mkdir('/new/deep', 0o755, caller)
    await writeFile(operations, '/new/deep/file', 'written and closed')
    await operations.utimens('/new/deep/file', 1_000, 5_000)
    await operations.chmod('/new/deep/file', 0o640)
    await operations.symlink('deep/file', '/new/link', caller)
    const edited = await operations.open('/docs/edited', constants.O_WRONLY | constants.O_TRUNC)
    await operations.write(edited, Buffer.from('edited here'), 0)
    await operations.flush(edited)
    await operations.release(edited)
    await operations.rename('/docs/moved', '/new/moved')
    await operations.unlink('/docs/removed')
    await operations.chmod('/docs/modes', 0o600)
    await writeFile(operations, '/.DS_Store', 'of this machine')
    const big = await operations.open('/big', 2)
    await operations.write(big, patch, 9 * mebibyte)
    await operations.fsync(big, false)
    cpSync(running, this.cache, { recursive: true })
    await this.close()
  }

  open(cacheDirectory = this.cache): LocalDrive {
    const drive = makeTestDrive({ store: this.store, cacheDirectory, clock: this.clock })
    this.#open.push(drive)
    return drive
  }

  async close(): Promise<void> {
    for (const drive of this.#open.splice(0)) await drive.close()
  }

  /** Uploads begin; returns what could not be sent. */
  sent(drive: LocalDrive): Promise<number> {
    drive.start()
    return drained(drive, this.clock)
  }

  get setAside(): string[] {
    return readdirSync(this.cache).filter((name) => name.startsWith('damaged-'))
  }
}

const damages: Record<string, (wreck: Wreck) => void> = {
  'a header of zeros': ({ path }) => {
    checkpointed(path)
    overwrite(path, 0, Buffer.alloc(100))
  },
  'text instead of a database': ({ path }) => {
    checkpointed(path)
    writeFileSync(path, 'this is not a database\n'.repeat(1000))
  },
  'half of it cut off': ({ path }) => {
    checkpointed(path)
    truncateSync(path, Math.floor(statSync(path).size / 2 / 4096) * 4096)
  },
  'random pages overwritten': ({ path }) => {
    checkpointed(path)
    for (let page = 1; page * 4096 < statSync(path).size; page += 2) overwrite(path, page * 4096, random.bytes(4096))
  },
  'an empty file': ({ path }) => truncateSync(path, 0),
  'no file': ({ path }) => rmSync(path),
  'no file and no log of its own': ({ path }) => {
    rmSync(path)
    rmSync(`${path}-wal`)
  },
  'its own log cut off': ({ path }) => truncateSync(`${path}-wal`, Math.floor(statSync(`${path}-wal`).size / 2)),
  'its own log gone': ({ path }) => rmSync(`${path}-wal`),
  'a log of zeros': ({ path }) => overwrite(`${path}-wal`, 0, Buffer.alloc(statSync(`${path}-wal`).size)),
  'the mark of damage met by a worker': ({ cache }) =>
    writeFileSync(join(cache, damageMarkName), 'disk image is malformed'),
}

describe('a drive whose database is damaged', () => {
  let wreck: Wreck

  beforeEach(async () => {
    wreck = new Wreck()
    await wreck.make()
  })

  afterEach(async () => {
    await wreck.close()
    wreck.scratch.remove()
  })

  async function expectEverythingHere(drive: LocalDrive): Promise<void> {
    const { operations } = drive
    expect(await readFile(operations, '/new/deep/file')).toBe('written and closed')
    expect(await operations.getattr('/new/deep/file')).toMatchObject({
      mtimeMs: 5_000,
      mode: 0o100640,
      uid: caller.uid,
    })
    expect(await operations.getattr('/new')).toMatchObject({ mode: 0o040750 })
    expect(await operations.readlink('/new/link')).toBe('deep/file')
    expect(await readFile(operations, '/docs/edited')).toBe('edited here')
    expect(await readFile(operations, '/new/moved')).toBe('moved v1')
    expect(await readFile(operations, '/docs/kept')).toBe('kept v1')
    expect(await readFile(operations, '/.DS_Store')).toBe('of this machine')
    expect((await operations.readdir('/docs')).sort()).toEqual(['edited', 'kept', 'modes'])
    const big = await operations.open('/big', 0)
    const found = Buffer.alloc(bigAfter.length)
    expect(await operations.read(big, found, 0)).toBe(bigAfter.length)
    expect(found.equals(bigAfter)).toBe(true)
    await operations.release(big)
  }

  async function expectEverythingInTheBucket(drive: LocalDrive): Promise<void> {
    expect(await wreck.sent(drive)).toBe(0)
    const { store } = wreck
    expect(store.keys()).toEqual([
      ...['big', 'docs/edited', 'docs/kept', 'docs/modes'],
      ...['new/', 'new/deep/', 'new/deep/file', 'new/link', 'new/moved'],
    ])
    expect(store.peek('big')?.equals(bigAfter)).toBe(true)
    expect(store.peek('docs/edited')?.toString()).toBe('edited here')
    expect((await store.head('docs/modes'))?.metadata['mode']).toBe(String(0o100600))
    expect(drive.space().unsyncedBytes).toBe('of this machine'.length)
  }

  for (const [what, damage] of Object.entries(damages)) {
    it(`with ${what} has every byte that was not in the bucket, and sends it there`, async () => {
      damage(wreck)
      const drive = wreck.open()
      await expectEverythingHere(drive)
      await expectEverythingInTheBucket(drive)
    })
  }

  it('shows what changed in the bucket meanwhile as a conflict, and overwrites nothing', async () => {
    wreck.store.putForeign('docs/edited', 'edited by somebody else')
    damages['a header of zeros']?.(wreck)
    const drive = wreck.open()
    await wreck.sent(drive)
    expect(wreck.store.peek('docs/edited')?.toString()).toBe('edited by somebody else')
    expect([...drive.journal.operations()].map(({ key, status }) => [key, status.state])).toEqual([
      ['docs/edited', 'conflict'],
    ])
    expect(await readFile(drive.operations, '/docs/edited')).toBe('edited here')
  })

  it('says what was put back and where the damaged files are, until it was said', async () => {
    damages['a header of zeros']?.(wreck)
    const [notice] = wreck.open().notices
    expect(notice).toMatchObject({ code: 'database-rebuilt' })
    expect(notice?.consequence).toContain(
      '3 files with changes (“big”, “docs/edited”, “new/deep/file”) and 7 other changes',
    )
    expect(notice?.remedy).toContain(wreck.setAside[0])
    await wreck.close()
    const again = wreck.open()
    expect(again.notices[0]).toEqual(notice)
    again.forgetNotices()
    await wreck.close()
    expect(wreck.open().notices).toEqual([])
  })

  it('keeps the damaged database, its logs, and content that nothing explains', () => {
    const stray = join(wreck.cache, 'content', '4d', '77.0')
    writeFileSync(stray, 'of nobody')
    damages['a header of zeros']?.(wreck)
    wreck.open()
    expect(wreck.setAside).toHaveLength(1)
    const aside = join(wreck.cache, wreck.setAside[0] ?? '')
    expect(readdirSync(aside).sort()).toEqual(['content', databaseName, salvageName])
    expect(readFileSync(join(aside, 'content', '77.0'), 'utf8')).toBe('of nobody')
    expect(existsSync(stray)).toBe(false)
  })

  it('is refused to another drive, and nothing in it is touched', async () => {
    damages['a header of zeros']?.(wreck)
    const before = readdirSync(wreck.cache)
    const open = (): LocalDrive =>
      makeTestDrive({ store: wreck.store, cacheDirectory: wreck.cache, identity: 'another', clock: wreck.clock })
    expect(open).toThrow('belongs to another drive')
    expect(readdirSync(wreck.cache)).toEqual(before)
    await expectEverythingHere(wreck.open())
  })

  it('still knows what is kept offline', async () => {
    const running = makeTestDrive({ store: wreck.store, cacheDirectory: wreck.cache, clock: wreck.clock })
    await running.pins.add('docs')
    await running.close()
    damages['a header of zeros']?.(wreck)
    expect(
      wreck
        .open()
        .pins.list()
        .map(({ path }) => path),
    ).toEqual(['docs'])
  })

  it('opened again and again is the same', async () => {
    damages['random pages overwritten']?.(wreck)
    for (let turn = 0; turn < 3; turn++) {
      await expectEverythingHere(wreck.open())
      await wreck.close()
    }
    expect(wreck.setAside).toHaveLength(1)
    await expectEverythingInTheBucket(wreck.open())
  })

  const deaths: Record<string, (cache: string, aside: string) => void> = {
    'while the new database is made': (cache, aside) => {
      renameSync(join(cache, databaseName), join(cache, `${databaseName}-making`))
      truncateSync(join(cache, `${databaseName}-making`), 8192)
      renameSync(join(aside, databaseName), join(cache, databaseName))
    },
    'when it is finished': (cache, aside) => {
      renameSync(join(cache, databaseName), join(cache, `${databaseName}-ready`))
      renameSync(join(aside, databaseName), join(cache, databaseName))
    },
    'when the damaged one is moved': (cache) =>
      renameSync(join(cache, databaseName), join(cache, `${databaseName}-ready`)),
    'when it is in place': () => undefined,
    'while content is set aside': (cache, aside) => {
      mkdirSync(join(aside, 'content'))
      renameSync(join(cache, 'content', '4d', '77.0'), join(aside, 'content', '77.0'))
    },
  }

  for (const [when, undo] of Object.entries(deaths)) {
    it(`is put together by the next start when one dies ${when}`, async () => {
      const { cache } = wreck
      for (const stray of ['77.0', '77.1']) writeFileSync(join(cache, 'content', '4d', stray), 'of nobody')
      damages['a header of zeros']?.(wreck)
      rebuild(
        { cacheDirectory: cache, identity: 'test', prefix: '', platform: 'linux', owner: caller, nowMs: 5_000 },
        'damaged',
      )
      undo(cache, join(cache, wreck.setAside[0] ?? ''))
      const drive = wreck.open()
      expect(drive.notices).toMatchObject([{ code: 'database-rebuilt' }])
      const kept = wreck.setAside.flatMap((folder) => {
        const content = join(cache, folder, 'content')
        return existsSync(content) ? readdirSync(content) : []
      })
      expect(kept).toEqual(expect.arrayContaining(['77.0', '77.1']))
      await expectEverythingHere(drive)
      await expectEverythingInTheBucket(drive)
    })
  }

  it('that is damaged a second time is put together a second time', async () => {
    damages['a header of zeros']?.(wreck)
    const { operations } = wreck.open()
    await writeFile(operations, '/second', 'after the first')
    await wreck.close()
    wreck.clock.advance(1_000).catch(() => undefined)
    damages['text instead of a database']?.(wreck)
    const drive = wreck.open()
    await expectEverythingHere(drive)
    expect(await readFile(drive.operations, '/second')).toBe('after the first')
  })
})

describe('the salvage log', () => {
  let wreck: Wreck

  beforeEach(async () => {
    wreck = new Wreck()
    await wreck.make()
  })

  afterEach(async () => {
    await wreck.close()
    wreck.scratch.remove()
  })

  it('is never trusted over a sound database', async () => {
    const { log } = wreck
    const lines = readFileSync(log, 'utf8').split('\n')
    writeFileSync(log, lines.slice(0, 3).join('\n'))
    const drive = wreck.open()
    expect(await readFile(drive.operations, '/new/deep/file')).toBe('written and closed')
    expect(wreck.setAside).toEqual([])
    expect(await wreck.sent(drive)).toBe(0)
    expect(wreck.store.peek('big')?.equals(bigAfter)).toBe(true)
  })

  it('cut off in the middle of a line is made up for from what the damaged database still tells', async () => {
    const size = statSync(wreck.log).size
    truncateSync(wreck.log, size - 700)
    checkpointed(wreck.path)
    overwrite(wreck.path, statSync(wreck.path).size - 4096, random.bytes(4096))
    const drive = wreck.open()
    expect(await readFile(drive.operations, '/new/deep/file')).toBe('written and closed')
    expect(await readFile(drive.operations, '/docs/edited')).toBe('edited here')
    expect(await wreck.sent(drive)).toBe(0)
    expect(wreck.store.peek('docs/edited')?.toString()).toBe('edited here')
  })

  it('that is gone is made up for from what the damaged database still tells', async () => {
    rmSync(wreck.log)
    writeFileSync(join(wreck.cache, damageMarkName), 'met by a worker')
    const drive = wreck.open()
    expect(await readFile(drive.operations, '/new/deep/file')).toBe('written and closed')
    expect(await wreck.sent(drive)).toBe(0)
    expect(wreck.store.peek('big')?.equals(bigAfter)).toBe(true)
    expect(wreck.store.peek('docs/edited')?.toString()).toBe('edited here')
  })

  it('lost together with the database loses no content: it is set aside, and the person is told', () => {
    rmSync(wreck.log)
    damages['text instead of a database']?.(wreck)
    const [notice] = wreck.open().notices
    expect(notice?.consequence).toContain('Content that belongs to no known file was set aside')
    const aside = join(wreck.cache, wreck.setAside[0] ?? '', 'content')
    const kept = readdirSync(aside).map((name) => readFileSync(join(aside, name)))
    expect(kept.some((bytes) => bytes.toString() === 'edited here')).toBe(true)
    expect(kept.some((bytes) => bytes.includes(patch))).toBe(true)
  })
})

function overwrite(path: string, position: number, bytes: Buffer): void {
  const descriptor = openSync(path, 'r+')
  writeSync(descriptor, bytes, 0, bytes.length, position)
  closeSync(descriptor)
}

/** Everything in the main file, as after a clean end. */
function checkpointed(path: string): void {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  database.close()
}
