/**
 * Tenet 2, "never overwrite a version we have not seen", over the wire: the same cases on an honest server as it is, on the same
 * server with every condition ignored behind the guard, and on whatever service the environment names, as its probe found it.
 */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Account, Secret } from '../../contracts/account.ts'
import { CONDITION_NAMES, startDemoServer } from '../../demo-server/server.ts'
import type { DemoServer } from '../../demo-server/server.ts'
import { startS3Target, testAccountAt } from '../testing/s3-target.ts'
import { guardStore } from './guarded-store.ts'
import { probeCapabilities } from './probe.ts'
import { createObjectStore } from './sdk-store.ts'
import type { ObjectStore } from './store.ts'

type Place = { account: Account; secret: Secret; bucket: string; stop: () => Promise<void> }

const plain = { metadata: {} }
const bytes = (text: string): Buffer => Buffer.from(text)

async function demo(configure: (server: DemoServer) => void): Promise<Place> {
  const server = await startDemoServer({
    users: [{ accessKeyId: 'KEY', secretAccessKey: 'secret', policy: 'full' }],
    buckets: [{ name: 'test' }],
  })
  configure(server)
  const account = testAccountAt(server.endpoint, 'KEY')
  return { account, secret: { secretAccessKey: 'secret' }, bucket: 'test', stop: () => server.stop() }
}

const places: [string, () => Promise<Place>][] = [
  ['the target of this run', startS3Target],
  ['a server that ignores every condition', () => demo((server) => server.setIgnores(CONDITION_NAMES))],
  ['a server that wants its ETags bare', () => demo((server) => server.setQuirks({ unquotedIfMatch: true }))],
]

describe.each(places)('%s', (_, start) => {
  const prefix = `conditions-${randomBytes(4).toString('hex')}/`
  let place: Place
  let store: ObjectStore

  beforeAll(async () => {
    place = await start()
    const { account, secret, bucket } = place
    const { capabilities } = await probeCapabilities({ account, secret, bucket, prefix })
    store = guardStore(createObjectStore({ account, secret, bucket, capabilities }), capabilities)
  })
  afterAll(async () => {
    for (const { key } of (await store.list({ prefix })).objects) await store.delete(key, {})
    expect(await store.listMultipartUploads(prefix)).toEqual([])
    store.close()
    await place.stop()
  })

  async function contentOf(key: string): Promise<string> {
    let text = ''
    for await (const chunk of (await store.get(key, {})).body) text += Buffer.from(chunk).toString()
    return text
  }

  it('creates a key that is absent, and does not create it twice', async () => {
    const key = `${prefix}created`
    const { etag } = await store.put(key, bytes('mine'), plain, { kind: 'absent' })
    await expect(store.put(key, bytes('again'), plain, { kind: 'absent' })).rejects.toMatchObject({ kind: 'conflict' })
    expect(await contentOf(key)).toBe('mine')
    expect((await store.head(key))?.etag).toBe(etag)
  })

  it('replaces and deletes only the version it was told', async () => {
    const key = `${prefix}replaced`
    const first = await store.put(key, bytes('1'), plain, undefined)
    const base = { kind: 'version', etag: first.etag } as const
    const second = await store.put(key, bytes('22'), plain, base)
    await expect(store.put(key, bytes('333'), plain, base)).rejects.toMatchObject({ kind: 'conflict' })
    await expect(store.delete(key, { ifMatch: first.etag })).rejects.toMatchObject({ kind: 'conflict' })
    expect(await contentOf(key)).toBe('22')
    await store.delete(key, { ifMatch: second.etag })
    await expect(store.put(key, bytes('4'), plain, base)).rejects.toMatchObject({ kind: 'conflict' })
    expect(await store.head(key)).toBeUndefined()
  })

  it('completes an upload only over the version it was told', async () => {
    const key = `${prefix}completed`
    const upload = async (condition: Parameters<ObjectStore['completeMultipartUpload']>[3]) => {
      const uploadId = await store.createMultipartUpload(key, plain)
      try {
        const part = await store.uploadPart(key, uploadId, 1, bytes('part'))
        return await store.completeMultipartUpload(key, uploadId, [part], condition)
      } finally {
        await store.abortMultipartUpload(key, uploadId)
      }
    }
    const first = await upload({ kind: 'absent' })
    await expect(upload({ kind: 'absent' })).rejects.toMatchObject({ kind: 'conflict' })
    const theirs = await store.put(key, bytes('theirs'), plain, undefined)
    await expect(upload({ kind: 'version', etag: first.etag })).rejects.toMatchObject({ kind: 'conflict' })
    expect(await contentOf(key)).toBe('theirs')
    const done = await upload({ kind: 'version', etag: theirs.etag })
    expect((await store.head(key))?.etag).toBe(done.etag)
  })

  it('copies only the version it was told, and only to a name that is free', async () => {
    const [from, to] = [`${prefix}from`, `${prefix}to`]
    const old = await store.put(from, bytes('old'), plain, undefined)
    const now = await store.put(from, bytes('new'), plain, undefined)
    const stale = { key: from, etag: old.etag, sizeBytes: 3 }
    await expect(store.copy(stale, to, plain, { kind: 'absent' })).rejects.toMatchObject({ kind: 'conflict' })
    expect(await store.head(to)).toBeUndefined()
    await store.copy({ ...stale, etag: now.etag }, to, plain, { kind: 'absent' })
    expect(await contentOf(to)).toBe('new')
    const again = store.copy({ ...stale, etag: now.etag }, to, plain, { kind: 'absent' })
    await expect(again).rejects.toMatchObject({ kind: 'conflict' })
  })

  it('reads only the version it was told', async () => {
    const key = `${prefix}read`
    const first = await store.put(key, bytes('1'), plain, undefined)
    await store.put(key, bytes('2'), plain, undefined)
    await expect(store.get(key, { ifMatch: first.etag })).rejects.toMatchObject({ kind: 'conflict' })
  })
})

describe('an endpoint whose quota is used up', () => {
  it('refuses before the body is sent, with its reason', async () => {
    let server: DemoServer | undefined
    const { account, secret, bucket, stop } = await demo((started) => (server = started))
    server?.setQuota(1024)
    const store = createObjectStore({ account, secret, bucket })
    const refused = { kind: 'blocked', problem: { code: 'quota-exceeded' } }
    for (const size of [4096, 8 * 1024 * 1024])
      await expect(store.put('big', Buffer.alloc(size), plain, undefined)).rejects.toMatchObject(refused)
    store.close()
    await stop()
  })
})
