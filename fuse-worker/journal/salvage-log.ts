/**
 * A second record, beside the database, of everything the bucket does not have: nodes with a change waiting, the folders they
 * are in, the extents of dirty content, the journal. Written with every transaction, right after its commit, so that what
 * a program was told is saved is in both. Only a database that is damaged or lost is put together from it (`rebuild.ts`);
 * a sound one is always right, and the log is made anew from it at every start.
 *
 * The number of the last transaction recorded stands in the database too, in the same transaction: a database that lags behind
 * its log has lost commits.
 */
import { closeSync, fdatasync, fsyncSync, ftruncateSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DriveDatabase, Follower, SqlRow, Statement, Touched } from '../metadata/database.ts'
import { orphanage, rootId } from '../metadata/node.ts'
import type { Log } from '../runtime/log.ts'
import { syncDirectory } from '../runtime/sync-directory.ts'
import { encodeLine, smallTables, type SalvageEntry, type SalvageRow } from './salvage-file.ts'

export const salvageSeqName = 'salvageSeq'

/** Written anew when it has grown to this and to twice what its snapshot was. */
const smallestRewriteBytes = 4 * 1024 * 1024
const entriesPerLine = 200

/** What the log holds of a node: the content whose extents it has, and for a folder what would be worth another line. */
type Recorded = { content: number; digest: string }
type Draft = { entries: SalvageEntry[]; recorded: Map<number, Recorded>; gone: Set<number> }

export class SalvageLog implements Follower {
  readonly #database: DriveDatabase
  readonly #path: string
  readonly #identity: string
  readonly #log: Log
  readonly #hasPut: (node: number) => boolean
  readonly #selectNode: Statement
  readonly #selectOperation: Statement
  readonly #selectChunk: Statement
  readonly #selectContent: Statement
  readonly #saveSeq: Statement
  readonly #smallTables: readonly (typeof smallTables)[number][]
  readonly #selectSmallTouched: Statement
  readonly #deleteSmallTouched: Statement
  readonly #recorded = new Map<number, Recorded>()
  readonly #contents = new Set<number>()
  #draft: Draft = emptyDraft()
  #seq = 0
  #descriptor: number | undefined
  #bytes = 0
  #snapshotBytes = 0
  /** The file lacks something that is committed. */
  #isBehind = false

  constructor(options: {
    database: DriveDatabase
    path: string
    identity: string
    log: Log
    /** Whether the journal holds a put for this node, or it is a folder whose keys are still at an old place. */
    hasPut: (node: number) => boolean
  }) {
    const { database } = options
    this.#database = database
    this.#path = options.path
    this.#identity = options.identity
    this.#log = options.log
    this.#hasPut = options.hasPut
    this.#selectNode = database.prepare('SELECT * FROM nodes WHERE id = ?')
    this.#selectOperation = database.prepare('SELECT * FROM journal WHERE id = ?')
    this.#selectChunk = database.prepare('SELECT * FROM extents WHERE content = ? AND chunk = ?')
    this.#selectContent = database.prepare('SELECT * FROM extents WHERE content = ?')
    this.#saveSeq = database.prepare(
      'INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
    )
    const exists = database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?")
    this.#smallTables = smallTables.filter((table) => exists.get(table) !== undefined)
    watchTables(database, this.#smallTables)
    this.#selectSmallTouched = database.prepare('SELECT name FROM salvage_touched')
    this.#deleteSmallTouched = database.prepare('DELETE FROM salvage_touched')
  }

  /** Once, after recovery: writes the log anew and follows the database from here on. */
  begin(): void {
    this.#seq = Number(this.#database.getMeta(salvageSeqName) ?? 0)
    this.#isBehind = true
    this.tend()
    this.#database.follow(this)
  }

  beforeCommit(touched: Touched): void {
    this.#draft = emptyDraft()
    for (const id of touched.nodes) this.#noteNode(id)
    const { entries } = this.#draft
    for (const id of touched.journal) entries.push(['journal', { id }, rowsOf(this.#selectOperation.get(id))])
    for (const [content, chunks] of touched.extents) {
      if (!this.#contents.has(content)) continue
      for (const chunk of chunks) {
        entries.push(['extents', { content, chunk }, this.#selectChunk.all(content, chunk).map(withoutNulls)])
      }
    }
    const touchedTables = new Set(this.#selectSmallTouched.all().map(({ name }) => name))
    if (touchedTables.size > 0) this.#deleteSmallTouched.run()
    for (const table of this.#smallTables) if (touchedTables.has(table)) entries.push(this.#wholeTable(table))
    if (entries.length > 0) this.#saveSeq.run(salvageSeqName, String(this.#seq + 1))
  }

  afterCommit(): void {
    const { entries } = this.#draft
    if (entries.length === 0) return
    this.#seq++
    this.#adopt(this.#draft)
    this.#append(encodeLine({ seq: this.#seq, entries }))
  }

  makeDurable(): Promise<void> {
    const descriptor = this.#descriptor
    if (descriptor === undefined) return Promise.resolve()
    return new Promise((resolve, reject) => {
      fdatasync(descriptor, (error) => {
        // Written anew meanwhile: that was synced before it took this one's place.
        if (error === null || descriptor !== this.#descriptor) resolve()
        else reject(error)
      })
    })
  }

  /** Keeps the log from growing without end, and makes up for what could not be written. */
  tend(): void {
    const isLarge = this.#bytes > Math.max(smallestRewriteBytes, 2 * this.#snapshotBytes)
    if (!isLarge && !this.#isBehind) return
    try {
      this.#rewrite()
    } catch (error) {
      this.#isBehind = true
      this.#log.error('the salvage log could not be written anew', error)
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
  }

  #noteNode(id: number): void {
    const row = this.#selectNode.get(id)
    if (row === undefined) {
      this.#draft.gone.add(id)
      this.#draft.entries.push(['nodes', { id }, []])
      return
    }
    const isFolder = row['kind'] === 'directory'
    if (this.#isAtStake(row)) this.#noteWithAncestors(row)
    else if (this.#recorded.has(id) && isFolder) this.#noteRow(row)
    else if (this.#recorded.has(id)) {
      this.#noteRow(row)
      this.#draft.gone.add(id)
    }
  }

  #isAtStake(row: SqlRow): boolean {
    if (row['parent'] === orphanage) return false
    const isMarked = row['is_content_dirty'] === 1 || row['is_local_only'] === 1 || row['is_pinned'] === 1
    return isMarked || this.#hasPut(Number(row['id']))
  }

  #noteWithAncestors(row: SqlRow): void {
    this.#noteRow(row)
    for (let id = Number(row['parent']); !this.#knows(id);) {
      const parent = this.#selectNode.get(id)
      if (parent === undefined) return
      this.#noteRow(parent)
      if (id === rootId) return
      id = Number(parent['parent'])
    }
  }

  #knows(id: number): boolean {
    return this.#recorded.has(id) || this.#draft.recorded.has(id)
  }

  /** Clean content is not worth its extents: it can be had from the bucket again. */
  #noteRow(row: SqlRow): void {
    const { entries, recorded } = this.#draft
    const id = Number(row['id'])
    const content = row['is_content_dirty'] === 1 ? Number(row['content']) : 0
    const known = this.#recorded.get(id)
    const digest = row['kind'] === 'directory' ? digestOf(row) : ''
    recorded.set(id, { content, digest })
    if (digest !== '' && digest === known?.digest) return
    entries.push(['nodes', { id }, [withoutNulls(row)]])
    if (content === (known?.content ?? 0)) return
    if (known !== undefined && known.content !== 0) entries.push(['extents', { content: known.content }, []])
    if (content !== 0) entries.push(['extents', { content }, this.#selectContent.all(content).map(withoutNulls)])
  }

  #adopt({ recorded, gone }: Draft): void {
    for (const [id, now] of recorded) {
      this.#contents.delete(this.#recorded.get(id)?.content ?? 0)
      this.#recorded.set(id, now)
      if (now.content !== 0) this.#contents.add(now.content)
    }
    for (const id of gone) {
      this.#contents.delete(this.#recorded.get(id)?.content ?? 0)
      this.#recorded.delete(id)
    }
  }

  #append(line: string): void {
    if (this.#descriptor === undefined || this.#isBehind) return
    try {
      this.#bytes += writeAll(this.#descriptor, line, this.#bytes)
    } catch (error) {
      this.#isBehind = true
      this.#log.error('the salvage log could not be written', error)
      ftruncateSync(this.#descriptor, this.#bytes)
    }
  }

  /** What the log says must never be newer than a database that power loss leaves, so that one is synced first. */
  #rewrite(): void {
    this.#database.makeDurableNow()
    this.#recorded.clear()
    this.#contents.clear()
    const lines = this.#snapshot()
    const header = encodeLine({ format: 1, identity: this.#identity, seq: this.#seq, lines: lines.length })
    const temporary = `${this.#path}-new`
    const descriptor = openSync(temporary, 'w', 0o600)
    let bytes = 0
    try {
      for (const line of [header, ...lines]) bytes += writeAll(descriptor, line, bytes)
      fsyncSync(descriptor)
      renameSync(temporary, this.#path)
      syncDirectory(dirname(this.#path))
    } catch (error) {
      closeSync(descriptor)
      throw error
    }
    this.close()
    this.#descriptor = descriptor
    this.#bytes = bytes
    this.#snapshotBytes = bytes
    this.#isBehind = false
  }

  #snapshot(): string[] {
    this.#draft = emptyDraft()
    const { entries } = this.#draft
    const operations = this.#database.prepare('SELECT * FROM journal ORDER BY id').all()
    for (const row of this.#database.prepare('SELECT * FROM nodes WHERE id = ?').all(rootId)) this.#noteRow(row)
    const wanted = `SELECT * FROM nodes WHERE is_content_dirty = 1 OR is_local_only = 1 OR is_pinned = 1
      OR id IN (SELECT node FROM journal WHERE kind = 'put') OR id IN (SELECT node FROM origins)`
    for (const row of this.#database.prepare(wanted).all()) if (this.#isAtStake(row)) this.#noteOnce(row)
    for (const row of operations) entries.push(['journal', { id: Number(row['id']) }, rowsOf(row)])
    for (const table of this.#smallTables) entries.push(this.#wholeTable(table))
    this.#adopt(this.#draft)
    const lines: string[] = []
    for (let start = 0; start < entries.length; start += entriesPerLine) {
      lines.push(encodeLine({ seq: this.#seq, entries: entries.slice(start, start + entriesPerLine) }))
    }
    return lines
  }

  #wholeTable(table: (typeof smallTables)[number]): SalvageEntry {
    return [table, {}, this.#database.prepare(`SELECT * FROM ${table}`).all().map(withoutNulls)]
  }

  #noteOnce(row: SqlRow): void {
    if (!this.#knows(Number(row['id']))) this.#noteWithAncestors(row)
  }
}

/** Triggers of this connection alone note which tables changed, whoever changed them. */
function watchTables(database: DriveDatabase, tables: readonly string[]): void {
  database.prepare('CREATE TEMP TABLE salvage_touched (name TEXT PRIMARY KEY) WITHOUT ROWID').run()
  for (const table of tables) {
    for (const change of ['INSERT', 'UPDATE', 'DELETE']) {
      // Not OR IGNORE: an upsert's own conflict clause would take its place.
      const note = `INSERT INTO salvage_touched SELECT '${table}' WHERE NOT EXISTS
        (SELECT 1 FROM salvage_touched WHERE name = '${table}')`
      database
        .prepare(`CREATE TEMP TRIGGER salvage_${table}_${change} AFTER ${change} ON main.${table} BEGIN ${note}; END`)
        .run()
    }
  }
}

function emptyDraft(): Draft {
  return { entries: [], recorded: new Map(), gone: new Set() }
}

function rowsOf(row: SqlRow | undefined): SalvageRow[] {
  return row === undefined ? [] : [withoutNulls(row)]
}

function withoutNulls(row: SqlRow): SalvageRow {
  const kept: SalvageRow = {}
  for (const [column, value] of Object.entries(row)) if (value !== null) kept[column] = value
  return kept
}

/** Entries come and go in a folder all the time, and move nothing but its times. */
function digestOf(row: SqlRow): string {
  return JSON.stringify({ ...row, atime: 0, mtime: 0, ctime: 0, validated_at: 0, listed_at: 0 })
}

function writeAll(descriptor: number, text: string, position: number): number {
  const bytes = Buffer.from(text)
  for (let done = 0; done < bytes.length;) {
    done += writeSync(descriptor, bytes, done, bytes.length - done, position + done)
  }
  return bytes.length
}
