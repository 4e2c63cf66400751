/** A line to the server that can be cut: what uses its endpoint is offline then, and everybody else is not. */
import { once } from 'node:events'
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net'

export class Line {
  readonly endpoint: string
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #port: number

  private constructor(server: Server) {
    this.#server = server
    this.#port = (server.address() as AddressInfo).port
    this.endpoint = `http://127.0.0.1:${this.#port}`
  }

  static async to(endpoint: string): Promise<Line> {
    const { hostname, port } = new URL(endpoint)
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const line = new Line(server)
    server.on('connection', (socket) => line.#join(socket, connect(Number(port), hostname)))
    return line
  }

  /** Nobody listens any more, and who was connected is not. */
  cut(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  mend(): void {
    this.#server.listen(this.#port, '127.0.0.1')
  }

  async close(): Promise<void> {
    const closed = this.#server.listening ? once(this.#server, 'close') : undefined
    this.cut()
    await closed
  }

  #join(near: Socket, far: Socket): void {
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
    }
    near.pipe(far).pipe(near)
  }
}
