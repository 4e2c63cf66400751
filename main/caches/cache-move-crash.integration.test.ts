/**
 * Dies between any two calls to the disk while a real drive's cache moves, with a change that is only in it. Whoever starts next goes
 * on with one place, whole: the drive opens there, what was queued reaches the bucket, and nothing is left in the other place.
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { sampleDrive } from '../testing/samples.ts'
import {
  drained,
  makeTestDrive,
  openTestDrive,
  scratchDirectory,
  writeFile,
} from '../../fuse-worker/testing/local-drive.ts'
import { bucketViewOf } from '../../fuse-worker/testing/bucket-view.ts'
import { ManualClock } from '../../fuse-worker/testing/manual-clock.ts'
import { createMemoryStore } from '../../fuse-worker/testing/memory-store.ts'
import { CacheMover } from './cache-move.ts'
import { openCachePlace } from './cache-place.ts'

type Call = (...args: unknown[]) => Promise<unknown>

/** Calls to the disk by name; from `lastCall` on none is carried out, and none answers. */
const disk = vi.hoisted(() => ({ calls: [] as string[], lastCall: Infinity, isOther: false }))

vi.mock('node:fs/promises', async (original) => {
  const real = await original<Record<string, Call>>()
  const counted = (name: string, call: Call): Call => {
    return (...args) => {
      disk.calls.push(typeof args[0] === 'string' ? `${name} ${args[0]}` : name)
      if (disk.calls.length > disk.lastCall) return new Promise(() => undefined)
      if (name === 'link' && disk.isOther) return Promise.reject(Object.assign(new Error('EXDEV'), { code: 'EXDEV' }))
      return call(...args)
    }
  }
  const handleOf = (handle: Record<string, Call>): Record<string, Call> =>
    new Proxy(handle, {
      get: (target, name: string) =>
        typeof target[name] === 'function' ? counted(name, target[name].bind(target)) : undefined,
    })
  const open: Call = async (...args) => handleOf((await real['open']?.(...args)) as Record<string, Call>)
  const names = ['link', 'mkdir', 'readdir', 'rename', 'rm', 'rmdir', 'stat']
  const wrapped = Object.fromEntries(names.map((name) => [name, counted(name, real[name] as Call)]))
  return { ...real, ...wrapped, open: counted('open', open) }
})

const bytes = Buffer.from('nowhere else but here. '.repeat(20_000))

/** A drive's cache with a file the bucket does not have. */
async function queuedDrive() {
  const scratch = scratchDirectory()
  onTestFinished(scratch.remove)
  const userDataDirectory = join(scratch.path, 'data')
  const usual = join(userDataDirectory, 'drives')
  mkdirSync(usual, { recursive: true })
  const bucket = createMemoryStore()
  const drive = makeTestDrive({ store: bucket, cacheDirectory: join(usual, 'd1') })
  await writeFile(drive.operations, '/only here.txt', bytes)
  await drive.close()
  return {
    bucket,
    userDataDirectory,
    usual,
    to: join(scratch.path, 'disk', 'CloudMount cache'),
    disk: join(scratch.path, 'disk'),
  }
}

function moverIn(userDataDirectory: string) {
  const place = openCachePlace({ userDataDirectory, damaged: () => expect.unreachable('the pointer is damaged') })
  const mover = new CacheMover({
    place,
    store: { drives: () => [{ drive: sampleDrive({ id: 'd1' }), journal: { state: 'open' } }] },
    fleet: {
      isLive: () => false,
      mount: () => Promise.resolve(),
      unmount: () => Promise.resolve({ pendingOperations: 1, unsyncedBytes: bytes.length }),
      journal: () => ({ state: 'open' }),
    },
    inspector: { seal: () => Promise.resolve() },
    nowMs: () => 0,
    changed: () => {},
    log: () => {},
  })
  return { place, mover }
}

/** Resolves with the calls it took, or when the last call that is carried out was made. */
async function moveUntil(userDataDirectory: string, to: string, lastCall: number): Promise<string[]> {
  disk.calls = []
  disk.lastCall = lastCall
  const { mover } = moverIn(userDataDirectory)
  const ended = mover.move(to)
  const died = async () => {
    while (disk.calls.length <= lastCall) await new Promise((resolve) => setImmediate(resolve))
  }
  await Promise.race([ended, died()])
  // What was under way beside the call that never came is over.
  await new Promise((resolve) => setTimeout(resolve, 5))
  return disk.calls
}

/** Around every replacement of the pointer, at both ends, and some in between: most calls are the same for one more folder. */
function pointsOf(calls: readonly string[]): number[] {
  const pointers = calls.flatMap((call, at) =>
    call.startsWith('rename') ? [at - 2, at - 1, at, at + 1, at + 2, at + 3] : [],
  )
  const ends = Array.from({ length: 8 }, (_none, at) => [at, calls.length - 1 - at]).flat()
  const between = Array.from({ length: 16 }, (_none, part) => Math.floor((part * calls.length) / 16) + part)
  return [...new Set([...pointers, ...ends, ...between])].filter((at) => at >= 0 && at < calls.length)
}

it.each([
  ['linked', false],
  ['copied', true],
])(
  'a cache that is %s is whole in one place whenever the application dies',
  async (_how, isOther) => {
    disk.isOther = isOther
    const whole = await queuedDrive()
    const points = pointsOf(await moveUntil(whole.userDataDirectory, whole.to, Infinity))
    expect(points.length).toBeGreaterThan(40)
    const places = new Set<string>()
    for (const point of points) {
      const { bucket, userDataDirectory, usual, to, disk: other } = await queuedDrive()
      mkdirSync(other)
      const died = (await moveUntil(userDataDirectory, to, point)).at(-1)
      disk.lastCall = Infinity

      const { place, mover } = moverIn(userDataDirectory)
      mover.sweep()
      const directory = place.directory()
      places.add(directory === to ? 'new' : 'old')
      expect([usual, to], died).toContain(directory)
      await vi.waitFor(() => expect(place.leftovers(), died).toEqual([]), { interval: 1 })
      const left = directory === to ? join(usual, 'd1') : to
      expect(existsSync(left), `${died}: left behind`).toBe(false)
      expect(readdirSync(directory), died).toEqual(['d1'])

      const clock = new ManualClock()
      const drive = openTestDrive({ store: bucket, cacheDirectory: join(directory, 'd1'), clock })
      await drained(drive, clock)
      await drive.close()
      expect((await bucketViewOf(bucket, '').get('only here.txt'))?.equals(bytes), died).toBe(true)
    }
    expect([...places].sort()).toEqual(['new', 'old'])
  },
  120_000,
)
