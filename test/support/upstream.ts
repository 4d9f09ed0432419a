import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http'
import { createServer as createTLSServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'

/** A request as received. */
export interface RawRequest {
  method: string
  /** With the query, as in the request line. */
  path: string
  /** With the original case, order and repetitions. */
  headers: [name: string, value: string][]
  body: Buffer
  /** The number of the connection, from 1; requests with the same number shared one. */
  connection: number
}

/** A response. An object as `body` is sent as JSON, strings and buffers as they are. */
export interface Reply {
  /** Default 200. */
  status?: number
  headers?: OutgoingHttpHeaders
  body?: unknown
}

/** Responds by itself, for faults at the level of the socket. */
export type Handler = (
  request: RawRequest,
  res: ServerResponse,
  req: IncomingMessage,
) => Reply | undefined | Promise<Reply | undefined>

/** A scripted HTTP server on loopback. Paths without a script respond with 501. */
export interface Upstream {
  /** Scheme, host and port. */
  url: string
  /** Every request so far, in order of completion. */
  requests: RawRequest[]
  /** The replies for a path, without its query: one after the other, the last one again and again. */
  script(path: string, ...replies: [Reply | Handler, ...(Reply | Handler)[]]): void
  /** The requests for a path, without its query. */
  at(path: string): RawRequest[]
  /** Closes at once, including open connections. */
  close(): Promise<void>
}

/** Starts a scripted server on 127.0.0.1, on a free port or the one given; with `tls`, over https. */
export async function startUpstream(tls?: ServerOptions, at = 0): Promise<Upstream> {
  const scripts = new Map<string, (Reply | Handler)[]>()
  const requests: RawRequest[] = []
  const numbers = new WeakMap<object, number>()
  let connections = 0
  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const number = numbers.get(req.socket) ?? ++connections
    numbers.set(req.socket, number)
    const request = await read(req, number)
    requests.push(request)
    const replies = scripts.get(pathOf(request)) ?? [UNSCRIPTED]
    const next = (replies.length > 1 ? replies.shift() : replies[0]) ?? UNSCRIPTED
    const reply = typeof next === 'function' ? await next(request, res, req) : next
    if (reply) send(res, reply)
  }
  const listener = (req: IncomingMessage, res: ServerResponse): void => {
    answer(req, res).catch((error: Error) => res.destroy(error))
  }
  const server = tls ? createTLSServer(tls, listener) : createServer(listener)
  await new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests,
    script: (path, ...replies) => void scripts.set(path, replies),
    at: (path) => requests.filter((request) => pathOf(request) === path),
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      }),
  }
}

const UNSCRIPTED: Reply = { status: 501, body: 'the script of this test has no such path' }

function pathOf({ path }: RawRequest): string {
  return path.split('?', 1)[0] ?? path
}

async function read(req: IncomingMessage, connection: number): Promise<RawRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  const raw = req.rawHeaders
  const headers: RawRequest['headers'] = []
  for (let i = 0; i < raw.length; i += 2) headers.push([raw[i] ?? '', raw[i + 1] ?? ''])
  return {
    method: req.method ?? '',
    path: req.url ?? '',
    headers,
    body: Buffer.concat(chunks),
    connection,
  }
}

function send(res: ServerResponse, { status = 200, headers = {}, body = '' }: Reply): void {
  const raw = typeof body === 'string' || Buffer.isBuffer(body)
  const type = raw ? {} : { 'Content-Type': 'application/json' }
  res.writeHead(status, { ...type, ...headers })
  res.end(raw ? body : JSON.stringify(body))
}
