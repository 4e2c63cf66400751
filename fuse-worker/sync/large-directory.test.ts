import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LocalDrive } from '../drive.ts'
import { deadlinesMs } from '../fs/deadlines.ts'
import type { ObjectStore } from '../s3/store.ts'
import { openTestDrive, readFile, scratchDirectory, writeFile } from '../testing/local-drive.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { createMemoryStore, type MemoryStore } from '../testing/memory-store.ts'

let clock: ManualClock
let bucket: MemoryStore
let drive: LocalDrive | undefined
let scratch: ReturnType<typeof scratchDirectory>
let requests: string[]

beforeEach(() => {
  scratch = scratchDirectory()
  clock = new ManualClock()
  bucket = createMemoryStore({ now: () => clock.now() })
  requests = []
})
afterEach(async () => {
  await drive?.close()
  scratch.remove()
})

const nameOf = (index: number): string => `file-${String(index).padStart(6, '0')}`

/** A bucket whose folder `many/` is made up page by page, because the one in memory sorts everything for each. */
function withMany(count: number, pageSize: number, pageMs = 0): ObjectStore {
  return {
    ...bucket,
    head: (key, call) => {
      requests.push(`head ${key}`)
      const index = /^many\/file-(\d{6})$/.exec(key)?.[1]
      if (index === undefined || Number(index) >= count) return bucket.head(key, call)
      return Promise.resolve({ ...listed(Number(index)), metadata: {}, systemHeaders: {} })
    },
    list: async (query, call) => {
      requests.push(`list ${query.prefix} ${query.continuationToken ?? ''}`)
      if (query.prefix !== 'many/') return bucket.list(query, call)
      if (pageMs > 0) await new Promise<void>((resolve) => clock.after(pageMs, resolve))
      else await new Promise((resolve) => setImmediate(resolve))
      const start = Number(query.continuationToken ?? '0')
      const end = Math.min(count, start + pageSize)
      const objects = Array.from({ length: end - start }, (_, index) => listed(start + index))
      return { objects, prefixes: [], ...(end < count ? { continuationToken: String(end) } : {}) }
    },
  }
}

const listed = (index: number) => ({
  key: `many/${nameOf(index)}`,
  etag: `"${index}"`,
  sizeBytes: 1,
  lastModifiedMs: clock.now(),
})

function open(store: ObjectStore): LocalDrive['operations'] {
  bucket.putForeign('many/marker-of-the-folder', 'x')
  bucket.putForeign('beside/a', 'content')
  drive = openTestDrive({ store, clock, cacheDirectory: scratch.path })
  return drive.operations
}

const pagesAsked = (): number => requests.filter((request) => request.startsWith('list many/ ')).length

describe('a folder of 100,000 entries', () => {
  const count = 100_000

  test('is shown whole, and the drive goes on answering while it is taken in', async () => {
    const operations = open(withMany(count, 1_000))
    expect(await readFile(operations, '/beside/a')).toBe('content')
    const progress = { isListed: false }
    const listing = Promise.resolve(operations.readdir('/many')).finally(() => (progress.isListed = true))
    let answeredMeanwhile = 0
    while (!progress.isListed) {
      if (pagesAsked() > 0) {
        expect((await operations.getattr('/beside/a')).size).toBe(7)
        if (answeredMeanwhile++ === 0) await writeFile(operations, '/beside/new', 'written meanwhile')
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
    const names = await listing
    expect(names.length).toBe(count)
    expect(new Set(names).size).toBe(count)
    expect(names).toContain(nameOf(count - 1))
    expect(answeredMeanwhile).toBeGreaterThan(count / 2_000)
    expect(await readFile(operations, '/beside/new')).toBe('written meanwhile')
  })

  test('costs a lookup of one name no listing of all of them', async () => {
    const operations = open(withMany(count, 1_000))
    expect((await operations.getattr(`/many/${nameOf(77_777)}`)).size).toBe(1)
    await expect(Promise.resolve(operations.getattr('/many/nothing'))).rejects.toMatchObject({ errno: 'ENOENT' })
    expect(pagesAsked()).toBe(1)
  })
})

describe('a folder listed slowly', () => {
  const [pages, pageMs] = [60, 1_000]

  test('is listed once for all who ask, and nobody gets a part of it', async () => {
    const operations = open(withMany(pages * 5, 5, 10))
    const lookup = Promise.resolve(operations.getattr(`/many/${nameOf(7)}`))
    const both = Promise.all([operations.readdir('/many'), operations.readdir('/many')])
    const [first, second] = await clock.until(both, 10_000)
    expect(first.length).toBe(pages * 5)
    expect(second.length).toBe(pages * 5)
    expect((await lookup).size).toBe(1)
    // One of them is the page that the lookup began with.
    expect(pagesAsked()).toBe(pages + 1)
  })

  test('fails for the program when its deadline passes, and is there when it tries again', async () => {
    const operations = open(withMany(pages * 5, 5, pageMs))
    const begunAtMs = clock.now()
    const first = Promise.resolve(operations.readdir('/many')).catch((error: unknown) => error)
    expect(await clock.until(first, 60_000)).toMatchObject({ errno: 'ETIMEDOUT' })
    expect(clock.now() - begunAtMs).toBeLessThanOrEqual(deadlinesMs.readdir + 100)
    const second = Promise.resolve(operations.readdir('/many'))
    expect((await clock.until(second, 60_000)).length).toBe(pages * 5)
    expect(pagesAsked()).toBe(pages)
  })
})

describe('a folder whose key is also an object’s, on a server that keeps an order of its own', () => {
  const inside = { key: 'odd/x/inside', etag: '"i"', sizeBytes: 1, lastModifiedMs: 0 }

  test('keeps what is below it until the last page has told that it is gone', async () => {
    bucket.putForeign(inside.key, 'x')
    let release = (): void => undefined
    const pages = async (token: string | undefined) => {
      if (token === undefined) {
        const objects = ['odd/x', 'odd/y', 'odd/z'].map((key) => ({ ...inside, key }))
        return { objects, prefixes: [], continuationToken: 'second' }
      }
      await new Promise<void>((resolve) => (release = resolve))
      return { objects: [], prefixes: ['odd/x/'] }
    }
    const operations = open({
      ...bucket,
      list: (query, call) => (query.prefix === 'odd/' ? pages(query.continuationToken) : bucket.list(query, call)),
    })
    expect((await clock.until(Promise.resolve(operations.getattr('/odd/x/inside')), 10_000)).size).toBe(1)
    const listing = Promise.resolve(operations.readdir('/odd'))
    const shown = async (): Promise<string[]> => {
      const query = { path: 'odd', from: 0, count: 10, sort: 'name', isDescending: false } as const
      return (await drive?.files.folders.list(query))?.entries.map(({ name, kind }) => `${kind} ${name}`) ?? []
    }
    for (let tries = 0; tries < 500 && !(await shown()).includes('file y'); tries++) await clock.advance(10)
    // What stands in nobody’s way is taken in; the folder stays till all is known.
    expect(await shown()).toEqual(['folder x', 'file y'])
    release()
    expect((await clock.until(listing, 60_000)).length).toBe(4)
    expect(await shown()).toEqual(['folder x', 'file x⟦object⟧', 'file y', 'file z'])
  })
})
