import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isLoopback } from '../loopback.js'
import { UsageError } from '../words.js'

interface Listening {
  /** `http://127.0.0.1:PORT` */
  url: string
  /** Closes every connection at once, even those with a request under way. */
  close(): Promise<void>
}

/** A bug in a handler is answered with 500 and not printed: a test sees the status. */
export async function listen(
  handle: (message: IncomingMessage, response: ServerResponse) => Promise<void>,
  { host, port, allowRemote }: { host: string; port: number; allowRemote: boolean },
): Promise<Listening> {
  if (!isLoopback(host === '::1' ? '[::1]' : host) && !allowRemote) {
    throw new UsageError({
      en: `host ${host} is not loopback: set allowRemote: true to allow it`,
      zh: `${host} 不是本机回环地址，如需监听该地址，请加 --allow-remote（选项 allowRemote: true）`,
    })
  }
  const server = createServer((message, response) => {
    if (!allowRemote && !isLoopbackHost(message.headers.host)) return misdirected(response)
    handle(message, response).catch((error: unknown) => failed(response, error))
  })
  // longer than clients' own timeouts, so that the server never closes a connection in use
  server.keepAliveTimeout = 120_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const { port: bound } = server.address() as AddressInfo
  const shownHost = host.includes(':') ? `[${host}]` : host
  return { url: `http://${shownHost}:${bound}`, close: () => closed(server) }
}

/**
 * A web page can reach loopback through a name of its own (DNS rebinding); the Host header shows
 * that name.
 */
function isLoopbackHost(host: string | undefined): boolean {
  const url = `http://${host ?? ''}`
  return URL.canParse(url) && isLoopback(new URL(url).hostname)
}

function misdirected(response: ServerResponse): void {
  response
    .writeHead(421, { 'content-type': 'text/plain' })
    .end('the Host header must name loopback\n')
}

function failed(response: ServerResponse, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error)
  if (response.headersSent) {
    response.destroy()
    return
  }
  response.writeHead(500, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ error_code: 'SIMULATOR.DEFECT', error_msg: reason }))
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
