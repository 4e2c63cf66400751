import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startS3Target } from '../testing/s3-target.ts'
import type { S3Target } from '../testing/s3-target.ts'
import { createObjectStore } from './sdk-store.ts'
import type { ObjectStore } from './store.ts'

const mebibyte = 1024 * 1024
const plain = { metadata: {} }
const prefix = `sdk-store-${randomBytes(4).toString('hex')}/`

let target: S3Target
let store: ObjectStore
const made = new Set<string>()

beforeAll(async () => {
  target = await startS3Target()
  const { account, secret, bucket } = target
  store = createObjectStore({
    account,
    secret,
    bucket,
    copyInPartsAboveBytes: 11 * mebibyte,
    copyPartBytes: 5 * mebibyte,
  })
})
afterAll(async () => {
  for (const key of made) await store.delete(key, {})
  store.close()
  await target.stop()
})

const at = (name: string): string => {
  made.add(prefix + name)
  return prefix + name
}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function listAll(query: { prefix: string; delimiter?: '/' }, maxKeys = 7): Promise<string[]> {
  const seen: string[] = []
  let token: string | undefined
  do {
    const page = await store.list({ ...query, maxKeys, ...(token === undefined ? {} : { continuationToken: token }) })
    seen.push(...page.objects.map((object) => object.key), ...page.prefixes)
    token = page.continuationToken
  } while (token !== undefined)
  return seen
}

describe('the bucket through the SDK', () => {
  it('storage class, encryption and its key are sent, and read back where they are the object’s own', async () => {
    const own = {
      'x-amz-storage-class': 'STANDARD_IA',
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'arn:aws:kms:us-east-1:000000000000:key/ours',
      'x-amz-server-side-encryption-bucket-key-enabled': 'true',
    }
    // Ceph has a key management only where one is set up.
    const hasKeys = target.honoursEveryCondition
    const systemHeaders = !hasKeys ? { 'x-amz-storage-class': 'STANDARD_IA' } : own
    const attributes = { metadata: {}, systemHeaders }
    const [single, copied, inParts] = [at('single'), at('copied'), at('in-parts')]
    const { etag } = await store.put(single, Buffer.from('abc'), attributes, { kind: 'absent' })
    await store.copy({ key: single, etag, sizeBytes: 3 }, copied, attributes, undefined)
    const uploadId = await store.createMultipartUpload(inParts, attributes)
    const part = await store.uploadPart(inParts, uploadId, 1, Buffer.from('abc'))
    await store.completeMultipartUpload(inParts, uploadId, [part], undefined)
    for (const key of [single, copied, inParts]) expect((await store.head(key))?.systemHeaders).toEqual(systemHeaders)
    const usual = { metadata: {}, systemHeaders: { 'x-amz-server-side-encryption': 'AES256' } }
    if (hasKeys) await store.put(copied, Buffer.from('abc'), usual, undefined)
    if (hasKeys) expect((await store.head(copied))?.systemHeaders).toEqual({})
  })

  it('a storage class that the service does not have is for the person to change', async () => {
    // Ceph's refusal does not say what was wrong.
    const kind = target.honoursEveryCondition ? 'blocked' : 'invalid'
    const attributes = { metadata: {}, systemHeaders: { 'x-amz-storage-class': 'NOT_THERE' } }
    await expect(store.put(at('nowhere'), Buffer.from('abc'), attributes, undefined)).rejects.toMatchObject({
      kind,
      problem: { code: 'invalid-input' },
    })
  })

  it('gives back the bytes and attributes it was given, and says how far it is', async () => {
    const key = at('file')
    const body = randomBytes(3 * mebibyte)
    const metadata = { mtime: '1700000000.123456', odd: 'Grüße 😀  two spaces ', literal: '=?x?=', empty: '' }
    const attributes = { metadata, contentType: 'text/x-test', systemHeaders: { 'cache-control': 'no-cache' } }
    const progress: number[] = []
    const put = await store.put(
      key,
      body,
      attributes,
      { kind: 'absent' },
      { onProgress: (sent) => progress.push(sent) },
    )
    expect(progress.at(-1)).toBe(body.length)
    expect(progress.length).toBeGreaterThan(4)
    const head = await store.head(key)
    expect(head).toMatchObject({ etag: put.etag, sizeBytes: body.length, contentType: 'text/x-test' })
    const { empty, ...kept } = metadata
    expect(head?.metadata).toMatchObject(kept)
    expect(head?.metadata.empty ?? '').toBe(empty)
    expect(head?.systemHeaders['cache-control']).toBe('no-cache')
    const whole = await store.get(key, { ifMatch: put.etag })
    expect((await bytesOf(whole.body)).equals(body)).toBe(true)
    const part = await store.get(key, { ifMatch: put.etag, range: { start: 10, end: 20 } })
    expect(part.head.sizeBytes).toBe(body.length)
    expect((await bytesOf(part.body)).equals(body.subarray(10, 20))).toBe(true)
  })

  it('reads an empty object, also by range', async () => {
    const key = at('empty')
    const { etag } = await store.put(key, new Uint8Array(), plain, undefined)
    for (const query of [{}, { ifMatch: etag, range: { start: 0, end: 8 } }]) {
      const { head, body } = await store.get(key, query)
      expect(head.sizeBytes).toBe(0)
      expect(await bytesOf(body)).toHaveLength(0)
    }
  })

  it('says absent, and nothing else, of what is not there', async () => {
    expect(await store.head(`${prefix}never`)).toBeUndefined()
    await expect(store.get(`${prefix}never`, {})).rejects.toMatchObject({ kind: 'absent' })
    await store.delete(`${prefix}never`, {})
    await store.abortMultipartUpload(`${prefix}never`, 'no-such-upload')
    await expect(store.listParts(`${prefix}never`, 'no-such-upload')).rejects.toMatchObject({ kind: 'absent' })
  })

  it('throws conflict for a read of another version', async () => {
    const key = at('versions')
    const first = await store.put(key, Buffer.from('one'), plain, undefined)
    await store.put(key, Buffer.from('two'), plain, undefined)
    await expect(store.get(key, { ifMatch: first.etag })).rejects.toMatchObject({ kind: 'conflict' })
  })

  it('lists every key as it is, in byte order, page by page', async () => {
    const names = [
      'a b', 'a+b', 'a%20b', 'a%2Fb', 'a//b', 'a/../b', 'a/./b', 'quo"te', "apo'strophe", 'amp&er', 'less<than>', 'back\\slash',
      'star*', 'ques?tion', 'ha#sh', 'semi;colon', 'eq=ual', 'at@', 'comma,', 'dollar$', 'tilde~', 'new\nline', 'tab\there',
      'e\u0301', '\u00e9', '日本語', '😀', '\uFF21', ' leading', 'trailing ', 'dir/', '\u007f', '⟦empty⟧', '(paren)', '!bang',
    ] // prettier-ignore
    for (const name of names) await store.put(at(`odd/${name}`), Buffer.from(name), plain, undefined)
    const keys = names.map((name) => `${prefix}odd/${name}`)
    const sorted = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    expect(await listAll({ prefix: `${prefix}odd/` })).toEqual(sorted)
    for (const [index, key] of keys.entries()) {
      expect(await store.head(key), key).toBeDefined()
      expect((await bytesOf((await store.get(key, {})).body)).toString()).toBe(names[index])
    }
    const folded = await store.list({ prefix: `${prefix}odd/`, delimiter: '/' })
    expect(folded.prefixes).toEqual([`${prefix}odd/a/`, `${prefix}odd/dir/`])
    const target = at('copied + odd')
    const source = (await store.head(`${prefix}odd/a+b`))!
    await store.copy({ key: `${prefix}odd/a+b`, ...source }, target, plain, undefined)
    expect((await bytesOf((await store.get(target, {})).body)).toString()).toBe('a+b')
  })

  it('uploads in parts, lists them, copies clean ones from the base, and completes', async () => {
    const key = at('multi')
    const base = randomBytes(6 * mebibyte)
    const { etag } = await store.put(key, base, plain, undefined)
    const uploadId = await store.createMultipartUpload(key, { metadata: { mode: '33188' } })
    expect(await store.listMultipartUploads(prefix)).toMatchObject([{ key, uploadId }])
    const source = { key, etag, range: { start: 0, end: 5 * mebibyte } }
    const parts = [await store.uploadPartCopy(key, uploadId, 1, source)]
    const tail = randomBytes(2 * mebibyte)
    const progress: number[] = []
    parts.push(await store.uploadPart(key, uploadId, 2, tail, { onProgress: (sent) => progress.push(sent) }))
    expect(progress.at(-1)).toBe(tail.length)
    expect(await store.listParts(key, uploadId)).toEqual(parts)
    const done = await store.completeMultipartUpload(key, uploadId, parts, undefined)
    const { head, body } = await store.get(key, { ifMatch: done.etag })
    expect(head.metadata).toEqual({ mode: '33188' })
    expect((await bytesOf(body)).equals(Buffer.concat([base.subarray(0, 5 * mebibyte), tail]))).toBe(true)
    expect(await store.listMultipartUploads(prefix)).toEqual([])
  })

  it('copies a large object in parts and leaves no unfinished upload when the source changed', async () => {
    const key = at('large')
    const body = randomBytes(12 * mebibyte)
    const { etag } = await store.put(key, body, plain, undefined)
    const source = { key, etag, sizeBytes: body.length }
    const attributes = { metadata: { uid: '7' }, contentType: 'a/b' }
    await store.copy(source, at('large-copy'), attributes, undefined)
    const copied = await store.get(`${prefix}large-copy`, {})
    expect(copied.head).toMatchObject({ contentType: 'a/b', metadata: { uid: '7' } })
    expect((await bytesOf(copied.body)).equals(body)).toBe(true)
    if (!target.honoursEveryCondition) return
    const stale = { ...source, etag: '"0123456789abcdef0123456789abcdef"' }
    await expect(store.copy(stale, at('never-copied'), plain, undefined)).rejects.toMatchObject({ kind: 'conflict' })
    expect(await store.listMultipartUploads(prefix)).toEqual([])
  })

  it('stops at once when told to, before and in the middle', async () => {
    await expect(store.list({ prefix }, { signal: AbortSignal.abort() })).rejects.toMatchObject({ kind: 'cancelled' })
    const key = at('long')
    await store.put(key, randomBytes(8 * mebibyte), plain, undefined)
    const stop = new AbortController()
    const { body } = await store.get(key, {}, { signal: stop.signal })
    const reading = (async () => {
      for await (const chunk of body) if (chunk.length > 0) stop.abort()
    })()
    await expect(reading).rejects.toMatchObject({ kind: 'cancelled' })
    const upload = new AbortController()
    const options = { signal: upload.signal, onProgress: () => upload.abort() }
    await expect(store.put(key, randomBytes(8 * mebibyte), plain, undefined, options)).rejects.toMatchObject({
      kind: 'cancelled',
    })
  })
})

describe('what is wrong with an account', () => {
  const openWith = (change: {
    bucket?: string
    accessKeyId?: string
    secret?: string
    endpoint?: string
  }): ObjectStore => {
    const { account, secret, bucket } = target
    const accessKeyId = change.accessKeyId ?? (account.credentials as { accessKeyId: string }).accessKeyId
    return createObjectStore({
      account: {
        ...account,
        credentials: { kind: 'static', accessKeyId },
        endpoint: change.endpoint ?? account.endpoint!,
      },
      secret: { secretAccessKey: change.secret ?? secret.secretAccessKey! },
      bucket: change.bucket ?? bucket,
    })
  }

  it.each([
    ['wrong key', { accessKeyId: 'NOSUCHKEY' }, 'access-key-unknown', 'blocked'],
    ['wrong secret', { secret: 'wrong' }, 'secret-wrong', 'blocked'],
    ['unknown bucket', { bucket: 'no-such-bucket-at-all' }, 'bucket-unknown', 'blocked'],
    ['nothing listens', { endpoint: 'http://127.0.0.1:9' }, 'endpoint-unreachable', 'offline'],
    ['no such host', { endpoint: 'http://no-such-host.invalid' }, 'endpoint-unreachable', 'offline'],
  ])('says so of a head, a list, a get and a put: %s', async (_, change, code, kind) => {
    const broken = openWith(change)
    const expected = { kind, problem: { code } }
    const attempts = {
      head: () => broken.head('k'),
      list: () => broken.list({ prefix: '' }),
      get: () => broken.get('k', {}),
      put: () => broken.put('k', Buffer.from('x'), plain, undefined),
    }
    for (const [name, attempt] of Object.entries(attempts))
      await expect(attempt(), name).rejects.toMatchObject(expected)
    broken.close()
  })
})
