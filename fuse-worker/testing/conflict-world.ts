/** A drive in process whose files get into conflict with what another client does to the same bucket. */
import { join } from 'node:path'
import { readdirSync, readFileSync } from 'node:fs'
import type { Conflict, ResolutionKind, SeenSides } from '../../contracts/conflict.ts'
import type { LocalDrive } from '../drive.ts'
import { createFailingStore, type FaultScript } from './failing-store.ts'
import { makeTestDrive, readFile, scratchDirectory, writeFile, type TestDriveOptions } from './local-drive.ts'
import { ManualClock, turn, type ForkedClock } from './manual-clock.ts'
import type { ObjectStore } from '../s3/store.ts'
import { createMemoryStore, type MemoryStore } from './memory-store.ts'

export class ConflictWorld {
  readonly clock = new ManualClock()
  readonly bucket: MemoryStore
  readonly #scratch = scratchDirectory()
  readonly #options: Partial<TestDriveOptions>
  script!: FaultScript
  drive!: LocalDrive
  #life!: ForkedClock
  #hook: (() => Promise<void>) | undefined

  constructor({ isVersioned = false, ...options }: Partial<TestDriveOptions> & { isVersioned?: boolean } = {}) {
    this.#options = options
    this.bucket = createMemoryStore({ now: () => this.clock.now(), isVersioned })
    this.open()
  }

  get cacheDirectory(): string {
    return join(this.#scratch.path, 'cache')
  }

  /** A new process on what the last one left. */
  open(): void {
    const { store, script } = createFailingStore(this.bucket)
    this.script = script
    this.#life = this.clock.fork()
    this.drive = makeTestDrive({
      store: this.#hooked(store),
      cacheDirectory: this.cacheDirectory,
      clock: this.#life,
      hostName: 'desk.example.org',
      ...this.#options,
    })
    this.drive.start()
  }

  /** Called, and waited for, before each call about one object. */
  beforeEachCall(hook: (() => Promise<void>) | undefined): void {
    this.#hook = hook
  }

  #hooked(store: ObjectStore): ObjectStore {
    const first = async (): Promise<void> => this.#hook?.()
    return {
      ...store,
      head: (...args) => first().then(() => store.head(...args)),
      get: (...args) => first().then(() => store.get(...args)),
      put: (...args) => first().then(() => store.put(...args)),
      delete: (...args) => first().then(() => store.delete(...args)),
    }
  }

  async reopen(): Promise<void> {
    await this.drive.close()
    this.#life.kill()
    this.open()
  }

  async end(): Promise<void> {
    await this.drive.close()
    this.#life.kill()
    this.#scratch.remove()
  }

  /** Polls, moving the clock, until `look` answers something; throws after a minute of it. */
  async when<T>(what: string, look: () => T | undefined | false): Promise<T> {
    for (let turns = 0; turns < 20_000; turns++) {
      const found = look()
      if (found !== undefined && found !== false) return found
      await (turns % 8 === 7 ? this.clock.advance(25) : turn())
    }
    throw new Error(`waited in vain: ${what}`)
  }

  /** `mine` here and `theirs` in the bucket, both made of the same version. Undefined: deleted there. */
  async edited(path: string, mine: string, theirs: string | undefined): Promise<Conflict> {
    await writeFile(this.drive.operations, `/${path}`, 'base')
    await this.when('the base is uploaded', () => this.bucket.peek(path)?.toString() === 'base')
    await this.when('that is known', () => !this.drive.journal.hasPending(path))
    const { operations } = this.drive
    const handle = await operations.open(`/${path}`, 2)
    await operations.write(handle, Buffer.from(mine), 0)
    await operations.ftruncate(handle, Buffer.byteLength(mine))
    await operations.flush(handle)
    await operations.release(handle)
    this.foreign(path, theirs)
    return this.conflict(path)
  }

  async created(path: string, mine: string, theirs: string): Promise<Conflict> {
    await writeFile(this.drive.operations, `/${path}`, mine)
    this.foreign(path, theirs)
    return this.conflict(path)
  }

  foreign(path: string, content: string | undefined): void {
    if (content === undefined) this.bucket.deleteForeign(path)
    else this.bucket.putForeign(path, content)
  }

  conflict(path: string): Promise<Conflict> {
    return this.when(`a conflict of ${path}`, () => this.drive.conflicts.list().find((one) => one.path === path))
  }

  choose(conflict: Conflict, kind: ResolutionKind, delayMs = 0): string | undefined {
    return this.drive.conflicts.resolve({ choices: [{ ...seenOf(conflict), kind }], delayMs })[0]?.outcome
  }

  /** No conflict, nothing to upload. */
  async settled(): Promise<void> {
    await this.when('nothing is left to do', () => this.drive.journal.size === 0)
  }

  read(path: string): Promise<string> {
    return readFile(this.drive.operations, `/${path}`)
  }

  async names(): Promise<string[]> {
    return [...(await this.drive.operations.readdir('/'))].sort()
  }

  /** What the recovery folder holds, read from the disk itself. */
  recovered(): string[] {
    const directory = join(this.cacheDirectory, 'recovered')
    return readdirSync(directory)
      .map((id) => readFileSync(join(directory, id, 'content'), 'utf8'))
      .sort()
  }

  /** Every text that is anywhere: in the bucket, on the drive, or in the recovery folder. */
  async everywhere(): Promise<Set<string>> {
    const inBucket = this.bucket.keys().map((key) => this.bucket.peek(key)?.toString() ?? '')
    const onDrive = await Promise.all((await this.names()).map((name) => this.read(name)))
    return new Set([...inBucket, ...onDrive, ...this.recovered()])
  }
}

export function seenOf({ id, mine, theirs }: Conflict): SeenSides {
  return { id, revision: mine.revision, ...(theirs === undefined ? {} : { theirsEtag: theirs.etag }) }
}
