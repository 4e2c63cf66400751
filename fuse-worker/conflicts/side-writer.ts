/**
 * Writes one side of a conflict into a file of this computer, in pieces. What it writes is one version: mine is refused
 * when it changed meanwhile (`MovedOn`), theirs is read with `If-Match`.
 */
import type { FileHandle } from 'node:fs/promises'
import type { TheirVersion } from '../../contracts/conflict.ts'
import { ProblemError, type Problem } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'
import { DamagedContent } from '../cache/damaged-content.ts'
import { LostBytes } from '../cache/lost-ranges.ts'
import type { Content, ContentStore } from '../cache/content-store.ts'
import type { DriveDatabase } from '../metadata/database.ts'
import type { Node, NodeId } from '../metadata/node.ts'
import type { Nodes } from '../metadata/nodes.ts'
import { StoreError, type ByteRange, type ObjectStore } from '../s3/store.ts'
import type { Downloads, Source } from '../sync/downloads.ts'
import { openContentOf } from '../sync/node-content.ts'
import { isWholeHere } from '../sync/whole-content.ts'
import type { Standoff } from './sides.ts'

const pieceBytes = 1024 * 1024
/** As small as the blocks that are checked. */
const smallestPieceBytes = 4_096

/** One of the sides is not the one that was looked at any more. */
export class MovedOn extends Error {}

export class SideWriter {
  readonly #parts: {
    database: DriveDatabase
    nodes: Nodes
    contents: ContentStore
    downloads: Downloads
    store: ObjectStore
  }

  constructor(parts: {
    database: DriveDatabase
    nodes: Nodes
    contents: ContentStore
    downloads: Downloads
    store: ObjectStore
  }) {
    this.#parts = parts
  }

  /** What cannot be had any more becomes zeros. Throws MovedOn, StoreError. */
  async mine(id: NodeId, file: FileHandle, signal: AbortSignal): Promise<{ isIncomplete: boolean }> {
    const node = this.#parts.nodes.require(id)
    if (node.kind !== 'file') {
      await file.writeFile(node.target ?? '')
      return { isIncomplete: false }
    }
    const content = openContentOf(node, this.#parts)
    const { generation } = content
    const { size } = node
    const assertSame = (): void => {
      signal.throwIfAborted()
      const now = this.#parts.nodes.get(id)
      if (now?.content !== content.id || now.size !== size || content.generation !== generation || content.isDropped)
        throw new MovedOn()
    }
    return this.#parts.contents.keeping(content, 0, size, async () => {
      let isIncomplete = false
      for (let start = 0; start < size; start += pieceBytes) {
        const piece = await this.#piece(node, content, { start, end: Math.min(size, start + pieceBytes) }, signal)
        assertSame()
        isIncomplete ||= piece.isIncomplete
        await file.write(piece.bytes, 0, piece.bytes.length, start)
        assertSame()
      }
      return { isIncomplete }
    })
  }

  /** Of a version that somebody has replaced nothing can be copied: all of mine has to be here. Throws ProblemError. */
  async bringHere({ operation, node }: Standoff, signal: AbortSignal): Promise<void> {
    const { contents, downloads } = this.#parts
    if (node.remote?.key !== operation.key || isWholeHere(node, contents)) return
    const content = openContentOf(node, this.#parts)
    try {
      await downloads.ensureAll(content, () => this.#sourceOf(node))
    } catch (error) {
      if (!isGone(error)) throw error
      if (!(await this.#fromHistory(node, content, { start: 0, end: node.size }, signal)))
        throw new ProblemError(goneProblem(node.name), { cause: error })
    }
    signal.throwIfAborted()
  }

  /** Throws StoreError: `conflict` or `absent` when the bucket has moved on. */
  async theirs(key: string, theirs: TheirVersion, file: FileHandle, signal: AbortSignal): Promise<void> {
    const { body } = await this.#parts.store.get(key, { ifMatch: theirs.etag }, { signal })
    let position = 0
    for await (const bytes of body) {
      signal.throwIfAborted()
      await file.write(bytes, 0, bytes.length, position)
      position += bytes.length
    }
    if (position < theirs.sizeBytes)
      throw new StoreError('retry', { code: 'server-error', message: t('worker.answer-ended', { key }) })
  }

  async #piece(
    node: Node,
    content: Content,
    { start, end }: ByteRange,
    signal: AbortSignal,
  ): Promise<{ bytes: Buffer; isIncomplete: boolean }> {
    const { contents, downloads } = this.#parts
    if (contents.missing(content, start, end).length > 0 && !isWholeHere(node, contents)) {
      try {
        const range = { start, end, fetchBytes: pieceBytes }
        return await downloads.deliver(
          content,
          () => this.#sourceOf(node),
          range,
          (bytes) => (bytes === 'in the cache' ? this.#read(content, start, end) : { bytes, isIncomplete: false }),
        )
      } catch (error) {
        if (!isGone(error)) throw error
        await this.#fromHistory(node, content, { start, end }, signal)
      }
    }
    return this.#read(content, start, end)
  }

  /** False where the bucket keeps no old versions, or not this one. */
  async #fromHistory({ id }: Node, content: Content, range: ByteRange, signal: AbortSignal): Promise<boolean> {
    const { nodes, contents, store, database } = this.#parts
    const remote = nodes.get(id)?.remote
    if (remote?.versionId === undefined || remote.versionId === 'null') return false
    const { key, versionId } = remote
    try {
      for (const gap of contents.missing(content, range.start, range.end)) {
        const { body } = await store.get(key, { range: gap, versionId }, { signal })
        let position = gap.start
        for await (const bytes of body) {
          if (content.isDropped) return false
          contents.fillFromBase(content, position, bytes)
          position += bytes.length
        }
      }
      database.transaction(() => contents.save(content, { seals: true }))
      return contents.missing(content, range.start, range.end).length === 0
    } catch (error) {
      if (!isGone(error)) throw error
      return false
    }
  }

  /** Where there is no version any more that it could come from, this fails as if there was another one. */
  #sourceOf({ id }: Node): Source {
    const remote = this.#parts.nodes.get(id)?.remote
    if (remote === undefined) throw new StoreError('absent', { code: 'content-lost', message: t('worker.bytes-gone') })
    return { node: id, key: remote.key, etag: remote.etag }
  }

  /** What is missing stays zeros. */
  #read(content: Content, start: number, end: number): { bytes: Buffer; isIncomplete: boolean } {
    const bytes = Buffer.alloc(end - start)
    const gaps = this.#parts.contents.missing(content, start, end)
    let isIncomplete = gaps.length > 0
    let position = start
    for (const gap of [...gaps, { start: end, end }]) {
      if (gap.start > position && !this.#fill(content, bytes, position - start, position, gap.start))
        isIncomplete = true
      position = gap.end
    }
    return { bytes, isIncomplete }
  }

  /** False where some of it turned out to be lost or damaged; the rest of it is filled in. */
  #fill(content: Content, bytes: Buffer, at: number, start: number, end: number): boolean {
    try {
      this.#parts.contents.read(content, bytes, at, start, end)
      return true
    } catch (error) {
      if (!(error instanceof LostBytes || error instanceof DamagedContent)) throw error
      bytes.fill(0, at, at + end - start)
    }
    const middle = Math.ceil((start + (end - start) / 2) / smallestPieceBytes) * smallestPieceBytes
    if (end - start <= smallestPieceBytes || middle >= end) return false
    const first = this.#fill(content, bytes, at, start, middle)
    return this.#fill(content, bytes, at + middle - start, middle, end) && first
  }
}

function isGone(error: unknown): boolean {
  return error instanceof StoreError && (error.kind === 'conflict' || error.kind === 'absent')
}

function goneProblem(name: string): Problem {
  return {
    code: 'content-lost',
    message: t('worker.own-parts-gone', { name }),
    consequence: t('worker.own-parts-gone.consequence'),
    remedy: t('worker.own-parts-gone.remedy'),
  }
}
