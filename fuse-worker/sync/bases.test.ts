import { constants, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Conflict } from '../../contracts/conflict.ts'
import { silentLog } from '../runtime/log.ts'
import { BaseCopies } from '../cache/base-copies.ts'
import { storeFailure } from '../testing/failing-store.ts'
import { ConflictWorld, seenOf } from '../testing/conflict-world.ts'
import { caller, writeFile } from '../testing/local-drive.ts'
import { replay } from '../testing/saves/replay.ts'
import { saveTraces } from '../testing/saves/traces.ts'

const base = 'one\ntwo\nthree\n'

let world: ConflictWorld

beforeEach(() => {
  world = new ConflictWorld()
})
afterEach(() => world.end())

/** A file of the bucket that was read here, so that all of it is in the cache. */
async function shared(path: string, content: string | Buffer = base): Promise<void> {
  await writeFile(world.drive.operations, `/${path}`, content)
  await world.settled()
}

const copies = (): string[] => readdirSync(join(world.cacheDirectory, 'bases'))

async function baseOf(conflict: Conflict): Promise<string> {
  const { path } = await world.drive.conflicts.preview(conflict.id, 'base')
  return readFileSync(path, 'utf8')
}

async function edit(path: string, content: string, flags = constants.O_RDWR, offset = 0): Promise<void> {
  const { operations } = world.drive
  const handle = await operations.open(`/${path}`, flags)
  await operations.write(handle, Buffer.from(content), offset)
  await operations.flush(handle)
  await operations.release(handle)
}

const saves: Record<string, () => Promise<void>> = {
  'writing over its beginning': () => edit('a.txt', 'ONE'),
  'appending to it': () => edit('a.txt', 'four\n', constants.O_RDWR, base.length),
  'truncating it at open and writing': () => edit('a.txt', 'mine', constants.O_WRONLY | constants.O_TRUNC),
  'cutting it': async () => {
    await world.drive.operations.truncate('/a.txt', 4)
  },
  'renaming a new file over it': async () => {
    await writeFile(world.drive.operations, '/a.txt.new', 'mine')
    await world.drive.operations.rename('/a.txt.new', '/a.txt')
  },
  'moving it away, creating it, and deleting what was moved': async () => {
    await world.drive.operations.rename('/a.txt', '/a.txt.bak')
    await writeFile(world.drive.operations, '/a.txt', 'mine')
    await world.drive.operations.unlink('/a.txt.bak')
  },
  'several saves of different kinds before the upload': async () => {
    await edit('a.txt', 'first', constants.O_WRONLY | constants.O_TRUNC)
    await writeFile(world.drive.operations, '/new', 'second')
    await world.drive.operations.rename('/new', '/a.txt')
    await edit('a.txt', 'third')
  },
}

describe('a change to a small text keeps the version it is built on', () => {
  it.each(Object.entries(saves))('when made by %s', async (_, save) => {
    await shared('a.txt')
    await save()
    world.foreign('a.txt', 'theirs')
    const conflict = await world.conflict('a.txt')
    expect(conflict.hasBase).toBe(true)
    expect(await baseOf(conflict)).toBe(base)
  })

  /** sqlite reads and writes what is no text; Excel deletes the document before it takes its name. */
  const texts = saveTraces.filter(({ program }) => !/Excel/.test(program))
  it.each(texts)('when saved by $program', async ({ calls }) => {
    await shared('report.txt')
    await replay(calls, {
      operations: world.drive.operations,
      folder: '',
      document: 'report.txt',
      content: Buffer.from('mine\n'.repeat(9)),
      wait: () => Promise.resolve(),
    })
    world.foreign('report.txt', 'theirs')
    expect(await baseOf(await world.conflict('report.txt'))).toBe(base)
  })

  it('in a later process too, and for as long as the conflict goes on', async () => {
    await shared('a.txt')
    await edit('a.txt', 'ONE')
    world.foreign('a.txt', 'theirs')
    await world.conflict('a.txt')
    await world.reopen()
    await edit('a.txt', 'TWO', constants.O_RDWR, 4)
    world.foreign('a.txt', 'theirs again')
    const conflict = await world.when('it is seen', () =>
      world.drive.conflicts.list().find(({ theirs }) => theirs?.sizeBytes === 12),
    )
    expect(await baseOf(conflict)).toBe(base)
  })
})

describe('what is kept goes', () => {
  it('when the change is in the bucket', async () => {
    await shared('a.txt')
    await edit('a.txt', 'ONE')
    expect(copies()).toHaveLength(1)
    await world.settled()
    expect(copies()).toEqual([])
  })

  it('when the file is deleted instead', async () => {
    await shared('a.txt')
    await edit('a.txt', 'ONE')
    await world.drive.operations.unlink('/a.txt')
    await world.settled()
    expect(copies()).toEqual([])
  })

  it.each(['mine', 'theirs', 'both'] as const)('when the conflict is settled by “%s”', async (kind) => {
    await shared('a.txt')
    await edit('a.txt', 'ONE')
    world.foreign('a.txt', 'theirs')
    world.choose(await world.conflict('a.txt'), kind)
    await world.settled()
    expect(copies()).toEqual([])
  })

  it('when the merged text is in the bucket', async () => {
    await shared('a.txt')
    await edit('a.txt', 'ONE')
    world.foreign('a.txt', `${base}four\n`)
    const merged = 'ONE\ntwo\nthree\nfour\n'
    await world.drive.conflicts.merge(seenOf(await world.conflict('a.txt')), merged)
    await world.settled()
    expect(world.bucket.peek('a.txt')?.toString()).toBe(merged)
    expect(copies()).toEqual([])
  })

  it('at the next start where a crash left it behind, and not what is still needed', async () => {
    await shared('a.txt')
    await shared('b.txt')
    await edit('a.txt', 'ONE')
    await edit('b.txt', 'ONE')
    world.foreign('b.txt', 'theirs')
    await world.conflict('b.txt')
    await world.when('one is sent', () => copies().length === 1)
    const needed = copies()
    const left = new BaseCopies({
      directory: join(world.cacheDirectory, 'bases'),
      mostBytes: () => Infinity,
      log: silentLog,
    })
    left.keep('a.txt', '"before the change was recorded"', Buffer.from(base))
    expect(copies()).toHaveLength(2)
    await world.reopen()
    expect(copies()).toEqual(needed)
    expect(await baseOf(await world.conflict('b.txt'))).toBe(base)
  })
})

describe('nothing is kept', () => {
  it.each([
    ['of what is no text', Buffer.from([1, 0, 2, 3])],
    ['of a file of more than 1 MiB', Buffer.alloc(1024 * 1024 + 1, 'x')],
  ])('%s', async (_, content) => {
    await shared('a.txt', content)
    await edit('a.txt', 'ONE')
    expect(copies()).toEqual([])
    world.foreign('a.txt', 'theirs')
    const conflict = await world.conflict('a.txt')
    expect(conflict.hasBase).toBe(false)
    await expect(world.drive.conflicts.preview(conflict.id, 'base')).rejects.toMatchObject({
      problem: { code: 'not-found' },
    })
  })

  it('of a file that is not all here, and nothing is fetched for it', async () => {
    world.bucket.putForeign('a.txt', base)
    await world.drive.operations.readdir('/')
    await edit('a.txt', 'mine', constants.O_WRONLY | constants.O_TRUNC)
    expect(copies()).toEqual([])
    expect(world.script.calls('get')).toEqual([])
  })

  it('of a new file, a file that stays on this computer, and a second change', async () => {
    await writeFile(world.drive.operations, '/new.txt', 'new')
    await edit('new.txt', 'NEW')
    await writeFile(world.drive.operations, '/.DS_Store', 'junk')
    await edit('.DS_Store', 'JUNK')
    expect(copies()).toEqual([])
    await world.settled()
    await edit('new.txt', 'old')
    const kept = copies()
    await edit('new.txt', 'odd')
    expect(copies()).toEqual(kept)
    expect(kept).toHaveLength(1)
  })

  it('of a file under another name: what is built on it there is another file', async () => {
    await shared('a.txt')
    await world.drive.operations.rename('/a.txt', '/b.txt')
    await edit('b.txt', 'ONE')
    world.foreign('b.txt', 'theirs')
    expect((await world.conflict('b.txt')).hasBase).toBe(false)
  })

  it('in the way of a folder, nor of a name that a folder takes', async () => {
    await world.drive.operations.mkdir('/docs', 0o755, caller)
    await shared('a.txt')
    await world.drive.operations.rename('/a.txt', '/docs/a.txt')
    await world.drive.operations.mkdir('/a.txt', 0o755, caller)
    await world.settled()
    expect(world.bucket.peek('docs/a.txt')?.toString()).toBe(base)
    expect(copies()).toEqual([])
  })
})

describe('where the bucket keeps versions', () => {
  beforeEach(async () => {
    await world.end()
    world = new ConflictWorld({ isVersioned: true })
  })

  it('an earlier version that was not kept here comes from its history', async () => {
    world.bucket.putForeign('a.txt', base)
    await world.drive.operations.readdir('/')
    await edit('a.txt', 'mine', constants.O_WRONLY | constants.O_TRUNC)
    world.foreign('a.txt', 'theirs')
    const conflict = await world.conflict('a.txt')
    expect([conflict.hasBase, copies()]).toEqual([true, []])
    expect(await baseOf(conflict)).toBe(base)
  })

  it('a history that cannot be asked means a merge without it', async () => {
    world.bucket.putForeign('a.txt', base)
    await world.drive.operations.readdir('/')
    await edit('a.txt', 'mine', constants.O_WRONLY | constants.O_TRUNC)
    world.foreign('a.txt', 'theirs')
    const conflict = await world.conflict('a.txt')
    world.script.on('listVersions', { kind: 'fails', error: storeFailure('blocked') })
    await expect(world.drive.conflicts.preview(conflict.id, 'base')).rejects.toMatchObject({
      problem: { code: 'not-found' },
    })
  })

  it('one that is larger than what was asked for is not fetched in vain', async () => {
    world.bucket.putForeign('a.txt', base)
    await world.drive.operations.readdir('/')
    await edit('a.txt', 'mine', constants.O_WRONLY | constants.O_TRUNC)
    world.foreign('a.txt', 'theirs')
    const conflict = await world.conflict('a.txt')
    await expect(world.drive.conflicts.preview(conflict.id, 'base', 3)).rejects.toMatchObject({
      problem: { code: 'file-too-large' },
    })
  })
})
