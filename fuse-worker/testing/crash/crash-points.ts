/**
 * The moments at which a process can die and leave something new behind: after every commit, in the middle and at the end of every
 * write to a chunk file, after every other change of one, and when the bucket has done something that nobody here has heard of
 * yet. Stand-ins for the two classes that touch the disk (for `vi.mock`) report to the watcher that was current when they
 * were made, and do everything else as ever.
 */
import type { ObjectStore } from '../../s3/store.ts'
import type { ChunkAddress, ChunkFiles } from '../../cache/chunk-files.ts'
import type { DriveDatabase, SqlValue, Statement } from '../../metadata/database.ts'

export type CrashWatcher = (point: string) => void

let current: CrashWatcher | undefined

/** What `make` constructs reports to the watcher for as long as it lives. */
export function watched<T>(watcher: CrashWatcher, make: () => T): T {
  const before = current
  current = watcher
  try {
    return make()
  } finally {
    current = before
  }
}

type Watched = { tell: CrashWatcher | undefined; isInTransaction: boolean }

/** Beside the object: the base's constructor prepares statements before a field of ours could be there. */
const databases = new WeakMap<DriveDatabase, Watched>()

export function watchDatabase(Real: typeof DriveDatabase): typeof DriveDatabase {
  return class extends Real {
    override prepare(sql: string): Statement {
      const statement = super.prepare(sql)
      const watch = databases.get(this) ?? { tell: current, isInTransaction: false }
      databases.set(this, watch)
      return {
        get: (...values) => statement.get(...values),
        all: (...values) => statement.all(...values),
        run: (...values: SqlValue[]) => {
          const result = statement.run(...values)
          if (sql === 'BEGIN IMMEDIATE') watch.isInTransaction = true
          if (sql === 'COMMIT') watch.isInTransaction = false
          if (!watch.isInTransaction) watch.tell?.(sql.split(/\s+/, 3).join(' '))
          return result
        },
      }
    }
  }
}

export function watchChunkFiles(Real: typeof ChunkFiles): typeof ChunkFiles {
  return class extends Real {
    readonly #tell = current

    override write(address: ChunkAddress, source: Uint8Array, start: number, length: number, position: number): void {
      const half = Math.floor(length / 2)
      if (this.#tell !== undefined && half > 0) {
        super.write(address, source, start, half, position)
        this.#tell('half a write')
      }
      super.write(address, source, start, length, position)
      this.#tell?.('write')
    }

    override zero(address: ChunkAddress, start: number, end: number): void {
      super.zero(address, start, end)
      this.#tell?.('zero')
    }

    override cut(address: ChunkAddress, length: number): void {
      super.cut(address, length)
      this.#tell?.('cut')
    }

    override remove(address: ChunkAddress): void {
      super.remove(address)
      this.#tell?.('remove')
    }
  }
}

/** The store, with every change of the bucket reported before its answer is heard. */
export function watchStore(store: ObjectStore, tell: CrashWatcher): ObjectStore {
  const told = async <T>(name: string, answer: Promise<T>): Promise<T> => {
    const result = await answer
    tell(`${name} carried out`)
    return result
  }
  return {
    ...store,
    put: (...args) => told('put', store.put(...args)),
    copy: (...args) => told('copy', store.copy(...args)),
    delete: (...args) => told('delete', store.delete(...args)),
    createMultipartUpload: (...args) => told('createMultipartUpload', store.createMultipartUpload(...args)),
    uploadPart: (...args) => told('uploadPart', store.uploadPart(...args)),
    uploadPartCopy: (...args) => told('uploadPartCopy', store.uploadPartCopy(...args)),
    completeMultipartUpload: (...args) => told('completeMultipartUpload', store.completeMultipartUpload(...args)),
    abortMultipartUpload: (...args) => told('abortMultipartUpload', store.abortMultipartUpload(...args)),
  }
}
