/**
 * Bytes that a program was told are kept, that the bucket does not have, and whose chunk file is gone or too short: after power loss
 * without fsync, or when somebody removed it. They are never read as zeros and never uploaded; writing over them, or cutting
 * the file before them, heals them. Offsets count in the file.
 */
import type { DriveDatabase, Statement } from '../metadata/database.ts'
import { IntervalSet } from './interval-set.ts'

export class LostBytes extends Error {
  constructor() {
    super('bytes that were written here are missing from the cache')
  }
}

export class LostRanges {
  readonly #byContent = new Map<number, IntervalSet>()
  readonly #unsaved = new Set<number>()
  readonly #delete: Statement
  readonly #insert: Statement

  constructor(database: DriveDatabase) {
    this.#delete = database.prepare('DELETE FROM lost WHERE content = ?')
    this.#insert = database.prepare('INSERT INTO lost (content, start, end) VALUES (?, ?, ?)')
    for (const { content, start, end } of database.prepare('SELECT * FROM lost').all()) {
      this.#of(Number(content)).add(Number(start), Number(end))
    }
    // What was healed meanwhile is ahead of its rows again.
    database.onRollback(() => {
      for (const content of this.#byContent.keys()) this.#unsaved.add(content)
    })
  }

  /** Returns how many bytes of these were not known to be lost. */
  add(content: number, start: number, end: number): number {
    this.#unsaved.add(content)
    return this.#of(content).add(start, end)
  }

  has(content: number): boolean {
    return this.#byContent.get(content)?.isEmpty === false
  }

  /** Throws LostBytes. */
  assertNone(content: number, start: number, end: number): void {
    if (this.#byContent.get(content)?.intersects(start, end) === true) throw new LostBytes()
  }

  heal(content: number, start: number, end: number): void {
    const lost = this.#byContent.get(content)
    if (lost !== undefined && lost.remove(start, end) > 0) this.#unsaved.add(content)
  }

  /** Inside the caller's transaction, together with the extents. */
  save(content: number): void {
    if (!this.#unsaved.delete(content)) return
    this.#delete.run(content)
    for (const { start, end } of this.#byContent.get(content)?.intervals ?? []) this.#insert.run(content, start, end)
  }

  /** Of a content whose rows go. */
  removeRows(content: number): void {
    if (this.#byContent.has(content)) this.#delete.run(content)
  }

  #of(content: number): IntervalSet {
    const known = this.#byContent.get(content)
    if (known !== undefined) return known
    const created = new IntervalSet()
    this.#byContent.set(content, created)
    return created
  }
}
