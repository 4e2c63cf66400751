/**
 * The process dies at every moment at which its death would leave something new: programs do random things, uploads run in changing
 * weather, and at each such moment the state on disk is copied and given to a new process. CRASH_SEED runs one seed (with
 * CRASH_SEEDS so many from that one on), CRASH_STEPS says how many steps a seed has. A failure names its seed and the moment.
 */
import { describe, expect, test, vi } from 'vitest'
import type * as database from '../../metadata/database.ts'
import { turn } from '../manual-clock.ts'
import { attributeSteps } from '../model/attribute-steps.ts'
import { Run } from '../model/run.ts'
import type * as chunkFiles from '../../cache/chunk-files.ts'
import { chunkBytes } from '../../cache/content-store.ts'
import { create, open, programSteps, rename } from '../model/steps.ts'
import { worldSteps } from '../model/world-steps.ts'
import type { CrashWatcher } from './crash-points.ts'
import { judge, promisedBy, takeSnapshot, type Snapshot } from './snapshots.ts'

vi.mock('../../metadata/database.ts', async (original) => {
  const real = await original<typeof database>()
  const { watchDatabase } = await import('./crash-points.ts')
  return { ...real, DriveDatabase: watchDatabase(real.DriveDatabase) }
})
vi.mock('../../cache/chunk-files.ts', async (original) => {
  const real = await original<typeof chunkFiles>()
  const { watchChunkFiles } = await import('./crash-points.ts')
  return { ...real, ChunkFiles: watchChunkFiles(real.ChunkFiles) }
})

const { CRASH_SEED, CRASH_SEEDS, CRASH_STEPS = '100' } = process.env
const firstSeed = Number(CRASH_SEED ?? 1)
const seedCount = Number(CRASH_SEEDS ?? (CRASH_SEED === undefined ? 8 : 1))
const seeds = Array.from({ length: seedCount }, (_, index) => firstSeed + index)
/** Every so many moments, recovery itself is interrupted at each of its own. */
const recoveryEvery = 25

const { time, drain, weather, restart } = worldSteps
const steps = { ...programSteps, ...attributeSteps, time, drain, weather, restart }
const weights = Object.fromEntries(Object.entries(steps).map(([name, step]) => [name, step?.weight ?? 0]))

class Crashes {
  readonly #seed: number
  readonly #run: Run
  #waiting: Snapshot[] = []
  #isStarted = false
  count = 0
  kinds: Record<string, number> = {}
  #judged = 0

  constructor(seed: number) {
    this.#seed = seed
    this.#run = new Run(seed, {
      watcher: (point) => this.#take(point),
      onCallEnded: () => this.#callEnded(),
    })
    this.#isStarted = true
  }

  /** `next` does one step; after the last one it says so. */
  async play(next: (run: Run, count: number) => Promise<'more' | 'end'>): Promise<void> {
    const run = this.#run
    try {
      for (let count = 0, isOver = false; !isOver; count++) {
        isOver = (await next(run, count)) === 'end'
        for (let turns = run.random.below(4); turns > 0; turns--) await turn()
        this.#callEnded()
        await this.#judgeAll()
      }
      await run.finish()
      this.#callEnded()
      await this.#judgeAll()
    } catch (error) {
      const trace = run.trace.slice(-25).join('\n')
      throw new Error(`CRASH_SEED=${this.#seed} CRASH_STEPS=${CRASH_STEPS}\n${trace}`, { cause: error })
    } finally {
      await run.world.end()
    }
  }

  #take(point: string): void {
    if (!this.#isStarted) return
    const { world, reference, trace } = this.#run
    const number = ++this.count
    this.kinds[point] = (this.kinds[point] ?? 0) + 1
    this.#waiting.push(
      takeSnapshot({
        label: `crash ${number}, ${point}, in: ${trace.at(-1) ?? 'the beginning'}`,
        source: world.directory,
        directory: world.place(`crash-${number}`),
        bucket: world.bucket,
        nowMs: world.clock.now(),
        before: promisedBy(reference),
      }),
    )
  }

  #callEnded(): void {
    if (this.#waiting.every(({ after }) => after !== undefined)) return
    const after = promisedBy(this.#run.reference)
    for (const snapshot of this.#waiting) snapshot.after ??= after
  }

  async #judgeAll(): Promise<void> {
    const { consistency } = this.#run.world
    for (let snapshot = this.#waiting.shift(); snapshot !== undefined; snapshot = this.#waiting.shift()) {
      const again: Snapshot[] = []
      const isAgain = ++this.#judged % recoveryEvery === 0
      const watcher = this.#watcherOf(snapshot, again)
      await judge(snapshot, isAgain ? { consistency, watcher } : { consistency })
      for (const inner of again) await judge(inner, { consistency })
    }
  }

  /** The process that recovers dies as well. */
  #watcherOf(outer: Snapshot, again: Snapshot[]): CrashWatcher {
    const { label, directory: source, bucket, nowMs, before, after } = outer
    return (point) => {
      const directory = this.#run.world.place(`again-${++this.count}`)
      const inner = { label: `${label}; and once more, ${point}`, source, directory, bucket, nowMs, before }
      again.push({ ...takeSnapshot(inner), after })
    }
  }
}

async function randomStep(run: Run, count: number): Promise<'more' | 'end'> {
  await steps[run.random.weighted(weights) as keyof typeof steps]?.run(run)
  return count + 1 < Number(CRASH_STEPS) ? 'more' : 'end'
}

/** In parts, and then again with most parts copied by the server, twice under a new name and once given up half-way. */
async function largeFileStep(run: Run, count: number): Promise<'more' | 'end'> {
  const { world } = run
  switch (count) {
    case 0:
      await writeAt(run, '/large', 0, chunkBytes + 1_000)
      return 'more'
    case 1:
    case 5:
      await world.drain()
      return 'more'
    case 2:
      await writeAt(run, '/large', chunkBytes + 5, 100)
      return 'more'
    case 3:
      await world.clock.advance(2_000)
      await rename(run, '/large', '/renamed')
      return 'more'
    case 4:
      await writeAt(run, '/renamed', 10, 100)
      await world.clock.advance(2_000)
      return 'more'
    default:
      return 'end'
  }
}

async function writeAt(run: Run, path: string, offset: number, length: number): Promise<void> {
  const handle = run.kindAt(path) === undefined ? await create(run, path) : await open(run, path, 2, false)
  if (handle === undefined) throw new Error(`${path} could not be opened`)
  const bytes = Buffer.alloc(length, run.random.bytes(1_000))
  await run.both(
    `write ${path} ${offset}+${length}`,
    () => run.operations.write(handle.id, bytes, offset),
    () => run.reference.write(handle.file, bytes, offset, run.nowMs),
  )
  await run.close(handle)
}

describe('a process that dies at any moment', () => {
  test.each(seeds)(
    'takes nothing that was acknowledged, seed %i',
    async (seed) => {
      const crashes = new Crashes(seed)
      await crashes.play(randomStep)
      console.log(`seed ${seed}: the process died ${crashes.count} times`)
      expect(crashes.count).toBeGreaterThan(Number(CRASH_STEPS))
    },
    300_000,
  )

  test('takes nothing of a large file, and leaves no part of it behind', async () => {
    const crashes = new Crashes(2)
    await crashes.play(largeFileStep)
    console.log(`large file: the process died ${crashes.count} times`, crashes.kinds)
    expect(crashes.kinds).toMatchObject({ 'uploadPart carried out': expect.any(Number) as number })
  }, 300_000)
})
