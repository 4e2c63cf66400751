/** Through the proxy, a client that signs: what passes passes untouched, and every fault is what its name says. */
import { connect } from 'node:net'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startDemoServer, type DemoServer } from '../../../demo-server/server.ts'
import { createObjectStore } from '../../s3/sdk-store.ts'
import type { ObjectStore } from '../../s3/store.ts'
import { testAccountAt } from '../s3-target.ts'
import { FaultProxy } from './proxy.ts'

const mebibyte = 1024 * 1024
const attributes = { metadata: { mode: '420' } }

describe('the fault proxy', () => {
  let server: DemoServer
  let proxy: FaultProxy
  let store: ObjectStore
  let straight: ObjectStore

  beforeEach(async () => {
    server = await startDemoServer({
      users: [{ accessKeyId: 'key', secretAccessKey: 'secret', policy: 'full' }],
      buckets: [{ name: 'test' }],
    })
    proxy = await FaultProxy.start({ target: server.endpoint })
    const secret = { secretAccessKey: 'secret' }
    store = createObjectStore({ account: testAccountAt(proxy.endpoint, 'key'), secret, bucket: 'test' })
    straight = createObjectStore({ account: testAccountAt(server.endpoint, 'key'), secret, bucket: 'test' })
  })

  afterEach(async () => {
    store.close()
    straight.close()
    await proxy.stop()
    await server.stop()
  })

  const put = (key: string, body: string | Buffer): Promise<{ etag: string }> =>
    store.put(key, Buffer.from(body), attributes, undefined)

  async function get(key: string, signal?: AbortSignal): Promise<Buffer> {
    const { body } = await store.get(key, {}, signal === undefined ? {} : { signal })
    const pieces: Uint8Array[] = []
    for await (const piece of body) pieces.push(piece)
    return Buffer.concat(pieces)
  }

  test('passes signed requests on untouched, whatever the key and the size', async () => {
    for (const key of ['plain', 'a//b/../c', 'é ü+&=?#%41', '日本/語']) {
      await put(key, key)
      expect((await get(key)).toString()).toBe(key)
    }
    const large = Buffer.alloc(5 * mebibyte, 'large')
    await put('large', large)
    expect((await get('large')).equals(large)).toBe(true)
    expect((await store.list({ prefix: '' })).objects).toHaveLength(5)
    expect(proxy.requestCount).toBe(11)
  })

  test('answers in the server’s place, which hears nothing of it', async () => {
    const forget = proxy.add({ fault: { kind: 'status', status: 403 }, method: 'PUT' })
    await expect(put('a', 'x')).rejects.toMatchObject({ kind: 'blocked' })
    forget()
    proxy.add({ fault: { kind: 'status', status: 503 }, method: 'PUT' })
    await expect(put('a', 'x')).rejects.toMatchObject({ kind: 'retry' })
    proxy.rules.clear()
    await put('b', 'z')
    expect((await straight.list({ prefix: '' })).objects.map(({ key }) => key)).toEqual(['b'])
  })

  test('resets before or after the server has done it', async () => {
    proxy.add({ fault: { kind: 'reset', isCarriedOut: false }, method: 'PUT', key: 'before' })
    proxy.add({ fault: { kind: 'reset', isCarriedOut: true }, method: 'PUT', key: 'after' })
    await expect(put('before', 'x')).rejects.toThrow()
    await expect(put('after', 'x')).rejects.toThrow()
    expect((await straight.list({ prefix: '' })).objects.map(({ key }) => key)).toEqual(['after'])
  })

  test('breaks off in the middle of a body, both ways', async () => {
    const body = Buffer.alloc(300_000, 'body')
    await put('a', body)
    proxy.add({ fault: { kind: 'cut', afterBytes: 1_000 }, method: 'GET' })
    await expect(get('a')).rejects.toThrow()
    proxy.add({ fault: { kind: 'cut-request', afterBytes: 1_000 }, method: 'PUT' })
    await expect(put('b', body)).rejects.toThrow()
    expect((await straight.list({ prefix: '' })).objects.map(({ key }) => key)).toEqual(['a'])
  })

  test('falls silent before, after, and in the middle, with the connection open', async () => {
    await put('a', Buffer.alloc(300_000, 'body'))
    proxy.add({ fault: { kind: 'stall', afterBytes: 1_000 }, method: 'GET' })
    proxy.add({ fault: { kind: 'silence', isCarriedOut: true }, method: 'PUT', key: 'done' })
    proxy.add({ fault: { kind: 'silence', isCarriedOut: false }, method: 'PUT', key: 'lost' })
    const answered = new Set<string>()
    proxy.hooks.onAnswer = ({ key }) => void answered.add(key)
    const patience = new AbortController()
    const all = Promise.allSettled([
      get('a', patience.signal),
      ...['done', 'lost'].map((key) =>
        store.put(key, Buffer.from('x'), attributes, undefined, { signal: patience.signal }),
      ),
    ])
    await expect.poll(() => [...answered].sort()).toEqual(['a', 'done'])
    expect(proxy.connectionCount).toBeGreaterThanOrEqual(3)
    patience.abort()
    expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect((await straight.list({ prefix: '' })).objects.map(({ key }) => key)).toEqual(['a', 'done'])
  })

  test('names another version, or changes a byte', async () => {
    const { etag } = await put('a', 'hello')
    const forget = proxy.add({ fault: { kind: 'wrong-etag' } })
    expect((await store.head('a'))?.etag).not.toBe(etag)
    forget()
    proxy.add({ fault: { kind: 'corrupt', atByte: 1 }, method: 'GET' })
    const response = await fetch(`${proxy.endpoint}/test/a`)
    expect(response.status).toBe(403)
    expect((await response.text()).startsWith('<?xml')).toBe(false)
  })

  test('holds a request and its answer until told otherwise', async () => {
    const order: string[] = []
    let release!: () => void
    const held = new Promise<void>((resolve) => (release = resolve))
    proxy.hooks = {
      onRequest: async () => {
        order.push('arrived')
        await held
      },
      onAnswer: (_request, status) => void order.push(`answered ${status}`),
    }
    const done = put('a', 'x').then(() => order.push('done'))
    await expect.poll(() => order).toEqual(['arrived'])
    expect(await straight.head('a')).toBeUndefined()
    release()
    await done
    expect(order).toEqual(['arrived', 'answered 200', 'done'])
  })

  test('closes the port and opens it again where it was', async () => {
    await put('a', 'x')
    const { endpoint } = proxy
    await proxy.setDoor('refusing')
    await expect(get('a')).rejects.toMatchObject({ kind: 'offline' })
    await proxy.setDoor('open')
    expect(proxy.endpoint).toBe(endpoint)
    expect((await get('a')).toString()).toBe('x')
  })

  test('as a black hole takes connections and bytes and gives none; they stay dead when it is over', async () => {
    const { port } = new URL(proxy.endpoint)
    await proxy.setDoor('black-hole')
    const socket = connect(Number(port), '127.0.0.1')
    await once(socket, 'connect')
    let isAnswered = false
    socket.on('data', () => (isAnswered = true))
    const ask = (): unknown => socket.write('GET /test HTTP/1.1\r\nHost: x\r\n\r\n')
    ask()
    await proxy.setDoor('open')
    ask()
    await put('a', 'x')
    expect((await get('a')).toString()).toBe('x')
    expect(isAnswered).toBe(false)
    expect(socket.readyState).toBe('open')
    socket.destroy()
  })
})
