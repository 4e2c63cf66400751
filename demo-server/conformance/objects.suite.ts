import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { expectDifference } from './differences.ts'
import { bytesOf, outcome, textOf } from './outcome.ts'
import { rawRequest } from './raw-request.ts'
import type { Target } from './target.ts'

export function describeObjects(target: Target): void {
  describe('objects', () => {
    const put = (Key: string, Body: string | Buffer, more = {}) =>
      target.s3.send(new PutObjectCommand({ Bucket: target.bucket, Key, Body, ...more }))
    const get = (Key: string, more = {}) =>
      target.s3.send(new GetObjectCommand({ Bucket: target.bucket, Key, ...more }))
    const head = (Key: string, more = {}) =>
      target.s3.send(new HeadObjectCommand({ Bucket: target.bucket, Key, ...more }))

    it('what was put comes back, byte for byte, with the MD5 as its ETag', async () => {
      const key = target.key()
      const body = randomBytes(3_000_001)
      const etag = `"${createHash('md5').update(body).digest('hex')}"`
      expect((await put(key, body)).ETag).toBe(etag)
      const got = await get(key)
      expect(got.ETag).toBe(etag)
      expect(got.ContentLength).toBe(body.length)
      expect((await bytesOf(got.Body)).equals(body)).toBe(true)
    })

    it('an empty object is an object', async () => {
      const key = target.key()
      await put(key, '')
      expect((await head(key)).ContentLength).toBe(0)
      expect(await textOf((await get(key)).Body)).toBe('')
    })

    it('a second put replaces all of the first: bytes, type and metadata', async () => {
      const key = target.key()
      await put(key, 'one', { Metadata: { old: 'yes' }, ContentType: 'text/plain' })
      await put(key, 'second', { Metadata: { new: 'yes' } })
      const got = await get(key)
      expect(await textOf(got.Body)).toBe('second')
      expect(got.Metadata).toEqual({ new: 'yes' })
    })

    it('metadata and content headers come back as they were sent', async () => {
      const key = target.key()
      const sent = {
        Metadata: { mtime: '1700000000.123456789', mode: '33188', 'with-dash': 'a  b;c=d,"e"' },
        ContentType: 'text/x-special; charset=utf-8',
        CacheControl: 'max-age=60',
        ContentDisposition: 'attachment; filename="a.txt"',
        ContentEncoding: 'gzip',
        ContentLanguage: 'sv',
      }
      await put(key, 'x', sent)
      expect(await head(key)).toMatchObject(sent)
    })

    it('header bytes beyond ASCII come back as the same bytes', async () => {
      const key = target.key()
      const sent = Buffer.from('Grüße, 日本', 'utf8').toString('latin1')
      const path = `/${target.bucket}/${key}`
      const stored = await rawRequest(target, { method: 'PUT', path, headers: { 'x-amz-meta-name': sent }, body: 'x' })
      expect(stored.status).toBe(200)
      const got = await rawRequest(target, { method: 'GET', path })
      expect(got.headers['x-amz-meta-name']).toBe(sent)
    })

    it('a signature over other bytes than were sent is refused', async () => {
      // With a body of bytes Node sends U+00FC as one byte, where the SDK has signed two.
      const call = put(target.key(), Buffer.from('x'), { Metadata: { name: 'Grüße' } })
      expect(await outcome(call)).toBe('403 SignatureDoesNotMatch')
    })

    it('metadata over 2 KB is refused', async () => {
      const call = put(target.key(), 'x', { Metadata: { big: 'x'.repeat(2100) } })
      expectDifference(target, 'metadata-limit', await outcome(call))
    })

    it('a range is answered with exactly its bytes', async () => {
      const key = target.key()
      await put(key, '0123456789')
      const cases: [string, string, string][] = [
        ['bytes=0-0', '0', 'bytes 0-0/10'],
        ['bytes=2-4', '234', 'bytes 2-4/10'],
        ['bytes=7-', '789', 'bytes 7-9/10'],
        ['bytes=-3', '789', 'bytes 7-9/10'],
        ['bytes=8-100', '89', 'bytes 8-9/10'],
        ['bytes=-100', '0123456789', 'bytes 0-9/10'],
      ]
      for (const [Range, text, contentRange] of cases) {
        const got = await get(key, { Range })
        expect([got.$metadata.httpStatusCode, got.ContentRange, await textOf(got.Body)]).toEqual([
          206,
          contentRange,
          text,
        ])
      }
    })

    it('a range behind the end is 416, also of an empty object', async () => {
      const key = target.key()
      await put(key, '0123456789')
      expect(await outcome(get(key, { Range: 'bytes=10-12' }))).toBe('416 InvalidRange')
      await put(key, '')
      expect(await outcome(get(key, { Range: 'bytes=0-0' }))).toBe('416 InvalidRange')
    })

    it('what is not there is 404', async () => {
      expect(await outcome(get(target.key()))).toBe('404 NoSuchKey')
      expect(await outcome(head(target.key()))).toBe('404')
      expect(await outcome(target.s3.send(new GetObjectCommand({ Bucket: target.bucketName('none'), Key: 'x' })))).toBe(
        '404 NoSuchBucket',
      )
    })

    it('deleting succeeds whether or not the key is there', async () => {
      const key = target.key()
      await put(key, 'x')
      const remove = () => target.s3.send(new DeleteObjectCommand({ Bucket: target.bucket, Key: key }))
      expect((await remove()).$metadata.httpStatusCode).toBe(204)
      expect((await remove()).$metadata.httpStatusCode).toBe(204)
      expect(await outcome(head(key))).toBe('404')
    })

    it('a batch deletes all it names and reports each', async () => {
      const keys = [target.key('a & b'), target.key('<c>'), target.key('not there')]
      await put(keys[0] ?? '', 'x')
      await put(keys[1] ?? '', 'x')
      const Delete = { Objects: keys.map((Key) => ({ Key })) }
      const result = await target.s3.send(new DeleteObjectsCommand({ Bucket: target.bucket, Delete }))
      expect(result.Errors ?? []).toEqual([])
      expect(result.Deleted?.map((one) => one.Key).sort()).toEqual([...keys].sort())
      expect(await outcome(head(keys[0] ?? ''))).toBe('404')
    })

    it('a storage class is kept and shown', async () => {
      const key = target.key()
      await put(key, 'x', { StorageClass: 'STANDARD_IA' })
      expect((await head(key)).StorageClass).toBe('STANDARD_IA')
    })

    it('encryption is asked for, kept and shown, and is the service’s own where none is asked for', async () => {
      const key = target.key()
      await put(key, 'x')
      expectDifference(target, 'default-encryption', String((await head(key)).ServerSideEncryption))
      const keyed = put(key, 'x', { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'testkey-1', BucketKeyEnabled: true })
      expectDifference(target, 'key-management', await outcome(keyed))
      if (target.name === 'rgw') return
      const { ETag, ...shown } = await head(key)
      expect(shown).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'testkey-1', BucketKeyEnabled: true })
      expect(ETag).toMatch(/^"[0-9a-f]{32}"$/)
      expect(ETag).not.toBe(`"${createHash('md5').update('x').digest('hex')}"`)
      expect(await outcome(put(key, 'x', { ServerSideEncryption: 'AES256', SSEKMSKeyId: 'testkey-1' }))).toBe(
        '400 InvalidArgument',
      )
    })

    it('a storage class nobody has is refused', async () => {
      const StorageClass = 'NOT_THERE' as 'STANDARD'
      expectDifference(target, 'storage-class-unknown', await outcome(put(target.key(), 'x', { StorageClass })))
    })

    it('a key over 1,024 bytes is refused, one of 1,024 is not', async () => {
      const base = target.key('')
      const longest = base + 'k'.repeat(1024 - base.length)
      expect(await outcome(put(longest, 'x'))).toBe('ok')
      expectDifference(target, 'key-too-long', await outcome(put(`${longest}k`, 'x')))
    })

    it('a wrong Content-MD5 is refused and nothing is written', async () => {
      const key = target.key()
      const ContentMD5 = createHash('md5').update('other').digest('base64')
      expect(await outcome(put(key, 'x', { ContentMD5 }))).toBe('400 BadDigest')
      expect(await outcome(put(key, 'x', { ContentMD5: 'bm90IG1kNQ==' }))).toBe('400 InvalidDigest')
      expect(await outcome(head(key))).toBe('404')
    })
  })
}
