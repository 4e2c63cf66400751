/** Two machines, as far as the bucket can tell, on one bucket: conflicts settled through real mounts, every version accounted for. */
import * as files from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Conflict } from '../../contracts/conflict.ts'
import { createObjectStore } from '../s3/sdk-store.ts'
import { bucketViewOf } from './bucket-view.ts'
import { seenOf } from './conflict-world.ts'
import type { BucketView } from './fs-under-test.ts'
import { Machine, requestMs, until } from './machine.ts'
import { startS3Target, type S3Target } from './s3-target.ts'

let target: S3Target
let bucket: BucketView
let closeStore: () => void
let base: string
let here: Machine
let there: Machine

beforeEach(async () => {
  target = await startS3Target()
  const store = createObjectStore({ account: target.account, secret: target.secret, bucket: target.bucket })
  closeStore = () => store.close()
  bucket = bucketViewOf(store, 'conflicts-test/')
  base = await files.mkdtemp(join(tmpdir(), 'cloudmount-conflicts-'))
  const place = { ...target, prefix: 'conflicts-test/' }
  here = await new Machine(base, 'here', place).mount()
  there = await new Machine(base, 'there', place).mount()
})

afterEach(async () => {
  await here.end()
  await there.end()
  for (const key of await bucket.keys('')) await bucket.delete(key)
  closeStore()
  await target.stop()
  await files.rm(base, { recursive: true, force: true })
})

async function recovered(): Promise<string[]> {
  return (await here.recovered()).map(String).sort()
}

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
      const all = [...inBucket, ...(await recovered())].filter((text) => text.startsWith('version'))
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
    expect(await recovered()).toEqual([mine])
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
    expect(await recovered()).toEqual(['version A', 'version B'])
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
    expect(await recovered()).toEqual([mine])
    expect(await here.read('plan.txt')).not.toBe(mine)
  })
})
