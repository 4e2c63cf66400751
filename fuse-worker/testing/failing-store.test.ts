import { describe, expect, it, vi } from 'vitest'
import { createFailingStore, storeFailure } from './failing-store.ts'
import { createMemoryStore } from './memory-store.ts'

const plain = { metadata: {} }
const setUp = () => {
  const memory = createMemoryStore({ bodyChunkBytes: 4 })
  return { memory, ...createFailingStore(memory) }
}

describe('a store that fails on purpose', () => {
  it('fails the call it was told to, before anything happens', async () => {
    const { memory, store, script } = setUp()
    script.on('put', { kind: 'fails', error: storeFailure('retry') }, { nth: 2 })
    await store.put('a', Buffer.from('1'), plain, undefined)
    await expect(store.put('b', Buffer.from('1'), plain, undefined)).rejects.toMatchObject({ kind: 'retry' })
    await store.put('c', Buffer.from('1'), plain, undefined)
    expect(memory.keys()).toEqual(['a', 'c'])
    expect(script.calls('put')).toEqual(['a', 'b', 'c'])
  })

  it('carries out what it then denies', async () => {
    const { memory, store, script } = setUp()
    script.on('put', { kind: 'loses-reply', error: storeFailure('retry') }, { key: 'a', times: 1 })
    await expect(store.put('a', Buffer.from('1'), plain, { kind: 'absent' })).rejects.toMatchObject({ kind: 'retry' })
    expect(memory.peek('a')?.toString()).toBe('1')
    await expect(store.put('a', Buffer.from('1'), plain, { kind: 'absent' })).rejects.toMatchObject({
      kind: 'conflict',
    })
  })

  it('hangs until it is released or its signal is aborted', async () => {
    const { memory, store, script } = setUp()
    script.on('put', { kind: 'hangs' })
    const stop = new AbortController()
    const aborted = store.put('a', Buffer.from('1'), plain, undefined, { signal: stop.signal })
    const released = store.put('b', Buffer.from('1'), plain, undefined)
    await vi.waitFor(() => expect(script.hanging()).toBe(2))
    stop.abort()
    await expect(aborted).rejects.toMatchObject({ kind: 'cancelled' })
    script.release()
    await released
    expect(memory.keys()).toEqual(['b'])
  })

  it('breaks a body off in the middle', async () => {
    const { memory, store, script } = setUp()
    memory.putForeign('k', '0123456789')
    script.on('get', { kind: 'breaks-off', afterBytes: 6, error: storeFailure('retry') })
    const { body } = await store.get('k', {})
    let seen = ''
    const reading = (async () => {
      for await (const chunk of body) seen += Buffer.from(chunk).toString()
    })()
    await expect(reading).rejects.toMatchObject({ kind: 'retry' })
    expect(seen).toBe('012345')
  })
})
