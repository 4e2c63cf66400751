/**
 * A drive whose files another client changes at any moment. Programs read what they replace or delete, through the handle they
 * replace it with, so that whatever they give up they have seen. In the end no other version may be missing.
 */
import { constants, cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { LocalDrive } from '../../drive.ts'
import { chunkBytes } from '../../cache/content-store.ts'
import { FsError, type KernelOperations } from '../../fuse/kernel.ts'
import type { Operation } from '../../journal/operation.ts'
import type { Log } from '../../runtime/log.ts'
import type { VersionMarker } from '../../s3/store.ts'
import { openTestDrive, scratchDirectory } from '../local-drive.ts'
import { ManualClock, type ForkedClock } from '../manual-clock.ts'
import { createMemoryStore, type MemoryStore } from '../memory-store.ts'
import { Random } from '../random.ts'
import { calm, createWeatherStore, type Weather, type WeatherStore } from '../weather-store.ts'
import { Books, contested, SecondClient, textOf } from './second-client.ts'

type Life = { drive: LocalDrive; clock: ForkedClock; store: WeatherStore; directory: string }
/** A file that stays open for writing from one step to the next. */
export type Held = { handle: number; ino: number; bytes: string; isGone: boolean }

/** Every write is of so many bytes. */
const pieceBytes = 12
const salvagedBytes = 100 * pieceBytes

async function arrayOf(body: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return pieces
}

const files = ['a', 'b', 'c'] as const
const folders = ['', 'd/', 'e/'] as const

export class TwoClients {
  readonly random: Random
  readonly clock = new ManualClock()
  readonly bucket: MemoryStore
  readonly weather: Weather = calm()
  readonly books = new Books()
  readonly other: SecondClient
  readonly trace: string[] = []
  readonly errors: string[] = []
  readonly held: Held[] = []
  readonly #scratch = scratchDirectory()
  readonly #consistency: 'cached' | 'close-to-open'
  readonly #enlarging: number
  #lives = 0
  #life: Life
  readonly #often: number
  #interference = 0

  constructor(seed: number) {
    this.random = new Random(seed)
    this.#consistency = this.random.pick(['close-to-open', 'close-to-open', 'cached'])
    this.#often = this.random.pick([0.02, 0.05, 0.15])
    this.#interference = this.#often
    this.#enlarging = this.random.pick([0, 0, 0, 0.1])
    const isVersioned = this.random.chance(0.2)
    this.bucket = createMemoryStore({
      ...{ now: () => this.clock.now(), pageSize: 7, bodyChunkBytes: 4_000_000, isVersioned },
    })
    this.other = new SecondClient({
      ...{ bucket: this.bucket, books: this.books, random: this.random },
      note: (what) => this.note(what),
    })
    this.#life = this.#open(join(this.#scratch.path, `cache-${++this.#lives}`))
  }

  get drive(): LocalDrive {
    return this.#life.drive
  }

  get operations(): KernelOperations {
    return this.#life.drive.operations
  }

  note(what: string): void {
    this.trace.push(what)
  }

  anyPath(): string {
    return `/${this.random.pick(folders)}${this.random.pick(files)}`
  }

  anyKey(): string {
    return this.random.maybePick(this.bucket.keys()) ?? this.anyPath().slice(1)
  }

  /** Programs live with errors; a step that meets one did nothing. */
  async attempt<T>(what: string, call: () => T | Promise<T>): Promise<T | undefined> {
    this.note(what)
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof FsError)) throw error
      this.note(`  (${error.errno})`)
      return undefined
    }
  }

  /** Opens for writing, so that the version stays, and reads all of it. */
  async pin(path: string): Promise<{ handle: number; ino: number; bytes: string } | undefined> {
    const handle = await this.attempt(`open ${path}`, () => this.operations.open(path, constants.O_RDWR))
    if (handle === undefined) return undefined
    const bytes = await this.attempt(`read ${path}`, () => this.#readAll(handle))
    if (bytes !== undefined) {
      return { handle, ino: (await this.operations.fgetattr(undefined, handle)).ino, bytes }
    }
    await this.operations.release(handle)
    return undefined
  }

  async #readAll(handle: number): Promise<string> {
    const { size } = await this.operations.fgetattr(undefined, handle)
    const buffer = Buffer.alloc(size + 1)
    const count = await this.operations.read(handle, buffer, 0)
    return textOf(buffer.subarray(0, count))
  }

  /** Of a file that was not here whole, and whose other bytes somebody replaced, what is here. */
  async #salvage(handle: number): Promise<string> {
    const { size } = await this.operations.fgetattr(undefined, handle)
    const piece = Buffer.alloc(pieceBytes)
    let text = ''
    for (
      let start = 0;
      start < size;
      start += start === salvagedBytes ? Math.max(pieceBytes, size - 2 * salvagedBytes) : pieceBytes
    ) {
      try {
        const count = await this.operations.read(handle, piece, start)
        text += textOf(piece.subarray(0, count))
      } catch (error) {
        if (!(error instanceof FsError)) throw error
      }
    }
    return text
  }

  async replace(handle: number, before: string, bytes: string): Promise<void> {
    if (!bytes.startsWith(before)) await this.operations.ftruncate(handle, 0)
    await this.operations.write(handle, Buffer.from(bytes, 'latin1'), 0)
    await this.maybeEnlarge(handle)
    await this.operations.flush(handle)
    this.books.wrote(bytes, 'here')
    this.books.replaced(before, bytes)
    this.note(`  now ${bytes}`)
  }

  /** Too large to be sent in one piece. */
  async maybeEnlarge(handle: number): Promise<void> {
    if (!this.random.chance(this.#enlarging)) return
    this.note('  large')
    await this.operations.ftruncate(handle, chunkBytes + 1_000)
  }

  /** Whoever has it open goes on with a file that has no name. */
  nameWent(ino: number): void {
    for (const one of this.held) {
      if (one.ino !== ino) continue
      one.isGone = true
      this.books.replaced(one.bytes)
    }
  }

  async letGo(one: Held): Promise<void> {
    this.held.splice(this.held.indexOf(one), 1)
    await this.operations.release(one.handle)
  }

  async restart(): Promise<void> {
    for (const one of [...this.held]) await this.letGo(one)
    await this.#life.drive.close()
    this.#life = this.#open(this.#life.directory)
  }

  async crash(): Promise<void> {
    const dead = this.#life
    dead.clock.kill()
    dead.store.kill()
    this.held.length = 0
    const directory = join(this.#scratch.path, `cache-${++this.#lives}`)
    cpSync(dead.directory, directory, { recursive: true })
    this.#life = this.#open(directory)
    await dead.drive.close()
  }

  /** The other client rests, the network is good, and everything that can go on without a person has. */
  async settle(): Promise<void> {
    this.#interference = 0
    this.other.isResting = true
    Object.assign(this.weather, calm())
    for (const one of [...this.held]) await this.letGo(one)
    this.drive.connection.tryNow()
    for (let tries = 0; tries < 200 && !this.drive.connection.isOnline; tries++) await this.clock.advance(1_000)
    for (let round = 0; round < 3; round++) {
      await this.clock.until(this.drive.uploader.drain(200_000), 300_000)
      await this.clock.advance(301_000)
      await this.#walk('/')
    }
    await this.clock.until(this.drive.uploader.drain(200_000), 300_000)
    this.#interference = this.#often
    this.other.isResting = false
  }

  /** What is left in the journal waits for a person, or is the old name of a file that does. */
  assertNothingIsStuck(): void {
    const left = [...this.drive.journal.operations()]
    const isForPerson = ({ status }: Operation): boolean =>
      status.state === 'conflict' || (status.state === 'blocked' && status.problem.code === 'conflict')
    const isHeldBack = left.some(isForPerson)
    // What a file in conflict was renamed from may be neither deleted nor replaced before that file is in the bucket.
    const mayWait = ({ kind, attempts }: Operation): boolean => isHeldBack && (kind === 'delete' || attempts === 0)
    const stuck = left.filter((one) => !isForPerson(one) && !mayWait(one))
    expect(stuck, 'operations that wait although nothing stands in their way').toEqual([])
  }

  /** The journal is empty: the drive and the bucket have the same files. */
  async assertSameAsBucket(): Promise<void> {
    const objects = this.bucket.keys().filter((key) => !key.endsWith('/'))
    const inBucket = objects.map((key) => `/${key} ${this.other.text(key)}`)
    // A folder of the same name has it.
    const here = [...(await this.#walk('/'))].map(([path, text]) => `${path.replace('⟦object⟧', '')} ${text}`)
    expect(here.sort(), 'what the drive shows of the bucket').toEqual(inBucket.sort())
  }

  async assertNothingIsLost(): Promise<void> {
    expect(this.errors, 'errors nobody foresaw').toEqual([])
    const here = (await this.#walk('/')).values()
    const inBucket = this.bucket.keys().map((key) => this.other.text(key) ?? '')
    const inHistory = await this.#history()
    const recovered: string[] = []
    for (const { id } of this.drive.conflicts.recoveredFiles()) {
      const { path } = await this.drive.conflicts.recoveredPreview(id)
      recovered.push(textOf(readFileSync(path)))
    }
    expect(
      this.books.lost([...here, ...inBucket, ...inHistory, ...recovered]),
      'versions that are nowhere any more',
    ).toEqual([])
  }

  /** What the bucket keeps of what was replaced or deleted in it. */
  async #history(): Promise<string[]> {
    const found: string[] = []
    let after: VersionMarker | undefined
    do {
      const page = await this.bucket.listVersions({ prefix: '', ...(after === undefined ? {} : { after }) })
      for (const { key, kind, versionId } of page.versions) {
        if (kind !== 'content') continue
        const { body } = await this.bucket.get(key, { versionId })
        found.push(textOf(Buffer.concat(await arrayOf(body))))
      }
      after = page.next
    } while (after !== undefined)
    return found
  }

  async end(): Promise<void> {
    this.#life.store.kill()
    await this.#life.drive.close()
    this.#scratch.remove()
  }

  /** The content of every file the drive shows, by its path. */
  async #walk(path: string, found = new Map<string, string>()): Promise<Map<string, string>> {
    for (const name of await this.operations.readdir(path)) {
      const child = path === '/' ? `/${name}` : `${path}/${name}`
      const { mode } = await this.operations.getattr(child)
      if ((mode & 0o170000) === 0o040000) await this.#walk(child, found)
      else {
        const handle = await this.operations.open(child, constants.O_RDONLY)
        found.set(child, await this.#readAll(handle).catch(() => this.#salvage(handle)))
        await this.operations.release(handle)
      }
    }
    return found
  }

  #open(directory: string): Life {
    const clock = this.clock.fork()
    const bucket = contested(this.bucket, {
      act: (key) => {
        if (this.random.chance(this.#interference)) this.other.act(key)
      },
      note: (what) => this.note(what),
    })
    const store = createWeatherStore(bucket, this.weather, () => this.random.next())
    const options = { clock, log: this.#log(), consistency: this.#consistency, hostName: 'HERE' }
    return { drive: openTestDrive({ store, cacheDirectory: directory, ...options }), clock, store, directory }
  }

  #log(): Log {
    const told = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error))
    return {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (message, error) => void this.errors.push(`${message}: ${told(error)}`),
    }
  }
}
