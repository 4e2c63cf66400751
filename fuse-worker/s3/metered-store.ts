/**
 * Counts what goes through a store: requests, failures and bytes by operation. The innermost wrap, directly around the SDK,
 * so that what the outer ones add (a guard's HEAD) is counted as the requests they are.
 */
import type { ObjectStore } from './store.ts'

export type StoreOperation = Exclude<keyof ObjectStore, 'close'>

export type OperationCount = {
  requests: number
  failures: number
  /** Bodies only, as far as they were handed over; headers and listings are not counted. */
  sentBytes: number
  receivedBytes: number
}

export interface StoreMeter {
  /** A copy; operations never called are absent. */
  counts(): Partial<Record<StoreOperation, OperationCount>>
  totals(): OperationCount
}

const none = (): OperationCount => ({ requests: 0, failures: 0, sentBytes: 0, receivedBytes: 0 })

export function meterStore(store: ObjectStore): { store: ObjectStore; meter: StoreMeter } {
  const counts = new Map<StoreOperation, OperationCount>()

  function countOf(operation: StoreOperation): OperationCount {
    const existing = counts.get(operation)
    if (existing) return existing
    const fresh = none()
    counts.set(operation, fresh)
    return fresh
  }

  async function counted<T>(operation: StoreOperation, sentBytes: number, call: () => Promise<T>): Promise<T> {
    const count = countOf(operation)
    count.requests++
    try {
      const result = await call()
      count.sentBytes += sentBytes
      return result
    } catch (error) {
      count.failures++
      throw error
    }
  }

  const metered: ObjectStore = {
    head: (...args) => counted('head', 0, () => store.head(...args)),
    list: (...args) => counted('list', 0, () => store.list(...args)),
    async get(...args) {
      const { head, body } = await counted('get', 0, () => store.get(...args))
      return { head, body: countBytes(body, countOf('get')) }
    },
    put: (...args) => counted('put', args[1].byteLength, () => store.put(...args)),
    copy: (...args) => counted('copy', 0, () => store.copy(...args)),
    delete: (...args) => counted('delete', 0, () => store.delete(...args)),
    createMultipartUpload: (...args) => counted('createMultipartUpload', 0, () => store.createMultipartUpload(...args)),
    uploadPart: (...args) => counted('uploadPart', args[3].byteLength, () => store.uploadPart(...args)),
    uploadPartCopy: (...args) => counted('uploadPartCopy', 0, () => store.uploadPartCopy(...args)),
    listParts: (...args) => counted('listParts', 0, () => store.listParts(...args)),
    completeMultipartUpload: (...args) =>
      counted('completeMultipartUpload', 0, () => store.completeMultipartUpload(...args)),
    abortMultipartUpload: (...args) => counted('abortMultipartUpload', 0, () => store.abortMultipartUpload(...args)),
    listMultipartUploads: (...args) => counted('listMultipartUploads', 0, () => store.listMultipartUploads(...args)),
    listVersions: (...args) => counted('listVersions', 0, () => store.listVersions(...args)),
    headVersion: (...args) => counted('headVersion', 0, () => store.headVersion(...args)),
    versioning: (...args) => counted('versioning', 0, () => store.versioning(...args)),
    close: () => store.close(),
  }

  const meter: StoreMeter = {
    counts: () => Object.fromEntries([...counts].map(([operation, count]) => [operation, { ...count }])),
    totals: () => [...counts.values()].reduce(add, none()),
  }
  return { store: metered, meter }
}

async function* countBytes(body: AsyncIterable<Uint8Array>, count: OperationCount): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    count.receivedBytes += chunk.byteLength
    yield chunk
  }
}

const add = (a: OperationCount, b: OperationCount): OperationCount => ({
  requests: a.requests + b.requests,
  failures: a.failures + b.failures,
  sentBytes: a.sentBytes + b.sentBytes,
  receivedBytes: a.receivedBytes + b.receivedBytes,
})
