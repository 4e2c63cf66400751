import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FileMatches, FileSearch } from '../../contracts/file.ts'
import type { LocalDrive } from '../drive.ts'
import { caller, openTestDrive, scratchDirectory, writeFile } from '../testing/local-drive.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { createMemoryStore, type MemoryStore } from '../testing/memory-store.ts'

let clock: ManualClock
let bucket: MemoryStore
let drive: LocalDrive
let scratch: ReturnType<typeof scratchDirectory>

const open = (): LocalDrive => openTestDrive({ store: bucket, clock, cacheDirectory: scratch.path })

beforeEach(() => {
  scratch = scratchDirectory()
  clock = new ManualClock()
  bucket = createMemoryStore({ now: () => clock.now() })
  drive = open()
})
afterEach(async () => {
  await drive.close()
  scratch.remove()
})

async function search(text: string, rest: Partial<FileSearch> = {}): Promise<FileMatches> {
  for (let step = 0; step < 100; step++) {
    const found = await drive.files.search.search({ text, limit: 100, ...rest })
    if (!found.isIndexing) return found
  }
  throw new Error('the index does not catch up')
}

const pathsOf = async (text: string, rest: Partial<FileSearch> = {}): Promise<string[]> =>
  (await search(text, rest)).matches.map(({ path }) => path)

const write = (path: string): Promise<void> => writeFile(drive.operations, `/${path}`, 'x')

describe('a search over everything that is known', () => {
  test('finds words anywhere in names, whatever their case and accents, names that begin with them first', async () => {
    await drive.operations.mkdir('/Reisen', 0o755, caller)
    for (const path of ['Reisen/Übersicht 2024.txt', 'Reisen/Die Übersicht.txt', 'ubersichtlich', 'other'])
      await write(path)
    expect(await pathsOf('übersicht')).toEqual([
      ...['Reisen/Übersicht 2024.txt', 'ubersichtlich', 'Reisen/Die Übersicht.txt'],
    ])
    expect(await pathsOf('UBERSICHT 2024')).toEqual(['Reisen/Übersicht 2024.txt'])
    expect(await pathsOf('reis')).toEqual(['Reisen'])
    expect((await search('reis')).matches).toMatchObject([{ name: 'Reisen', kind: 'folder', badge: 'waiting' }])
  })

  test('finds one and two characters, scripts without spaces, and signs that queries are made of', async () => {
    for (const path of ['東京の写真.jpg', 'a_b', 'axb', '100%', '1000', `say "hi" OR NOT *`]) await write(path)
    expect(await pathsOf('京')).toEqual(['東京の写真.jpg'])
    expect(await pathsOf('京の写')).toEqual(['東京の写真.jpg'])
    expect(await pathsOf('_')).toEqual(['a_b'])
    expect(await pathsOf('0%')).toEqual(['100%'])
    expect(await pathsOf('"hi" or not *')).toEqual([`say "hi" OR NOT *`])
    expect(await pathsOf('  ')).toEqual([])
  })

  test('follows renames, deletions and moves, also of what was changed before a restart', async () => {
    await drive.operations.mkdir('/from', 0o755, caller)
    await drive.operations.mkdir('/to', 0o755, caller)
    for (const path of ['from/first name', 'from/second name', 'from/third name']) await write(path)
    expect(await pathsOf('name')).toHaveLength(3)
    await drive.operations.rename('/from/first name', '/to/other title')
    await drive.operations.unlink('/from/second name')
    await drive.operations.rename('/from/third name', '/to/third name')
    await drive.close()
    drive = open()
    expect(await pathsOf('name')).toEqual(['to/third name'])
    expect(await pathsOf('title')).toEqual(['to/other title'])
  })

  test('of one folder finds what is below it at any depth, and not the folder itself', async () => {
    for (const path of ['/docs', '/docs/docs deep', '/docs/docs deep/er'])
      await drive.operations.mkdir(path, 0o755, caller)
    for (const path of ['docs/docs deep/er/docs.txt', 'docs.txt']) await write(path)
    expect(await pathsOf('docs', { under: 'docs' })).toEqual(['docs/docs deep', 'docs/docs deep/er/docs.txt'])
    await expect(search('docs', { under: 'nothing' })).rejects.toMatchObject({ problem: { code: 'not-found' } })
  })

  test('does not find a file that is only still open', async () => {
    await write('open file')
    await drive.operations.open('/open file', 0)
    await drive.operations.unlink('/open file')
    expect(await pathsOf('open')).toEqual([])
  })

  test('puts names that begin with a letter before all that hold it, however many those are', async () => {
    for (const path of ['the tax 1', 'the tax 2', 'the tax 3', 'x-ray']) await write(path)
    expect(await pathsOf('x', { limit: 2 })).toEqual(['x-ray', 'the tax 1'])
  })

  test('answers no more than it is asked for, and says that there are more', async () => {
    for (let index = 0; index < 30; index++) await write(`one of many ${index}`)
    expect(await search('many', { limit: 30 })).toMatchObject({ isTruncated: false })
    const some = await search('many', { limit: 10 })
    expect(some).toMatchObject({ isTruncated: true })
    expect(some.matches).toHaveLength(10)
  })

  test('is given up for the next one', async () => {
    await write('file')
    const first = drive.files.search.search({ text: 'fi', limit: 10 })
    const second = drive.files.search.search({ text: 'file', limit: 10 })
    await expect(first).rejects.toMatchObject({ problem: { code: 'cancelled' } })
    expect((await second).matches).toHaveLength(1)
  })

  test('costs a drive nothing that nobody looks at, and is ready for one that somebody does', async () => {
    for (let index = 0; index < 250; index++) await write(`file ${index}`)
    await clock.advance(60_000)
    expect(drive.files.search.unindexedNames).toBeGreaterThanOrEqual(250)
    await drive.files.folders.list({ path: '', sort: 'name', isDescending: false, from: 0, count: 1 })
    await clock.advance(1_000)
    expect(drive.files.search.unindexedNames).toBe(0)
  })
})
