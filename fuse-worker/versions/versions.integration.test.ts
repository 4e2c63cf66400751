import { randomBytes } from 'node:crypto'
import { mkdtemp, mkdir, open, readdir, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { WorkerParams, WorkerRequestName, WorkerResult } from '../../contracts/worker-protocol.ts'
import { startDemoServer, type DemoServer } from '../../demo-server/server.ts'
import { createObjectStore } from '../s3/sdk-store.ts'
import type { ObjectStore } from '../s3/store.ts'
import { mount, mountParams } from '../testing/mounted-fs.ts'
import { isRgwInstalled } from '../testing/rgw.ts'
import { startRgwTarget } from '../testing/rgw-target.ts'
import { startS3Target, testAccountAt, type S3Target } from '../testing/s3-target.ts'
import type { WorkerProcess } from '../testing/worker-process.ts'

type World = {
  mountpoint: string
  store: ObjectStore
  prefix: string
  ask<N extends WorkerRequestName>(name: N, params: WorkerParams<N>): Promise<WorkerResult<N>>
  sync(): Promise<void>
  suspend(): Promise<void>
  stop(): Promise<void>
}

const deadlineMs = 60_000

/** A drive mounted for real on a versioned bucket of its own. */
async function startWorld(startTarget: () => Promise<S3Target>): Promise<World> {
  const target = await startTarget()
  const bucket = `versions-${randomBytes(4).toString('hex')}`
  const { account, secret } = target
  const client = new S3Client({
    endpoint: account.endpoint ?? '',
    region: account.region,
    forcePathStyle: true,
    credentials: {
      accessKeyId: account.credentials.kind === 'static' ? account.credentials.accessKeyId : '',
      secretAccessKey: secret.secretAccessKey ?? '',
    },
  })
  const setVersioning = (Status: 'Enabled' | 'Suspended') =>
    client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status } }))
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  await setVersioning('Enabled')
  const base = await mkdtemp(join(tmpdir(), 'cloudmount-versions-'))
  const mountpoint = join(base, 'mount')
  await mkdir(mountpoint)
  const prefix = 'some/where/'
  const cacheDirectory = join(base, 'cache')
  const worker: WorkerProcess = await mount(
    mountParams({ target: { ...target, bucket }, prefix, mountpoint, cacheDirectory, options: {} }),
  )
  const store = createObjectStore({ account, secret, bucket })
  const ask: World['ask'] = (name, params) => worker.link.request(name, params, { deadlineMs })
  return {
    mountpoint,
    store,
    prefix,
    ask,
    sync: async () => {
      await ask('drive:sync', { deadlineMs })
    },
    suspend: async () => {
      await setVersioning('Suspended')
    },
    stop: async () => {
      await ask('drive:unmount', { pending: 'leave', isForced: true }).catch(() => undefined)
      await worker.end()
      store.close()
      client.destroy()
      await rm(base, { recursive: true, force: true })
      await target.stop()
    },
  }
}

const current = (versions: WorkerResult<'version:list'>['versions']): { currentEtag?: string } => {
  const etag = versions.find(({ isCurrent }) => isCurrent)?.etag
  return etag === undefined ? {} : { currentEtag: etag }
}

const services = [
  { name: 'a server that honours every condition', start: startS3Target, isThere: () => Promise.resolve(true) },
  { name: 'Ceph, which ignores most of them', start: startRgwTarget, isThere: isRgwInstalled },
]

for (const { name, start, isThere } of services)
  describe.skipIf(!(await isThere()))(`a mounted drive on a versioned bucket of ${name}`, () => {
    let world: World
    beforeAll(async () => {
      world = await startWorld(start)
    }, 120_000)
    afterAll(() => world.stop())
    const at = (path: string): string => join(world.mountpoint, path)

    it('uploads are versions; an old one is listed, looked at, saved and restored, and programs see it at once', async () => {
      const { ask, sync } = world
      for (const content of ['one', 'second', 'the third']) {
        await writeFile(at('report.txt'), content)
        await sync()
      }
      const path = 'report.txt'
      const { isVersioned, versions } = await ask('version:list', { path })
      expect(isVersioned).toBe(true)
      expect(versions.map(({ sizeBytes, isCurrent }) => [sizeBytes, isCurrent])).toEqual([
        [9, true],
        [6, false],
        [3, false],
      ])
      const versionId = versions[2]!.versionId
      const before = await readFile(at('report.txt'), 'utf8')
      expect(before).toBe('the third')
      const preview = await ask('version:preview', { path, versionId })
      expect(await readFile(preview.path, 'utf8')).toBe('one')
      const target = join(tmpdir(), `saved-${randomBytes(4).toString('hex')}`)
      await ask('version:save', { path, versionId: versions[1]!.versionId, target })
      expect(await readFile(target, 'utf8')).toBe('second')
      await rm(target)
      expect(await ask('version:restore', { path, versionId, ...current(versions) })).toEqual({ outcome: 'restored' })
      expect((await stat(at('report.txt'))).size).toBe(3)
      expect(await readFile(at('report.txt'), 'utf8')).toBe('one')
      const after = (await ask('version:list', { path })).versions
      expect(after).toHaveLength(4)
      // What was seen before is not what the file has now.
      expect(await ask('version:restore', { path, versionId: versions[1]!.versionId, ...current(versions) })).toEqual({
        outcome: 'moved-on',
      })
      expect(await world.store.listMultipartUploads('')).toEqual([])
    })

    it('a restored file is written on, as any other', async () => {
      const { ask, sync } = world
      for (const content of ['first', 'other']) {
        await writeFile(at('on.txt'), content)
        await sync()
      }
      const { versions } = await ask('version:list', { path: 'on.txt' })
      await ask('version:restore', { path: 'on.txt', versionId: versions[1]!.versionId, ...current(versions) })
      await writeFile(at('on.txt'), ' and more', { flag: 'a' })
      await sync()
      const { body } = await world.store.get(`${world.prefix}on.txt`, {})
      expect(await textOf(body)).toBe('first and more')
      const { status } = await ask('drive:snapshot', {})
      expect(status).toMatchObject({ conflicts: 0, pendingOperations: 0 })
    })

    it('deleting leaves a file that can be brought back with its folder, and no folder shows it meanwhile', async () => {
      const { ask, sync } = world
      await mkdir(at('deep/er'), { recursive: true })
      await writeFile(at('deep/er/ünï 100%.txt'), 'kept in the history')
      await sync()
      await rm(at('deep'), { recursive: true })
      await sync()
      expect(await readdir(world.mountpoint)).not.toContain('deep')
      const { files } = await ask('version:deleted', { path: 'deep' })
      expect(files.map(({ path }) => path)).toEqual(['deep/er/ünï 100%.txt'])
      const { outcomes } = await ask('version:undelete', { files })
      expect(outcomes).toEqual([{ path: 'deep/er/ünï 100%.txt', outcome: 'restored' }])
      expect(await readdir(at('deep/er'))).toEqual(['ünï 100%.txt'])
      expect(await readFile(at('deep/er/ünï 100%.txt'), 'utf8')).toBe('kept in the history')
      expect((await ask('version:undelete', { files })).outcomes).toMatchObject([{ outcome: 'exists' }])
    })

    it('a name that another client gave away again is not overwritten', async () => {
      const { ask, sync } = world
      await writeFile(at('again'), 'old')
      await sync()
      await unlink(at('again'))
      await sync()
      const { files } = await ask('version:deleted', { path: '' })
      await world.store.put(`${world.prefix}again`, Buffer.from('new'), { metadata: {} }, undefined)
      const { outcomes } = await ask('version:undelete', { files: files.filter(({ path }) => path === 'again') })
      expect(outcomes).toEqual([{ path: 'again', outcome: 'exists' }])
      expect(await textOf((await world.store.get(`${world.prefix}again`, {})).body)).toBe('new')
    })

    it('more versions than a page holds are all listed, and the oldest can be restored', async () => {
      const { ask, store, prefix } = world
      const count = 1_100
      await store.put(`${prefix}often`, Buffer.from('the very first'), { metadata: {} }, undefined)
      const left = Array.from({ length: count }, (_, index) => index)
      const put = async (): Promise<void> => {
        for (let index = left.pop(); index !== undefined; index = left.pop())
          await store.put(`${prefix}often`, Buffer.from(`version ${index}`), { metadata: {} }, undefined)
      }
      await Promise.all(Array.from({ length: 8 }, put))
      const { versions, isTruncated } = await ask('version:list', { path: 'often' })
      expect({ length: versions.length, isTruncated }).toEqual({ length: count + 1, isTruncated: false })
      expect(new Set(versions.map(({ versionId }) => versionId)).size).toBe(count + 1)
      const oldest = versions.at(-1)!
      await ask('version:restore', { path: 'often', versionId: oldest.versionId, ...current(versions) })
      expect(await readFile(at('often'), 'utf8')).toBe('the very first')
    })

    it('two versions of the same bytes have one ETag, so an edit of the one goes onto the other, and nothing is lost', async () => {
      const { ask, sync, store, prefix } = world
      await store.put(`${prefix}twice`, Buffer.from('same'), { metadata: {} }, undefined)
      await expect.poll(() => readFile(at('twice'), 'utf8').catch(() => 'not there'), { timeout: 30_000 }).toBe('same')
      // The edit begins on the first one; that the bucket goes away and comes back to the same bytes loses nothing.
      const file = await open(at('twice'), 'a')
      for (const content of ['other', 'same'])
        await store.put(`${prefix}twice`, Buffer.from(content), { metadata: {} }, undefined)
      const { versions } = await ask('version:list', { path: 'twice' })
      expect(versions[0]!.etag).toBe(versions[2]!.etag)
      await file.write('mine')
      await file.close()
      await sync()
      expect(await textOf((await store.get(`${prefix}twice`, {})).body)).toBe('samemine')
      expect((await ask('version:list', { path: 'twice' })).versions).toHaveLength(4)
    })

    it('when versioning is suspended, what the bucket would not keep is among the recovered files first', async () => {
      const { ask, store, prefix } = world
      await store.put(`${prefix}paused`, Buffer.from('kept'), { metadata: {} }, undefined)
      await world.suspend()
      await store.put(`${prefix}paused`, Buffer.from('not kept'), { metadata: {} }, undefined)
      const { isVersioned, versions } = await ask('version:list', { path: 'paused' })
      expect(isVersioned).toBe(true)
      expect(versions.map(({ versionId }) => versionId === 'null')).toEqual([true, false])
      const of = { path: 'paused', versionId: versions[1]!.versionId, ...current(versions) }
      expect(await ask('version:restore', of)).toEqual({ outcome: 'restored' })
      expect(await textOf((await store.get(`${prefix}paused`, {})).body)).toBe('kept')
      const [recovered] = (await ask('recovered:list', {})).files
      expect(recovered).toMatchObject({ path: 'paused', side: 'theirs' })
      expect(await readFile((await ask('recovered:preview', { id: recovered!.id })).path, 'utf8')).toBe('not kept')
    })
  })

describe('a drive whose keys or network fail it', () => {
  const keys = { accessKeyId: 'VERSIONS', secretAccessKey: 'versions-secret' }
  let server: DemoServer
  let world: World
  beforeAll(async () => {
    server = await startDemoServer({ users: [{ ...keys, policy: 'full' }], buckets: [] })
    world = await startWorld(() =>
      Promise.resolve({
        account: testAccountAt(server.endpoint, keys.accessKeyId),
        secret: { secretAccessKey: keys.secretAccessKey },
        bucket: '',
        honoursEveryCondition: true,
        stop: () => server.stop(),
      }),
    )
  })
  afterAll(() => world.stop())

  it('says which right is missing, and that nobody answers', async () => {
    await writeFile(join(world.mountpoint, 'a'), 'x')
    await world.sync()
    server.setPolicy(keys.accessKeyId, 'no-list')
    await expect(world.ask('version:list', { path: 'a' })).rejects.toMatchObject({
      problem: { code: 'access-denied', remedy: expect.stringContaining('s3:ListBucketVersions') as string },
    })
    server.setPolicy(keys.accessKeyId, 'full')
    server.setFaults(() => ({ kind: 'reset' }))
    await expect(world.ask('version:list', { path: 'a' })).rejects.toMatchObject({
      problem: { code: 'endpoint-unreachable' },
    })
    server.setFaults(undefined)
  })
})

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}
