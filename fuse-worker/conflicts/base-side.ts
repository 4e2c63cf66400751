/** The version that both sides of a conflict began from: the copy that was kept of it, or what the bucket's history still has. */
import type { FileHandle } from 'node:fs/promises'
import { t } from '../../language/language.ts'
import { StoreError, type CallOptions, type ObjectStore } from '../s3/store.ts'
import type { Bases } from '../sync/bases.ts'
import { isInHistory, type Standoff } from './sides.ts'

export class BaseSide {
  readonly #bases: Pick<Bases, 'has' | 'read'>
  readonly #history: Pick<ObjectStore, 'get'>

  /** `history` answers for a version that was replaced as well, where the bucket keeps it. */
  constructor(options: { bases: Pick<Bases, 'has' | 'read'>; history: Pick<ObjectStore, 'get'> }) {
    this.#bases = options.bases
    this.#history = options.history
  }

  /** Without asking the bucket: its history may turn out not to go back that far. */
  mayBeHad({ operation, theirs }: Standoff): boolean {
    if (operation.base.kind !== 'version') return false
    return this.#bases.has(operation) || (theirs !== undefined && isInHistory(theirs))
  }

  /** Answers what stands in the way, if anything does; the rest of StoreError is thrown. */
  async write(
    { operation }: Standoff,
    file: FileHandle,
    atMostBytes: number,
    call: CallOptions,
  ): Promise<'gone' | 'too large' | undefined> {
    const kept = this.#bases.read(operation)
    if (kept !== undefined) {
      await file.writeFile(kept)
      return undefined
    }
    if (operation.base.kind !== 'version') return 'gone'
    try {
      const { head, body } = await this.#history.get(operation.key, { ifMatch: operation.base.etag }, call)
      let position = 0
      for await (const bytes of body) {
        if (head.sizeBytes > atMostBytes) return 'too large'
        await file.write(bytes, 0, bytes.length, position)
        position += bytes.length
      }
      if (position === head.sizeBytes) return undefined
      throw new StoreError('retry', { code: 'server-error', message: t('worker.answer-ended', { key: operation.key }) })
    } catch (error) {
      if (error instanceof StoreError && (error.kind === 'conflict' || error.kind === 'absent')) return 'gone'
      throw error
    }
  }
}
