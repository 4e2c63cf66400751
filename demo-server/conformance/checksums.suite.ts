import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
  type ChecksumAlgorithm,
} from '@aws-sdk/client-s3'
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createDigest } from '../body/checksums.ts'
import { expectDifference } from './differences.ts'
import { outcome, textOf } from './outcome.ts'
import { rawOutcome, rawRequest } from './raw-request.ts'
import type { Target } from './target.ts'

const CHECK_VALUES = {
  // Of "123456789", as the catalogues of checksums give them.
  CRC32: 'y/Q5Jg==',
  CRC32C: '4waSgw==',
  SHA1: '98O8HYCOBHMq32eZZczDTKeuNEE=',
  SHA256: 'FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=',
} as const

export function describeChecksums(target: Target): void {
  describe('checksums', () => {
    const putRaw = (key: string, headers: Record<string, string>) =>
      rawRequest(target, { method: 'PUT', path: `/${target.bucket}/${key}`, headers, body: '123456789' })

    it.each(Object.entries(CHECK_VALUES))('a right %s is accepted and given back on request', async (name, value) => {
      const key = target.key()
      const stored = await putRaw(key, { [`x-amz-checksum-${name.toLowerCase()}`]: value })
      expect(rawOutcome(stored)).toBe('ok')
      const read = new HeadObjectCommand({ Bucket: target.bucket, Key: key, ChecksumMode: 'ENABLED' })
      const head: Record<string, unknown> = { ...(await target.s3.send(read)) }
      expectDifference(target, 'checksum-given-back', head[`Checksum${name}`] === value ? 'given' : 'absent')
    })

    it.each(Object.keys(CHECK_VALUES))('a wrong %s is refused and nothing is written', async (name) => {
      const key = target.key()
      const algorithm = name as keyof typeof CHECK_VALUES
      const value = createDigest(algorithm).digest().toString('base64')
      const stored = await putRaw(key, { [`x-amz-checksum-${name.toLowerCase()}`]: value })
      expectDifference(target, 'checksum-wrong', rawOutcome(stored))
      const read = target.s3.send(new GetObjectCommand({ Bucket: target.bucket, Key: key }))
      expect(await outcome(read)).toBe(rawOutcome(stored) === 'ok' ? 'ok' : '404 NoSuchKey')
    })

    it('a wrong checksum in a trailer is refused', async () => {
      const trailer = (value: string) => {
        const text = `9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:${value}\r\n\r\n`
        return rawRequest(target, {
          method: 'PUT',
          path: `/${target.bucket}/${target.key()}`,
          payloadHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
          headers: {
            'content-encoding': 'aws-chunked',
            'x-amz-decoded-content-length': '9',
            'x-amz-trailer': 'x-amz-checksum-crc32',
          },
          body: Buffer.from(text),
        })
      }
      expectDifference(target, 'checksum-trailer-with-length', rawOutcome(await trailer(CHECK_VALUES.CRC32)))
      expectDifference(target, 'checksum-trailer-wrong', rawOutcome(await trailer('AAAAAA==')))
    })

    it("the SDK's own defaults work both ways", async () => {
      const s3 = target.client({
        requestChecksumCalculation: 'WHEN_SUPPORTED',
        responseChecksumValidation: 'WHEN_SUPPORTED',
      })
      const Key = target.key()
      for (const ChecksumAlgorithm of ['CRC32', 'CRC32C', 'SHA1', 'SHA256'] satisfies ChecksumAlgorithm[]) {
        await s3.send(new PutObjectCommand({ Bucket: target.bucket, Key, Body: 'checked', ChecksumAlgorithm }))
        const got = await s3.send(new GetObjectCommand({ Bucket: target.bucket, Key }))
        expect(await textOf(got.Body)).toBe('checked')
      }
    })

    it('a multipart object has the checksum of its parts’ checksums', async () => {
      const [Bucket, Key] = [target.bucket, target.key()]
      const begun = await target.s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm: 'SHA256' }))
      const { UploadId } = begun
      const part = await target.s3.send(
        new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: '123456789', ChecksumAlgorithm: 'SHA256' }),
      )
      const Parts = [{ PartNumber: 1, ETag: part.ETag, ChecksumSHA256: part.ChecksumSHA256 }]
      const done = await target.s3.send(
        new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }),
      )
      const whole = createHash('sha256').update(Buffer.from(CHECK_VALUES.SHA256, 'base64')).digest('base64')
      expectDifference(target, 'checksum-given-back', done.ChecksumSHA256 === `${whole}-1` ? 'given' : 'absent')
    })
  })
}
