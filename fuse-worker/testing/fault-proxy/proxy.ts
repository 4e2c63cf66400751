/**
 * A proxy in front of an S3 server that behaves like a bad network. What it passes on it passes on as it came, the Host header and
 * the bytes of the path included, so that signatures hold on both sides. Every connection of a client has its own to the server.
 */
import { once } from 'node:events'
import { Agent, createServer, request as openRequest } from 'node:http'
import type { ClientRequest, IncomingMessage, Server, ServerResponse } from 'node:http'
import { Agent as TlsAgent, request as openTlsRequest } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { answerBody, cutAfter, errorBody } from './bodies.ts'
import { RuleBook, type Fault, type ProxiedRequest, type Rule } from './faults.ts'

/**
 * `refusing` closes the port and every connection. Through a `black-hole` connections are made and nothing comes out of them; those
 * that were there or came meanwhile stay dead when it is over (half-open), and only new ones work.
 */
export type Door = 'open' | 'refusing' | 'black-hole'

export type Hooks = {
  /** A request has arrived and is held until this has returned. */
  onRequest?: (request: ProxiedRequest) => void | Promise<void>
  /** The server has carried it out and answered; the answer is held until this has returned. */
  onAnswer?: (request: ProxiedRequest, status: number) => void | Promise<void>
}

export type FaultProxyOptions = {
  /** The server's URL. */
  target: string
  /** 0, the default, takes a free one. */
  port?: number
  host?: string
  random?: () => number
}

type Exchange = { request: IncomingMessage; response: ServerResponse; socket: Socket }

const hopByHop = new Set(['connection', 'keep-alive', 'proxy-connection'])

export class FaultProxy {
  /** Changed at any time; see `Hooks`. */
  hooks: Hooks = {}
  readonly rules: RuleBook
  readonly #target: URL
  readonly #server: Server
  readonly #host: string
  readonly #sockets = new Set<Socket>()
  readonly #dead = new WeakSet<Socket>()
  readonly #agents = new WeakMap<Socket, Agent>()
  #door: Door = 'open'
  #port: number
  #count = 0

  private constructor(options: FaultProxyOptions) {
    this.#target = new URL(options.target)
    this.#host = options.host ?? '127.0.0.1'
    this.#port = options.port ?? 0
    this.rules = new RuleBook(options.random ?? Math.random)
    this.#server = createServer({ noDelay: true, maxHeaderSize: 64 * 1024, requestTimeout: 0 })
    this.#server.keepAliveTimeout = 0
    this.#server.on('connection', (socket) => this.#accept(socket))
    const serve = (request: IncomingMessage, response: ServerResponse): void => {
      // A side that breaks off is what a proxy lives with: both ends go.
      const { socket } = request
      this.#serve(request, response, socket).catch(() => socket.destroy())
    }
    this.#server.on('request', serve)
    this.#server.on('checkContinue', serve)
  }

  static async start(options: FaultProxyOptions): Promise<FaultProxy> {
    const proxy = new FaultProxy(options)
    await proxy.#listen()
    return proxy
  }

  get endpoint(): string {
    return `http://${this.#host.includes(':') ? `[${this.#host}]` : this.#host}:${this.#port}`
  }

  get requestCount(): number {
    return this.#count
  }

  get connectionCount(): number {
    return this.#sockets.size
  }

  add(rule: Rule): () => void {
    return this.rules.add(rule)
  }

  async setDoor(door: Door): Promise<void> {
    const before = this.#door
    this.#door = door
    if (door === 'black-hole') for (const socket of this.#sockets) this.#dead.add(socket)
    if (door === 'refusing') await this.#close()
    if (before === 'refusing' && door !== 'refusing') await this.#listen()
  }

  /** Good weather; what is half-open stays so. */
  async calm(): Promise<void> {
    this.rules.clear()
    this.hooks = {}
    await this.setDoor('open')
  }

  async stop(): Promise<void> {
    this.#door = 'refusing'
    await this.#close()
  }

  async #listen(): Promise<void> {
    this.#server.listen(this.#port, this.#host)
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  async #close(): Promise<void> {
    if (!this.#server.listening) return
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const socket of this.#sockets) socket.resetAndDestroy()
    await closed
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket)
    if (this.#door === 'black-hole') this.#dead.add(socket)
    const agent =
      this.#target.protocol === 'https:'
        ? new TlsAgent({ keepAlive: true, maxSockets: 1 })
        : new Agent({ keepAlive: true, maxSockets: 1 })
    this.#agents.set(socket, agent)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#sockets.delete(socket)
      agent.destroy()
    })
  }

  /** `socket`: a request that was destroyed has none any more. */
  async #serve(request: IncomingMessage, response: ServerResponse, socket: Socket): Promise<void> {
    if (this.#dead.has(socket)) return
    const described = describe(request, ++this.#count)
    const { delayMs, fault } = this.rules.judge(described)
    await this.hooks.onRequest?.(described)
    if (delayMs > 0) await wait(delayMs)
    if (this.#dead.has(socket) || socket.destroyed) return
    if (fault?.kind === 'status') answerItself(request, response, fault.status)
    else if (fault?.kind === 'reset' && !fault.isCarriedOut) socket.resetAndDestroy()
    else if (fault?.kind === 'silence' && !fault.isCarriedOut) this.#dead.add(socket)
    else await this.#forward({ request, response, socket }, described, fault)
  }

  async #forward(exchange: Exchange, described: ProxiedRequest, fault: Fault | undefined): Promise<void> {
    const { request, response, socket } = exchange
    const upstream = this.#open(request, socket)
    response.on('close', () => upstream.destroy())
    upstream.on('continue', () => {
      if (!this.#dead.has(socket)) response.writeContinue()
    })
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      upstream.on('response', resolve)
      upstream.on('error', reject)
    })
    const sent = this.#send(exchange, upstream, fault)
    // The server may answer before it has read everything, and then it does not read the rest.
    sent.catch(() => undefined)
    const answer = await Promise.race([answered, sent.then(() => answered)])
    await this.hooks.onAnswer?.(described, answer.statusCode ?? 0)
    if (fault?.kind === 'reset') socket.resetAndDestroy()
    else if (fault?.kind === 'silence') this.#dead.add(socket)
    else if (!this.#dead.has(socket)) await this.#passOn(answer, exchange, fault)
  }

  #open(request: IncomingMessage, socket: Socket): ClientRequest {
    const open = this.#target.protocol === 'https:' ? openTlsRequest : openRequest
    return open({
      agent: this.#agents.get(socket),
      hostname: this.#target.hostname,
      port: this.#target.port === '' ? undefined : this.#target.port,
      method: request.method,
      path: request.url,
      headers: endToEnd(request.rawHeaders) as never,
      setHost: false,
    })
  }

  async #send({ request, socket }: Exchange, upstream: ClientRequest, fault: Fault | undefined): Promise<void> {
    const body = fault?.kind === 'cut-request' ? cutAfter(request, fault.afterBytes) : request
    try {
      for await (const piece of body) {
        // To leave the loop would close the connection.
        if (this.#dead.has(socket)) await once(socket, 'close')
        if (!upstream.write(piece)) await drained(upstream)
      }
      upstream.end()
    } catch (error) {
      upstream.destroy()
      socket.destroy()
      throw error
    }
  }

  async #passOn(answer: IncomingMessage, { response, socket }: Exchange, fault: Fault | undefined): Promise<void> {
    const headers = endToEnd(answer.rawHeaders)
    if (fault?.kind === 'wrong-etag') replaceETag(headers)
    response.sendDate = false
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, headers)
    for await (const { piece, then } of answerBody(answer, fault)) {
      if (this.#dead.has(socket)) return
      if (piece.length > 0 && !response.write(piece)) await drained(response)
      if (then === 'silence') {
        this.#dead.add(socket)
        return
      }
      if (then === 'end') {
        // What was written is to arrive before the end does.
        socket.end()
        return
      }
    }
    response.end()
  }
}

/** Resolves when there is room again, or nobody left who wants it. */
function drained(stream: ClientRequest | ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done)
      stream.off('close', done)
      resolve()
    }
    stream.on('drain', done)
    stream.on('close', done)
  })
}

function describe(request: IncomingMessage, number: number): ProxiedRequest {
  const url = request.url ?? '/'
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  const slash = path.indexOf('/', 1)
  const encoded = slash < 0 ? '' : path.slice(slash + 1)
  return { number, method: request.method ?? '', key: decoded(encoded), query: mark < 0 ? '' : url.slice(mark + 1) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Name and value in turns, as Node has them. */
function endToEnd(rawHeaders: readonly string[]): string[] {
  const kept: string[] = []
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2)
    if (!hopByHop.has(name.toLowerCase())) kept.push(name, value)
  }
  return kept
}

function replaceETag(headers: string[]): void {
  const index = headers.findIndex((name, at) => at % 2 === 0 && name.toLowerCase() === 'etag')
  if (index >= 0) headers[index + 1] = '"0badc0de0badc0de0badc0de0badc0de"'
}

/** The request's body is read to its end, or the client would find the connection closed on it. */
function answerItself(request: IncomingMessage, response: ServerResponse, status: number): void {
  request.resume()
  const body = errorBody(status)
  const hasBody = request.method !== 'HEAD'
  response.writeHead(status, { 'content-type': 'application/xml', 'content-length': hasBody ? body.length : 0 })
  response.end(hasBody ? body : undefined)
}
