import { type IncomingMessage, type RequestOptions, request as requestByHttp } from 'node:http'
import { request as requestByHttps } from 'node:https'
import { unpack } from './unpack.js'

/** One request, as `node:http` takes it, and what bounds it. */
export interface Exchange {
  options: RequestOptions & { headers: Record<string, string | number> }
  /** Sent whole; its length must be in the headers. */
  body: string | undefined
  /** The largest answer in bytes, as it comes and after unpacking. */
  largest: number
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
export function exchange({ options, body, largest, deadline, signal }: Exchange) {
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
    const request = options.protocol === 'https:' ? requestByHttps : requestByHttp
    const { headers, ...rest } = options
    const outgoing = request(rest, (incoming) => collect(incoming, largest, finish, giveUp))
    outgoing.on('error', giveUp)
    const timer = deadline === undefined ? undefined : setTimeout(cancel, deadline)
    signal?.addEventListener('abort', cancel)
    try {
      // NODE_DEBUG=http logs the options of a request, headers and all, but not what is set later
      for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value)
      outgoing.end(encoded(body), 'latin1')
    } catch (error) {
      giveUp(error)
    }
    if (signal?.aborted) cancel()
  })
}

/**
 * Node joins a body of text to the headers and sends both in the body's encoding: as UTF-8, a
 * Latin-1 value of a header would arrive as another. What is ASCII is the same in both.
 */
function encoded(body = ''): string | Buffer {
  return Buffer.byteLength(body) === body.length ? body : Buffer.from(body)
}

/** Callbacks, because this runs for every call: a stream's iterator costs more than the parsing. */
function collect(
  incoming: IncomingMessage,
  largest: number,
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
    if (size > largest) giveUp(unreadable())
    else chunks.push(chunk)
  })
  incoming.on('end', () => {
    const [only] = chunks
    const bytes = chunks.length === 1 && only ? only : Buffer.concat(chunks)
    const encoding = incoming.headers['content-encoding']
    if (encoding === undefined || size === 0) finish(answer(bytes))
    else
      unpack(bytes, encoding, largest)
        .then(answer)
        .then(finish, () => giveUp(unreadable()))
  })
  incoming.on('error', giveUp)
}

const BYTE_ORDER_MARK = 0xfeff

function unreadable(): ExchangeError {
  return new ExchangeError('ERR_BAD_RESPONSE', 'the answer is too large or wrongly packed')
}
