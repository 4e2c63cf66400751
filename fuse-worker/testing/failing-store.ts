/**
 * A store that fails on purpose: a script names an operation, which of its calls, and what happens to it. Wraps any
 * ObjectStore (the one in memory, or the real one), so that the same faults can be tried on both.
 */
import { StoreError } from '../s3/store.ts'
import type { StoreErrorKind } from '../s3/store.ts'
import type { CallOptions, ObjectStore } from '../s3/store.ts'
import type { StoreOperation } from '../s3/metered-store.ts'

export type Fault =
  /** Fails before anything happens. */
  | { kind: 'fails'; error: Error }
  /** Is carried out, and then fails: the reply was lost. */
  | { kind: 'loses-reply'; error: Error }
  /** Answers only when its signal is aborted or `release` is called; then it is carried out, or fails as cancelled. */
  | { kind: 'hangs' }
  /** A get whose body breaks off after so many bytes. */
  | { kind: 'breaks-off'; afterBytes: number; error: Error }

export interface FaultScript {
  /** `nth` counts from 1 over all calls of the operation; absent: every call from now on. Key: only calls for this one. */
  on(operation: StoreOperation, fault: Fault, which?: { nth?: number; key?: string; times?: number }): void
  /** Ends every fault; what hangs is carried out. */
  release(): void
  /** How often an operation was called, and on which keys (the prefix, of a listing). */
  calls(operation: StoreOperation): readonly string[]
  /** How many calls hang at this moment. */
  hanging(): number
}

type Rule = { operation: StoreOperation; fault: Fault; nth?: number; key?: string; left: number }

/** A StoreError as the table of s3/store-errors.ts would make it, for scripts. */
export function storeFailure(kind: StoreErrorKind, message = `${kind}, on purpose`): StoreError {
  const codes = {
    retry: 'server-error',
    offline: 'endpoint-unreachable',
    blocked: 'access-denied',
    conflict: 'conflict',
    absent: 'not-found',
    invalid: 'invalid-input',
    cancelled: 'cancelled',
  } as const
  return new StoreError(kind, { code: codes[kind], message })
}

export function createFailingStore(store: ObjectStore): { store: ObjectStore; script: FaultScript } {
  let rules: Rule[] = []
  const called = new Map<StoreOperation, string[]>()
  const waiting = new Set<() => void>()

  function faultFor(operation: StoreOperation, key: string): Fault | undefined {
    const keys = called.get(operation) ?? []
    keys.push(key)
    called.set(operation, keys)
    const rule = rules.find(
      (candidate) =>
        candidate.operation === operation &&
        candidate.left > 0 &&
        (candidate.nth === undefined || candidate.nth === keys.length) &&
        (candidate.key === undefined || candidate.key === key),
    )
    if (rule) rule.left--
    return rule?.fault
  }

  function hang(call: CallOptions | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        waiting.delete(go)
        reject(storeFailure('cancelled'))
      }
      const go = (): void => {
        waiting.delete(go)
        call?.signal?.removeEventListener('abort', stop)
        resolve()
      }
      if (call?.signal?.aborted) {
        stop()
        return
      }
      waiting.add(go)
      call?.signal?.addEventListener('abort', stop, { once: true })
    })
  }

  async function scripted<T>(
    operation: StoreOperation,
    key: string,
    call: CallOptions | undefined,
    run: () => Promise<T>,
    breakOff?: (result: T, fault: Extract<Fault, { kind: 'breaks-off' }>) => T,
  ): Promise<T> {
    const fault = faultFor(operation, key)
    switch (fault?.kind) {
      case undefined:
        return run()
      case 'fails':
        throw fault.error
      case 'hangs':
        await hang(call)
        return run()
      case 'loses-reply':
        await run()
        throw fault.error
      case 'breaks-off': {
        const result = await run()
        return breakOff ? breakOff(result, fault) : result
      }
    }
  }

  const failing: ObjectStore = {
    head: (key, call) => scripted('head', key, call, () => store.head(key, call)),
    list: (query, call) => scripted('list', query.prefix, call, () => store.list(query, call)),
    get: (key, query, call) =>
      scripted(
        'get',
        key,
        call,
        () => store.get(key, query, call),
        ({ head, body }, fault) => ({ head, body: cutBody(body, fault.afterBytes, fault.error) }),
      ),
    put: (key, body, attributes, condition, call) =>
      scripted('put', key, call, () => store.put(key, body, attributes, condition, call)),
    copy: (source, targetKey, attributes, condition, call) =>
      scripted('copy', targetKey, call, () => store.copy(source, targetKey, attributes, condition, call)),
    delete: (key, query, call) => scripted('delete', key, call, () => store.delete(key, query, call)),
    createMultipartUpload: (key, attributes, call) =>
      scripted('createMultipartUpload', key, call, () => store.createMultipartUpload(key, attributes, call)),
    uploadPart: (key, uploadId, partNumber, body, call) =>
      scripted('uploadPart', key, call, () => store.uploadPart(key, uploadId, partNumber, body, call)),
    uploadPartCopy: (key, uploadId, partNumber, source, call) =>
      scripted('uploadPartCopy', key, call, () => store.uploadPartCopy(key, uploadId, partNumber, source, call)),
    listParts: (key, uploadId, call) => scripted('listParts', key, call, () => store.listParts(key, uploadId, call)),
    completeMultipartUpload: (key, uploadId, parts, condition, call) =>
      scripted('completeMultipartUpload', key, call, () =>
        store.completeMultipartUpload(key, uploadId, parts, condition, call),
      ),
    abortMultipartUpload: (key, uploadId, call) =>
      scripted('abortMultipartUpload', key, call, () => store.abortMultipartUpload(key, uploadId, call)),
    listMultipartUploads: (prefix, call) =>
      scripted('listMultipartUploads', prefix, call, () => store.listMultipartUploads(prefix, call)),
    listVersions: (query, call) => scripted('listVersions', query.prefix, call, () => store.listVersions(query, call)),
    headVersion: (key, versionId, call) =>
      scripted('headVersion', key, call, () => store.headVersion(key, versionId, call)),
    versioning: (call) => scripted('versioning', '', call, () => store.versioning(call)),
    close: () => store.close(),
  }

  const script: FaultScript = {
    on(operation, fault, which = {}) {
      const { nth, key } = which
      rules.push({
        operation,
        fault,
        left: which.times ?? (nth === undefined ? Infinity : 1),
        ...(nth === undefined ? {} : { nth }),
        ...(key === undefined ? {} : { key }),
      })
    },
    release() {
      rules = []
      for (const go of [...waiting]) go()
    },
    calls: (operation) => [...(called.get(operation) ?? [])],
    hanging: () => waiting.size,
  }
  return { store: failing, script }
}

async function* cutBody(body: AsyncIterable<Uint8Array>, afterBytes: number, error: Error): AsyncGenerator<Uint8Array> {
  let left = afterBytes
  for await (const chunk of body) {
    if (chunk.byteLength > left) {
      if (left > 0) yield chunk.subarray(0, left)
      throw error
    }
    left -= chunk.byteLength
    yield chunk
  }
  throw error
}
