import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { appendFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { textOf } from './conformance/outcome.ts'
import { startDemoServer, type DemoServer } from './server.ts'

const KEYS = { accessKeyId: 'demo', secretAccessKey: 'demo-secret' }
const Bucket = 'test'

describe('a server in a folder', () => {
  let directory = ''
  let server: DemoServer
  let s3: S3Client
  const start = async (versioning = false): Promise<void> => {
    server = await startDemoServer({
      directory,
      users: [{ ...KEYS, policy: 'full' }],
      buckets: [{ name: Bucket, versioning }],
    })
    s3 = new S3Client({
      endpoint: server.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      maxAttempts: 1,
      credentials: { ...KEYS },
    })
  }
  const stop = async (): Promise<void> => {
    s3.destroy()
    await server.stop()
  }
  const restart = async (): Promise<void> => {
    await stop()
    await start()
  }
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cloudmount-demo-server-'))
    await start()
  })
  afterEach(async () => {
    await stop()
    await rm(directory, { recursive: true })
  })

  const put = (Key: string, Body: string, more = {}) => s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }))
  const read = async (Key: string): Promise<string> =>
    textOf((await s3.send(new GetObjectCommand({ Bucket, Key }))).Body)
  const listed = async () =>
    ((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map((object) => object.Key)
  const blobs = () => readdir(join(directory, 'blobs'))
  const blobCount = async (count: number): Promise<void> =>
    vi.waitFor(async () => expect(await blobs()).toHaveLength(count), { timeout: 5000, interval: 10 })

  it('keeps objects, with all that was said of them, across a restart', async () => {
    const written = await put('a//é 😀', 'kept', { Metadata: { mtime: '1.5' }, ContentType: 'text/x-special' })
    await put('empty', '')
    await put('gone', 'x')
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'gone' }))
    const before = await s3.send(new HeadObjectCommand({ Bucket, Key: 'a//é 😀' }))
    await restart()
    expect(await listed()).toEqual(['a//é 😀', 'empty'])
    expect(await read('a//é 😀')).toBe('kept')
    const { ETag, LastModified, Metadata, ContentType } = await s3.send(
      new HeadObjectCommand({ Bucket, Key: 'a//é 😀' }),
    )
    expect({ ETag, LastModified, Metadata, ContentType }).toEqual({
      ETag: written.ETag,
      LastModified: before.LastModified,
      Metadata: { mtime: '1.5' },
      ContentType: 'text/x-special',
    })
  })

  it('keeps uploads in progress, which can then be finished or dropped', async () => {
    const begin = async (Key: string) => {
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }))
      const part = await s3.send(
        new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: `part of ${Key}` }),
      )
      return { Bucket, Key, UploadId, ETag: part.ETag }
    }
    const [finished, dropped] = [await begin('finished'), await begin('dropped')]
    await restart()
    const { Parts } = await s3.send(new ListPartsCommand(finished))
    expect(Parts?.map((part) => part.ETag)).toEqual([finished.ETag])
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: finished.ETag }] }
    await s3.send(new CompleteMultipartUploadCommand({ ...finished, MultipartUpload }))
    await s3.send(new AbortMultipartUploadCommand(dropped))
    await restart()
    expect(await read('finished')).toBe('part of finished')
    expect(await blobs()).toHaveLength(1)
  })

  it('loses at most the line a crash tore, and removes blobs that no line names', async () => {
    await put('whole', 'kept')
    await stop()
    await appendFile(join(directory, 'index.jsonl'), '{"type":"key","bucket":"test","key":"torn","vers')
    await writeFile(join(directory, 'blobs', 'orphan'), 'never acknowledged')
    await writeFile(join(directory, 'incoming', 'half'), 'half')
    await start()
    expect(await listed()).toEqual(['whole'])
    expect(await blobs()).toHaveLength(1)
    expect(await readdir(join(directory, 'incoming'))).toEqual([])
    await put('later', 'x')
    await restart()
    expect(await listed()).toEqual(['later', 'whole'])
  })

  it('frees what was replaced or deleted, and not what a copy still shares', async () => {
    await put('key', 'one')
    await put('key', 'two')
    await blobCount(1)
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'key' }))
    await blobCount(0)
  })

  it('answers a reader in full although the object is replaced meanwhile', async () => {
    const body = 'x'.repeat(4_000_000)
    await put('key', body)
    const reading = await s3.send(new GetObjectCommand({ Bucket, Key: 'key' }))
    await put('key', 'replaced')
    expect((await textOf(reading.Body)) === body).toBe(true)
    expect(await read('key')).toBe('replaced')
    await blobCount(1)
  })
})
