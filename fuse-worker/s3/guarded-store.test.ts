import { describe, expect, it } from 'vitest'
import type { Support } from '../../contracts/account.ts'
import { createFailingStore, storeFailure } from '../testing/failing-store.ts'
import { createMemoryStore } from '../testing/memory-store.ts'
import type { MemoryStore } from '../testing/memory-store.ts'
import { guardStore } from './guarded-store.ts'
import type { GuardedCapabilities } from './guarded-store.ts'
import { meterStore } from './metered-store.ts'
import type { ObjectStore } from './store.ts'

const plain = { metadata: {} }
const body = (text: string): Buffer => Buffer.from(text)

const all = (support: Support): GuardedCapabilities => ({
  putIfNoneMatch: support,
  putIfMatch: support,
  completeIfNoneMatch: support,
  completeIfMatch: support,
  deleteIfMatch: support,
  copySourceIfMatch: support,
})

/** What a weak endpoint does: takes every condition and acts as if it were not there. */
function ignoreConditions(store: MemoryStore, during?: { write?: () => void }): ObjectStore {
  const written = async <T>(result: Promise<T>): Promise<T> => {
    const value = await result
    during?.write?.()
    return value
  }
  return {
    ...store,
    put: (key, bytes, attributes, _, call) => written(store.put(key, bytes, attributes, undefined, call)),
    copy: async (source, targetKey, attributes, _, call) => {
      const now = await store.head(source.key)
      return written(store.copy({ ...source, etag: now?.etag ?? '' }, targetKey, attributes, undefined, call))
    },
    uploadPartCopy: async (key, uploadId, part, source, call) => {
      const now = await store.head(source.key)
      return written(store.uploadPartCopy(key, uploadId, part, { ...source, etag: now?.etag ?? '' }, call))
    },
    completeMultipartUpload: (key, uploadId, parts, _, call) =>
      written(store.completeMultipartUpload(key, uploadId, parts, undefined, call)),
    delete: (key, _, call) => written(store.delete(key, {}, call)),
  }
}

describe('an endpoint that ignores conditions, guarded', () => {
  it('creates only what is absent and replaces only the version it was told', async () => {
    const memory = createMemoryStore()
    const store = guardStore(ignoreConditions(memory), all('ignored'))
    const first = await store.put('k', body('1'), plain, { kind: 'absent' })
    await expect(store.put('k', body('2'), plain, { kind: 'absent' })).rejects.toMatchObject({ kind: 'conflict' })
    const base = { kind: 'version', etag: first.etag } as const
    const second = await store.put('k', body('2'), plain, base)
    await expect(store.put('k', body('3'), plain, base)).rejects.toMatchObject({ kind: 'conflict' })
    await expect(store.put('gone', body('3'), plain, base)).rejects.toMatchObject({ kind: 'conflict' })
    await expect(store.delete('k', { ifMatch: first.etag })).rejects.toMatchObject({ kind: 'conflict' })
    expect(memory.peek('k')?.toString()).toBe('2')
    await store.delete('k', { ifMatch: second.etag })
    await store.delete('k', { ifMatch: second.etag })
    expect(memory.keys()).toEqual([])
  })

  it('completes an upload only over the version it was told', async () => {
    const memory = createMemoryStore()
    const store = guardStore(ignoreConditions(memory), all('ignored'))
    const base = memory.putForeign('k', 'base')
    const uploadId = await store.createMultipartUpload('k', plain)
    const parts = [await store.uploadPart('k', uploadId, 1, body('new'))]
    memory.putForeign('k', 'theirs')
    const condition = { kind: 'version', etag: base.etag } as const
    const completing = store.completeMultipartUpload('k', uploadId, parts, condition)
    await expect(completing).rejects.toMatchObject({ kind: 'conflict' })
    expect(memory.peek('k')?.toString()).toBe('theirs')
  })

  it('copies only the version it was told, and takes a copy of another one away', async () => {
    const memory = createMemoryStore()
    const base = memory.putForeign('from', 'base')
    const source = { key: 'from', etag: base.etag, sizeBytes: 4 }
    const racing = guardStore(
      ignoreConditions(memory, { write: () => void memory.putForeign('from', 'theirs') }),
      all('ignored'),
    )
    await expect(racing.copy(source, 'to', plain, { kind: 'absent' })).rejects.toMatchObject({ kind: 'conflict' })
    expect(memory.peek('to')).toBeUndefined()
    const calm = guardStore(ignoreConditions(memory), all('ignored'))
    await expect(calm.copy(source, 'to', plain, undefined)).rejects.toMatchObject({ kind: 'conflict' })
    memory.deleteForeign('from')
    await expect(calm.copy(source, 'to', plain, undefined)).rejects.toMatchObject({ kind: 'absent' })
  })

  it('does not use a part copied from another version', async () => {
    const memory = createMemoryStore()
    const base = memory.putForeign('k', 'base')
    const store = guardStore(ignoreConditions(memory), all('ignored'))
    const uploadId = await store.createMultipartUpload('k', plain)
    memory.putForeign('k', 'theirs')
    const source = { key: 'k', etag: base.etag, range: { start: 0, end: 4 } }
    await expect(store.uploadPartCopy('k', uploadId, 1, source)).rejects.toMatchObject({ kind: 'conflict' })
  })

  it('notices a writer who came between the check and the write', async () => {
    const memory = createMemoryStore()
    const between = { write: () => void memory.putForeign('k', 'theirs') }
    const store = guardStore(ignoreConditions(memory, between), all('ignored'))
    await expect(store.put('k', body('mine'), plain, { kind: 'absent' })).rejects.toMatchObject({ kind: 'conflict' })
  })

  it('never takes a check that failed for an answer', async () => {
    const memory = createMemoryStore()
    const { store: failing, script } = createFailingStore(ignoreConditions(memory))
    script.on('head', { kind: 'fails', error: storeFailure('offline') })
    const store = guardStore(failing, all('ignored'))
    await expect(store.put('k', body('1'), plain, { kind: 'absent' })).rejects.toMatchObject({ kind: 'offline' })
    await expect(store.delete('k', { ifMatch: '"x"' })).rejects.toMatchObject({ kind: 'offline' })
    expect(memory.keys()).toEqual([])
    expect(script.calls('put')).toEqual([])
  })

  it('leaves what is honoured alone, at no request more', async () => {
    const { store: metered, meter } = meterStore(createMemoryStore())
    const store = guardStore(metered, all('honoured'))
    const { etag } = await store.put('k', body('123'), plain, { kind: 'absent' })
    await expect(store.put('k', body('2'), plain, { kind: 'absent' })).rejects.toMatchObject({ kind: 'conflict' })
    for await (const chunk of (await store.get('k', { ifMatch: etag })).body) expect(chunk.byteLength).toBe(3)
    await store.delete('k', { ifMatch: etag })
    expect(meter.counts()).toEqual({
      put: { requests: 2, failures: 1, sentBytes: 3, receivedBytes: 0 },
      get: { requests: 1, failures: 0, sentBytes: 0, receivedBytes: 3 },
      delete: { requests: 1, failures: 0, sentBytes: 0, receivedBytes: 0 },
    })
    expect(meter.totals()).toEqual({ requests: 4, failures: 1, sentBytes: 3, receivedBytes: 3 })
  })

  it('does not send a condition that would be refused', async () => {
    const memory = createMemoryStore()
    const seen: unknown[] = []
    const spying: ObjectStore = {
      ...memory,
      put: (key, bytes, attributes, condition, call) => {
        seen.push(condition)
        return memory.put(key, bytes, attributes, condition, call)
      },
    }
    await guardStore(spying, all('refused')).put('a', body('1'), plain, { kind: 'absent' })
    await guardStore(spying, all('unknown')).put('b', body('1'), plain, { kind: 'absent' })
    expect(seen).toEqual([undefined, { kind: 'absent' }])
  })
})
