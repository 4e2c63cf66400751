/** Counts what reaches a bucket: how often each key was written. */
import type { ObjectStore } from '../s3/store.ts'

export function countingStore(store: ObjectStore): { store: ObjectStore; writesOf: (key: string) => number } {
  const writes = new Map<string, number>()
  const count = <T>(key: string, result: Promise<T>): Promise<T> =>
    result.then((value) => {
      writes.set(key, (writes.get(key) ?? 0) + 1)
      return value
    })
  return {
    writesOf: (key) => writes.get(key) ?? 0,
    store: {
      ...store,
      put: (key, ...rest) => count(key, store.put(key, ...rest)),
      copy: (source, key, ...rest) => count(key, store.copy(source, key, ...rest)),
      completeMultipartUpload: (key, ...rest) => count(key, store.completeMultipartUpload(key, ...rest)),
    },
  }
}
