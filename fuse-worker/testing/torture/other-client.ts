/** Another S3 client on the bucket, careful in its own way: it replaces and deletes only the version it has just read. */
import { StoreError, type ETag, type ObjectStore, type WriteCondition } from '../../s3/store.ts'
import type { Random } from '../random.ts'
import type { Ledger } from './ledger.ts'

export class OtherClient {
  readonly #store: ObjectStore
  readonly #ledger: Ledger
  readonly #random: Random

  constructor(options: { store: ObjectStore; ledger: Ledger; random: Random }) {
    this.#store = options.store
    this.#ledger = options.ledger
    this.#random = options.random
  }

  async step(key: string, body: Buffer): Promise<void> {
    const current = await this.read(key)
    const seen = current && this.#ledger.markOf(current.content)
    const act = current === undefined ? 'write' : this.#random.weighted({ write: 6, delete: 2, touch: 1 })
    try {
      if (act === 'write') await this.#write(key, body, seen, conditionOf(current?.etag))
      else if (act === 'touch' && current !== undefined)
        await this.#store.put(key, current.content, { metadata: {} }, conditionOf(current.etag))
      else if (current !== undefined) {
        await this.#store.delete(key, { ifMatch: current.etag })
        this.#ledger.giveUp(seen, 'deleted by the other client')
      }
    } catch (error) {
      // The drive was faster.
      if (!(error instanceof StoreError) || (error.kind !== 'conflict' && error.kind !== 'absent')) throw error
    }
  }

  async read(key: string, versionId?: string): Promise<{ content: Buffer; etag: ETag } | undefined> {
    try {
      const { head, body } = await this.#store.get(key, versionId === undefined ? {} : { versionId })
      const pieces: Uint8Array[] = []
      for await (const piece of body) pieces.push(piece)
      return { content: Buffer.concat(pieces), etag: head.etag }
    } catch (error) {
      if (error instanceof StoreError && error.kind === 'absent') return undefined
      throw error
    }
  }

  async #write(key: string, body: Buffer, seen: string | undefined, condition: WriteCondition): Promise<void> {
    const { mark, content } = this.#ledger.begin('other', key, body)
    await this.#store.put(key, content, { metadata: {} }, condition)
    this.#ledger.acknowledge(mark)
    this.#ledger.giveUp(seen, `replaced by the other client with ${mark.trim()}`)
  }

  /** Everything the bucket holds, by key. */
  async contents(): Promise<Map<string, Buffer>> {
    const contents = new Map<string, Buffer>()
    let token: string | undefined
    do {
      const page = await this.#store.list({
        prefix: '',
        ...(token === undefined ? {} : { continuationToken: token }),
      })
      for (const { key } of page.objects) {
        const found = key.endsWith('/') ? undefined : await this.read(key)
        if (found !== undefined) contents.set(key, found.content)
      }
      token = page.continuationToken
    } while (token !== undefined)
    return contents
  }

  /** And what it held before, where it keeps that. */
  async history(): Promise<Buffer[]> {
    const page = await this.#store.listVersions({ prefix: '' })
    const all: Buffer[] = []
    for (let now: typeof page | undefined = page; now !== undefined;) {
      for (const { key, versionId, kind } of now.versions) {
        const found = kind === 'content' ? await this.read(key, versionId) : undefined
        if (found !== undefined) all.push(found.content)
      }
      now = now.next === undefined ? undefined : await this.#store.listVersions({ prefix: '', after: now.next })
    }
    return all
  }
}

function conditionOf(etag: ETag | undefined): WriteCondition {
  return etag === undefined ? { kind: 'absent' } : { kind: 'version', etag }
}
