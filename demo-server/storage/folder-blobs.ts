/**
 * Blobs as files, written under a temporary name and renamed when whole. Nothing is held in memory beyond the piece on its
 * way. A blob no index line names (the server died between the two) is removed by `sweep` at start.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rename, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Blob, BlobStore, BlobWriter } from './blobs.ts'

const WRITE_BYTES = 1024 * 1024
const READ_BYTES = 512 * 1024

export class FolderBlobs implements BlobStore {
  readonly #directory: string
  readonly #temporary: string
  #usedBytes = 0
  #adopted = new Map<string, Blob>()

  private constructor(directory: string) {
    this.#directory = join(directory, 'blobs')
    this.#temporary = join(directory, 'incoming')
  }

  static async open(directory: string): Promise<FolderBlobs> {
    const blobs = new FolderBlobs(directory)
    await mkdir(blobs.#directory, { recursive: true })
    await mkdir(blobs.#temporary, { recursive: true })
    return blobs
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  async writer(announcedBytes: number): Promise<BlobWriter> {
    const id = randomUUID()
    const temporary = join(this.#temporary, id)
    const handle = await open(temporary, 'wx')
    this.#usedBytes += announcedBytes
    const pieces = new PieceWriter(handle)
    return {
      write: (chunk) => pieces.write(chunk),
      finish: async () => {
        try {
          await pieces.finish()
        } finally {
          await handle.close()
        }
        await rename(temporary, join(this.#directory, id))
        this.#usedBytes += pieces.sizeBytes - announcedBytes
        return this.#blob(id, pieces.sizeBytes, 1)
      },
      discard: async () => {
        this.#usedBytes -= announcedBytes
        await pieces.settled()
        await handle.close().catch(() => undefined)
        await unlink(temporary).catch(() => undefined)
      },
    }
  }

  /** Retained once for every call. */
  adopt(id: string, sizeBytes: number): Blob {
    const known = this.#adopted.get(id)
    if (known) {
      known.retain()
      return known
    }
    const blob = this.#blob(id, sizeBytes, 1)
    this.#usedBytes += sizeBytes
    this.#adopted.set(id, blob)
    return blob
  }

  /** Removes what no adopted blob is; to be called once, before the first request. */
  async sweep(): Promise<void> {
    for (const name of await readdir(this.#temporary)) await unlink(join(this.#temporary, name))
    for (const name of await readdir(this.#directory)) {
      if (!this.#adopted.has(name)) await unlink(join(this.#directory, name))
    }
    this.#adopted.clear()
  }

  #blob(id: string, sizeBytes: number, references: number): Blob {
    const path = join(this.#directory, id)
    return {
      id,
      sizeBytes,
      md5: undefined,
      retain: () => {
        references++
      },
      release: () => {
        if (--references > 0) return
        this.#usedBytes -= sizeBytes
        // A file that cannot be removed now is swept at the next start.
        unlink(path).catch(() => undefined)
      },
      read: (start, end) => readFile(path, start, end),
      view: () => undefined,
    }
  }
}

async function* readFile(path: string, start: number, end: number): AsyncGenerator<Buffer> {
  const handle = await open(path, 'r')
  try {
    for (let offset = start; offset < end;) {
      const wanted = Math.min(READ_BYTES, end - offset)
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafeSlow(wanted), 0, wanted, offset)
      if (bytesRead === 0) throw new Error(`blob ${path} is shorter than its index says`)
      yield bytesRead === wanted ? buffer : buffer.subarray(0, bytesRead)
      offset += bytesRead
    }
  } finally {
    await handle.close()
  }
}

/** Gathers small chunks and lets one write run while the next is gathered. */
class PieceWriter {
  readonly #handle: FileHandle
  #waiting: Buffer[] = []
  #waitingBytes = 0
  #running: Promise<void> = Promise.resolve()
  #failure: Error | undefined
  sizeBytes = 0

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  write(chunk: Buffer): Promise<void> | undefined {
    this.#waiting.push(chunk)
    this.#waitingBytes += chunk.length
    this.sizeBytes += chunk.length
    return this.#waitingBytes >= WRITE_BYTES ? this.#flush() : undefined
  }

  async finish(): Promise<void> {
    if (this.#waiting.length > 0) await this.#flush()
    await this.settled()
    if (this.#failure !== undefined) throw this.#failure
  }

  settled(): Promise<void> {
    return this.#running
  }

  async #flush(): Promise<void> {
    const pieces = this.#waiting
    this.#waiting = []
    this.#waitingBytes = 0
    await this.#running
    if (this.#failure !== undefined) throw this.#failure
    this.#running = writeAll(this.#handle, pieces).catch((error: unknown) => {
      this.#failure = error instanceof Error ? error : new Error(String(error))
    })
  }
}

async function writeAll(handle: FileHandle, pieces: Buffer[]): Promise<void> {
  const total = pieces.reduce((sum, piece) => sum + piece.length, 0)
  const { bytesWritten } = await handle.writev(pieces)
  if (bytesWritten === total) return
  // Short writes are rare: write what is left in one piece.
  await handle.writeFile(Buffer.concat(pieces).subarray(bytesWritten))
}
