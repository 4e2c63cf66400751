import { afterEach, beforeEach, expect, test } from 'vitest'
import { chunkBytes } from '../cache/content-store.ts'
import type { LocalDrive } from '../drive.ts'
import { meterStore, type StoreMeter } from '../s3/metered-store.ts'
import { StoreError, type ByteRange, type ObjectHead, type ObjectStore, type UploadedPart } from '../s3/store.ts'
import { drained, openTestDrive, scratchDirectory } from '../testing/local-drive.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { createMemoryStore } from '../testing/memory-store.ts'

const gibibyte = 1024 ** 3
const key = 'huge'

type Piece = { range: ByteRange; body: Uint8Array | 'zeros' }

/** A bucket with one object of zeros that takes no room, as long as whoever changes it copies what he does not change. */
function bucketWithZeros(): { store: ObjectStore; pieces: () => readonly Piece[] } {
  const memory = createMemoryStore()
  let head: ObjectHead = { etag: '"zeros"', sizeBytes: gibibyte, lastModifiedMs: 0, metadata: {}, systemHeaders: {} }
  let pieces: Piece[] = []
  const parts = new Map<number, Piece['body']>()
  const assertVersion = (etag: string | undefined): void => {
    if (etag !== head.etag) throw new StoreError('conflict', { code: 'conflict', message: 'another version' })
  }
  const store: ObjectStore = {
    ...memory,
    head: async () => head,
    list: async ({ prefix }) => ({ objects: [{ ...head, key }].filter(() => key.startsWith(prefix)), prefixes: [] }),
    get: async (_key, { range, ifMatch }) => {
      assertVersion(ifMatch)
      const { start, end } = range ?? { start: 0, end: gibibyte }
      return { head, body: [new Uint8Array(end - start)][Symbol.iterator]() as unknown as AsyncIterable<Uint8Array> }
    },
    createMultipartUpload: async () => 'upload',
    uploadPart: async (_key, _upload, partNumber, body) => {
      parts.set(partNumber, Uint8Array.from(body))
      return { partNumber, etag: `"sent-${partNumber}"` }
    },
    uploadPartCopy: async (_key, _upload, partNumber, source) => {
      assertVersion(source.etag)
      parts.set(partNumber, 'zeros')
      return { partNumber, etag: `"copied-${partNumber}"` }
    },
    completeMultipartUpload: async (_key, _upload, listed: UploadedPart[], condition) => {
      assertVersion(condition?.kind === 'version' ? condition.etag : undefined)
      pieces = listed.map(({ partNumber }) => {
        const start = (partNumber - 1) * chunkBytes
        return { range: { start, end: start + chunkBytes }, body: parts.get(partNumber) ?? 'zeros' }
      })
      head = { ...head, etag: '"changed"' }
      return { etag: head.etag }
    },
  }
  return { store, pieces: () => pieces }
}

let clock: ManualClock
let drive: LocalDrive
let meter: StoreMeter
let bucket: ReturnType<typeof bucketWithZeros>
let scratch: ReturnType<typeof scratchDirectory>

beforeEach(() => {
  clock = new ManualClock()
  scratch = scratchDirectory()
  bucket = bucketWithZeros()
  const metered = meterStore(bucket.store)
  meter = metered.meter
  drive = openTestDrive({ store: metered.store, clock, cacheDirectory: scratch.path })
})
afterEach(async () => {
  await drive.close()
  scratch.remove()
})

test.each([0, 511 * 1024 ** 2 + 3, gibibyte - 1])(
  'parts that did not change are copied by the server, and only the others are sent: byte %i of 1 GiB',
  async (position) => {
    const handle = await drive.operations.open(`/${key}`, 2)
    await drive.operations.write(handle, Buffer.from([1]), position)
    await drive.operations.flush(handle)
    await drive.operations.release(handle)
    expect(await drained(drive, clock)).toBe(0)

    const { sentBytes, receivedBytes } = meter.totals()
    expect(sentBytes).toBe(chunkBytes)
    // What of that chunk was not here, and nothing else.
    expect(receivedBytes).toBe(chunkBytes - 1)
    const sent = bucket.pieces().filter(({ body }) => body !== 'zeros')
    expect(sent).toHaveLength(1)
    const [piece] = sent
    expect(piece?.range.start).toBe(Math.floor(position / chunkBytes) * chunkBytes)
    expect(piece?.body[position % chunkBytes]).toBe(1)
    expect((piece?.body as Uint8Array).filter((byte) => byte !== 0)).toHaveLength(1)
    expect(bucket.pieces()).toHaveLength(gibibyte / chunkBytes)
  },
)

test.each([
  { name: 'plain', copies: 2 },
  { name: '100%.bin', copies: 0 },
])('no part is copied from a key that a server may decode twice: $name', async ({ name, copies }) => {
  const memory = createMemoryStore()
  const metered = meterStore(memory)
  const own = scratchDirectory()
  const small = openTestDrive({ store: metered.store, clock, cacheDirectory: own.path })
  memory.putForeign(name, Buffer.alloc(3 * chunkBytes, 1))
  const handle = await small.operations.open(`/${name}`, 2)
  await small.operations.write(handle, Buffer.from([2]), 5)
  await small.operations.flush(handle)
  await small.operations.release(handle)
  expect(await drained(small, clock)).toBe(0)
  expect(metered.meter.counts().uploadPartCopy?.requests ?? 0).toBe(copies)
  const expected = Buffer.alloc(3 * chunkBytes, 1)
  expected[5] = 2
  expect(memory.peek(name)?.equals(expected)).toBe(true)
  await small.close()
  own.remove()
})
