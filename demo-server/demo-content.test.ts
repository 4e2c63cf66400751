import { inflateSync } from 'node:zlib'
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { quarterlyReport } from './content/documents.ts'
import { encodePng } from './content/png.ts'
import { DEMO_BUCKET, fillDemoBucket, LARGE_KEY, noise } from './demo-content.ts'
import { readContent } from './storage/blobs.ts'
import { openStorage } from './storage/storage.ts'

describe('the demo bucket', () => {
  it('is filled once, the same every time, and left alone after', async () => {
    const hashes = async (): Promise<string> => {
      const storage = await openStorage(undefined)
      const keys = await fillDemoBucket(storage, { largeBytes: 3_000_000 })
      expect(await fillDemoBucket(storage)).toEqual([])
      const bucket = storage.bucket(DEMO_BUCKET)
      expect(bucket.current(LARGE_KEY)?.sizeBytes).toBe(3_000_000)
      expect(keys).toContain('Documents/Résumé – Zoë Müller.md')
      return keys.map((key) => `${key} ${bucket.current(key)?.etag}`).join('\n')
    }
    expect(await hashes()).toBe(await hashes())
  })

  it('streams its large file, whose bytes are those stored', async () => {
    const storage = await openStorage(undefined)
    await fillDemoBucket(storage, { largeBytes: 20_000_001 })
    const [stored, made] = [createHash('md5'), createHash('md5')]
    for await (const piece of readContent(storage.bucket(DEMO_BUCKET).current(LARGE_KEY)?.content ?? []))
      stored.update(piece)
    for await (const piece of noise(20_000_001)) made.update(piece)
    expect(stored.digest('hex')).toBe(made.digest('hex'))
  })

  it('has a PDF whose table of objects points at its objects', () => {
    const text = quarterlyReport().toString('latin1')
    const table = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1])
    const entries = text.slice(table).matchAll(/^(\d{10}) 00000 n $/gm)
    let number = 0
    for (const [, offset] of entries) expect(text.slice(Number(offset))).toMatch(new RegExp(`^${++number} 0 obj\n`))
    expect(number).toBe(8)
    for (const [, length, stream] of text.matchAll(/<< \/Length (\d+) >>\nstream\n([^]*?)\nendstream/g)) {
      expect(stream?.length).toBe(Number(length))
    }
  })

  it('has PNGs that hold the pixels they were made of', () => {
    const png = encodePng(2, 1, (x) => (x === 0 ? [1, 2, 3] : [4, 5, 6]))
    expect(png.subarray(12, 16).toString()).toBe('IHDR')
    const start = png.indexOf('IDAT')
    const length = png.readUInt32BE(start - 4)
    expect([...inflateSync(png.subarray(start + 4, start + 4 + length))]).toEqual([0, 1, 2, 3, 4, 5, 6])
  })
})
