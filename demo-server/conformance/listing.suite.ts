import {
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type ListObjectsV2CommandInput,
} from '@aws-sdk/client-s3'
import { beforeAll, describe, expect, it } from 'vitest'
import { expectDifference } from './differences.ts'
import { outcome } from './outcome.ts'
import type { Target } from './target.ts'

/** In the order of their UTF-8 bytes, which is not JavaScript's: U+FF5E comes before U+1F600. */
const NAMES = ['A', 'a', 'a b', 'a!b', 'a+b', 'a/1', 'a/2', 'a/b/3', 'a0', 'b/', 'b/x', 'z', 'é', '～', '😀']

export function describeListing(target: Target): void {
  describe('listing', () => {
    let folder = ''
    beforeAll(async () => {
      folder = target.key('')
      for (const name of [...NAMES].reverse()) {
        await target.s3.send(new PutObjectCommand({ Bucket: target.bucket, Key: folder + name, Body: name }))
      }
    })

    const page = (more: Partial<ListObjectsV2CommandInput> = {}) =>
      target.s3.send(new ListObjectsV2Command({ Bucket: target.bucket, Prefix: folder, ...more }))
    const names = (keys: (string | undefined)[] | undefined): string[] =>
      (keys ?? []).map((key) => (key ?? '').slice(folder.length))
    type Listed = {
      Contents?: { Key?: string | undefined }[] | undefined
      CommonPrefixes?: { Prefix?: string | undefined }[] | undefined
    }
    const objectsIn = (listed: Listed) => names(listed.Contents?.map((object) => object.Key))
    const prefixesIn = (listed: Listed) => names(listed.CommonPrefixes?.map((prefix) => prefix.Prefix))

    it('keys come in the order of their UTF-8 bytes', async () => {
      const listed = await page()
      expect(objectsIn(listed)).toEqual(NAMES)
      expect(listed.IsTruncated).toBe(false)
      expect(listed.KeyCount).toBe(NAMES.length)
    })

    it('each entry says size, ETag and time', async () => {
      const [first] = (await page({ MaxKeys: 1 })).Contents ?? []
      expect(first).toMatchObject({ Size: 1, ETag: '"7fc56270e7a70fa81a5935b72eacbe29"' })
      expect(Math.abs((first?.LastModified?.getTime() ?? 0) - Date.now())).toBeLessThan(10 * 60_000)
    })

    it('a delimiter folds what lies below into common prefixes', async () => {
      const listed = await page({ Delimiter: '/' })
      expect(objectsIn(listed)).toEqual(NAMES.filter((name) => !name.includes('/')))
      expect(prefixesIn(listed)).toEqual(['a/', 'b/'])
    })

    it('a prefix that ends in the delimiter lists the folder, its own object included', async () => {
      const listed = await page({ Prefix: `${folder}b/`, Delimiter: '/' })
      expect(objectsIn(listed)).toEqual(['b/', 'b/x'])
    })

    it.each([1, 2, 3, 7])('pages of %i add up to the whole', async (MaxKeys) => {
      const objects: string[] = []
      const prefixes: string[] = []
      let ContinuationToken: string | undefined
      do {
        const listed = await page({ Delimiter: '/', MaxKeys, ...(ContinuationToken ? { ContinuationToken } : {}) })
        const [found, folded] = [objectsIn(listed), prefixesIn(listed)]
        expect(found.length + folded.length).toBeLessThanOrEqual(MaxKeys)
        objects.push(...found)
        prefixes.push(...folded)
        ContinuationToken = listed.NextContinuationToken
        expect(listed.IsTruncated).toBe(ContinuationToken !== undefined)
      } while (ContinuationToken !== undefined)
      expect(objects).toEqual(NAMES.filter((name) => !name.includes('/')))
      expect(prefixes).toEqual(['a/', 'b/'])
    })

    it('start-after begins behind a key, there or not', async () => {
      expect(objectsIn(await page({ StartAfter: `${folder}b/x` }))).toEqual(['z', 'é', '～', '😀'])
      expect(objectsIn(await page({ StartAfter: `${folder}b/w` }))).toEqual(['b/x', 'z', 'é', '～', '😀'])
    })

    it('max-keys of 0 lists nothing and is not truncated', async () => {
      const listed = await page({ MaxKeys: 0 })
      expect([objectsIn(listed), listed.IsTruncated]).toEqual([[], false])
    })

    it('owners are told on request only', async () => {
      expect((await page({ MaxKeys: 1, FetchOwner: true })).Contents?.[0]?.Owner?.ID).toBeTruthy()
      expect((await page({ MaxKeys: 1 })).Contents?.[0]?.Owner).toBeUndefined()
    })

    it('encoding-type=url escapes keys, and spaces as plus signs', async () => {
      const listed = await page({ Prefix: `${folder}a b`, EncodingType: 'url' })
      const name = listed.Contents?.[0]?.Key?.split(/\/|%2F/).pop()
      expectDifference(target, 'encoding-of-space', name ?? 'absent')
    })

    it('a continuation token that is none is refused', async () => {
      expectDifference(target, 'bad-continuation-token', await outcome(page({ ContinuationToken: 'no such token' })))
    })

    it('the older listing pages by marker', async () => {
      const old = (Marker?: string) =>
        target.s3.send(
          new ListObjectsCommand({
            Bucket: target.bucket,
            Prefix: folder,
            Delimiter: '/',
            MaxKeys: 4,
            ...(Marker ? { Marker } : {}),
          }),
        )
      const objects: string[] = []
      const prefixes: string[] = []
      let marker: string | undefined
      do {
        const listed = await old(marker)
        objects.push(...objectsIn(listed))
        prefixes.push(...prefixesIn(listed))
        marker = listed.IsTruncated === true ? listed.NextMarker : undefined
      } while (marker !== undefined)
      expect(objects).toEqual(NAMES.filter((name) => !name.includes('/')))
      expect(prefixes).toEqual(['a/', 'b/'])
    })

    it('a listing of a bucket that is not there is 404', async () => {
      const Bucket = target.bucketName('none')
      expect(await outcome(target.s3.send(new ListObjectsV2Command({ Bucket })))).toBe('404 NoSuchBucket')
    })
  })
}
