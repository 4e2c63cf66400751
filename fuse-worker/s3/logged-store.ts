/**
 * Writes each request into the log, where the person asked for a detailed one. Around the breaker and the guard, so that it shows
 * what the drive asked for and how long that took in all.
 */
import type { Log } from '../runtime/log.ts'
import { StoreError, type ObjectStore } from './store.ts'

export function logStore(store: ObjectStore, log: Log, nowMs: () => number): ObjectStore {
  async function logged<T>(operation: string, first: unknown, call: () => Promise<T>): Promise<T> {
    const startMs = nowMs()
    const note = (outcome: string): void =>
      log.debug('request', { operation, key: keyOf(first), ms: Math.round(nowMs() - startMs), outcome })
    try {
      const result = await call()
      note('ok')
      return result
    } catch (error) {
      note(error instanceof StoreError ? error.problem.code : 'failed')
      throw error
    }
  }
  return {
    ...store,
    head: (...args) => logged('head', args[0], () => store.head(...args)),
    list: (...args) => logged('list', args[0], () => store.list(...args)),
    get: (...args) => logged('get', args[0], () => store.get(...args)),
    put: (...args) => logged('put', args[0], () => store.put(...args)),
    copy: (...args) => logged('copy', args[0], () => store.copy(...args)),
    delete: (...args) => logged('delete', args[0], () => store.delete(...args)),
    createMultipartUpload: (...args) =>
      logged('createMultipartUpload', args[0], () => store.createMultipartUpload(...args)),
    uploadPart: (...args) => logged('uploadPart', args[0], () => store.uploadPart(...args)),
    uploadPartCopy: (...args) => logged('uploadPartCopy', args[0], () => store.uploadPartCopy(...args)),
    listParts: (...args) => logged('listParts', args[0], () => store.listParts(...args)),
    completeMultipartUpload: (...args) =>
      logged('completeMultipartUpload', args[0], () => store.completeMultipartUpload(...args)),
    abortMultipartUpload: (...args) =>
      logged('abortMultipartUpload', args[0], () => store.abortMultipartUpload(...args)),
    listVersions: (...args) => logged('listVersions', args[0], () => store.listVersions(...args)),
    headVersion: (...args) => logged('headVersion', args[0], () => store.headVersion(...args)),
  }
}

function keyOf(first: unknown): string | undefined {
  if (typeof first === 'string') return first
  const asked = first as { key?: unknown; prefix?: unknown } | undefined
  const key = asked?.key ?? asked?.prefix
  return typeof key === 'string' ? key : undefined
}
