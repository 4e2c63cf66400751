/**
 * Hears what listings and lookups show of keys that have a put waiting, and passes on what is news about it: another version than
 * the change was built on, or than its conflict is about. What is shown again is not news.
 */
import type { Journal } from '../journal/journal.ts'
import type { Operation } from '../journal/operation.ts'
import type { ETag } from '../s3/store.ts'

const mostRemembered = 1_000

export class BucketNews {
  readonly #journal: Journal
  /** What was passed on last, by operation. */
  readonly #told = new Map<number, string>()
  #listener: (operation: number) => void = () => undefined

  constructor(journal: Journal) {
    this.#journal = journal
  }

  listen(listener: (operation: number) => void): void {
    this.#listener = listener
  }

  /** The bucket was seen to hold this version under the key, or nothing. Nothing of ours was settled there meanwhile. */
  seen(key: string, etag: ETag | undefined): void {
    const { queued, running } = this.#journal.slot(key)
    // What runs meets the bucket's version by its own condition.
    if (running !== undefined || queued?.kind !== 'put' || queued.base.kind === 'pending') return
    if (etag === knownOf(queued)) {
      this.#told.delete(queued.id)
      return
    }
    const news = JSON.stringify([queued.base, etag])
    if (this.#told.get(queued.id) === news) return
    this.#told.set(queued.id, news)
    for (const id of this.#told.keys()) if (this.#told.size > mostRemembered) this.#told.delete(id)
    this.#listener(queued.id)
  }

  /** It could not be looked into: the next one who sees it says so again. */
  forget(operation: number): void {
    this.#told.delete(operation)
  }
}

function knownOf({ base, status }: Operation): ETag | undefined {
  if (status.state === 'conflict') return status.theirs?.etag
  return base.kind === 'version' ? base.etag : undefined
}
