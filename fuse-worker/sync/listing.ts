/**
 * What a listing of one directory means, page by page, before it meets the local tree. Pure. Keys come in the order of their bytes, so that
 * a page nearly always decides what it tells: only an object whose key its end begins with may turn out to have a folder beside it.
 * Where a server keeps another order, an entry that was told comes again, under the name it has in the end.
 */
import { nameFromSegment, twinName, type NamePlatform } from '../s3/names.ts'
import type { ObjectListing } from '../s3/store.ts'

export type ListedEntry =
  | { kind: 'object'; name: string; segment: string; object: ObjectListing }
  | { kind: 'directory'; name: string; segment: string; prefix: string }

/** Objects and prefixes right below the directory's. */
export type ListedPage = { objects: readonly ObjectListing[]; prefixes: readonly string[]; isLast: boolean }

export class ListingReader {
  readonly prefix: string
  readonly #platform: NamePlatform
  readonly #entries = new Map<string, ListedEntry>()
  #marker: ObjectListing | undefined
  #undecided: readonly ObjectListing[] = []
  #held: ListedEntry[] = []

  constructor(prefix: string, platform: NamePlatform) {
    this.prefix = prefix
    this.#platform = platform
  }

  /** By name, as a directory shows them. */
  get entries(): ReadonlyMap<string, ListedEntry> {
    return this.#entries
  }

  /** The directory's own zero-byte object, if it has one. */
  get marker(): ObjectListing | undefined {
    return this.#marker
  }

  /** What is certain with this page and was not before. A page may hold nothing at all, and then decides nothing. */
  read({ objects, prefixes, isLast }: ListedPage): ListedEntry[] {
    const last = laterOf(objects.at(-1)?.key, prefixes.at(-1))
    const told = [...this.#undecided, ...objects]
    const isCertain = ({ key }: ObjectListing): boolean => isLast || (last !== undefined && !mayHaveFolder(key, last))
    this.#undecided = told.filter((object) => !isCertain(object))
    const entries = [
      ...prefixes.flatMap((below) => this.#folder(below)),
      ...told.filter(isCertain).flatMap((object) => this.#object(object)),
    ]
    if (!isLast) return entries
    return [...this.#held.filter((entry) => this.#entries.get(entry.name) === entry), ...entries]
  }

  /** An entry that must not be told before everything is known; it comes again with the last page, if it still has its name then. */
  hold(entry: ListedEntry): void {
    this.#held.push(entry)
  }

  #folder(prefix: string): ListedEntry[] {
    const segment = prefix.slice(this.prefix.length, -1)
    const name = nameFromSegment(segment, this.#platform)
    const before = this.#entries.get(name)
    const folder = this.#add({ kind: 'directory', name, segment, prefix })
    return before?.kind === 'object' ? [folder, ...this.#object(before.object)] : [folder]
  }

  #object(object: ObjectListing): ListedEntry[] {
    const segment = object.key.slice(this.prefix.length)
    if (segment === '') {
      this.#marker = object
      // A marker with a body holds data somebody put there: it is shown as a file too.
      if (object.sizeBytes === 0 || this.prefix === '') return []
    }
    const plain = nameFromSegment(segment, this.#platform)
    const other = this.#entries.get(plain)
    const isTaken = other !== undefined && (other.kind === 'directory' || other.segment !== segment)
    const name = isTaken ? twinName(segment, this.#platform) : plain
    return [this.#add({ kind: 'object', name, segment, object })]
  }

  #add(entry: ListedEntry): ListedEntry {
    this.#entries.set(entry.name, entry)
    return entry
  }
}

/** What stands between a key and the folder of its name begins with the key, too. */
function mayHaveFolder(key: string, last: string): boolean {
  return last.startsWith(key) && last < `${key}/`
}

function laterOf(a: string | undefined, b: string | undefined): string | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a
}
