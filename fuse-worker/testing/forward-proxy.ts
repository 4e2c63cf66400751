/**
 * A forward proxy as companies run them: tunnels (CONNECT) and requests with a whole address, with a name and a password if asked
 * for. It alone knows where the names of the tests are, so that whatever reaches one of them came by it.
 */
import http from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'

export type Passed = { kind: 'tunnel' | 'forward'; method: string; target: string }

export class ForwardProxy {
  readonly passed: Passed[] = []
  /** The name and the password it wants; undefined: none. */
  credentials: { user: string; password: string } | undefined
  /** Of names that nobody else can resolve, `name:port` → port of this computer. */
  readonly #places: ReadonlyMap<string, number>
  readonly #server: http.Server
  readonly #sockets = new Set<Socket>()

  private constructor(places: Record<string, number>) {
    this.#places = new Map(Object.entries(places))
    this.#server = http.createServer((request, response) => this.#forward(request, response))
    this.#server.on('connect', (request, socket: Socket, head: Buffer) => this.#tunnel(request, socket, head))
    this.#server.on('connection', (socket) => this.#keep(socket))
    // A body is let through as it comes; the server behind says whether it wants it.
    this.#server.on('checkContinue', (request, response) => this.#forward(request, response))
  }

  static async start(places: Record<string, number>, port = 0): Promise<ForwardProxy> {
    const proxy = new ForwardProxy(places)
    await new Promise<void>((resolve) => proxy.#server.listen(port, '127.0.0.1', resolve))
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => this.#sockets.delete(socket))
  }

  #lets(request: http.IncomingMessage): boolean {
    if (this.credentials === undefined) return true
    const { user, password } = this.credentials
    const wanted = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
    return request.headers['proxy-authorization'] === wanted
  }

  #forward(request: http.IncomingMessage, response: http.ServerResponse): void {
    if (!this.#lets(request)) {
      response
        .writeHead(407, { 'proxy-authenticate': 'Basic realm="test"', 'content-type': 'text/html' })
        .end('<p>Who?')
      return
    }
    const url = new URL(request.url ?? '')
    const port = this.#places.get(`${url.hostname}:${url.port || '80'}`)
    if (port === undefined) {
      response.writeHead(502).end()
      return
    }
    this.passed.push({ kind: 'forward', method: request.method ?? '', target: url.host })
    const { 'proxy-authorization': _secret, ...headers } = request.headers
    const onward = http.request({
      host: '127.0.0.1',
      port,
      method: request.method,
      path: url.pathname + url.search,
      headers,
    })
    onward.on('continue', () => response.writeContinue())
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    onward.flushHeaders()
    request.pipe(onward)
  }

  #tunnel(request: http.IncomingMessage, socket: Socket, head: Buffer): void {
    const target = request.url ?? ''
    const port = this.#places.get(target)
    const refuse = (status: string): void => void socket.end(`HTTP/1.1 ${status}\r\n\r\n`)
    if (!this.#lets(request)) {
      refuse('407 Proxy Authentication Required')
      return
    }
    if (port === undefined) {
      refuse('403 Forbidden')
      return
    }
    this.passed.push({ kind: 'tunnel', method: 'CONNECT', target })
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.write(head)
      onward.pipe(socket)
      socket.pipe(onward)
    })
    this.#keep(onward)
    onward.once('close', () => socket.destroy())
    socket.once('close', () => onward.destroy())
  }
}
