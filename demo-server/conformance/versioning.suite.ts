import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { beforeAll, describe, expect, it } from 'vitest'
import { expectDifference } from './differences.ts'
import { outcome, textOf } from './outcome.ts'
import type { Target } from './target.ts'

export function describeBuckets(target: Target): void {
  describe('buckets', () => {
    it('a bucket can be made, found, and removed once it is empty', async () => {
      const Bucket = target.bucketName('made')
      await target.s3.send(new CreateBucketCommand({ Bucket }))
      expect(await outcome(target.s3.send(new CreateBucketCommand({ Bucket })))).toBe('ok')
      expect(await outcome(target.s3.send(new HeadBucketCommand({ Bucket })))).toBe('ok')
      const { Buckets } = await target.s3.send(new ListBucketsCommand({}))
      expect(Buckets?.map((bucket) => bucket.Name)).toContain(Bucket)
      await target.s3.send(new PutObjectCommand({ Bucket, Key: 'x', Body: 'x' }))
      expect(await outcome(target.s3.send(new DeleteBucketCommand({ Bucket })))).toBe('409 BucketNotEmpty')
      await target.s3.send(new DeleteObjectCommand({ Bucket, Key: 'x' }))
      expect(await outcome(target.s3.send(new DeleteBucketCommand({ Bucket })))).toBe('ok')
      expect(await outcome(target.s3.send(new HeadBucketCommand({ Bucket })))).toBe('404')
    })

    it('a name that breaks the rules is refused', async () => {
      for (const Bucket of ['ab', 'Upper-Case', 'dot..dot', '-dash']) {
        const call = target.s3.send(new CreateBucketCommand({ Bucket }))
        expect(['400 InvalidBucketName', '400'], Bucket).toContain(await outcome(call))
      }
    })

    it('says where it is, and that it was never versioned', async () => {
      const Bucket = target.bucket
      const { LocationConstraint } = await target.s3.send(new GetBucketLocationCommand({ Bucket }))
      expectDifference(target, 'location', LocationConstraint || 'us-east-1')
      expect((await target.s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBeUndefined()
    })
  })
}

export function describeVersioning(target: Target): void {
  describe('versioning', () => {
    let Bucket = ''
    beforeAll(async () => {
      Bucket = target.bucketName('versions')
      await target.s3.send(new CreateBucketCommand({ Bucket }))
      await setStatus('Enabled')
    })
    const setStatus = (Status: 'Enabled' | 'Suspended') =>
      target.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }))
    const put = (Key: string, Body: string, more = {}) =>
      target.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }))
    const get = (Key: string, VersionId?: string) =>
      target.s3.send(new GetObjectCommand({ Bucket, Key, ...(VersionId ? { VersionId } : {}) }))
    const read = async (Key: string, VersionId?: string) => textOf((await get(Key, VersionId)).Body)
    const remove = (Key: string, VersionId?: string) =>
      target.s3.send(new DeleteObjectCommand({ Bucket, Key, ...(VersionId ? { VersionId } : {}) }))
    const versions = (Prefix: string, more = {}) =>
      target.s3.send(new ListObjectVersionsCommand({ Bucket, Prefix, ...more }))

    it('every put makes a version that can be read by its id', async () => {
      const key = target.key()
      const [one, two] = [await put(key, 'one'), await put(key, 'two')]
      expect(one.VersionId).toBeTruthy()
      expect(two.VersionId).not.toBe(one.VersionId)
      expect(await read(key)).toBe('two')
      expect(await read(key, one.VersionId)).toBe('one')
      const head = await target.s3.send(new HeadObjectCommand({ Bucket, Key: key }))
      expect(head.VersionId).toBe(two.VersionId)
    })

    it('delete hides the object behind a marker, and removing the marker brings it back', async () => {
      const key = target.key()
      await put(key, 'kept')
      const marker = await remove(key)
      expect(marker.DeleteMarker).toBe(true)
      expect(await outcome(get(key))).toBe('404 NoSuchKey')
      expect((await target.s3.send(new ListObjectsV2Command({ Bucket, Prefix: key }))).KeyCount).toBe(0)
      expectDifference(target, 'get-delete-marker', await outcome(get(key, marker.VersionId)))
      await remove(key, marker.VersionId)
      expect(await read(key)).toBe('kept')
    })

    it('deleting the newest version uncovers the one before', async () => {
      const key = target.key()
      await put(key, 'one')
      const { VersionId } = await put(key, 'two')
      await remove(key, VersionId)
      expect(await read(key)).toBe('one')
    })

    it('versions are listed newest first, markers among them, page by page', async () => {
      const key = target.key()
      const [one, two] = [await put(key, 'one'), await put(key, 'two')]
      const marker = await remove(key)
      const all = await versions(key)
      expect(all.Versions?.map((version) => [version.VersionId, version.IsLatest])).toEqual([
        [two.VersionId, false],
        [one.VersionId, false],
      ])
      expect(all.DeleteMarkers?.map((each) => [each.VersionId, each.IsLatest])).toEqual([[marker.VersionId, true]])
      const first = await versions(key, { MaxKeys: 2 })
      expect(first.IsTruncated).toBe(true)
      const rest = await versions(key, {
        KeyMarker: first.NextKeyMarker,
        VersionIdMarker: first.NextVersionIdMarker,
      })
      expect(rest.Versions?.map((version) => version.VersionId)).toEqual([one.VersionId])
    })

    it('an old version can be copied back', async () => {
      const key = target.key()
      const { VersionId } = await put(key, 'one')
      await put(key, 'two')
      const CopySource = `${Bucket}/${key}?versionId=${encodeURIComponent(VersionId ?? '')}`
      await target.s3.send(new CopyObjectCommand({ Bucket, Key: key, CopySource }))
      expect(await read(key)).toBe('one')
    })

    it('If-None-Match: * creates over a delete marker, and never over an object', async () => {
      const key = target.key()
      await put(key, 'one')
      expectDifference(target, 'versioned-if-none-match', await outcome(put(key, 'two', { IfNoneMatch: '*' })))
      await remove(key)
      expect(await outcome(put(key, 'three', { IfNoneMatch: '*' }))).toBe('ok')
    })

    it('when suspended, puts share the version "null", and older versions stay', async () => {
      const key = target.key()
      const { VersionId } = await put(key, 'kept')
      await setStatus('Suspended')
      try {
        await put(key, 'null one')
        await put(key, 'null two')
        expect(await read(key, 'null')).toBe('null two')
        expect((await versions(key)).Versions?.map((version) => version.VersionId)).toEqual(['null', VersionId])
        expect((await remove(key)).DeleteMarker).toBe(true)
        expect(await outcome(get(key))).toBe('404 NoSuchKey')
        expect(await read(key, VersionId)).toBe('kept')
      } finally {
        await setStatus('Enabled')
      }
    })
  })
}
