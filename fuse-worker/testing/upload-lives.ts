/**
 * One drive through several lives on one bucket in memory, for tests of uploads that end in the middle: each life can be made to fail
 * on purpose and can be killed, and what is sent is counted over all of them.
 */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import type { LocalDrive } from '../drive.ts'
import type { KernelOperations } from '../fuse/kernel.ts'
import { meterStore } from '../s3/metered-store.ts'
import type { StoreOperation } from '../s3/metered-store.ts'
import type { ObjectStore } from '../s3/store.ts'
import { createFailingStore, type FaultScript } from './failing-store.ts'
import { drained, openTestDrive, scratchDirectory } from './local-drive.ts'
import { ManualClock, turn, type ForkedClock } from './manual-clock.ts'
import { createMemoryStore, type MemoryStore } from './memory-store.ts'

type Life = { drive: LocalDrive; clock: ForkedClock; store: MortalStore; script: FaultScript; directory: string }

export class UploadLives {
  readonly clock = new ManualClock()
  readonly bucket: MemoryStore
  readonly #scratch = scratchDirectory()
  readonly #metered: ReturnType<typeof meterStore>
  readonly #dead: Life[] = []
  #life: Life

  constructor() {
    this.bucket = createMemoryStore({ now: () => this.clock.now() })
    this.#metered = meterStore(this.bucket)
    this.#life = this.#open(join(this.#scratch.path, 'cache-1'))
  }

  get drive(): LocalDrive {
    return this.#life.drive
  }

  get operations(): KernelOperations {
    return this.#life.drive.operations
  }

  get script(): FaultScript {
    return this.#life.script
  }

  /** Bytes that went to the bucket in parts and bodies so far, in all lives. */
  get sentBytes(): number {
    return this.#metered.meter.totals().sentBytes
  }

  get receivedBytes(): number {
    return this.#metered.meter.totals().receivedBytes
  }

  requests(operation: StoreOperation): number {
    return this.#metered.meter.counts()[operation]?.requests ?? 0
  }

  /** Real turns, and time a little, until the claim holds. */
  async until(isSo: () => boolean): Promise<void> {
    for (let turns = 0; !isSo(); turns++) {
      if (turns > 20_000) throw new Error('it never came to this')
      await turn()
      if (turns % 50 === 49) await this.clock.advance(100)
    }
  }

  /** The process dies here and now. Its requests that hang may still be carried out, with `releaseDead`. */
  async crash(prepareNext: (script: FaultScript) => void = () => undefined): Promise<void> {
    const dead = this.#life
    dead.clock.kill()
    dead.store.kill()
    const directory = join(this.#scratch.path, `cache-${this.#dead.push(dead) + 1}`)
    cpSync(dead.directory, directory, { recursive: true })
    this.#life = this.#open(directory, prepareNext)
  }

  async releaseDead(): Promise<void> {
    for (const { script } of this.#dead) script.release()
    for (let turns = 0; turns < 20; turns++) await turn()
  }

  drain(): Promise<number> {
    return drained(this.drive, this.clock)
  }

  async end(): Promise<void> {
    await this.releaseDead()
    await this.#life.drive.close()
    this.#scratch.remove()
  }

  #open(directory: string, prepare: (script: FaultScript) => void = () => undefined): Life {
    const { store: failing, script } = createFailingStore(this.#metered.store)
    prepare(script)
    const store = mortalStore(failing)
    const clock = this.clock.fork()
    return { drive: openTestDrive({ store, clock, cacheDirectory: directory }), clock, store, script, directory }
  }
}

type MortalStore = ObjectStore & { kill(): void }

/** Once its process is dead, nobody hears of anything any more; what had been sent is still carried out. */
function mortalStore(store: ObjectStore): MortalStore {
  let isDead = false
  const heard = async <T>(result: Promise<T>): Promise<T> => {
    const outcome = await result.then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    )
    if (isDead) return new Promise(() => undefined)
    if ('error' in outcome) throw outcome.error
    return outcome.value
  }
  const calls = Object.entries(store).map(([name, call]) => [
    name,
    (...args: unknown[]) =>
      isDead
        ? new Promise(() => undefined)
        : heard(Promise.resolve((call as (...args: unknown[]) => unknown)(...args))),
  ])
  return { ...(Object.fromEntries(calls) as ObjectStore), kill: () => void (isDead = true) }
}
