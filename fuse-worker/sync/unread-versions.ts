/**
 * Versions of other clients that came where another version, or none, was known here, and that no program has read since. Who saves such
 * a file most likely began from what was there before, and has not seen what the save replaces: see replaced-unread.ts.
 * The youngest are remembered, also over a restart.
 */
import type { DriveDatabase, Statement } from '../metadata/database.ts'
import type { ETag } from '../s3/store.ts'

const mostRemembered = 20_000

export class UnreadVersions {
  readonly #database: DriveDatabase
  readonly #insert: Statement
  readonly #delete: Statement
  readonly #etags = new Map<string, ETag>()

  constructor(database: DriveDatabase) {
    this.#database = database
    this.#insert = database.prepare('INSERT OR REPLACE INTO unread (key, etag) VALUES (?, ?)')
    this.#delete = database.prepare('DELETE FROM unread WHERE key = ?')
    this.#load()
    database.onRollback(() => this.#load())
  }

  get isEmpty(): boolean {
    return this.#etags.size === 0
  }

  has(key: string, etag: ETag): boolean {
    return this.#etags.get(key) === etag
  }

  add(key: string, etag: ETag): void {
    this.#database.transaction(() => {
      this.#etags.delete(key)
      this.#etags.set(key, etag)
      this.#insert.run(key, etag)
      if (this.#etags.size <= mostRemembered) return
      for (const oldest of this.#etags.keys()) {
        this.#remove(oldest)
        break
      }
    })
  }

  /** It was read here, or is kept. */
  forget(key: string, etag: ETag): void {
    if (this.has(key, etag)) this.#database.transaction(() => this.#remove(key))
  }

  #remove(key: string): void {
    this.#etags.delete(key)
    this.#delete.run(key)
  }

  #load(): void {
    this.#etags.clear()
    for (const row of this.#database.prepare('SELECT key, etag FROM unread').all())
      this.#etags.set(String(row['key']), String(row['etag']))
  }
}
