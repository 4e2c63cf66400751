import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  type S3ClientConfig,
} from '@aws-sdk/client-s3'
import { afterEach, describe, expect, it } from 'vitest'
import { outcome, textOf } from './conformance/outcome.ts'
import { rawOutcome, rawRequest, send } from './conformance/raw-request.ts'
import { startDemoServer, type DemoServer, type DemoServerOptions } from './server.ts'

const KEYS = { accessKeyId: 'demo', secretAccessKey: 'demo-secret' }
const WRONG = '"00000000000000000000000000000000"'
const Bucket = 'test'

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function open(options: Partial<DemoServerOptions> = {}): Promise<{ server: DemoServer; s3: S3Client }> {
  const server = await startDemoServer({
    users: [{ ...KEYS, policy: 'full' }],
    buckets: [{ name: Bucket }],
    ...options,
  })
  cleanups.push(() => server.stop())
  return { server, s3: clientOf(server) }
}

function clientOf(server: DemoServer, config: S3ClientConfig = {}): S3Client {
  const s3 = new S3Client({
    endpoint: server.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { ...KEYS },
    ...config,
  })
  cleanups.push(() => s3.destroy())
  return s3
}

const put = (s3: S3Client, Key: string, Body = 'x', more = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }))
const get = (s3: S3Client, Key: string, more = {}) => s3.send(new GetObjectCommand({ Bucket, Key, ...more }))
const list = (s3: S3Client) => s3.send(new ListObjectsV2Command({ Bucket }))
const remove = (s3: S3Client, Key: string, more = {}) => s3.send(new DeleteObjectCommand({ Bucket, Key, ...more }))

describe('conditions can be ignored one by one, as weak providers do', () => {
  it('put-if-none-match', async () => {
    const { server, s3 } = await open({ ignores: ['put-if-none-match'] })
    await put(s3, 'key', 'one')
    const { ETag } = await put(s3, 'key', 'two', { IfNoneMatch: '*' })
    expect(await outcome(put(s3, 'key', 'three', { IfMatch: WRONG }))).toBe('412 PreconditionFailed')
    expect(await outcome(put(s3, 'key', 'three', { IfMatch: ETag }))).toBe('ok')
    server.setIgnores([])
    expect(await outcome(put(s3, 'key', 'four', { IfNoneMatch: '*' }))).toBe('412 PreconditionFailed')
  })

  it('delete-if-match and complete-if-none-match', async () => {
    const { s3 } = await open({ ignores: ['delete-if-match', 'complete-if-none-match'] })
    await put(s3, 'key')
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'key' }))
    const part = await s3.send(new UploadPartCommand({ Bucket, Key: 'key', UploadId, PartNumber: 1, Body: 'parts' }))
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: part.ETag }] }
    const complete = new CompleteMultipartUploadCommand({
      Bucket,
      Key: 'key',
      UploadId,
      MultipartUpload,
      IfNoneMatch: '*',
    })
    expect(await outcome(s3.send(complete))).toBe('ok')
    expect(await outcome(remove(s3, 'key', { IfMatch: WRONG }))).toBe('ok')
  })

  it('a quoted ETag can be made to fail, as on Ceph 16', async () => {
    const { s3 } = await open({ quirks: { unquotedIfMatch: true } })
    const { ETag = '' } = await put(s3, 'key')
    expect(await outcome(put(s3, 'key', 'two', { IfMatch: ETag }))).toBe('412 PreconditionFailed')
    expect(await outcome(put(s3, 'key', 'two', { IfMatch: ETag.replaceAll('"', '') }))).toBe('ok')
  })
})

describe('users', () => {
  it('may do what their policy says, and it can change', async () => {
    const { server, s3 } = await open()
    await put(s3, 'key')
    const attempts = async (): Promise<string[]> => [
      await outcome(list(s3)),
      await outcome(get(s3, 'key')),
      await outcome(put(s3, 'other')),
      await outcome(remove(s3, 'other')),
    ]
    const [yes, no] = ['ok', '403 AccessDenied']
    server.setPolicy('demo', 'read-only')
    expect(await attempts()).toEqual([yes, yes, no, no])
    server.setPolicy('demo', 'no-list')
    expect(await attempts()).toEqual([no, yes, yes, yes])
    // Who may not list may not learn what is missing either.
    expect(await outcome(get(s3, 'missing'))).toBe(no)
    server.setPolicy('demo', 'no-write')
    expect(await attempts()).toEqual([yes, yes, no, yes])
    server.setPolicy('demo', 'none')
    expect(await attempts()).toEqual([no, no, no, no])
  })

  it('bound to buckets see and touch no others', async () => {
    const { s3 } = await open({
      users: [{ ...KEYS, policy: 'full', buckets: ['mine'] }],
      buckets: [{ name: Bucket }, { name: 'mine' }],
    })
    expect((await s3.send(new ListBucketsCommand({}))).Buckets?.map((bucket) => bucket.Name)).toEqual(['mine'])
    expect(await outcome(list(s3))).toBe('403 AccessDenied')
  })

  it('without keys may read where the bucket lets everyone', async () => {
    const { server, s3 } = await open({ buckets: [{ name: Bucket, anonymousRead: true }] })
    await put(s3, 'key', 'public')
    const url = new URL(server.endpoint)
    const anonymous = (method: string) => send(url, method, `/${Bucket}/key`, { host: url.host })
    expect((await anonymous('GET')).body.toString()).toBe('public')
    expect(rawOutcome(await anonymous('DELETE'))).toBe('403 AccessDenied')
  })

  it('hear of their clock by the server’s', async () => {
    const { server } = await open({ clockOffsetMs: 3_600_000 })
    const request = { method: 'GET', path: `/${Bucket}` }
    const place = { endpoint: server.endpoint, keys: KEYS }
    expect(rawOutcome(await rawRequest(place, request))).toBe('403 RequestTimeTooSkewed')
    server.setClockOffset(0)
    expect(rawOutcome(await rawRequest(place, request))).toBe('ok')
  })
})

describe('limits and faults', () => {
  it('a quota refuses what would pass it, and deleting makes room', async () => {
    const { s3 } = await open({ quotaBytes: 100 })
    await put(s3, 'one', 'x'.repeat(60))
    expect(await outcome(put(s3, 'two', 'x'.repeat(60)))).toBe('403 QuotaExceeded')
    await remove(s3, 'one')
    expect(await outcome(put(s3, 'two', 'x'.repeat(60)))).toBe('ok')
  })

  it('an upload that is too large is refused before it is sent', async () => {
    const { server } = await open()
    const answer = await new Promise<string>((resolve, reject) => {
      const headers = { 'content-length': String(6 * 1024 ** 3), expect: '100-continue' }
      rawRequest(
        { endpoint: server.endpoint, keys: KEYS },
        { method: 'PUT', path: `/${Bucket}/key`, unsignedHeaders: headers },
      ).then((got) => resolve(`${rawOutcome(got)} ${got.headers.connection ?? ''}`), reject)
    })
    expect(answer).toBe('400 EntityTooLarge close')
  })

  it('archived objects can be seen, not read', async () => {
    const { s3 } = await open()
    await put(s3, 'key', 'cold', { StorageClass: 'GLACIER' })
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'key' }))
    expect([head.ContentLength, head.StorageClass]).toEqual([4, 'GLACIER'])
    expect(await outcome(get(s3, 'key'))).toBe('403 InvalidObjectState')
  })

  it('faults strike by rule, and an answer can get lost after the work is done', async () => {
    const { server, s3 } = await open()
    server.setFaults(({ operation }) =>
      operation === 'PutObject' ? { kind: 'error', status: 503, code: 'SlowDown' } : undefined,
    )
    expect(await outcome(put(s3, 'key'))).toBe('503 SlowDown')
    expect(await outcome(get(s3, 'key'))).toBe('404 NoSuchKey')
    server.setFaults(({ operation }) =>
      operation === 'PutObject' ? { kind: 'error-after', status: 500, code: 'InternalError' } : undefined,
    )
    expect(await outcome(put(s3, 'key', 'arrived'))).toBe('500 InternalError')
    server.setFaults(undefined)
    expect(await textOf((await get(s3, 'key')).Body)).toBe('arrived')
    server.setFaults(() => ({ kind: 'reset' }))
    await expect(get(s3, 'key')).rejects.toThrow(/ECONNRESET|socket hang up/)
  })

  it('what was asked is in the log, with what went over the wire', async () => {
    const { server, s3 } = await open()
    await put(s3, 'key', '0123456789')
    await get(s3, 'key', { Range: 'bytes=2-4' }).then(({ Body }) => textOf(Body))
    await outcome(get(s3, 'missing'))
    expect(server.requestLog.entries().map((entry) => [entry.operation, entry.status, entry.errorCode])).toEqual([
      ['PutObject', 200, undefined],
      ['GetObject', 206, undefined],
      ['GetObject', 404, 'NoSuchKey'],
    ])
    const [written] = server.requestLog.entries({ operation: 'PutObject' })
    expect(written).toMatchObject({ bucket: Bucket, key: 'key', receivedBytes: 10, accessKeyId: 'demo' })
    expect(server.requestLog.entries({ status: 206 })[0]).toMatchObject({ sentBytes: 3, range: 'bytes=2-4' })
    expect(server.requestLog.count('GetObject')).toBe(2)
  })
})
