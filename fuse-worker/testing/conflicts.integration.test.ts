/** Two machines, as far as the bucket can tell, on one bucket: conflicts settled through real mounts, every version accounted for. */
import { execFile } from 'node:child_process'
import * as files from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Conflict, ResolutionKind } from '../../contracts/conflict.ts'
import { createObjectStore } from '../s3/sdk-store.ts'
import { bucketViewOf } from './bucket-view.ts'
import { seenOf } from './conflict-world.ts'
import type { BucketView } from './fs-under-test.ts'
import { startS3Target, type S3Target } from './s3-target.ts'
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts'

const execute = promisify(execFile)
const requestMs = { deadlineMs: 60_000 }

class Machine {
  readonly mountpoint: string
  readonly #cacheDirectory: string
  worker!: WorkerProcess

  constructor(base: string, name: string) {
    this.mountpoint = join(base, name)
    this.#cacheDirectory = join(base, `${name}-cache`)
  }

  async mount(): Promise<this> {
    await files.mkdir(this.mountpoint, { recursive: true })
    this.worker = await startWorkerProcess()
    await this.worker.link.request(
      'drive:mount',
      {
        drive: {
          id: 'conflicts',
          accountId: target.account.id,
          name: 'Conflicts',
          bucket: target.bucket,
          prefix: 'conflicts-test/',
          mountpoint: this.mountpoint,
          isReadOnly: false,
          consistency: 'close-to-open',
          mountsAtStart: false,
        },
        account: target.account,
        secret: target.secret,
        cacheDirectory: this.#cacheDirectory,
      },
      requestMs,
    )
    return this
  }

  at(name: string): string {
    return join(this.mountpoint, name)
  }

  read(name: string): Promise<string> {
    return files.readFile(this.at(name), 'utf8')
  }

  write(name: string, text: string): Promise<void> {
    return files.writeFile(this.at(name), text)
  }

  async conflicts(): Promise<Conflict[]> {
    return (await this.worker.link.request('conflict:list', {}, requestMs)).conflicts
  }

  async choose(conflict: Conflict, kind: ResolutionKind): Promise<void> {
    const { outcomes } = await this.worker.link.request(
      'conflict:resolve',
      { choices: [{ ...seenOf(conflict), kind }], delayMs: 0 },
      requestMs,
    )
    expect(outcomes).toEqual([{ id: conflict.id, outcome: 'chosen' }])
  }

  async synced(): Promise<void> {
    await until('everything is in the bucket', async () => {
      const { status } = await this.worker.link.request('drive:snapshot', {}, requestMs)
      return status.pendingOperations === 0
    })
  }

  /** What it keeps of what was discarded, from its own disk. */
  async recovered(): Promise<string[]> {
    const directory = join(this.#cacheDirectory, 'recovered')
    const ids = await files.readdir(directory)
    return Promise.all(ids.map((id) => files.readFile(join(directory, id, 'content'), 'utf8')))
  }

  async end(): Promise<void> {
    await this.worker.kill()
    await execute('fusermount', ['-uz', this.mountpoint]).catch(() => undefined)
  }
}

let target: S3Target
let bucket: BucketView
let closeStore: () => void
let base: string
let here: Machine
let there: Machine

async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  const giveUpAtMs = Date.now() + 60_000
  while (!(await look())) {
    if (Date.now() > giveUpAtMs) throw new Error(`waited in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

beforeEach(async () => {
  target = await startS3Target()
  const store = createObjectStore({ account: target.account, secret: target.secret, bucket: target.bucket })
  closeStore = () => store.close()
  bucket = bucketViewOf(store, 'conflicts-test/')
  base = await files.mkdtemp(join(tmpdir(), 'cloudmount-conflicts-'))
  here = await new Machine(base, 'here').mount()
  there = await new Machine(base, 'there').mount()
})

afterEach(async () => {
  await here.end()
  await there.end()
  for (const key of await bucket.keys('')) await bucket.delete(key)
  closeStore()
  await target.stop()
  await files.rm(base, { recursive: true, force: true })
})

/** Both began from the same version and saved another one at the same time; the other machine was first. */
async function collide(name: string, mine: string, theirs: string): Promise<Conflict> {
  await there.write(name, 'the version both began from')
  await there.synced()
  await until('both show it', async () => (await here.read(name).catch(() => '')) === 'the version both began from')
  await Promise.all([here.write(name, mine), there.write(name, theirs)])
  await until(
    'one of them is in conflict',
    async () => (await here.conflicts()).length + (await there.conflicts()).length > 0,
  )
  if ((await here.conflicts()).length === 0) [here, there] = [there, here]
  const found = (await here.conflicts()).find(({ path }) => path === name)
  if (found === undefined) throw new Error('no conflict of that name')
  return found
}

describe('the same file saved on two machines', () => {
  for (const kind of ['mine', 'theirs', 'both'] as const)
    test(`${kind}: both versions are in the bucket or in the recovery folder, and both machines show the same`, async () => {
      // Of one length, so that nothing but their content tells them apart.
      const conflict = await collide('plan.txt', 'version A', 'version B')
      await here.read('plan.txt')
      await here.choose(conflict, kind)
      await here.synced()
      const inBucket = await Promise.all(
        (await bucket.keys('')).map(async (key) => (await bucket.get(key))?.toString() ?? ''),
      )
      const all = [...inBucket, ...(await here.recovered())].filter((text) => text.startsWith('version'))
      expect(all.sort()).toEqual(['version A', 'version B'])
      const standing = (await bucket.get('plan.txt'))?.toString()
      for (const machine of [here, there])
        await until(`${machine.mountpoint} shows it`, async () => (await machine.read('plan.txt')) === standing)
      const names = (await files.readdir(here.mountpoint)).sort()
      expect(names).toHaveLength(kind === 'both' ? 2 : 1)
      await until('the other one has the same names', async () => {
        const others = (await files.readdir(there.mountpoint)).sort()
        return JSON.stringify(others) === JSON.stringify(names)
      })
    })

  test('a worker that is killed between the choice and the change carries it out in its next life', async () => {
    const conflict = await collide('plan.txt', 'version A', 'version B')
    const mine = await here.read('plan.txt')
    const { outcomes } = await here.worker.link.request(
      'conflict:resolve',
      { choices: [{ ...seenOf(conflict), kind: 'theirs' }], delayMs: 2_000 },
      requestMs,
    )
    expect(outcomes[0]?.outcome).toBe('chosen')
    await here.end()
    await here.mount()
    await until('it is settled', async () => (await here.conflicts()).length === 0)
    expect(await here.recovered()).toEqual([mine])
    expect(await here.read('plan.txt')).toBe((await bucket.get('plan.txt'))?.toString())
  })

  test('the version both began from is there for a merge after a crash too, and the merged text reaches both', async () => {
    await collide('plan.txt', 'version A', 'version B')
    await here.end()
    await here.mount()
    const [conflict] = await here.conflicts()
    if (conflict === undefined) throw new Error('the conflict did not survive the crash')
    expect(conflict.hasBase).toBe(true)
    const base = await here.worker.link.request('conflict:preview', { id: conflict.id, side: 'base' }, requestMs)
    expect(await files.readFile(base.path, 'utf8')).toBe('the version both began from')
    const text = 'version A and version B'
    const merged = await here.worker.link.request('conflict:merge', { seen: seenOf(conflict), text }, requestMs)
    expect(merged.outcome).toBe('chosen')
    await here.synced()
    expect((await bucket.get('plan.txt'))?.toString()).toBe(text)
    for (const machine of [here, there])
      await until(`${machine.mountpoint} shows it`, async () => (await machine.read('plan.txt')) === text)
    expect((await here.recovered()).sort()).toEqual(['version A', 'version B'])
  })

  test('a file that a program has open is not replaced under it', async () => {
    const conflict = await collide('plan.txt', 'version A', 'version B')
    const program = await files.open(here.at('plan.txt'), 'r+')
    await here.choose(conflict, 'theirs')
    await until('it waits', async () => (await here.conflicts())[0]?.choice?.state === 'waiting-for-close')
    const mine = (await program.read(Buffer.alloc(9), 0, 9, 0)).buffer.toString()
    expect(mine).toMatch(/^version [AB]$/)
    await program.close()
    await until('it is settled', async () => (await here.conflicts()).length === 0)
    expect(await here.recovered()).toEqual([mine])
    expect(await here.read('plan.txt')).not.toBe(mine)
  })
})
