/**
 * The walk behind every listing: keys in byte order from some point on, those that share a prefix up to the delimiter told
 * once, cut off after so many. Jumps over what a common prefix swallows, so its cost is the page's, not the bucket's.
 */
import type { SortedKeys } from '../storage/sorted-keys.ts'

export type Position = { kind: 'key' | 'prefix'; name: string }

export type Page = {
  entries: Position[]
  isTruncated: boolean
}

export type PageQuery = {
  prefix: string
  delimiter: string
  /** Entries up to and with this one are left out. */
  after: Position | undefined
  maxEntries: number
}

export function pageOf(
  keys: SortedKeys,
  { prefix, delimiter, after, maxEntries }: PageQuery,
  isVisible: (key: string) => boolean,
): Page {
  const entries: Position[] = []
  let index = firstIndex(keys, prefix, after)
  for (let key = keys.at(index); key !== undefined && key.startsWith(prefix); key = keys.at(index)) {
    if (!isVisible(key)) {
      index++
      continue
    }
    if (entries.length >= maxEntries) return { entries, isTruncated: maxEntries > 0 }
    const common = commonPrefix(key, prefix, delimiter)
    entries.push(common === undefined ? { kind: 'key', name: key } : { kind: 'prefix', name: common })
    index = common === undefined ? index + 1 : keys.indexPast(common)
  }
  return { entries, isTruncated: false }
}

export function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined
  const end = key.indexOf(delimiter, prefix.length)
  return end < 0 ? undefined : key.slice(0, end + delimiter.length)
}

function firstIndex(keys: SortedKeys, prefix: string, after: Position | undefined): number {
  const start = keys.indexFrom(prefix)
  if (!after) return start
  return Math.max(start, after.kind === 'prefix' ? keys.indexPast(after.name) : keys.indexAfter(after.name))
}

/** Opaque to clients; says whether a key or a common prefix was the last. */
export function encodeToken(position: Position): string {
  return Buffer.from(`${position.kind}:${position.name}`, 'utf8').toString('base64url')
}

export function decodeToken(token: string): Position | undefined {
  const text = Buffer.from(token, 'base64url').toString('utf8')
  const match = /^(key|prefix):([^]*)$/.exec(text)
  return match ? { kind: match[1] as Position['kind'], name: match[2] ?? '' } : undefined
}

/** A marker that a client chose: a name that ends a common prefix means all below it. */
export function markerPosition(marker: string | undefined, prefix: string, delimiter: string): Position | undefined {
  if (marker === undefined || marker === '') return undefined
  const isPrefix = delimiter !== '' && marker.startsWith(prefix) && commonPrefix(marker, prefix, delimiter) === marker
  return { kind: isPrefix ? 'prefix' : 'key', name: marker }
}
