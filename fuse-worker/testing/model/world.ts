/**
 * The world a model run happens in: one bucket in memory, one drive on it that is closed, killed and opened again, the weather
 * between them, and a clock that the run moves.
 */
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ConsistencyMode } from '../../../contracts/drive.ts'
import type { LocalDrive } from '../../drive.ts'
import type { KernelOperations } from '../../fuse/kernel.ts'
import type { Log } from '../../runtime/log.ts'
import { openTestDrive, scratchDirectory } from '../local-drive.ts'
import { ManualClock, type ForkedClock } from '../manual-clock.ts'
import { createMemoryStore, type MemoryStore } from '../memory-store.ts'
import type { Random } from '../random.ts'
import { watched, watchStore, type CrashWatcher } from '../crash/crash-points.ts'
import { calm, createWeatherStore, type Weather, type WeatherStore } from '../weather-store.ts'

type Life = { drive: LocalDrive; clock: ForkedClock; store: WeatherStore; directory: string }

export class World {
  readonly clock = new ManualClock()
  readonly bucket: MemoryStore
  readonly weather: Weather = calm()
  /** What the drive logged as an error: nobody foresaw it, so it is a defect. */
  readonly errors: string[] = []
  readonly #random: Random
  readonly #base = scratchDirectory()
  /** Few, and memory is dropped at nearly every turn. */
  readonly mostHotNodes: number
  readonly #cacheLimitBytes: number | undefined
  readonly #watcher: CrashWatcher | undefined
  #lives = 0
  #life: Life

  /** `watcher` hears of every moment at which the drive's process could die. */
  constructor(
    random: Random,
    readonly consistency: ConsistencyMode,
    { watcher, cacheLimitBytes }: { watcher?: CrashWatcher | undefined; cacheLimitBytes?: number | undefined } = {},
  ) {
    this.#random = random
    this.#watcher = watcher
    this.#cacheLimitBytes = cacheLimitBytes
    this.mostHotNodes = random.pick([1, 8, 20_000])
    this.bucket = createMemoryStore({ now: () => this.clock.now(), pageSize: 7, bodyChunkBytes: 1_000 })
    this.#life = this.#open(join(this.#base.path, `cache-${++this.#lives}`))
  }

  get drive(): LocalDrive {
    return this.#life.drive
  }

  /** The drive's own directory. */
  get directory(): string {
    return this.#life.directory
  }

  /** A new place beside the drive's directory, gone at the end of the run. */
  place(name: string): string {
    return join(this.#base.path, name)
  }

  get operations(): KernelOperations {
    return this.#life.drive.operations
  }

  async restart(): Promise<void> {
    await this.#life.drive.close()
    this.#life = this.#open(this.#life.directory)
  }

  /** The process dies here and now; another one finds what it left on disk. */
  async crash(): Promise<void> {
    const dead = this.#life
    dead.clock.kill()
    dead.store.kill()
    const directory = join(this.#base.path, `cache-${++this.#lives}`)
    cpSync(dead.directory, directory, { recursive: true })
    this.#life = this.#open(directory)
    await dead.drive.close()
    rmSync(dead.directory, { recursive: true, force: true })
  }

  /** Another machine's drive on the same bucket, with nothing cached. */
  secondDrive(): Life {
    return this.#open(join(this.#base.path, `other-${++this.#lives}`), 'other')
  }

  /** Everything uploaded; how many operations are left. */
  drain(): Promise<number> {
    return this.clock.until(this.drive.uploader.drain(200_000), 300_000)
  }

  async end(): Promise<void> {
    this.#life.store.kill()
    await this.#life.drive.close()
    this.#base.remove()
  }

  #open(directory: string, identity = 'model'): Life {
    const clock = this.clock.fork()
    const watcher = identity === 'model' ? this.#watcher : undefined
    const bucket = watcher === undefined ? this.bucket : watchStore(this.bucket, watcher)
    const store = createWeatherStore(bucket, this.weather, () => this.#random.next())
    const { consistency, mostHotNodes } = this
    const cacheLimitBytes = this.#cacheLimitBytes
    const options = { identity, consistency, clock, log: this.#log(), mostHotNodes, cacheLimitBytes }
    const open = (): LocalDrive => openTestDrive({ store, cacheDirectory: directory, ...options })
    const drive = watcher === undefined ? open() : watched(watcher, open)
    return { drive, clock, store, directory }
  }

  #log(): Log {
    return {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (message, error) =>
        void this.errors.push(`${message}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
    }
  }
}
