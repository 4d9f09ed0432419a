import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'

/** An HTTP proxy that opens tunnels, or refuses them. */
export class Gateway {
  /** Its raw response to CONNECT; undefined opens the tunnel. */
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

  /** The option `proxy` of axios. */
  get setting() {
    const { port } = this.#server.address() as AddressInfo
    return { protocol: 'http', host: '127.0.0.1', port }
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}
