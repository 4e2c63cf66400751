/** A bucket of a real service, below a prefix, as another client than the drive sees it. */
import type { ObjectStore } from '../s3/store.ts'
import type { BucketView } from './fs-under-test.ts'

export function bucketViewOf(store: ObjectStore, prefix: string): BucketView {
  return {
    put: async (key, body, attributes) => {
      await store.put(prefix + key, Buffer.from(body), { metadata: {}, ...attributes }, undefined)
    },
    get: async (key) => {
      const head = await store.head(prefix + key)
      if (head === undefined) return undefined
      const { body } = await store.get(prefix + key, {})
      const pieces: Uint8Array[] = []
      for await (const piece of body) pieces.push(piece)
      return Buffer.concat(pieces)
    },
    metadata: async (key) => (await store.head(prefix + key))?.metadata,
    delete: (key) => store.delete(prefix + key, {}),
    keys: (below) => keysOf(store, prefix, below),
    writesOf: () => undefined,
  }
}

async function keysOf(store: ObjectStore, prefix: string, below: string): Promise<string[]> {
  const keys: string[] = []
  let continuationToken: string | undefined
  do {
    const token = continuationToken === undefined ? {} : { continuationToken }
    const page = await store.list({ prefix: prefix + below, ...token })
    keys.push(...page.objects.map(({ key }) => key.slice(prefix.length)))
    continuationToken = page.continuationToken
  } while (continuationToken !== undefined)
  return keys
}
