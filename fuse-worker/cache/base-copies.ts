/**
 * Copies of versions that changes here were built on, so that texts can be merged. One file a key, which proves itself: a digest of key,
 * ETag and bytes, then the bytes. Nothing depends on a copy: what cannot be kept, or does not prove itself, is simply not there.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../runtime/log.ts'
import type { ETag } from '../s3/store.ts'

const digestBytes = 32

export class BaseCopies {
  readonly #directory: string
  readonly #mostBytes: () => number
  readonly #log: Log
  /** By the digest of the key: of which version, and how much of the disk it takes. */
  readonly #copies = new Map<string, { version: string; bytes: number }>()
  #totalBytes = 0

  /** Keeps at most so many bytes in all. */
  constructor(options: { directory: string; mostBytes: () => number; log: Log }) {
    this.#directory = options.directory
    this.#mostBytes = options.mostBytes
    this.#log = options.log
    this.#attempt('loaded', () => this.#load())
  }

  has(key: string, etag: ETag): boolean {
    return this.#copies.size > 0 && this.#copies.get(named(key))?.version === named(etag)
  }

  /** In place of what was kept of this key. */
  keep(key: string, etag: ETag, bytes: Uint8Array): void {
    this.drop(key)
    const size = digestBytes + bytes.length
    if (this.#totalBytes + size > this.#mostBytes()) return
    const [name, version] = [named(key), named(etag)]
    this.#copies.set(name, { version, bytes: size })
    this.#totalBytes += size
    const isKept = this.#attempt('kept', () => {
      const content = Buffer.concat([digestOf(key, etag, bytes), bytes], size)
      writeFileSync(this.#pathOf(name, version), content, { mode: 0o600 })
    })
    if (!isKept) this.drop(key)
  }

  /** Undefined, from then on, where it is not whole. */
  read(key: string, etag: ETag): Buffer | undefined {
    if (!this.has(key, etag)) return undefined
    let content: Buffer | undefined
    this.#attempt('read', () => {
      content = readFileSync(this.#pathOf(named(key), named(etag)))
    })
    const bytes = content?.subarray(digestBytes)
    if (content !== undefined && bytes !== undefined) {
      if (content.subarray(0, digestBytes).equals(digestOf(key, etag, bytes))) return bytes
    }
    this.drop(key)
    return undefined
  }

  drop(key: string): void {
    if (this.#copies.size > 0) this.#drop(named(key))
  }

  /** All whose key is not among these. */
  keepOnly(keys: Iterable<string>): void {
    const needed = new Set([...keys].map(named))
    for (const name of [...this.#copies.keys()]) if (!needed.has(name)) this.#drop(name)
  }

  #drop(name: string): void {
    const copy = this.#copies.get(name)
    if (copy === undefined) return
    this.#copies.delete(name)
    this.#totalBytes -= copy.bytes
    this.#attempt('removed', () => rmSync(this.#pathOf(name, copy.version), { force: true }))
  }

  /** Whether a file is whole shows when it is read. */
  #load(): void {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
    for (const file of readdirSync(this.#directory)) {
      const [name = '', version = ''] = file.split('.')
      const bytes = statSync(join(this.#directory, file)).size
      if (this.#copies.has(name)) rmSync(join(this.#directory, file), { force: true })
      else {
        this.#copies.set(name, { version, bytes })
        this.#totalBytes += bytes
      }
    }
  }

  #pathOf(name: string, version: string): string {
    return join(this.#directory, `${name}.${version}`)
  }

  #attempt(what: string, act: () => void): boolean {
    try {
      act()
      return true
    } catch (error) {
      this.#log.warn(`an earlier version could not be ${what}; texts are merged without it`, { error: String(error) })
      return false
    }
  }
}

function named(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

function digestOf(key: string, etag: ETag, bytes: Uint8Array): Buffer {
  return createHash('sha256').update(`${key}\0${etag}\0`).update(bytes).digest()
}
