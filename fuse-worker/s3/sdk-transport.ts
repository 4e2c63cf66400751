/**
 * The SDK's way onto the wire, ours because its own cannot keep our promises: every wait has a deadline (connecting,
 * and silence once connected), a body reports how much of it has left, a large body is sent only after the server agreed
 * (`Expect: 100-continue`, so that a refused condition or quota costs no upload and answers with its reason instead of a
 * broken pipe), and an answer in HTML is not taken for S3. Sockets are kept alive; how many are in use is bounded by who
 * calls, not here, because waiting for a socket would count as waiting for the network.
 */
import http from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import { forwarded, ProxyError, proxyErrorFrom, tunnelAgent, unauthorizedStatus } from './proxy-agent.ts'
import type { ProxyServer, ProxyTarget } from './proxy-choice.ts'
import { DeadlineError, NotS3Error } from './store-errors.ts'
import type { SendingCall } from './store.ts'

export type TransportLimits = {
  connectMs: number
  /** Silence on the socket, both ways, while the server is to speak or to read. */
  idleMs: number
}

export type TransportOptions = {
  limits: TransportLimits
  secureContext?: SecureContext | undefined
  /** The proxy that a request goes by; undefined: straight. */
  proxyFor?: (target: ProxyTarget) => ProxyServer | undefined
  /** Server clock minus local clock, from every answer's Date. */
  onClockOffset?: (offsetMs: number) => void
}

/** Of one body that is sent. */
export type BodyWatcher = Pick<SendingCall, 'onProgress' | 'pace'>

/** A body waits for its turn under a limit: that the socket is silent meanwhile is not the server's doing. */
type Held = { isHeldBack: boolean }

/** What the SDK hands over; its own type says `any` for the body. */
export type TransportRequest = {
  method: string
  protocol: string
  hostname: string
  port?: number
  path: string
  query?: Record<string, string | string[] | null>
  headers: Record<string, string>
  body?: unknown
}

export type TransportResponse = {
  statusCode: number
  reason?: string
  headers: Record<string, string>
  body: IncomingMessage
}

type SignalLike = {
  readonly aborted: boolean
  addEventListener?: (type: 'abort', listener: () => void) => void
  removeEventListener?: (type: 'abort', listener: () => void) => void
}

/** What comes with one request; the SDK hands it through. */
export type SendingOptions = {
  abortSignal?: unknown
  /** Replaces the idle limit for one request (a server-side copy may be silent for longer). */
  requestTimeout?: number
  isOnFreshSocket?: boolean
  onHeard?: () => void
}

export interface Transport {
  readonly metadata: { handlerProtocol: string }
  handle(request: TransportRequest, options?: SendingOptions): Promise<{ response: TransportResponse }>
  /** What is under way ends by itself; after it nothing is kept. */
  destroy(): void
  /** Reports how many bytes of this very body have been handed to the network, and asks before each slice. */
  watch(body: Uint8Array, watcher: BodyWatcher): void
  updateHttpClientConfig(): void
  httpHandlerConfigs(): Record<string, never>
}

/** One round trip more is nothing against sending this much for nothing. */
const expectAboveBytes = 1024 * 1024
/** Some servers never say 100; then the body goes anyway. */
const continueWaitMs = 1000
/** Shorter than the idle timeout of common servers, so that a kept socket is seldom a closed one. */
const freeSocketMs = 8000
const sliceBytes = 256 * 1024

export function createTransport({ limits, secureContext, proxyFor, onClockOffset }: TransportOptions): Transport {
  const agentOptions = { keepAlive: true, maxSockets: Infinity, maxFreeSockets: 64, timeout: freeSocketMs }
  const plainAgent = new http.Agent({ ...agentOptions })
  const tlsAgent = new https.Agent({ ...agentOptions, ...(secureContext ? { secureContext } : {}) })
  const tunnels = new Map<string, https.Agent>()
  const tunnelTo = (proxy: ProxyServer): https.Agent => {
    const known = tunnels.get(proxy.url.href)
    if (known !== undefined) return known
    const made = tunnelAgent(proxy, agentOptions, secureContext)
    tunnels.set(proxy.url.href, made)
    return made
  }
  /** Where the request is sent, and by what. */
  const wayOf = (request: TransportRequest): Way => {
    const path = request.path + queryString(request.query)
    const proxy = proxyFor?.(request)
    const isTls = request.protocol === 'https:'
    if (proxy !== undefined && !isTls) {
      const hasTls = proxy.url.protocol === 'https:'
      const options = { agent: hasTls ? tlsAgent : plainAgent, ...forwarded(proxy, { ...request, path }) }
      return { options, hasTls, proxy: { ...proxy, isPassed: 'connected' } }
    }
    const options = {
      agent: !isTls ? plainAgent : proxy === undefined ? tlsAgent : tunnelTo(proxy),
      host: request.hostname.replace(/^\[(.*)\]$/, '$1'),
      ...(request.port === undefined ? {} : { port: request.port }),
      path,
      headers: request.headers,
    }
    return { options, hasTls: isTls, proxy: proxy && { ...proxy, isPassed: 'socket' } }
  }
  const watchers = new WeakMap<object, BodyWatcher>()

  return {
    metadata: { handlerProtocol: 'http/1.1' },
    handle(request, options = {}) {
      const { options: to, hasTls, proxy } = wayOf(request)
      const body = bytesOf(request.body)
      const expectsContinue = body !== undefined && body.byteLength > expectAboveBytes
      const signal = options.abortSignal as SignalLike | undefined
      const watcher = isObject(request.body) ? watchers.get(request.body) : undefined
      const held = { isHeldBack: false }
      let outgoing: ClientRequest | undefined
      if (options.isOnFreshSocket === true) dropKept(to.agent)
      const attempt = (): Promise<{ response: TransportResponse }> =>
        exchange({
          start: () =>
            (outgoing = (hasTls ? https : http).request({
              ...to,
              method: request.method,
              headers: expectsContinue ? { ...to.headers, expect: '100-continue' } : to.headers,
            })),
          connectedEvent: hasTls ? 'secureConnect' : 'connect',
          proxy,
          limits: { connectMs: limits.connectMs, idleMs: options.requestTimeout ?? limits.idleMs },
          send: (to) => sendBody(to, body, { ...watcher, expectsContinue, onHeard: options.onHeard, held }),
          held,
          signal,
          onHeard: options.onHeard,
          onClockOffset,
        })
      return attempt().catch((error: unknown) => {
        if (outgoing && isStaleSocket(error, outgoing)) return attempt()
        throw error
      })
    },
    watch: (body, watcher) => void watchers.set(body, watcher),
    destroy() {
      for (const agent of [plainAgent, tlsAgent, ...tunnels.values()]) retire(agent)
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  }
}

/** A proxy that forwards is passed when it is connected to; one that tunnels when there is a socket at all. */
type Passage = ProxyServer & { isPassed: 'connected' | 'socket' }
type Way = {
  options: { agent: http.Agent; host: string; port?: number; path: string; headers: Record<string, string> }
  hasTls: boolean
  proxy: Passage | undefined
}

type Exchange = {
  proxy: Passage | undefined
  start: () => ClientRequest
  connectedEvent: 'connect' | 'secureConnect'
  limits: TransportLimits
  send: (outgoing: ClientRequest) => void
  held: Held
  signal: SignalLike | undefined
  onHeard: (() => void) | undefined
  onClockOffset: ((offsetMs: number) => void) | undefined
}

function exchange(call: Exchange): Promise<{ response: TransportResponse }> {
  return new Promise((resolve, reject) => {
    if (call.signal?.aborted) {
      reject(abortError())
      return
    }
    const outgoing = call.start()
    let incoming: IncomingMessage | undefined
    let isPastProxy = call.proxy === undefined

    const fail = (reason: Error): void => {
      const isOurs = reason.name === 'AbortError'
      const error = isPastProxy || isOurs || call.proxy === undefined ? reason : proxyErrorFrom(reason, call.proxy)
      reject(error)
      incoming?.destroy(error)
      outgoing.destroy(error)
    }
    const onAbort = (): void => fail(abortError())
    const connectTimer = setTimeout(
      () => fail(new DeadlineError('CONNECT_TIMEOUT', `no connection within ${call.limits.connectMs} ms`)),
      call.limits.connectMs,
    )
    const isExcused = (): boolean => (incoming?.readableLength ?? 0) > 0 || call.held.isHeldBack
    outgoing.on('socket', (socket) => {
      if (call.proxy?.isPassed === 'socket' || outgoing.reusedSocket) isPastProxy = true
      const stopWatching = onceConnected(socket, call.connectedEvent, outgoing.reusedSocket, () => {
        clearTimeout(connectTimer)
        isPastProxy = true
        // A finished handshake is a word of the server itself; a TCP connection is not, a stopped one still accepts.
        if (call.connectedEvent === 'secureConnect' && !outgoing.reusedSocket) call.onHeard?.()
        return watchIdle(socket, call.limits.idleMs, isExcused, fail)
      })
      const stopListening = onArrival(socket, call.onHeard)
      outgoing.once('close', stopWatching)
      outgoing.once('close', stopListening)
    })
    call.signal?.addEventListener?.('abort', onAbort)
    outgoing.once('close', () => {
      clearTimeout(connectTimer)
      call.signal?.removeEventListener?.('abort', onAbort)
    })
    outgoing.on('error', fail)
    outgoing.on('response', (message) => {
      incoming = message
      // Whoever reads sees the error; one that comes when nobody reads must not end the process.
      message.on('error', () => {})
      // The body was not wanted: what remains of it must not be taken for the next request on this socket.
      if (!outgoing.writableEnded) message.once('end', () => outgoing.destroy())
      const response = responseOf(message)
      const serverMs = Date.parse(response.headers.date ?? '')
      if (Number.isFinite(serverMs)) call.onClockOffset?.(serverMs - Date.now())
      if (call.proxy !== undefined && response.statusCode === unauthorizedStatus) {
        fail(new ProxyError('PROXY_UNAUTHORIZED', call.proxy.label, 'the proxy answered HTTP 407'))
        return
      }
      if (isForeignPage(response)) {
        fail(new NotS3Error(`HTTP ${response.statusCode} with an HTML page`))
        return
      }
      resolve({ response })
    })
    call.send(outgoing)
  })
}

/** Runs `connected` once the socket is usable; the function returned undoes what `connected` set up. */
function onceConnected(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  isReused: boolean,
  connected: () => () => void,
): () => void {
  let undo: (() => void) | undefined
  const run = (): void => void (undo = connected())
  if (isReused) run()
  else socket.once(event, run)
  return () => {
    socket.off(event, run)
    undo?.()
  }
}

/** Whatever comes on the socket, while it is this request's. */
function onArrival(socket: Socket, heard: (() => void) | undefined): () => void {
  if (heard === undefined) return () => undefined
  const onData = (): void => heard()
  socket.on('data', onData)
  return () => socket.off('data', onData)
}

function watchIdle(socket: Socket, idleMs: number, isExcused: () => boolean, fail: (error: Error) => void): () => void {
  const onTimeout = (): void => {
    if (isExcused()) socket.setTimeout(idleMs)
    else fail(new DeadlineError('IDLE_TIMEOUT', `nothing moved for ${idleMs} ms`))
  }
  socket.setTimeout(idleMs)
  socket.on('timeout', onTimeout)
  return () => socket.off('timeout', onTimeout)
}

type Sending = BodyWatcher & {
  expectsContinue: boolean
  onHeard: (() => void) | undefined
  held: Held
}

function sendBody(outgoing: ClientRequest, body: Uint8Array | undefined, sending: Sending): void {
  const { expectsContinue, onProgress, onHeard, pace, held } = sending
  if (body === undefined || body.byteLength === 0) return void outgoing.end()
  let offset = 0
  /** False when the network has no room for more; it goes on by itself then. */
  const hand = (slice: Uint8Array): boolean => {
    offset += slice.byteLength
    const hasRoom = outgoing.write(slice)
    onProgress?.(offset)
    if (!hasRoom) outgoing.once('drain', goOn)
    return hasRoom
  }
  const pump = (): void => {
    while (offset < body.byteLength && !outgoing.destroyed) {
      const slice = body.subarray(offset, offset + (pace?.sliceBytes ?? sliceBytes))
      const turn = pace?.take(slice.byteLength)
      if (turn !== undefined) {
        held.isHeldBack = true
        void turn.then(() => {
          held.isHeldBack = false
          if (!outgoing.destroyed && hand(slice)) pump()
        })
        return
      }
      if (!hand(slice)) return
    }
    if (!outgoing.destroyed) outgoing.end()
  }
  const goOn = (): void => {
    onHeard?.()
    pump()
  }
  if (!expectsContinue) {
    pump()
    return
  }
  let timer: NodeJS.Timeout | undefined
  const go = (): void => {
    clearTimeout(timer)
    outgoing.off('continue', go)
    outgoing.off('response', refuse)
    pump()
  }
  const refuse = (): void => {
    clearTimeout(timer)
    outgoing.off('continue', go)
  }
  outgoing.once('continue', go)
  outgoing.once('response', refuse)
  outgoing.once('close', refuse)
  // Only a connected server can be slow to say 100; connecting has its own deadline.
  outgoing.once('socket', (socket) => {
    const start = (): void => void (timer = setTimeout(go, continueWaitMs))
    if (socket.connecting) socket.once('connect', start)
    else start()
  })
  outgoing.flushHeaders()
}

function responseOf(message: IncomingMessage): TransportResponse {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(message.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  const reason = message.statusMessage
  return {
    statusCode: message.statusCode ?? 0,
    headers,
    body: message,
    ...(reason === undefined ? {} : { reason }),
  }
}

/** An object may be HTML, but S3 never refuses or redirects in HTML. A 5xx page is some proxy's and worth a retry. */
function isForeignPage({ statusCode, headers }: TransportResponse): boolean {
  const isRefusal = statusCode >= 300 && statusCode < 500 && statusCode !== 304
  return isRefusal && /^text\/html\b/i.test(headers['content-type'] ?? '') && headers['x-amz-request-id'] === undefined
}

/**
 * A kept socket that the server had closed meanwhile says nothing about the server. Only reads are repeated here: a write may
 * have been carried out before the connection fell, and who sent it has to find that out.
 */
function isStaleSocket(error: unknown, outgoing: ClientRequest): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const isRead = outgoing.method === 'GET' || outgoing.method === 'HEAD'
  return outgoing.reusedSocket && isRead && (code === 'ECONNRESET' || code === 'EPIPE')
}

function retire(agent: http.Agent & { keepAlive?: boolean }): void {
  // Not in Node's types, and looked at whenever a socket becomes free.
  agent.keepAlive = false
  dropKept(agent)
}

function dropKept(agent: http.Agent): void {
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of [...(sockets ?? [])]) socket.destroy()
}

function abortError(): Error {
  const error = new Error('aborted by the caller')
  error.name = 'AbortError'
  return error
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

function bytesOf(body: unknown): Uint8Array | undefined {
  if (body === undefined || body === null) return undefined
  if (typeof body === 'string') return Buffer.from(body)
  if (body instanceof Uint8Array) return body
  throw new TypeError('the transport sends bytes and strings only')
}

const escapeQuery = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

function queryString(query: TransportRequest['query'] = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one) =>
      one === null ? escapeQuery(name) : `${escapeQuery(name)}=${escapeQuery(one)}`,
    ),
  )
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}
