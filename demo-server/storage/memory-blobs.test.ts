import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { contentOf, readContent, sliceContent, sizeOf } from './blobs.ts'
import { MemoryBlobs } from './memory-blobs.ts'

describe('blobs in memory', () => {
  const body = randomBytes(20_000_000)

  it.each([
    ['announced rightly', body.length, 65_536],
    ['not announced', 0, 1_000_000],
    ['announced too small, in odd pieces', 1000, 777_777],
  ])('hold what was written: %s', async (_, announcedBytes, pieceBytes) => {
    const blobs = new MemoryBlobs()
    const writer = await blobs.writer(announcedBytes)
    for (let offset = 0; offset < body.length; offset += pieceBytes)
      await writer.write(body.subarray(offset, offset + pieceBytes))
    const blob = await writer.finish()
    expect(blobs.usedBytes).toBe(body.length)
    for (const [start, end] of [
      [0, body.length],
      [8_388_607, 8_388_609],
      [5, 19_999_999],
    ] as const) {
      const slice = sliceContent(contentOf(blob), start, end)
      expect(sizeOf(slice)).toBe(end - start)
      const pieces: Buffer[] = []
      for await (const piece of readContent(slice)) pieces.push(piece)
      expect(Buffer.concat(pieces).equals(body.subarray(start, end))).toBe(true)
    }
    blob.release()
    expect(blobs.usedBytes).toBe(0)
  })
})
