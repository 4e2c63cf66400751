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
    if (running === undefined && queued?.kind === 'delete') this.#sourceSeen(queued, etag)
    // What runs meets the bucket's version by its own condition.
    if (running !== undefined || queued?.kind !== 'put' || queued.base.kind === 'pending') return
    if (etag === knownOf(queued)) {
      this.#told.delete(queued.id)
      return
    }
    this.#tell(queued, [queued.base, etag])
  }

  /** A listing told every object directly below the prefix. `isTold` also of a key that was settled while it was asked for. */
  listed(prefix: string, isTold: (key: string) => boolean): void {
    for (const operation of this.#journal.operations()) {
      const { kind, key, status } = operation
      if (kind !== 'delete' || status.state === 'running' || !isDirectlyBelow(prefix, key)) continue
      if (!isTold(key)) this.#sourceSeen(operation, undefined)
    }
  }

  /** The old name of a file: another version there, or none, is what a conflict of its renaming is about as well. */
  #sourceSeen({ node, base, key }: Operation, etag: ETag | undefined): void {
    const put = this.#journal.putOf(node)
    const isNews = base.kind !== 'version' || base.etag !== etag
    if (put?.status.state === 'conflict' && isNews) this.#tell(put, [base, etag, key])
  }

  #tell({ id }: Operation, about: readonly unknown[]): void {
    const news = JSON.stringify(about)
    if (this.#told.get(id) === news) return
    this.#told.set(id, news)
    for (const known of this.#told.keys()) if (this.#told.size > mostRemembered) this.#told.delete(known)
    this.#listener(id)
  }

  /** It could not be looked into: the next one who sees it says so again. */
  forget(operation: number): void {
    this.#told.delete(operation)
  }
}

function isDirectlyBelow(prefix: string, key: string): boolean {
  return key.startsWith(prefix) && !key.includes('/', prefix.length)
}

function knownOf({ base, status }: Operation): ETag | undefined {
  if (status.state === 'conflict') return status.theirs?.etag
  return base.kind === 'version' ? base.etag : undefined
}
