/** A real mount on a network that goes: what SEMANTICS.md says under “Offline”, through the kernel. */
import { execFile } from 'node:child_process'
import * as files from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { WorkerParams } from '../../contracts/worker-protocol.ts'
import { createObjectStore } from '../s3/sdk-store.ts'
import { bucketViewOf } from './bucket-view.ts'
import { FaultProxy } from './fault-proxy/proxy.ts'
import { expectErrno, patternBytes, type BucketView } from './fs-under-test.ts'
import { startS3Target, type S3Target } from './s3-target.ts'
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts'

const execute = promisify(execFile)
const requestMs = { deadlineMs: 60_000 }
const large = patternBytes(3 * 1024 * 1024, 5)

let target: S3Target
let proxy: FaultProxy
let bucket: BucketView
let closeStraight: () => void
let base: string
let mountpoint: string
let worker: WorkerProcess | undefined

beforeEach(async () => {
  target = await startS3Target()
  proxy = await FaultProxy.start({ target: target.account.endpoint ?? '' })
  const straight = createObjectStore({ account: target.account, secret: target.secret, bucket: target.bucket })
  closeStraight = () => straight.close()
  bucket = bucketViewOf(straight, 'offline-test/')
  base = await files.mkdtemp(join(tmpdir(), 'cloudmount-offline-'))
  mountpoint = join(base, 'mount')
  await files.mkdir(mountpoint)
  await bucket.put('folder/cached', 'cached content')
  await bucket.put('folder/uncached', 'uncached content')
  await bucket.put('folder/large', large)
  await bucket.put('unseen/file', 'x')
})

afterEach(async () => {
  await proxy.calm()
  await unmount().catch(() => undefined)
  await worker?.kill()
  worker = undefined
  await execute('fusermount', ['-uz', mountpoint]).catch(() => undefined)
  await files.rm(base, { recursive: true, force: true })
  for (const key of await bucket.keys('')) await bucket.delete(key)
  closeStraight()
  await proxy.stop()
  await target.stop()
})

function params(): WorkerParams<'drive:mount'> {
  return {
    drive: {
      id: 'offline',
      accountId: target.account.id,
      name: 'Offline',
      bucket: target.bucket,
      prefix: 'offline-test/',
      mountpoint,
      isReadOnly: false,
      consistency: 'close-to-open',
      mountsAtStart: false,
    },
    account: { ...target.account, endpoint: proxy.endpoint },
    secret: target.secret,
    cacheDirectory: join(base, 'cache'),
  }
}

async function mount(): Promise<WorkerProcess> {
  worker = await startWorkerProcess()
  await worker.link.request('drive:mount', params(), requestMs)
  return worker
}

async function unmount(): Promise<void> {
  await worker?.link.request('drive:unmount', { pending: 'leave', isForced: true }, requestMs)
  await worker?.end()
  worker = undefined
}

const at = (path: string): string => join(mountpoint, path)
const read = (path: string): Promise<string> => files.readFile(at(path), 'utf8')

async function status() {
  if (worker === undefined) throw new Error('nothing is mounted')
  return (await worker.link.request('drive:snapshot', {}, requestMs)).status
}

async function eventually(check: () => Promise<void>): Promise<void> {
  const giveUpAtMs = Date.now() + 120_000
  for (;;) {
    try {
      await check()
      return
    } catch (error) {
      if (Date.now() > giveUpAtMs) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

async function uploaded(): Promise<void> {
  await worker?.link.request('network:changed', {}, requestMs)
  await eventually(async () => {
    const { pendingOperations } = await worker!.link.request('drive:sync', { deadlineMs: 50_000 }, requestMs)
    expect(pendingOperations).toBe(0)
  })
}

describe('a network that swallows everything', () => {
  test('leaves what is known readable, fails what is not, takes every change, and is forgotten when it is over', async () => {
    await mount()
    expect(await files.readdir(at('folder'))).toEqual(['cached', 'large', 'uncached'])
    expect(await read('folder/cached')).toBe('cached content')
    expect(await status()).toMatchObject({ connection: 'online' })
    await proxy.setDoor('black-hole')

    await expectErrno(read('folder/uncached'), 'ENETDOWN')
    expect(await status()).toMatchObject({
      connection: 'offline',
      offlineSince: expect.any(Number) as number,
      lastHeardAt: expect.any(Number) as number,
    })
    expect(await read('folder/cached')).toBe('cached content')
    expect(await files.readdir(at('folder'))).toEqual(['cached', 'large', 'uncached'])
    await expectErrno(read('folder/nothing'), 'ENOENT')
    await expectErrno(files.readdir(at('unseen')), 'ENETDOWN')
    await files.writeFile(at('folder/written'), 'written offline')
    await files.mkdir(at('made'))
    await files.rename(at('folder/cached'), at('made/renamed'))
    await files.unlink(at('folder/large'))
    expect(await read('made/renamed')).toBe('cached content')

    await proxy.setDoor('open')
    await uploaded()
    expect((await bucket.get('folder/written'))?.toString()).toBe('written offline')
    expect((await bucket.get('made/renamed'))?.toString()).toBe('cached content')
    expect(await bucket.keys('folder/')).toEqual(['folder/uncached', 'folder/written'])
    expect(await read('folder/uncached')).toBe('uncached content')
    expect((await status()).offlineSince).toBeUndefined()
  })

  test('releases an upload that is under way, which then goes again', async () => {
    const { events } = await mount()
    await eventually(async () => expect(events.map(({ kind }) => kind)).toContain('capabilities:probed'))
    proxy.add({ fault: { kind: 'silence', isCarriedOut: false }, method: 'PUT', key: '*new' })
    let isUnderWay = false
    proxy.hooks.onRequest = ({ method, key }) => {
      if (method === 'PUT' && key.endsWith('new')) isUnderWay = true
    }
    await files.writeFile(at('new'), 'content')
    const syncing = worker!.link.request('drive:sync', { deadlineMs: 60_000 }, { deadlineMs: 90_000 })
    await eventually(async () => expect(isUnderWay).toBe(true))
    await proxy.setDoor('black-hole')
    await expectErrno(read('folder/uncached'), 'ENETDOWN')
    await syncing
    await proxy.calm()
    await uploaded()
    expect((await bucket.get('new'))?.toString()).toBe('content')
  })
})

describe('an endpoint that takes every connection and resets it', () => {
  test('is offline as one that does not answer is, and online again when it answers', async () => {
    const { events } = await mount()
    expect(await read('folder/cached')).toBe('cached content')
    await eventually(async () => expect(events.map(({ kind }) => kind)).toContain('capabilities:probed'))
    const clear = proxy.add({ fault: { kind: 'reset', isCarriedOut: false } })
    await files.writeFile(at('folder/written'), 'written meanwhile')
    await eventually(async () => expect(await status()).toMatchObject({ connection: 'offline' }))
    expect((await status()).problem?.message).toContain('broke off')
    expect(await read('folder/cached')).toBe('cached content')
    clear()
    await uploaded()
    expect((await bucket.get('folder/written'))?.toString()).toBe('written meanwhile')
    expect(await status()).toMatchObject({ connection: 'online' })
  })
})

describe('a network that goes while the endpoint is tried for the first time', () => {
  test('leaves nothing claimed of it, and it is tried again when the network is back', async () => {
    let isTried = false
    let letGo = (): void => undefined
    const held = new Promise<void>((resolve) => (letGo = resolve))
    proxy.hooks.onRequest = async ({ method, key }) => {
      if (method !== 'PUT' || !key.includes('cloudmount-probe')) return
      isTried = true
      await held
    }
    const { events } = await mount()
    expect(await files.readdir(at('folder'))).toHaveLength(3)
    await eventually(async () => expect(isTried).toBe(true))
    await proxy.setDoor('refusing')
    letGo()
    await eventually(async () => expect(await status()).toMatchObject({ connection: 'offline' }))
    await files.writeFile(at('folder/written'), 'written meanwhile')
    expect(await status()).toMatchObject({ hasConditionalWrites: true, pendingOperations: 1 })
    expect(events.map(({ kind }) => kind)).not.toContain('capabilities:probed')
    await proxy.calm()
    await uploaded()
    await eventually(async () => expect(events.map(({ kind }) => kind)).toContain('capabilities:probed'))
    expect((await bucket.get('folder/written'))?.toString()).toBe('written meanwhile')
    expect((await bucket.keys('')).filter((key) => key.includes('cloudmount-probe'))).toEqual([])
  })
})

describe('a network that lost only some connections', () => {
  test('costs no program an error: kept sockets that are dead are given up', async () => {
    await mount()
    await files.readdir(at('folder'))
    await proxy.setDoor('black-hole')
    await proxy.setDoor('open')
    expect(await read('folder/uncached')).toBe('uncached content')
    expect(await status()).toMatchObject({ connection: 'online' })
  })

  test('costs no program an error when it happens in the middle of a file', async () => {
    await mount()
    proxy.add({ fault: { kind: 'stall', afterBytes: 200_000 }, method: 'GET', key: '*large', times: 1 })
    expect((await files.readFile(at('folder/large'))).equals(large)).toBe(true)
  })

  test('an endpoint that says “not now” is not offline', async () => {
    await mount()
    await files.readdir(at('folder'))
    const clear = proxy.add({ fault: { kind: 'status', status: 503 } })
    await expectErrno(read('folder/uncached'), 'EIO')
    expect(await status()).toMatchObject({ connection: 'online' })
    clear()
    expect(await read('folder/uncached')).toBe('uncached content')
  })
})

describe('mounting', () => {
  test('works offline for a drive that was mounted before, and shows it before 1,000 queued changes are replayed', async () => {
    await mount()
    await files.readdir(at('folder'))
    await proxy.setDoor('black-hole')
    await expectErrno(read('folder/uncached'), 'ENETDOWN')
    await files.mkdir(at('many'))
    for (let index = 0; index < 1_000; index++) await files.writeFile(at(`many/${index}`), String(index))
    await unmount()

    const before = proxy.requestCount
    await mount()
    expect(proxy.requestCount).toBe(before)
    expect((await files.readdir(at('many'))).length).toBe(1_000)
    expect(await read('many/777')).toBe('777')
    expect((await status()).pendingOperations).toBe(1_001)
    await proxy.setDoor('open')
    await uploaded()
    expect((await bucket.keys('many/')).length).toBe(1_001)
  }, 180_000)

  test('of a drive that was never mounted fails with the reason', async () => {
    await proxy.setDoor('refusing')
    await expect(mount()).rejects.toMatchObject({ problem: { code: 'endpoint-unreachable' } })
    await worker?.kill()
    await proxy.setDoor('black-hole')
    await expect(mount()).rejects.toMatchObject({ problem: { code: 'endpoint-unreachable' } })
    expect(await files.readdir(mountpoint)).toEqual([])
  })
})
