import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import {
  ALGORITHM,
  canonicalRequest,
  chunkSignature,
  scopeText,
  sign,
  signingKey,
  stringToSign,
} from '../auth/signature.ts'
import { formatDateTime } from '../auth/claims.ts'
import { expectDifference } from './differences.ts'
import { outcome, textOf } from './outcome.ts'
import { rawOutcome, rawRequest, send } from './raw-request.ts'
import type { Target } from './target.ts'

const HOUR_MS = 3_600_000

function presignedQuery(target: Target, path: string, startMs: number, expiresSeconds: number): string {
  const dateTime = formatDateTime(startMs)
  const scope = { date: dateTime.slice(0, 8), region: 'us-east-1', service: 's3' }
  const parameters: [string, string][] = [
    ['X-Amz-Algorithm', ALGORITHM],
    ['X-Amz-Credential', `${target.keys.accessKeyId}/${scopeText(scope)}`],
    ['X-Amz-Date', dateTime],
    ['X-Amz-Expires', String(expiresSeconds)],
    ['X-Amz-SignedHeaders', 'host'],
  ]
  const canonical = canonicalRequest({
    method: 'GET',
    rawPath: path,
    parameters,
    signedHeaders: ['host'],
    header: () => new URL(target.endpoint).host,
    payloadHash: 'UNSIGNED-PAYLOAD',
  })
  const signature = sign(signingKey(target.keys.secretAccessKey, scope), stringToSign(dateTime, scope, canonical))
  const signed: [string, string][] = [...parameters, ['X-Amz-Signature', signature]]
  return signed.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
}

export function describeAccess(target: Target): void {
  const list = (client: S3Client) => client.send(new ListObjectsV2Command({ Bucket: target.bucket, MaxKeys: 1 }))
  const put = (client: S3Client, Key: string, Body = 'x') =>
    client.send(new PutObjectCommand({ Bucket: target.bucket, Key, Body }))

  describe('access', () => {
    it('an unknown access key is told so', async () => {
      const credentials = { ...target.keys, accessKeyId: 'nobody' }
      expect(await outcome(list(target.client({ credentials })))).toBe('403 InvalidAccessKeyId')
    })

    it('a wrong secret is told so', async () => {
      const credentials = { ...target.keys, secretAccessKey: 'wrong' }
      expect(await outcome(list(target.client({ credentials })))).toBe('403 SignatureDoesNotMatch')
    })

    it('a clock an hour off is told so', async () => {
      for (const timeMs of [Date.now() - HOUR_MS, Date.now() + HOUR_MS]) {
        const answer = await rawRequest(target, { method: 'GET', path: `/${target.bucket}`, timeMs })
        expect(rawOutcome(answer)).toBe('403 RequestTimeTooSkewed')
      }
    })

    it('a request without a signature is refused', async () => {
      const answer = await rawRequest(target, { method: 'GET', path: `/${target.bucket}`, isAnonymous: true })
      expect(rawOutcome(answer)).toBe('403 AccessDenied')
    })

    it('a header that was not signed cannot be slipped in', async () => {
      const path = `/${target.bucket}/${target.key()}`
      const unsignedHeaders = { 'x-amz-meta-added': 'later' }
      const answer = await rawRequest(target, { method: 'PUT', path, body: 'x', unsignedHeaders })
      expectDifference(target, 'unsigned-header', rawOutcome(answer))
    })

    it('a body other than the one signed is refused', async () => {
      const key = target.key()
      const payloadHash = createHash('sha256').update('signed').digest('hex')
      const path = `/${target.bucket}/${key}`
      const answer = await rawRequest(target, { method: 'PUT', path, body: 'sneaky', payloadHash })
      expect(rawOutcome(answer)).toBe('400 XAmzContentSHA256Mismatch')
      const read = target.s3.send(new GetObjectCommand({ Bucket: target.bucket, Key: key }))
      expect(await outcome(read)).toBe('404 NoSuchKey')
    })

    it('a presigned link works until it expires', async () => {
      const key = target.key('signed for a while')
      await put(target.s3, key, 'linked')
      const path = `/${target.bucket}/${encodeURIComponent(key).replace(/%2F/g, '/')}`
      const url = new URL(target.endpoint)
      const follow = (startMs: number, seconds: number) =>
        send(url, 'GET', `${path}?${presignedQuery(target, path, startMs, seconds)}`, { host: url.host })
      const good = await follow(Date.now(), 60)
      expect([good.status, good.body.toString()]).toEqual([200, 'linked'])
      expect(rawOutcome(await follow(Date.now() - 120_000, 60))).toBe('403 AccessDenied')
      const forged = await send(url, 'GET', `${path}x?${presignedQuery(target, path, Date.now(), 60)}`, {
        host: url.host,
      })
      expect(rawOutcome(forged)).toBe('403 SignatureDoesNotMatch')
    })

    it('a read-only user may read and list, not write or delete', async ({ skip }) => {
      if (!target.readOnly) return skip()
      const key = target.key()
      await put(target.s3, key, 'readable')
      const reader = target.client({ credentials: { ...target.readOnly } })
      const readable = await rawRequest(target, {
        method: 'GET',
        path: `/${target.bucket}/${key}`,
        keys: target.readOnly,
      })
      expect(readable.body.toString()).toBe('readable')
      expect(await outcome(list(reader))).toBe('ok')
      expect(await outcome(put(reader, key))).toBe('403 AccessDenied')
      const deleted = await rawRequest(target, {
        method: 'DELETE',
        path: `/${target.bucket}/${key}`,
        keys: target.readOnly,
      })
      expect(rawOutcome(deleted)).toBe('403 AccessDenied')
    })

    it('buckets are found by virtual host as well as by path', async () => {
      const key = target.key()
      await put(target.s3, key, 'hosted')
      const { port } = new URL(target.endpoint)
      const headers = { host: `${target.bucket}.localhost:${port}` }
      const answer = await rawRequest(target, { method: 'GET', path: `/${key}`, headers })
      expect(answer.body.toString()).toBe('hosted')
    })

    it('chunks signed one by one are accepted, and a changed one is not', async () => {
      const chunked = (data: string, signedData = data) =>
        rawRequest(target, {
          method: 'PUT',
          path: `/${target.bucket}/${target.key()}`,
          payloadHash: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
          headers: { 'content-encoding': 'aws-chunked', 'x-amz-decoded-content-length': String(data.length) },
          body: (seed) => {
            const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
            const first = chunkSignature(seed, seed.signature, sha256(signedData))
            const last = chunkSignature(seed, first, sha256(''))
            const size = data.length.toString(16)
            return Buffer.from(`${size};chunk-signature=${first}\r\n${data}\r\n0;chunk-signature=${last}\r\n\r\n`)
          },
        })
      expect(rawOutcome(await chunked('honest'))).toBe('ok')
      expectDifference(target, 'forged-chunk', rawOutcome(await chunked('forged', 'honest')))
    })

    it('a streamed body with a checksum trailer is accepted', async () => {
      const streaming = target.client({ requestChecksumCalculation: 'WHEN_SUPPORTED' })
      const Key = target.key()
      const Body = Readable.from([Buffer.from('streamed')])
      const call = streaming.send(new PutObjectCommand({ Bucket: target.bucket, Key, Body, ContentLength: 8 }))
      const result = await outcome(call)
      expectDifference(target, 'checksum-trailer', result)
      if (result !== 'ok') return
      const got = await target.s3.send(new GetObjectCommand({ Bucket: target.bucket, Key }))
      expect(await textOf(got.Body)).toBe('streamed')
    })
  })
}
