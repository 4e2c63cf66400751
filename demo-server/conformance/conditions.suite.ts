import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { expectDifference } from './differences.ts'
import { outcome, textOf } from './outcome.ts'
import type { Target } from './target.ts'

const WRONG = '"00000000000000000000000000000000"'

export function describeConditions(target: Target): void {
  const put = (Key: string, Body: string, more = {}) =>
    target.s3.send(new PutObjectCommand({ Bucket: target.bucket, Key, Body, ...more }))
  const get = (Key: string, more = {}) => target.s3.send(new GetObjectCommand({ Bucket: target.bucket, Key, ...more }))
  const head = (Key: string, more = {}) =>
    target.s3.send(new HeadObjectCommand({ Bucket: target.bucket, Key, ...more }))
  const remove = (Key: string, more = {}) =>
    target.s3.send(new DeleteObjectCommand({ Bucket: target.bucket, Key, ...more }))
  const isThere = async (key: string): Promise<boolean> => (await outcome(head(key))) === 'ok'

  describe('conditions on reads', () => {
    it('If-Match and If-None-Match decide between 200, 304 and 412', async () => {
      const key = target.key()
      const { ETag = '' } = await put(key, 'x')
      for (const read of [get, head]) {
        expect(await outcome(read(key, { IfMatch: ETag }))).toBe('ok')
        expect(await outcome(read(key, { IfMatch: WRONG }))).toMatch(/^412/)
        expect(await outcome(read(key, { IfNoneMatch: WRONG }))).toBe('ok')
        expect(await outcome(read(key, { IfNoneMatch: ETag }))).toBe('304')
      }
    })

    it('conditions on time know only seconds', async () => {
      const key = target.key()
      await put(key, 'x')
      const { LastModified } = await head(key)
      const at = (deltaMs: number): Date => new Date((LastModified?.getTime() ?? 0) + deltaMs)
      expect(await outcome(get(key, { IfModifiedSince: at(-60_000) }))).toBe('ok')
      expect(await outcome(get(key, { IfModifiedSince: at(1000) }))).toBe('304')
      expect(await outcome(get(key, { IfUnmodifiedSince: at(1000) }))).toBe('ok')
      expect(await outcome(get(key, { IfUnmodifiedSince: at(-60_000) }))).toBe('412 PreconditionFailed')
    })

    it('If-Match of a key that is gone is 404', async () => {
      expect(await outcome(get(target.key(), { IfMatch: WRONG }))).toBe('404 NoSuchKey')
    })
  })

  describe('conditions on put', () => {
    it('If-None-Match: * creates, and never replaces', async () => {
      const key = target.key()
      expect(await outcome(put(key, 'first', { IfNoneMatch: '*' }))).toBe('ok')
      expect(await outcome(put(key, 'second', { IfNoneMatch: '*' }))).toBe('412 PreconditionFailed')
      expect(await textOf((await get(key)).Body)).toBe('first')
    })

    it('of sixteen who race to create a key exactly one wins, and the key holds its bytes', async () => {
      const key = target.key()
      const racers = Array.from({ length: 16 }, (_, index) => outcome(put(key, `racer ${index}`, { IfNoneMatch: '*' })))
      const results = await Promise.all(racers)
      expect(results.filter((result) => result === 'ok')).toHaveLength(1)
      expect(await textOf((await get(key)).Body)).toBe(`racer ${results.indexOf('ok')}`)
    })

    it('If-Match with the current ETag, quoted as it was given, replaces', async () => {
      const key = target.key()
      const { ETag } = await put(key, 'one')
      expectDifference(target, 'put-if-match-quoted', await outcome(put(key, 'two', { IfMatch: ETag })))
    })

    it('If-Match with the current ETag, unquoted, replaces', async () => {
      const key = target.key()
      const { ETag = '' } = await put(key, 'one')
      expect(await outcome(put(key, 'two', { IfMatch: ETag.replaceAll('"', '') }))).toBe('ok')
    })

    it('If-Match with another ETag leaves the object as it was', async () => {
      const key = target.key()
      await put(key, 'one')
      expect(await outcome(put(key, 'two', { IfMatch: WRONG }))).toBe('412 PreconditionFailed')
      expect(await textOf((await get(key)).Body)).toBe('one')
    })

    it('If-Match on a key that is not there is 404, and creates nothing', async () => {
      const key = target.key()
      expectDifference(target, 'put-if-match-missing', await outcome(put(key, 'x', { IfMatch: WRONG })))
      expect(await isThere(key)).toBe(false)
    })

    it('of sixteen who race to replace one version exactly one wins', async () => {
      const key = target.key()
      const { ETag = '' } = await put(key, 'base')
      const IfMatch = ETag.replaceAll('"', '')
      const results = await Promise.all(
        Array.from({ length: 16 }, (_, index) => outcome(put(key, `racer ${index}`, { IfMatch }))),
      )
      expect(results.filter((result) => result === 'ok')).toHaveLength(1)
      expect(await textOf((await get(key)).Body)).toBe(`racer ${results.indexOf('ok')}`)
    })
  })

  describe('conditions on delete', () => {
    it('If-Match with another ETag deletes nothing', async () => {
      const key = target.key()
      await put(key, 'x')
      expectDifference(target, 'delete-if-match', await outcome(remove(key, { IfMatch: WRONG })))
      expect(await isThere(key)).toBe(target.name !== 'rgw')
    })

    it('If-Match with the current ETag deletes', async () => {
      const key = target.key()
      const { ETag } = await put(key, 'x')
      expect(await outcome(remove(key, { IfMatch: ETag }))).toBe('ok')
      expect(await isThere(key)).toBe(false)
    })

    it('If-Match on a key that is not there is 404', async () => {
      expectDifference(target, 'delete-if-match-missing', await outcome(remove(target.key(), { IfMatch: WRONG })))
    })
  })

  describe('conditions on completing a multipart upload', () => {
    const complete = async (Key: string, more: object): Promise<string> => {
      const Bucket = target.bucket
      const { UploadId } = await target.s3.send(new CreateMultipartUploadCommand({ Bucket, Key }))
      const part = await target.s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: 'parts' }))
      const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: part.ETag }] }
      return outcome(
        target.s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload, ...more })),
      )
    }

    it('If-None-Match: * creates', async () => {
      expect(await complete(target.key(), { IfNoneMatch: '*' })).toBe('ok')
    })

    it('If-None-Match: * never replaces', async () => {
      const key = target.key()
      await put(key, 'first')
      expectDifference(target, 'complete-if-none-match', await complete(key, { IfNoneMatch: '*' }))
    })

    it('If-Match replaces the version it names', async () => {
      const key = target.key()
      const { ETag } = await put(key, 'first')
      expect(await complete(key, { IfMatch: ETag })).toBe('ok')
    })

    it('If-Match never replaces another version', async () => {
      const key = target.key()
      await put(key, 'first')
      expectDifference(target, 'complete-if-match', await complete(key, { IfMatch: WRONG }))
    })
  })
}
