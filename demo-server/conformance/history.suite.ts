/** What reading and bringing back old versions stands on: listings of a long history, reads and copies by version id. */
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UploadPartCopyCommand,
  type ListObjectVersionsCommandOutput,
} from '@aws-sdk/client-s3'
import { beforeAll, describe, expect, it } from 'vitest'
import { expectDifference } from './differences.ts'
import { outcome, textOf } from './outcome.ts'
import type { Target } from './target.ts'

export function describeHistory(target: Target): void {
  describe('the history of a versioned bucket', () => {
    let Bucket = ''
    beforeAll(async () => {
      Bucket = target.bucketName('history')
      await target.s3.send(new CreateBucketCommand({ Bucket }))
      const VersioningConfiguration = { Status: 'Enabled' as const }
      await target.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))
    })
    const put = (Key: string, Body: string, more = {}) =>
      target.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }))
    const remove = (Key: string) => target.s3.send(new DeleteObjectCommand({ Bucket, Key }))
    const read = async (Key: string, more = {}) =>
      textOf((await target.s3.send(new GetObjectCommand({ Bucket, Key, ...more }))).Body)
    const list = (Prefix: string, more = {}) =>
      target.s3.send(new ListObjectVersionsCommand({ Bucket, Prefix, EncodingType: 'url', ...more }))
    const sourceOf = (key: string, versionId: string | undefined) =>
      `${Bucket}/${encodeURIComponent(key).replaceAll('%2F', '/')}?versionId=${encodeURIComponent(versionId ?? '')}`
    const keysIn = (page: ListObjectVersionsCommandOutput) =>
      [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(({ Key }) =>
        decodeURIComponent((Key ?? '').replaceAll('+', ' ')),
      )

    it('is listed in pages that give every version once, whatever the page size', async () => {
      const prefix = target.key('pages')
      for (const name of ['/a', '/b', '/c d']) for (const body of ['1', '2', '3']) await put(prefix + name, body)
      await remove(`${prefix}/b`)
      for (const MaxKeys of [1, 2, 3, 7]) {
        const seen: string[] = []
        let after: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {}
        while (after !== undefined) {
          const page: ListObjectVersionsCommandOutput = await list(prefix, { MaxKeys, ...after })
          seen.push(
            ...[...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map((one) => `${one.Key} ${one.VersionId}`),
          )
          const KeyMarker = decodeURIComponent((page.NextKeyMarker ?? '').replaceAll('+', ' '))
          after = page.IsTruncated ? { KeyMarker, VersionIdMarker: page.NextVersionIdMarker } : undefined
        }
        expect(seen, `pages of ${MaxKeys}`).toHaveLength(10)
        expect(new Set(seen).size).toBe(10)
      }
    })

    it('shows a key before the keys that only begin like it', async () => {
      const key = target.key('same')
      await put(`${key}-longer`, '1')
      await put(`${key}/below`, '1')
      await put(key, '1')
      expect(keysIn(await list(key, { MaxKeys: 1 }))).toEqual([key])
    })

    it('gives a version its attributes, its bytes and parts of them', async () => {
      const key = target.key()
      const old = await put(key, 'the old one', { Metadata: { mode: '33188' }, ContentType: 'text/x-old' })
      await put(key, 'new')
      const head = await target.s3.send(new HeadObjectCommand({ Bucket, Key: key, VersionId: old.VersionId }))
      expect(head).toMatchObject({
        ETag: old.ETag,
        ContentLength: 11,
        ContentType: 'text/x-old',
        Metadata: { mode: '33188' },
      })
      const VersionId = old.VersionId
      expect(await read(key, { VersionId, Range: 'bytes=4-6', IfMatch: old.ETag })).toBe('old')
    })

    it('is silent about a version that never was', async () => {
      const key = target.key()
      const { VersionId } = await put(key, 'x')
      const other = await put(target.key(), 'y')
      const found = await outcome(read(key, { VersionId: other.VersionId ?? '' }))
      expect(['404 NoSuchVersion', '404 NoSuchKey']).toContain(found)
      expect(await read(key, { VersionId })).toBe('x')
    })

    it('copies from a version, also of odd keys, and sees its ETag', async () => {
      for (const name of ['plain', 'with space & plus+', 'ü/ä?versionId=x', '100%']) {
        const key = target.key(name)
        const old = await put(key, `old ${name}`, { Metadata: { kept: 'yes' } })
        await put(key, 'new')
        const CopySource = sourceOf(key, old.VersionId)
        const copied = target.s3.send(
          new CopyObjectCommand({ Bucket, Key: key, CopySource, CopySourceIfMatch: old.ETag }),
        )
        expect(await outcome(copied), name).toBe('ok')
        expect(await read(key)).toBe(`old ${name}`)
      }
    })

    it('copies a part from a version, and completes onto the version that was seen or onto a deletion', async () => {
      const key = target.key()
      const old = await put(key, 'the old content')
      const seen = await put(key, 'new')
      const back = async (condition: { IfMatch?: string | undefined; IfNoneMatch?: string }) => {
        const { UploadId } = await target.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: key }))
        const CopySource = sourceOf(key, old.VersionId)
        const part = await target.s3.send(
          new UploadPartCopyCommand({
            Bucket,
            Key: key,
            UploadId,
            PartNumber: 1,
            CopySource,
            CopySourceRange: 'bytes=0-14',
          }),
        )
        const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: part.CopyPartResult?.ETag }] }
        const complete = { Bucket, Key: key, UploadId, MultipartUpload, ...condition }
        return outcome(target.s3.send(new CompleteMultipartUploadCommand(complete)))
      }
      expect(await back({ IfMatch: seen.ETag })).toBe('ok')
      expect(await read(key)).toBe('the old content')
      expectDifference(target, 'complete-if-match', await back({ IfMatch: seen.ETag }))
      await remove(key)
      expect(await back({ IfNoneMatch: '*' })).toBe('ok')
      expect(await read(key)).toBe('the old content')
      expectDifference(target, 'complete-if-none-match', await back({ IfNoneMatch: '*' }))
    })
  })
}
