import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'

/** The proxy on the way out: it makes tunnels, until it is told what to answer instead. */
export class Gateway {
  /** The whole of its answer; undefined makes the tunnel. */
  refusal: string | undefined
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
    server.on('connect', ({ url = '' }, socket) => {
      socket.on('error', () => {})
      if (this.refusal !== undefined) return void socket.end(this.refusal)
      const onwards = connect(Number(new URL(`http://${url}`).port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
        socket.pipe(onwards).pipe(socket)
      })
      onwards.on('error', () => socket.destroy())
    })
  }

  static async open(): Promise<Gateway> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Gateway(server)
  }

  /** As axios takes it. */
  get setting() {
    const { port } = this.#server.address() as AddressInfo
    return { protocol: 'http', host: '127.0.0.1', port }
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}
