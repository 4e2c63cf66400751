/**
 * Whether all of a file is at hand: its own bytes, and those of its base that were never fetched or have left the cache. Once
 * another client has replaced the base, what was not here is gone, unless the bucket keeps old versions.
 */
import type { ContentStore } from '../cache/content-store.ts'
import type { Node } from '../metadata/node.ts'
import type { ETag } from '../s3/store.ts'

export type CachedContent = Pick<ContentStore, 'open' | 'hasLost' | 'missing'>

/** Every byte of it is in the cache. */
export function isWholeHere(node: Node, contents: CachedContent): boolean {
  if (node.kind !== 'file') return true
  if (node.content === 0) return Math.min(node.size, node.baseSize) === 0
  const content = contents.open(node.content, node.baseSize)
  return !contents.hasLost(content) && contents.missing(content, 0, node.size).length === 0
}

/** What the bucket is known to hold under a key now; no ETag: nothing. */
export type Held = { key: string; etag: ETag | undefined }

/** The same, or what is missing can still be had: `held` is what was last seen under the key of the conflict. */
export function isWhole(node: Node, contents: CachedContent, held: Held): boolean {
  if (isWholeHere(node, contents)) return true
  if (node.content !== 0 && contents.hasLost(contents.open(node.content, node.baseSize))) return false
  const { remote } = node
  if (remote === undefined) return false
  if (remote.versionId !== undefined && remote.versionId !== 'null') return true
  return remote.key !== held.key || remote.etag === held.etag
}
