/** The target of a symbolic link is the body of its object. */
import type { ObjectHead, ObjectStore } from '../s3/store.ts'

/** Of this very version; throws StoreError. */
export async function readTarget(
  store: ObjectStore,
  key: string,
  head: ObjectHead,
  signal: AbortSignal,
): Promise<string> {
  const { body } = await store.get(key, { ifMatch: head.etag }, { signal })
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces).toString('utf8')
}
