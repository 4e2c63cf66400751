/** What a listing of one directory means, before it meets the local tree. Pure. */
import { nameFromSegment, twinName, type NamePlatform } from '../s3/names.ts'
import type { ObjectListing } from '../s3/store.ts'

export type ListedEntry =
  | { kind: 'object'; name: string; segment: string; object: ObjectListing }
  | { kind: 'directory'; name: string; segment: string; prefix: string }

export type DirectoryListing = {
  /** By name, as a directory shows them. */
  entries: Map<string, ListedEntry>
  /** The directory's own zero-byte object, if it has one. */
  marker: ObjectListing | undefined
}

/** `prefix` is that of the directory; objects and prefixes are those right below it. */
export function readListing(
  prefix: string,
  objects: readonly ObjectListing[],
  prefixes: readonly string[],
  platform: NamePlatform,
): DirectoryListing {
  const entries = new Map<string, ListedEntry>()
  let marker: ObjectListing | undefined
  for (const below of prefixes) {
    const segment = below.slice(prefix.length, -1)
    const name = nameFromSegment(segment, platform)
    entries.set(name, { kind: 'directory', name, segment, prefix: below })
  }
  for (const object of objects) {
    const segment = object.key.slice(prefix.length)
    if (segment === '') {
      marker = object
      // A marker with a body holds data somebody put there: it is shown as a file too.
      if (object.sizeBytes === 0 || prefix === '') continue
    }
    const plain = nameFromSegment(segment, platform)
    const name = entries.has(plain) ? twinName(segment, platform) : plain
    entries.set(name, { kind: 'object', name, segment, object })
  }
  return { entries, marker }
}
