import { type ClientRequest, type IncomingMessage, request as requestByHttp } from 'node:http'
import { request as requestByHttps } from 'node:https'
import type { Server } from './connections.js'
import { unpack } from './unpack.js'

/** One request, and what bounds it. */
export interface Exchange {
  server: Server
  method: string
  path: string
  headers: Record<string, string>
  /** Sent whole. */
  body: string | undefined
  /** Milliseconds until it is given up, from now to the last byte of the answer. */
  deadline?: number
  /** Gives it up earlier. */
  signal?: AbortSignal | undefined
}

/** The whole of an answer. */
export interface RawAnswer {
  status: number
  headers: object
  /** The body: text, unless an interceptor of the app has made something else of it. */
  data: unknown
}

/** Answers over this size, in bytes after unpacking, are refused. */
export const LARGEST_ANSWER = 1024 * 1024

/** Why an exchange was given up; the codes are those that axios has for the same. */
export class ExchangeError extends Error {
  readonly code: 'ERR_CANCELED' | 'ERR_BAD_RESPONSE'

  constructor(code: 'ERR_CANCELED' | 'ERR_BAD_RESPONSE', message: string) {
    super(message)
    this.code = code
  }
}

/**
 * Sends one request over node's own HTTP and takes the whole of its answer. A connection whose
 * exchange failed is closed. Rejects with an `ExchangeError`, or with the system's own error.
 */
export function exchange(what: Exchange): Promise<RawAnswer> {
  const { server, method, path, deadline, signal } = what
  return new Promise<RawAnswer>((resolve, reject) => {
    const tidy = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', cancel)
    }
    const finish = (answer: RawAnswer) => {
      tidy()
      resolve(answer)
    }
    const giveUp = (error: unknown) => {
      tidy()
      reject(error)
      outgoing.destroy()
    }
    const cancel = () => giveUp(new ExchangeError('ERR_CANCELED', 'no whole answer in time'))
    const request = server.protocol === 'https:' ? requestByHttps : requestByHttp
    const outgoing = request({ ...server, method, path }, (incoming) => {
      collect(incoming, finish, giveUp)
    })
    outgoing.on('error', giveUp)
    const timer = deadline === undefined ? undefined : setTimeout(cancel, deadline)
    signal?.addEventListener('abort', cancel)
    try {
      send(outgoing, what)
    } catch (error) {
      giveUp(error)
    }
    if (signal?.aborted) cancel()
  })
}

/** What every call accepts. */
export const ACCEPT = 'application/json'

/** Some gateways turn away who does not say who they are. */
const USER_AGENT = 'passport-oneaccess-alipay'

/**
 * NODE_DEBUG=http logs the options of a request, headers and all, but not headers that are set later.
 *
 * Node joins a body of text to the headers and sends both in the body's encoding: as UTF-8, a
 * Latin-1 value of a header would arrive as another. What is ASCII is the same in both.
 */
function send(outgoing: ClientRequest, { method, headers, body = '' }: Exchange): void {
  const length = Buffer.byteLength(body)
  outgoing.setHeader('Accept', ACCEPT)
  outgoing.setHeader('User-Agent', USER_AGENT)
  for (const name of Object.keys(headers)) outgoing.setHeader(name, headers[name] ?? '')
  if (method !== 'GET') outgoing.setHeader('Content-Length', length)
  outgoing.end(length === body.length ? body : Buffer.from(body), 'latin1')
}

/** Callbacks, because this runs for every call: a stream's iterator costs more than the parsing. */
function collect(
  incoming: IncomingMessage,
  finish: (answer: RawAnswer) => void,
  giveUp: (error: unknown) => void,
): void {
  const chunks: Buffer[] = []
  let size = 0
  const answer = (bytes: Buffer): RawAnswer => {
    const text = bytes.toString('utf8')
    const data = text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text
    return { status: incoming.statusCode ?? 0, headers: incoming.headers, data }
  }
  incoming.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > LARGEST_ANSWER) giveUp(unreadable())
    else chunks.push(chunk)
  })
  incoming.on('end', () => {
    const [only] = chunks
    const bytes = chunks.length === 1 && only ? only : Buffer.concat(chunks)
    const encoding = incoming.headers['content-encoding']
    if (encoding === undefined || size === 0) finish(answer(bytes))
    else
      unpack(bytes, encoding, LARGEST_ANSWER)
        .then(answer)
        .then(finish, () => giveUp(unreadable()))
  })
  incoming.on('error', giveUp)
}

const BYTE_ORDER_MARK = 0xfeff

function unreadable(): ExchangeError {
  return new ExchangeError('ERR_BAD_RESPONSE', 'the answer is too large or wrongly packed')
}
