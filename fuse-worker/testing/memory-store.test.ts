import { describe, expect, it } from 'vitest'
import { createMemoryStore } from './memory-store.ts'

const plain = { metadata: {} }
const bytes = (text: string) => Buffer.from(text)

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

describe('the bucket in memory', () => {
  it('lets exactly one of many racers create a key', async () => {
    const store = createMemoryStore()
    const racers = Array.from({ length: 16 }, (_, n) => store.put('k', bytes(`${n}`), plain, { kind: 'absent' }))
    const results = await Promise.allSettled(racers)
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ kind: 'conflict' })
  })

  it('refuses a write, a read and a delete of another version', async () => {
    const store = createMemoryStore()
    const first = await store.put('k', bytes('1'), plain, undefined)
    const second = await store.put('k', bytes('2'), plain, { kind: 'version', etag: first.etag })
    const stale = { kind: 'version', etag: first.etag } as const
    await expect(store.put('k', bytes('3'), plain, stale)).rejects.toMatchObject({ kind: 'conflict' })
    await expect(store.put('gone', bytes('3'), plain, stale)).rejects.toMatchObject({ kind: 'conflict' })
    await expect(store.get('k', { ifMatch: first.etag })).rejects.toMatchObject({ kind: 'conflict' })
    await expect(store.delete('k', { ifMatch: first.etag })).rejects.toMatchObject({ kind: 'conflict' })
    await expect(store.get('gone', {})).rejects.toMatchObject({ kind: 'absent' })
    const { body } = await store.get('k', { ifMatch: second.etag, range: { start: 0, end: 1 } })
    expect(await textOf(body)).toBe('2')
  })

  it('pages a listing in byte order, folding at the delimiter', async () => {
    const store = createMemoryStore({ pageSize: 2 })
    for (const key of ['p/b', 'p/a/1', 'p/a/2', 'p/\u{1F600}', 'p/\uFF21', 'p/a', 'q'])
      await store.put(key, bytes(key), plain, undefined)
    const seen: string[] = []
    let token: string | undefined
    do {
      const page = await store.list({ prefix: 'p/', delimiter: '/', ...(token ? { continuationToken: token } : {}) })
      seen.push(...page.objects.map((object) => object.key), ...page.prefixes)
      token = page.continuationToken
    } while (token)
    expect(seen).toEqual(['p/a', 'p/a/', 'p/b', 'p/\uFF21', 'p/\u{1F600}'])
  })

  it('shows a multipart upload only when it is complete, and conditionally', async () => {
    const store = createMemoryStore()
    const base = await store.put('k', bytes('abcdef'), plain, undefined)
    const uploadId = await store.createMultipartUpload('k', { metadata: { mode: '33188' } })
    const copied = { key: 'k', etag: base.etag, range: { start: 0, end: 3 } }
    const parts = [
      await store.uploadPartCopy('k', uploadId, 1, copied),
      await store.uploadPart('k', uploadId, 2, bytes('XYZ')),
    ]
    expect(store.peek('k')?.toString()).toBe('abcdef')
    expect(await store.listParts('k', uploadId)).toEqual(parts)
    const foreign = store.putForeign('k', 'other')
    const stale = { kind: 'version', etag: base.etag } as const
    await expect(store.completeMultipartUpload('k', uploadId, parts, stale)).rejects.toMatchObject({ kind: 'conflict' })
    const done = await store.completeMultipartUpload('k', uploadId, parts, { kind: 'version', etag: foreign.etag })
    expect(store.peek('k')?.toString()).toBe('abcXYZ')
    expect((await store.head('k'))?.metadata).toEqual({ mode: '33188' })
    expect(done.etag).toMatch(/-2"$/)
    await expect(store.listParts('k', uploadId)).rejects.toMatchObject({ kind: 'absent' })
  })

  it('answers cancelled to a signal that was aborted', async () => {
    const signal = AbortSignal.abort()
    await expect(createMemoryStore().head('k', { signal })).rejects.toMatchObject({ kind: 'cancelled' })
  })
})
