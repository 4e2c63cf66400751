/**
 * The uploads in parts that the bucket holds unfinished for us: what each was begun with, and every part the bucket has
 * answered for. An upload lives as long as the put it belongs to, through failures and restarts; then it is abandoned,
 * and stays in here until the bucket has let go of it. What is not in here is not ours and is never touched.
 */
import type { DriveDatabase, SqlRow, Statement } from '../metadata/database.ts'
import type { ETag } from '../s3/store.ts'

/** How it can be told later that a part is still what the file holds there. */
export type PartProof = { kind: 'hash'; sha256: string } | { kind: 'copy'; sourceEtag: ETag }

export type SentPart = { partNumber: number; start: number; end: number; etag: ETag; proof: PartProof }

export type OpenUpload = {
  readonly id: number
  readonly key: string
  readonly uploadId: string
  /** The mark in the attributes the upload was begun with; the object will carry it. */
  readonly writeId: string
  /** What it was begun for, to be compared: size and attributes. */
  readonly wish: string
}

/** In place of an operation's number, of an upload that belongs to none. */
const apart = -1

export class OpenUploads {
  readonly #database: DriveDatabase
  readonly #ofOperation: Statement
  readonly #parts: Statement
  readonly #insert: Statement
  readonly #insertPart: Statement
  readonly #abandon: Statement
  readonly #release: Statement
  readonly #abandoned: Statement
  readonly #delete: Statement
  readonly #deleteParts: Statement

  constructor(database: DriveDatabase) {
    this.#database = database
    this.#ofOperation = database.prepare('SELECT * FROM uploads WHERE operation = ?')
    this.#parts = database.prepare('SELECT * FROM parts WHERE upload = ?')
    this.#insert = database.prepare(
      'INSERT INTO uploads (key, upload_id, operation, write_id, wish) VALUES (?, ?, ?, ?, ?)',
    )
    this.#insertPart = database.prepare(
      'INSERT OR REPLACE INTO parts (upload, part_number, start, end, etag, proof) VALUES (?, ?, ?, ?, ?, ?)',
    )
    this.#abandon = database.prepare('UPDATE uploads SET operation = 0 WHERE id = ?')
    this.#release = database.prepare('UPDATE uploads SET operation = 0 WHERE operation = ?')
    this.#abandoned = database.prepare(
      `SELECT * FROM uploads WHERE operation <> ${apart} AND NOT EXISTS
         (SELECT 1 FROM journal WHERE journal.id = uploads.operation AND journal.kind = 'put')`,
    )
    this.#delete = database.prepare('DELETE FROM uploads WHERE id = ?')
    this.#deleteParts = database.prepare('DELETE FROM parts WHERE upload = ?')
    database.prepare(`UPDATE uploads SET operation = 0 WHERE operation = ${apart}`).run()
  }

  ofOperation(operation: number): OpenUpload | undefined {
    const row = this.#ofOperation.get(operation)
    return row === undefined ? undefined : uploadOf(row)
  }

  partsOf(upload: OpenUpload): Map<number, SentPart> {
    return new Map(
      this.#parts
        .all(upload.id)
        .map(partOf)
        .map((part) => [part.partNumber, part]),
    )
  }

  /** Takes the place of what the operation had under way before; that is abandoned. */
  begin(operation: number, fields: Omit<OpenUpload, 'id'>): OpenUpload {
    const { key, uploadId, writeId, wish } = fields
    return this.#database.transaction(() => {
      this.#release.run(operation)
      const { lastInsertRowid } = this.#insert.run(key, uploadId, operation, writeId, wish)
      return { ...fields, id: Number(lastInsertRowid) }
    })
  }

  addPart(upload: OpenUpload, { partNumber, start, end, etag, proof }: SentPart): void {
    this.#insertPart.run(upload.id, partNumber, start, end, etag, JSON.stringify(proof))
  }

  /** One that belongs to no put: kept while this process lives, abandoned from its end on. */
  beginApart(fields: Omit<OpenUpload, 'id'>): OpenUpload {
    const { key, uploadId, writeId, wish } = fields
    const { lastInsertRowid } = this.#insert.run(key, uploadId, apart, writeId, wish)
    return { ...fields, id: Number(lastInsertRowid) }
  }

  abandon(upload: OpenUpload): void {
    this.#abandon.run(upload.id)
  }

  /** The bucket no longer holds the upload: it was completed, or is gone. */
  forget(upload: OpenUpload): void {
    this.#database.transaction(() => {
      this.#deleteParts.run(upload.id)
      this.#delete.run(upload.id)
    })
  }

  /** Those whose put is done, gone, or wants something else now. */
  abandoned(): OpenUpload[] {
    return this.#abandoned.all().map(uploadOf)
  }
}

function uploadOf(row: SqlRow): OpenUpload {
  return {
    id: Number(row['id']),
    key: String(row['key']),
    uploadId: String(row['upload_id']),
    writeId: String(row['write_id']),
    wish: String(row['wish']),
  }
}

function partOf(row: SqlRow): SentPart {
  return {
    partNumber: Number(row['part_number']),
    start: Number(row['start']),
    end: Number(row['end']),
    etag: String(row['etag']),
    proof: JSON.parse(String(row['proof'])) as PartProof,
  }
}
