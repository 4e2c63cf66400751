import { CopyObjectCommand, GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { expectDifference } from './differences.ts'
import { bareETag, outcome, quotesOf, textOf } from './outcome.ts'
import type { Target } from './target.ts'

const WRONG = '"00000000000000000000000000000000"'

export function describeCopy(target: Target): void {
  describe('copy', () => {
    const put = (Key: string, Body: string, more = {}) =>
      target.s3.send(new PutObjectCommand({ Bucket: target.bucket, Key, Body, ...more }))
    const head = (Key: string) => target.s3.send(new HeadObjectCommand({ Bucket: target.bucket, Key }))
    const read = async (Key: string) =>
      textOf((await target.s3.send(new GetObjectCommand({ Bucket: target.bucket, Key }))).Body)
    const copy = (from: string, Key: string, more = {}) =>
      target.s3.send(
        new CopyObjectCommand({ Bucket: target.bucket, Key, CopySource: `${target.bucket}/${from}`, ...more }),
      )

    it('a copy has the bytes, ETag, type and metadata of its source', async () => {
      const [from, to] = [target.key('from'), target.key('to')]
      const { ETag } = await put(from, 'copied', { Metadata: { mtime: '12' }, ContentType: 'text/x-special' })
      const copied = (await copy(from, to)).CopyObjectResult?.ETag
      expectDifference(target, 'copy-etag', quotesOf(copied))
      expect(bareETag(copied)).toBe(bareETag(ETag))
      expect(await read(to)).toBe('copied')
      expect(await head(to)).toMatchObject({ ETag, Metadata: { mtime: '12' }, ContentType: 'text/x-special' })
    })

    it('REPLACE gives the copy its own type and metadata', async () => {
      const [from, to] = [target.key('from'), target.key('to')]
      await put(from, 'x', { Metadata: { old: '1' }, ContentType: 'text/x-special' })
      await copy(from, to, { MetadataDirective: 'REPLACE', Metadata: { new: '2' }, ContentType: 'text/plain' })
      const found = await head(to)
      expect([found.Metadata, found.ContentType]).toEqual([{ new: '2' }, 'text/plain'])
    })

    it('an object copied onto itself changes its metadata and keeps its bytes', async () => {
      const key = target.key()
      await put(key, 'same', { Metadata: { mode: '1' } })
      expect(await outcome(copy(key, key))).toBe('400 InvalidRequest')
      await copy(key, key, { MetadataDirective: 'REPLACE', Metadata: { mode: '2' } })
      expect((await head(key)).Metadata).toEqual({ mode: '2' })
      expect(await read(key)).toBe('same')
    })

    it('a source that is not there is 404', async () => {
      expect(await outcome(copy(target.key(), target.key()))).toBe('404 NoSuchKey')
    })

    it('a source that is the version named is copied', async () => {
      const from = target.key()
      const { ETag } = await put(from, 'x')
      expect(await outcome(copy(from, target.key(), { CopySourceIfMatch: ETag }))).toBe('ok')
      expect(await outcome(copy(from, target.key(), { CopySourceIfNoneMatch: WRONG }))).toBe('ok')
    })

    it('a source that is another version is not copied', async () => {
      const from = target.key()
      const { ETag } = await put(from, 'x')
      expectDifference(
        target,
        'copy-source-if-match',
        await outcome(copy(from, target.key(), { CopySourceIfMatch: WRONG })),
      )
      const call = copy(from, target.key(), { CopySourceIfNoneMatch: ETag })
      expectDifference(target, 'copy-source-if-none-match', await outcome(call))
    })

    it('If-None-Match: * on the target never replaces', async () => {
      const [from, to] = [target.key('from'), target.key('to')]
      await put(from, 'new')
      await put(to, 'there')
      expectDifference(target, 'copy-if-none-match', await outcome(copy(from, to, { IfNoneMatch: '*' })))
    })

    it('If-Match on the target replaces only the version it names', async () => {
      const [from, to] = [target.key('from'), target.key('to')]
      await put(from, 'new')
      const { ETag } = await put(to, 'there')
      expectDifference(target, 'copy-if-match', await outcome(copy(from, to, { IfMatch: WRONG })))
      await put(to, 'there')
      expect(await outcome(copy(from, to, { IfMatch: ETag }))).toBe('ok')
    })
  })
}
