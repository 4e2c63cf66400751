/**
 * One run: the same calls to the drive and to the reference, and everything that happens around them. `both` is the heart: the drive
 * must answer what the reference answers, or fail of the network while the network is bad, having done nothing.
 */
import { expect } from 'vitest'
import { FsError, type Errno, type KernelOperations } from '../../fuse/kernel.ts'
import type { CrashWatcher } from '../crash/crash-points.ts'
import { Random } from '../random.ts'
import { isCalm } from '../weather-store.ts'
import { compareBucket, compareTree, expectSameBytes, readAll } from './compare.ts'
import { Reference, type RefDirectory, type RefFile, type RefNode } from './reference.ts'
import { World } from './world.ts'

export type OpenHandle = { id: number; file: RefFile; isReadable: boolean; isWritable: boolean }

/** Of the manual clock: longer than the longest pause between two tries. */
const longestWaitMs = 3_600_000
const networkErrnos: readonly Errno[] = ['EIO', 'ENETDOWN', 'ETIMEDOUT']
const pathNames = ['a', 'b', 'c', 'd', 'e.txt', 'é'] as const

export class Run {
  readonly random: Random
  readonly world: World
  readonly reference = new Reference()
  readonly handles: OpenHandle[] = []
  readonly trace: string[] = []
  readonly hasLargeFiles: boolean
  readonly #onCallEnded: () => void
  /** So little that content is evicted all the time, and writes are refused now and then. */
  readonly cacheLimitBytes: number | undefined
  #names = 0

  constructor(seed: number, observer: { watcher?: CrashWatcher; onCallEnded?: () => void } = {}) {
    this.random = new Random(seed)
    // Who looks at every moment of a run expects every call to do what it says.
    this.cacheLimitBytes = observer.watcher === undefined ? cacheLimitOf(seed) : undefined
    const consistency = this.random.weighted({ 'close-to-open': 6, cached: 2, strict: 2 })
    this.world = new World(this.random, consistency, {
      watcher: observer.watcher,
      cacheLimitBytes: this.cacheLimitBytes,
    })
    this.#onCallEnded = observer.onCallEnded ?? (() => undefined)
    this.hasLargeFiles = this.random.chance(0.25)
  }

  get operations(): KernelOperations {
    return this.world.operations
  }

  get nowMs(): number {
    return this.world.clock.now()
  }

  get isNetworkGood(): boolean {
    return isCalm(this.world.weather) && this.world.drive.connection.isOnline
  }

  note(what: string): void {
    this.trace.push(what)
  }

  async both<R, M>(
    what: string,
    real: () => R | Promise<R>,
    model: () => M,
  ): Promise<{ real: R; model: M } | undefined> {
    this.note(what)
    const actual = await attempt(real)
    const isExcused = !this.isNetworkGood
    if ('errno' in actual && isExcused && networkErrnos.includes(actual.errno)) {
      this.note(`  (no network: ${actual.errno})`)
      this.#onCallEnded()
      return undefined
    }
    if ('errno' in actual && actual.errno === 'ENOSPC' && this.cacheLimitBytes !== undefined) {
      this.note('  (no room)')
      this.#onCallEnded()
      return undefined
    }
    const wanted = await attempt(model)
    this.#onCallEnded()
    const shown = (outcome: typeof actual | typeof wanted): string => ('errno' in outcome ? outcome.errno : 'success')
    expect(shown(actual), what).toBe(shown(wanted))
    return 'value' in actual && 'value' in wanted ? { real: actual.value, model: wanted.value } : undefined
  }

  nodes<K extends RefNode['kind']>(kind: K): { path: string; node: Extract<RefNode, { kind: K }> }[] {
    type Found = { path: string; node: Extract<RefNode, { kind: K }> }
    return [...this.reference.walk()].filter((one): one is Found => one.node.kind === kind)
  }

  directories(): { path: string; node: RefDirectory }[] {
    return [{ path: '', node: this.reference.root }, ...this.nodes('directory')]
  }

  /** Mostly a place in a folder that is there; now and then one in a file, or nowhere. */
  anyPath(): string {
    const roll = this.random.next()
    const file = this.random.maybePick(this.nodes('file'))
    if (roll < 0.02 && file !== undefined) return `${file.path}/x`
    if (roll < 0.04) return '/nowhere/x'
    const directory = this.random.pick(this.directories().filter(({ path }) => path.split('/').length < 5))
    return `${directory.path}/${this.random.pick(pathNames)}`
  }

  /** Mostly something that is there. */
  knownPath(): string {
    const all = [...this.reference.walk()]
    return all.length === 0 || this.random.chance(0.15) ? this.anyPath() : this.random.pick(all).path
  }

  freshName(stem: string): string {
    return `${stem}${++this.#names}`
  }

  kindAt(path: string): RefNode['kind'] | undefined {
    try {
      return this.reference.find(path)?.kind
    } catch {
      return undefined
    }
  }

  /** The network is good, everything is uploaded, and what was listed before is not trusted any more. */
  async settle(): Promise<void> {
    const { weather, drive, clock } = this.world
    Object.assign(weather, { isOffline: false, failing: 0, losing: 0 })
    this.note('settle')
    await this.waitOnline()
    const left = await this.world.drain()
    expect(left === 0 ? [] : [...drive.journal.operations()], 'operations left after a drain').toEqual([])
    expect(left, 'folders left to move after a drain').toBe(0)
    await clock.advance(301_000)
  }

  async waitOnline(): Promise<void> {
    const { drive, clock } = this.world
    drive.connection.tryNow()
    for (let tries = 0; tries < 200 && !drive.connection.isOnline; tries++) await clock.advance(1_000)
    expect(drive.connection.isOnline, 'the drive finds that the network is back').toBe(true)
  }

  /** What must hold between any two steps. */
  async check(isThorough: boolean): Promise<void> {
    expect(this.world.errors, 'errors nobody foresaw').toEqual([])
    const stuck = [...this.world.drive.journal.operations()].filter(
      ({ status }) => status.state === 'conflict' || status.state === 'blocked',
    )
    expect(stuck, 'nothing waits for a person: nobody else wrote these keys').toEqual([])
    const { cachedBytes } = this.world.drive.space()
    expect(cachedBytes, 'bytes in the cache').toBeLessThanOrEqual(this.cacheLimitBytes ?? Infinity)
    if (!isThorough) return
    try {
      await compareTree(this.operations, this.reference.root, '', { contents: this.random.chance(0.1), inodes: true })
    } catch (error) {
      if (!(error instanceof FsError) || this.isNetworkGood || !networkErrnos.includes(error.errno)) throw error
    }
  }

  /** Handles, and files that only handles knew, are gone; what was not flushed may be there or not. */
  async adoptAfterCrash(): Promise<void> {
    this.handles.length = 0
    for (const { path, node } of this.nodes('file')) {
      node.openHandles = 0
      node.hiddenName = undefined
      if (node.content === node.durable) continue
      const stat = await this.operations.getattr(path)
      const found = await readAll(this.operations, path, stat.size)
      expectPossible(found, node, path)
      node.content = found
      node.durable = found
      node.mtimeMs = stat.mtimeMs
    }
  }

  async finish(): Promise<void> {
    for (const handle of [...this.handles]) await this.close(handle)
    await this.settle()
    compareBucket(this.world.bucket, this.reference)
    await this.check(false)
    await compareTree(this.operations, this.reference.root, '', { contents: true, inodes: true })
    const other = this.world.secondDrive()
    try {
      const { operations } = other.drive
      await this.#walkFirst(operations)
      await compareTree(operations, this.reference.root, '', { contents: true, inodes: false })
    } finally {
      await other.drive.close()
    }
    expect(await this.world.drain()).toBe(0)
    expect(this.world.drive.space().unsyncedBytes, 'bytes not in the bucket').toBe(0)
  }

  /** What was written is promised from here on, also when the bucket could not be reached in time. */
  async promise(handle: OpenHandle, call: () => void | Promise<void>): Promise<void> {
    const { clock, consistency } = this.world
    const done = attempt(call)
    const outcome = consistency === 'strict' ? await clock.until(done, longestWaitMs) : await done
    if ('errno' in outcome) {
      const isExcused = consistency === 'strict' && networkErrnos.includes(outcome.errno)
      expect(isExcused ? 'success' : outcome.errno, `flush of #${handle.id}`).toBe('success')
    }
    if (handle.isWritable) handle.file.durable = handle.file.content
    this.#onCallEnded()
  }

  async close(handle: OpenHandle): Promise<void> {
    this.handles.splice(this.handles.indexOf(handle), 1)
    const { file } = handle
    await this.promise(handle, () => this.operations.flush(handle.id))
    await this.operations.release(handle.id)
    file.openHandles--
    this.#onCallEnded()
    const { hiddenName } = file
    if (file.openHandles > 0 || hiddenName === undefined) return
    file.hiddenName = undefined
    await this.operations.unlink(`/${hiddenName}`)
    this.#onCallEnded()
  }

  /** A listing tells no times: each file is looked up by itself first, as long after the listing as a person would. */
  async #walkFirst(operations: KernelOperations): Promise<void> {
    for (const { path } of this.directories()) await operations.readdir(path === '' ? '/' : path)
    await this.world.clock.advance(11_000)
    for (const { path } of this.reference.walk()) await operations.getattr(path)
  }
}

/** Every third seed; MODEL_LIMIT gives all of them this one. */
function cacheLimitOf(seed: number): number | undefined {
  const { MODEL_LIMIT } = process.env
  if (MODEL_LIMIT !== undefined) return Number(MODEL_LIMIT)
  return seed % 3 === 0 ? 5_000 + 9_973 * (seed % 7) : undefined
}

async function attempt<T>(call: () => T | Promise<T>): Promise<{ value: T } | { errno: Errno }> {
  try {
    return { value: await call() }
  } catch (error) {
    if (error instanceof FsError) return { errno: error.errno }
    throw error
  }
}

/** Each byte is the last written, the last flushed, or a hole between them; the size is one the file had. */
function expectPossible(found: Buffer, { content, durable }: RefFile, path: string): void {
  const sizes = [content.length, durable.length]
  expect(found.length, `size of ${path} after a crash`).toBeGreaterThanOrEqual(Math.min(...sizes))
  expect(found.length, `size of ${path} after a crash`).toBeLessThanOrEqual(Math.max(...sizes))
  const plausible = Buffer.from(found)
  for (let at = 0; at < found.length; at++) {
    const isKnown = found[at] === content[at] || found[at] === durable[at] || (found[at] === 0 && at >= durable.length)
    if (!isKnown) plausible[at] = content[at] ?? durable[at] ?? 0
  }
  expectSameBytes(found, plausible, `${path} after a crash`)
}
