import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import type { AddressInfo, Server as TcpServer, Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createTransport } from './sdk-transport.ts'
import type { Transport, TransportRequest } from './sdk-transport.ts'

const large = Buffer.alloc(3 * 1024 * 1024, 7)
const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function listen(server: Server | TcpServer): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  closing.push(() => {
    server.close()
    if ('closeAllConnections' in server) server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port
}

function open(limits = { connectMs: 5000, idleMs: 5000 }, onClockOffset?: (offsetMs: number) => void): Transport {
  const transport = createTransport({ limits, ...(onClockOffset ? { onClockOffset } : {}) })
  closing.push(() => transport.destroy())
  return transport
}

function request(port: number, method: string, body?: Uint8Array): TransportRequest {
  const headers: Record<string, string> = body ? { 'content-length': String(body.length) } : {}
  return { method, protocol: 'http:', hostname: '127.0.0.1', port, path: '/bucket/key', headers, body }
}

async function textOf(body: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of body as AsyncIterable<Buffer>) text += chunk.toString()
  return text
}

describe('the way onto the wire', () => {
  it('asks before it sends a large body, and sends nothing when the answer is no', async () => {
    const server = createServer()
    let received = 0
    server.on('checkContinue', (incoming: IncomingMessage, response) => {
      incoming.on('data', (chunk: Buffer) => (received += chunk.length))
      response.writeHead(412, { 'content-type': 'application/xml' }).end('<Error/>')
    })
    const transport = open()
    const progress = vi.fn()
    transport.watch(large, { onProgress: progress })
    const port = await listen(server)
    for (let round = 0; round < 3; round++) {
      const { response } = await transport.handle(request(port, 'PUT', large))
      expect(response.statusCode).toBe(412)
      expect(await textOf(response.body)).toBe('<Error/>')
    }
    expect(received).toBe(0)
    expect(progress).not.toHaveBeenCalled()
  })

  it('sends it whole when the answer is yes, and reports every step of it', async () => {
    const echo: RequestListener = (incoming, response) => {
      let size = 0
      incoming.on('data', (chunk: Buffer) => (size += chunk.length))
      incoming.on('end', () => response.end(String(size)))
    }
    const transport = open()
    const steps: number[] = []
    transport.watch(large, { onProgress: (sent) => steps.push(sent) })
    const { response } = await transport.handle(request(await listen(createServer(echo)), 'PUT', large))
    expect(await textOf(response.body)).toBe(String(large.length))
    expect(steps.at(-1)).toBe(large.length)
    expect(steps).toEqual([...steps].sort((a, b) => a - b))
  })

  it('sends it all the same to a server that never says 100', async () => {
    const server = createTcpServer((socket) => {
      let received = 0
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        received += chunk.length
        if (received > large.length) socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok')
      })
    })
    const { response } = await open().handle(request(await listen(server), 'PUT', large))
    expect(await textOf(response.body)).toBe('ok')
  })

  it('gives up on a server that is silent before its answer or in the middle of it', async () => {
    const silent = createServer(() => {})
    const halfway = createServer((_, response) => {
      response.writeHead(200, { 'content-length': '10' })
      response.write('half')
    })
    const transport = open({ connectMs: 2000, idleMs: 200 })
    const waiting = transport.handle(request(await listen(silent), 'GET'))
    await expect(waiting).rejects.toMatchObject({ code: 'IDLE_TIMEOUT' })
    const { response } = await transport.handle(request(await listen(halfway), 'GET'))
    await expect(textOf(response.body)).rejects.toMatchObject({ code: 'IDLE_TIMEOUT' })
  })

  it('gives up on a server that accepts but never finishes the TLS handshake', async () => {
    const mute = createTcpServer((socket) => socket.on('error', () => {}))
    const tls = { ...request(await listen(mute), 'GET'), protocol: 'https:' }
    await expect(open({ connectMs: 200, idleMs: 5000 }).handle(tls)).rejects.toMatchObject({ code: 'CONNECT_TIMEOUT' })
  })

  it('does not hold it against the server when the reader is slow', async () => {
    const transport = open({ connectMs: 2000, idleMs: 100 })
    const server = createServer((_, response) => response.end(large))
    const { response } = await transport.handle(request(await listen(server), 'GET'))
    // Several idle limits pass on the socket's own clock while nobody reads.
    for (let round = 0; round < 5; round++)
      await new Promise<void>((resolve) => response.body.socket.once('timeout', () => resolve()))
    let size = 0
    for await (const chunk of response.body as AsyncIterable<Buffer>) size += chunk.length
    expect(size).toBe(large.length)
  })

  it('asks a limit before each slice, and does not hold it against the server that it has to wait', async () => {
    const idleMs = 100
    const taken: number[] = []
    // Each turn comes after several idle limits; a timeout would have ended the request by then.
    const pace = {
      sliceBytes: 1024 * 1024,
      take: (bytes: number) => {
        taken.push(bytes)
        return new Promise<void>((go) => setTimeout(go, 3 * idleMs))
      },
    }
    const transport = open({ connectMs: 2000, idleMs })
    transport.watch(large, { pace })
    const server = createServer((incoming, response) => {
      let size = 0
      incoming.on('data', (chunk: Buffer) => (size += chunk.length))
      incoming.on('end', () => response.end(String(size)))
    })
    const { response } = await transport.handle(request(await listen(server), 'PUT', large))
    expect(await textOf(response.body)).toBe(String(large.length))
    expect(taken).toEqual([1024 * 1024, 1024 * 1024, 1024 * 1024])
  })

  it('repeats a read, and no write, whose kept socket turned out to be closed', async () => {
    const served = new WeakMap<Socket, number>()
    const methods: string[] = []
    const server = createServer((incoming, response) => {
      const count = (served.get(incoming.socket) ?? 0) + 1
      served.set(incoming.socket, count)
      methods.push(incoming.method ?? '')
      if (count > 1) incoming.socket.resetAndDestroy()
      else response.end('ok')
    })
    const port = await listen(server)
    const transport = open()
    const textOfCall = async (method: string, body?: Uint8Array): Promise<string> =>
      textOf((await transport.handle(request(port, method, body))).response.body)
    expect(await textOfCall('GET')).toBe('ok')
    expect(await textOfCall('GET')).toBe('ok')
    await expect(textOfCall('PUT', Buffer.from('x'))).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(methods).toEqual(['GET', 'GET', 'GET', 'PUT'])
  })

  it('stops when told to: before, while waiting, and in the body', async () => {
    const transport = open()
    const port = await listen(createServer(() => {}))
    const aborted = { abortSignal: AbortSignal.abort() }
    await expect(transport.handle(request(port, 'GET'), aborted)).rejects.toMatchObject({ name: 'AbortError' })
    const stop = new AbortController()
    const waiting = transport.handle(request(port, 'GET'), { abortSignal: stop.signal })
    stop.abort()
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
    const slow = createServer((_, response) => void response.writeHead(200).write('x'))
    const inBody = new AbortController()
    const { response } = await transport.handle(request(await listen(slow), 'GET'), { abortSignal: inBody.signal })
    inBody.abort()
    await expect(textOf(response.body)).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('tells how far the server’s clock is from ours', async () => {
    const offsets: number[] = []
    const date = new Date(Date.now() - 7_200_000).toUTCString()
    const server = createServer((_, response) => response.writeHead(204, { date }).end())
    await open(undefined, (offsetMs) => offsets.push(offsetMs)).handle(request(await listen(server), 'GET'))
    expect(Math.round(offsets[0]! / 60_000)).toBe(-120)
  })
})
