/**
 * Another client of the drive's bucket, which knows nothing of the drive and asks no conditions, and the books of both: every version
 * that either of them wrote, and which of those were given up by somebody who had seen them. Each version has bytes of its own.
 */
import { expect } from 'vitest'
import type { ObjectStore, WriteCondition } from '../../s3/store.ts'
import type { MemoryStore } from '../memory-store.ts'
import type { Random } from '../random.ts'

export class Books {
  /** Every version acknowledged to a program or written by the other client, and by whom. */
  readonly written = new Map<string, string>()
  /** Replaced or deleted by a program that had just read it, or by the other client itself. */
  readonly givenUp = new Set<string>()
  #count = 0

  freshBytes(writer: string): string {
    return `${writer}${++this.#count}.`.padEnd(12, 'x')
  }

  /** The same bytes again are no other version: their ETag is the one that was seen, and may have been given up. */
  wrote(bytes: string, by: string): void {
    if (!this.written.has(bytes)) this.written.set(bytes, by)
  }

  /** Whoever had read all of `before` put `after` in its place. What is still part of that was not given up. */
  replaced(before: string, after = ''): void {
    for (const bytes of this.written.keys()) {
      if (before.includes(bytes) && !after.includes(bytes)) this.givenUp.add(bytes)
    }
  }

  /** What neither side gave up and that is nowhere any more. What was added to stays a part of what that made. */
  lost(places: readonly string[]): string[] {
    return [...this.written]
      .filter(([bytes]) => !this.givenUp.has(bytes) && !places.some((text) => text.includes(bytes)))
      .map(([bytes, by]) => `${bytes} ${by}`)
  }
}

/** What was added to a large file stands behind its zeros; those in front of it may also be what could not be had. */
export const textOf = (bytes: Buffer): string => bytes.toString('latin1').replaceAll('\0', '')

export class SecondClient {
  isResting = false
  readonly #bucket: MemoryStore
  readonly #books: Books
  readonly #random: Random
  readonly #note: (what: string) => void

  constructor(options: { bucket: MemoryStore; books: Books; random: Random; note: (what: string) => void }) {
    this.#bucket = options.bucket
    this.#books = options.books
    this.#random = options.random
    this.#note = options.note
  }

  /** Does something to this key, or to what has it now. */
  act(key: string): void {
    if (this.isResting || key === '' || key.endsWith('/')) return
    const kind = this.#random.weighted({ put: 5, remove: 2, move: 1, same: 1, back: 1 })
    const before = this.text(key)
    if (kind === 'put') this.#put(key, this.#books.freshBytes('X'))
    else if (kind === 'same') this.#put(key, this.#random.maybePick([...this.#books.written.keys()]) ?? '')
    else if (before !== undefined && kind === 'back') {
      this.#put(key, this.#books.freshBytes('X'))
      this.#put(key, before)
    } else if (before !== undefined) {
      this.#note(`  other client: ${kind} ${key}`)
      if (kind === 'move') this.#put(`${key.split('/')[0]}.moved`, before)
      this.#bucket.deleteForeign(key)
      if (kind === 'remove') this.#books.replaced(before)
    }
  }

  text(key: string): string | undefined {
    const bytes = this.#bucket.peek(key)
    return bytes && textOf(bytes)
  }

  #put(key: string, bytes: string): void {
    const before = this.text(key)
    this.#note(`  other client: put ${key} ${bytes}`)
    this.#bucket.putForeign(key, bytes)
    this.#books.wrote(bytes, `other client at ${key}`)
    if (before !== undefined) this.#books.replaced(before, bytes)
  }
}

/** The bucket as the drive reaches it: another client may come before and after any call, and no version goes that was not named. */
export function contested(
  store: ObjectStore,
  { act, note }: { act: (key: string) => void; note: (what: string) => void },
): ObjectStore {
  const amid = async <T>(key: string, call: () => Promise<T>): Promise<T> => {
    act(key)
    const answer = await call()
    act(key)
    return answer
  }
  const write = <T>(
    what: string,
    key: string,
    condition: WriteCondition | undefined,
    call: () => Promise<T>,
  ): Promise<T> => {
    expect(condition, `a write to ${key} without a condition`).toBeDefined()
    return amid(key, async () => {
      const answer = await call()
      note(`  drive: ${what} ${key}, on ${condition?.kind === 'version' ? condition.etag : 'nothing'}`)
      return answer
    })
  }
  return {
    ...store,
    head: (key, call) => amid(key, () => store.head(key, call)),
    list: (query, call) => amid('', () => store.list(query, call)),
    get: async (key, query, call) => {
      const { head, body } = await amid(key, () => store.get(key, query, call))
      return { head, body: amidPieces(body, () => act(key)) }
    },
    put: (key, body, attributes, condition, call) =>
      write(`put ${textOf(Buffer.from(body))} at`, key, condition, () =>
        store.put(key, body, attributes, condition, call),
      ),
    copy: (source, key, attributes, condition, call) => {
      act(source.key)
      return write(`copy ${source.key} to`, key, condition, () => store.copy(source, key, attributes, condition, call))
    },
    delete: (key, query, call) => {
      expect(query.ifMatch, `a deletion of ${key} that names no version`).toBeDefined()
      return amid(key, async () => {
        await store.delete(key, query, call)
        note(`  drive: delete ${key}`)
      })
    },
    uploadPart: (key, ...rest) => amid(key, () => store.uploadPart(key, ...rest)),
    uploadPartCopy: (key, id, part, source, call) =>
      amid(source.key, () => store.uploadPartCopy(key, id, part, source, call)),
    completeMultipartUpload: (key, id, parts, condition, call) =>
      write('complete an upload to', key, condition, () =>
        store.completeMultipartUpload(key, id, parts, condition, call),
      ),
  }
}

async function* amidPieces(body: AsyncIterable<Uint8Array>, act: () => void): AsyncGenerator<Uint8Array> {
  for await (const piece of body) {
    act()
    yield piece
    act()
  }
}
