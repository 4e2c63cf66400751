/** Blobs in memory, in blocks, so that a small object costs its size and a large one needs no contiguous gigabyte. */
import { randomUUID } from 'node:crypto'
import type { Blob, BlobStore, BlobWriter } from './blobs.ts'

const BLOCK_BYTES = 8 * 1024 * 1024

export class MemoryBlobs implements BlobStore {
  #usedBytes = 0

  get usedBytes(): number {
    return this.#usedBytes
  }

  writer(announcedBytes: number): Promise<BlobWriter> {
    this.#usedBytes += announcedBytes
    const blocks: Buffer[] = []
    let sizeBytes = 0
    const writer: BlobWriter = {
      write: (chunk) => {
        for (let offset = 0; offset < chunk.length;) {
          makeRoom(blocks, sizeBytes, Math.max(announcedBytes - sizeBytes, chunk.length - offset))
          const copied = chunk.copy(blocks[blocks.length - 1] as Buffer, sizeBytes % BLOCK_BYTES, offset)
          offset += copied
          sizeBytes += copied
        }
        return undefined
      },
      finish: () => {
        this.#usedBytes += sizeBytes - announcedBytes
        return Promise.resolve(this.#blob(blocks, sizeBytes))
      },
      discard: () => {
        this.#usedBytes -= announcedBytes
        return Promise.resolve()
      },
    }
    return Promise.resolve(writer)
  }

  adopt(): Blob {
    throw new Error('memory keeps no blobs from an earlier run')
  }

  #blob(blocks: Buffer[], sizeBytes: number): Blob {
    let references = 1
    return {
      id: randomUUID(),
      sizeBytes,
      md5: undefined,
      retain: () => {
        references++
      },
      release: () => {
        if (--references === 0) this.#usedBytes -= sizeBytes
      },
      async *read(start, end) {
        for (let offset = start; offset < end;) {
          const from = offset % BLOCK_BYTES
          const to = Math.min(from + (end - offset), BLOCK_BYTES)
          yield (blocks[Math.floor(offset / BLOCK_BYTES)] as Buffer).subarray(from, to)
          offset += to - from
        }
      },
      view: (start, end) => {
        const block = Math.floor(start / BLOCK_BYTES)
        if (end - 1 >= (block + 1) * BLOCK_BYTES) return undefined
        return blocks[block]?.subarray(start - block * BLOCK_BYTES, end - block * BLOCK_BYTES)
      },
    }
  }
}

/** All blocks but the last are full ones; the last is as large as it must be, and doubles where the announced size was too low. */
function makeRoom(blocks: Buffer[], sizeBytes: number, expectedBytes: number): void {
  const used = sizeBytes % BLOCK_BYTES
  const last = blocks[blocks.length - 1]
  if (used === 0) {
    blocks.push(Buffer.allocUnsafeSlow(Math.min(BLOCK_BYTES, expectedBytes)))
  } else if (last && used === last.length) {
    const larger = Buffer.allocUnsafeSlow(Math.min(BLOCK_BYTES, Math.max(used * 2, used + expectedBytes)))
    last.copy(larger)
    blocks[blocks.length - 1] = larger
  }
}
