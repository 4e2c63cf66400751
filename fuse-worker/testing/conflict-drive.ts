/** A drive in process and another client of its bucket, for tests of what happens when both change the same file. */
import { constants } from 'node:fs'
import { join } from 'node:path'
import type { ConsistencyMode } from '../../contracts/drive.ts'
import type { LocalDrive } from '../drive.ts'
import type { ConflictState, Operation } from '../journal/operation.ts'
import { createFailingStore, type FaultScript } from './failing-store.ts'
import { drained, openTestDrive, readFile, scratchDirectory } from './local-drive.ts'
import { ManualClock, type ForkedClock } from './manual-clock.ts'
import { createMemoryStore, type MemoryStore } from './memory-store.ts'

export class ConflictDrive {
  readonly clock = new ManualClock()
  readonly bucket: MemoryStore = createMemoryStore({ now: () => this.clock.now() })
  readonly #scratch = scratchDirectory()
  readonly #consistency: ConsistencyMode
  #life!: { drive: LocalDrive; script: FaultScript; clock: ForkedClock }

  constructor(consistency: ConsistencyMode = 'close-to-open') {
    this.#consistency = consistency
    this.#open()
  }

  get drive(): LocalDrive {
    return this.#life.drive
  }

  get operations(): LocalDrive['operations'] {
    return this.#life.drive.operations
  }

  get script(): FaultScript {
    return this.#life.script
  }

  /** A file that both sides know: in the bucket, and read here. */
  async shared(key: string, content: string | Buffer): Promise<void> {
    this.bucket.putForeign(key, content)
    await this.clock.advance(11_000)
    await this.read(key)
  }

  read(key: string): Promise<string> {
    return readFile(this.operations, `/${key}`)
  }

  async edit(key: string, content: string, offset = 0): Promise<void> {
    const handle = await this.operations.open(`/${key}`, constants.O_WRONLY)
    await this.operations.write(handle, Buffer.from(content), offset)
    await this.close(handle)
  }

  async close(handle: number): Promise<void> {
    await this.operations.flush(handle)
    await this.operations.release(handle)
  }

  /** Uploads what can be uploaded; what is left, as `put key state`. */
  async upload(): Promise<string[]> {
    await drained(this.drive, this.clock)
    return this.left()
  }

  left(): string[] {
    return [...this.drive.journal.operations()].map(({ kind, key, status }) => `${kind} ${key} ${status.state}`)
  }

  put(key: string): Operation {
    for (const operation of this.drive.journal.operations()) {
      if (operation.kind === 'put' && operation.key === key) return operation
    }
    throw new Error(`there is no put of ${key}`)
  }

  conflict(key: string): ConflictState {
    const { status } = this.put(key)
    if (status.state !== 'conflict') throw new Error(`${key} is ${status.state}`)
    return status
  }

  /** A listing that is not answered from what is known. */
  async list(path = '/'): Promise<string[]> {
    await this.clock.advance(11_000)
    const names = await this.operations.readdir(path)
    // What the listing tells of conflicts is looked into behind it.
    for (let look = 0; look < 10; look++) await this.clock.advance(1)
    return [...names].sort()
  }

  text(key: string): string | undefined {
    return this.bucket.peek(key)?.toString()
  }

  async restart(meanwhile: () => void = () => undefined): Promise<void> {
    this.script.release()
    await this.drive.close()
    meanwhile()
    this.#open()
  }

  async end(): Promise<void> {
    this.script.release()
    await this.drive.close()
    this.#scratch.remove()
  }

  #open(): void {
    const clock = this.clock.fork()
    const { store, script } = createFailingStore(this.bucket)
    const cacheDirectory = join(this.#scratch.path, 'cache')
    const drive = openTestDrive({ store, clock, cacheDirectory, consistency: this.#consistency })
    this.#life = { drive, script, clock }
  }
}
