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
        let offset = 0
        while (offset < chunk.length) {
          const used = sizeBytes % BLOCK_BYTES
          if (used === 0)
            blocks.push(
              Buffer.allocUnsafeSlow(
                Math.min(BLOCK_BYTES, Math.max(announcedBytes - sizeBytes, chunk.length - offset)),
              ),
            )
          const copied = chunk.copy(blocks[blocks.length - 1] as Buffer, used, offset)
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
      retain: () => void references++,
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
