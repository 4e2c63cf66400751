import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { expectDifference } from './differences.ts'
import { outcome, textOf } from './outcome.ts'
import type { Target } from './target.ts'

/** Everything a path could not hold, and what URLs, XML and shells trip over. */
export const ODD_NAMES = [
  'plain',
  'with space',
  ' leading and trailing ',
  'plus+plus',
  'percent%20literal',
  'a//b',
  '/leading slash',
  'trailing/',
  './dot',
  '../dot-dot',
  'a/./b/../c',
  'ünïcödé',
  'u\u0308 decomposed',
  '日本語',
  '😀 beyond the basic plane',
  'quote"\'`',
  '<xml>&amp;',
  'question?mark=1&x=2',
  'hash#semi;colon:comma,',
  'star*paren()!~@$^|\\{}[]',
  'newline\nin',
  'tab\tin',
  'carriage\rreturn',
  'control\u0001\u001f',
  'x'.repeat(255),
]

export function describeKeys(target: Target): void {
  describe('odd keys', () => {
    const list = (Prefix: string) =>
      target.s3.send(new ListObjectsV2Command({ Bucket: target.bucket, Prefix, EncodingType: 'url' }))
    /** AWS writes a space as `+`, Ceph as `%20`; `+` itself is escaped by both. */
    const decodeListed = (text: string | undefined): string => decodeURIComponent((text ?? '').replace(/\+/g, '%20'))

    it.each(ODD_NAMES)('%j can be put, read, listed, copied and deleted', async (name) => {
      const folder = target.key('')
      const key = folder + name
      const Bucket = target.bucket
      await target.s3.send(new PutObjectCommand({ Bucket, Key: key, Body: name }))
      expect(await textOf((await target.s3.send(new GetObjectCommand({ Bucket, Key: key }))).Body)).toBe(name)
      expect((await list(folder)).Contents?.map((object) => decodeListed(object.Key))).toEqual([key])

      const copied = `${folder}copy`
      const CopySource = `${Bucket}/${encodeURIComponent(key)}`
      await target.s3.send(new CopyObjectCommand({ Bucket, Key: copied, CopySource }))
      expect(await textOf((await target.s3.send(new GetObjectCommand({ Bucket, Key: copied }))).Body)).toBe(name)

      await target.s3.send(new DeleteObjectCommand({ Bucket, Key: key }))
      expect(await outcome(target.s3.send(new GetObjectCommand({ Bucket, Key: key })))).toBe('404 NoSuchKey')
    })

    it('a batch deletes odd keys like others', async () => {
      const folder = target.key('')
      const Bucket = target.bucket
      // eslint-disable-next-line no-control-regex
      const keys = ODD_NAMES.filter((name) => !/[\u0000-\u0008]/.test(name)).map((name) => folder + name)
      for (const Key of keys) await target.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))
      const Delete = { Objects: keys.map((Key) => ({ Key })) }
      expect((await target.s3.send(new DeleteObjectsCommand({ Bucket, Delete }))).Errors ?? []).toEqual([])
      expect((await list(folder)).KeyCount).toBe(0)
    })

    it('a batch cannot name a key with characters that XML has no place for', async () => {
      const Delete = { Objects: [{ Key: target.key('control\u0001') }] }
      const call = target.s3.send(new DeleteObjectsCommand({ Bucket: target.bucket, Delete }))
      expectDifference(target, 'batch-delete-control', await outcome(call))
    })
  })
}
