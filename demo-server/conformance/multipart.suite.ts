import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3'
import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { expectDifference } from './differences.ts'
import { bareETag, bytesOf, outcome, quotesOf, textOf } from './outcome.ts'
import type { Target } from './target.ts'

const MIB = 1024 * 1024
const WRONG = '"00000000000000000000000000000000"'

const md5 = (bytes: Buffer): Buffer => createHash('md5').update(bytes).digest()

export function describeMultipart(target: Target): void {
  const create = async (Key: string, more = {}): Promise<string> => {
    const begun = await target.s3.send(new CreateMultipartUploadCommand({ Bucket: target.bucket, Key, ...more }))
    return begun.UploadId ?? ''
  }
  const part = async (
    Key: string,
    UploadId: string,
    PartNumber: number,
    Body: Buffer | string,
  ): Promise<CompletedPart> => {
    const { bucket: Bucket } = target
    const { ETag } = await target.s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }))
    return { PartNumber, ETag }
  }
  const complete = (Key: string, UploadId: string, Parts: CompletedPart[]) =>
    target.s3.send(
      new CompleteMultipartUploadCommand({ Bucket: target.bucket, Key, UploadId, MultipartUpload: { Parts } }),
    )
  const get = (Key: string, more = {}) => target.s3.send(new GetObjectCommand({ Bucket: target.bucket, Key, ...more }))
  const head = (Key: string) => target.s3.send(new HeadObjectCommand({ Bucket: target.bucket, Key }))
  const partCopy = (from: string, Key: string, UploadId: string, PartNumber: number, more = {}) =>
    target.s3.send(
      new UploadPartCopyCommand({
        Bucket: target.bucket,
        Key,
        UploadId,
        PartNumber,
        CopySource: `${target.bucket}/${from}`,
        ...more,
      }),
    )

  describe('multipart uploads', () => {
    it('parts become one object, with the metadata the upload began with and the ETag of parts', async () => {
      const key = target.key()
      const [first, second] = [randomBytes(5 * MIB), randomBytes(12345)]
      const id = await create(key, { Metadata: { mtime: '5' }, ContentType: 'text/x-special' })
      const parts = [await part(key, id, 1, first), await part(key, id, 2, second)]
      expect(parts[0]?.ETag).toBe(`"${md5(first).toString('hex')}"`)
      const done = await complete(key, id, parts)
      const etag = `"${md5(Buffer.concat([md5(first), md5(second)])).toString('hex')}-2"`
      expectDifference(target, 'complete-etag', quotesOf(done.ETag))
      const got = await get(key)
      expect(got).toMatchObject({ ETag: etag, Metadata: { mtime: '5' }, ContentType: 'text/x-special' })
      expect((await bytesOf(got.Body)).equals(Buffer.concat([first, second]))).toBe(true)
      const across = await get(key, { Range: `bytes=${5 * MIB - 3}-${5 * MIB + 2}` })
      expect((await bytesOf(across.Body)).equals(Buffer.concat([first.subarray(-3), second.subarray(0, 3)]))).toBe(true)
    })

    it('nothing shows before the upload is completed', async () => {
      const key = target.key()
      const id = await create(key)
      const parts = [await part(key, id, 1, 'x')]
      expect(await outcome(head(key))).toBe('404')
      await complete(key, id, parts)
      expect(await outcome(head(key))).toBe('ok')
    })

    it('parts that are not named are left out', async () => {
      const key = target.key()
      const id = await create(key)
      const parts = [await part(key, id, 1, 'taken')]
      await part(key, id, 2, 'left out')
      const result = await outcome(complete(key, id, parts))
      expectDifference(target, 'complete-subset', result)
      if (result === 'ok') expect(await textOf((await get(key)).Body)).toBe('taken')
    })

    it('part numbers may have gaps, and the last upload of a number counts', async () => {
      const key = target.key()
      const id = await create(key)
      await part(key, id, 3, 'old')
      const big = await part(key, id, 2, Buffer.alloc(5 * MIB, 'a'))
      await complete(key, id, [big, await part(key, id, 3, 'new')])
      const tail = await get(key, { Range: 'bytes=-4' })
      expect(await textOf(tail.Body)).toBe('anew')
    })

    it('parts must be named in ascending order', async () => {
      const key = target.key()
      const id = await create(key)
      const parts = [await part(key, id, 2, Buffer.alloc(5 * MIB)), await part(key, id, 1, Buffer.alloc(5 * MIB))]
      expectDifference(target, 'complete-order', await outcome(complete(key, id, parts)))
    })

    it('parts are listed in order, page by page', async () => {
      const key = target.key()
      const id = await create(key)
      for (const number of [3, 1, 2]) await part(key, id, number, `part ${number}`)
      const list = (more = {}) =>
        target.s3.send(new ListPartsCommand({ Bucket: target.bucket, Key: key, UploadId: id, ...more }))
      const first = await list({ MaxParts: 2 })
      expect(first.Parts?.map((one) => [one.PartNumber, one.Size])).toEqual([
        [1, 6],
        [2, 6],
      ])
      expect(first.IsTruncated).toBe(true)
      const second = await list({ PartNumberMarker: first.NextPartNumberMarker })
      expect(second.Parts?.map((one) => one.PartNumber)).toEqual([3])
      expect(second.IsTruncated).toBe(false)
    })

    it('uploads in progress are listed, and gone once they end', async () => {
      const folder = target.key('')
      const [one, two] = [`${folder}one`, `${folder}two`]
      const ids = [await create(one), await create(two)]
      const list = async () => {
        const found = await target.s3.send(new ListMultipartUploadsCommand({ Bucket: target.bucket, Prefix: folder }))
        return (found.Uploads ?? []).map((upload) => [upload.Key, upload.UploadId])
      }
      expect(await list()).toEqual([
        [one, ids[0]],
        [two, ids[1]],
      ])
      await target.s3.send(new AbortMultipartUploadCommand({ Bucket: target.bucket, Key: one, UploadId: ids[0] }))
      await complete(two, ids[1] ?? '', [await part(two, ids[1] ?? '', 1, 'x')])
      expect(await list()).toEqual([])
    })

    it('an upload that has ended takes no more', async () => {
      const key = target.key()
      const id = await create(key)
      const parts = [await part(key, id, 1, 'x')]
      await target.s3.send(new AbortMultipartUploadCommand({ Bucket: target.bucket, Key: key, UploadId: id }))
      expect(await outcome(part(key, id, 2, 'y'))).toBe('404 NoSuchUpload')
      expectDifference(target, 'complete-after-abort', await outcome(complete(key, id, parts)))
    })

    it('completing refuses what does not add up', async () => {
      const key = target.key()
      const id = await create(key)
      const [first, second] = [await part(key, id, 1, 'small'), await part(key, id, 2, 'small too')]
      expect(await outcome(complete(key, id, [first, second]))).toBe('400 EntityTooSmall')
      expect(await outcome(complete(key, id, [{ PartNumber: 1, ETag: WRONG }]))).toBe('400 InvalidPart')
      expect(await outcome(complete(key, id, [{ PartNumber: 7, ETag: WRONG }]))).toBe('400 InvalidPart')
      expect(await outcome(complete(key, id, []))).toBe('400 MalformedXML')
      expectDifference(target, 'part-number-limit', await outcome(part(key, id, 10_001, 'x')))
      expectDifference(target, 'part-number-zero', await outcome(part(key, id, 0, 'x')))
      expect(await outcome(head(key))).toBe('404')
    })
  })

  describe('parts copied on the server', () => {
    it('ranges of an object and new bytes make a new version of it', async () => {
      const key = target.key()
      const old = randomBytes(11 * MIB)
      const { ETag } = await target.s3.send(new PutObjectCommand({ Bucket: target.bucket, Key: key, Body: old }))
      const id = await create(key)
      const kept = await partCopy(key, key, id, 1, {
        CopySourceRange: `bytes=0-${6 * MIB - 1}`,
        CopySourceIfMatch: ETag,
      })
      expectDifference(target, 'copy-etag', quotesOf(kept.CopyPartResult?.ETag))
      expect(bareETag(kept.CopyPartResult?.ETag)).toBe(md5(old.subarray(0, 6 * MIB)).toString('hex'))
      const parts = [{ PartNumber: 1, ETag: kept.CopyPartResult?.ETag }, await part(key, id, 2, 'changed')]
      await complete(key, id, parts)
      const got = await bytesOf((await get(key)).Body)
      expect(got.equals(Buffer.concat([old.subarray(0, 6 * MIB), Buffer.from('changed')]))).toBe(true)
    })

    it('a source without a range is copied whole', async () => {
      const [from, key] = [target.key('from'), target.key('to')]
      await target.s3.send(new PutObjectCommand({ Bucket: target.bucket, Key: from, Body: 'whole' }))
      const id = await create(key)
      const copied = await partCopy(from, key, id, 1)
      await complete(key, id, [{ PartNumber: 1, ETag: copied.CopyPartResult?.ETag }])
      expect(await textOf((await get(key)).Body)).toBe('whole')
    })

    it('a source that is another version, gone, or too short is refused', async () => {
      const [from, key] = [target.key('from'), target.key('to')]
      await target.s3.send(new PutObjectCommand({ Bucket: target.bucket, Key: from, Body: 'short' }))
      const id = await create(key)
      const changed = partCopy(from, key, id, 1, { CopySourceIfMatch: WRONG })
      expectDifference(target, 'part-copy-source-if-match', await outcome(changed))
      expect(await outcome(partCopy(target.key('none'), key, id, 1))).toBe('404 NoSuchKey')
      const beyond = partCopy(from, key, id, 1, { CopySourceRange: 'bytes=0-99' })
      expectDifference(target, 'part-copy-beyond-end', await outcome(beyond))
    })
  })
}
