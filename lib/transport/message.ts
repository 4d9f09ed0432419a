import type { Step } from '../errors.js'
import { unpack } from './unpack.js'

/** A complete response. */
export interface RawResponse {
  status: number
  headers: object
  /** The body: a string, unless an interceptor of the app has changed it. */
  data: unknown
}

/** One call as it goes over the wire. */
export interface HttpCall {
  step: Step
  method: 'GET' | 'POST'
  path: string
  headers: Record<string, string>
  /** Serialized JSON, or a form. */
  body?: string | undefined
  /** Milliseconds that the call may take, to the last byte of its response. */
  deadline: number
  /** Values in this call that no error may repeat. */
  secrets: readonly string[]
  /** When the call left the queue, by `performance.now()`. */
  sentAt?: number
}

/** A call in progress. */
export interface Exchange {
  /** Settles when the connection can be reused or is closed, and no earlier. */
  response: Promise<RawResponse>
  /** Aborts the call; `response` then rejects. */
  cancel(): void
}

/**
 * Sends one call to the server. Nothing is sent after `end`, a time by `performance.now()`.
 * Rejects with an `ExchangeError`, or with the system's own error.
 */
export type Transport = (call: HttpCall, end: number) => Exchange

/** Larger responses, in bytes after decompression, are refused. */
export const LARGEST_ANSWER = 1024 * 1024

/** Responses in more chunks are refused, because each chunk occupies memory, however small it is. */
const MOST_PIECES = 16_384

export const ACCEPT = 'application/json'

/** Some gateways refuse requests without a User-Agent. */
export const USER_AGENT = 'passport-oneaccess-alipay'

/** Why there is no response; the first two are axios' codes for the same. */
type ExchangeErrorCode =
  | 'ERR_CANCELED'
  | 'ERR_BAD_RESPONSE'
  /** The proxy in the environment cannot be used; the message says what to change. */
  | 'ERR_PROXY_SETTING'
  /** The proxy refused the tunnel; the message says what to check. */
  | 'ERR_PROXY_REFUSED'

/** A failed exchange that is not a system error. Its message contains no secret. */
export class ExchangeError extends Error {
  readonly code: ExchangeErrorCode

  constructor(code: ExchangeErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

export function tooLate(): ExchangeError {
  return new ExchangeError('ERR_CANCELED', 'no complete response in time')
}

export function unreadable(): ExchangeError {
  return new ExchangeError(
    'ERR_BAD_RESPONSE',
    'the response is too large or its compression is invalid',
  )
}

/** The error for a proxy that refused the tunnel with this status. */
export function proxyRefused(status: number): ExchangeError {
  const what =
    status === 407 ? 'check its user and password' : 'ask its operator to allow the domain'
  const hint = `the outbound proxy (HTTPS_PROXY, or the option http) refused the connection with ${status}: ${what}`
  return new ExchangeError('ERR_PROXY_REFUSED', hint)
}

/** Collects the body of a response, up to a limit. */
export class Body {
  readonly #chunks: Buffer[] = []
  #size = 0

  /** Throws an `ExchangeError` as soon as the body is too large. */
  add(chunk: Buffer): void {
    this.#size += chunk.length
    if (this.#size > LARGEST_ANSWER || this.#chunks.length === MOST_PIECES) throw unreadable()
    this.#chunks.push(chunk)
  }

  /** The whole body as text; a promise only if it must be decompressed. */
  text(encoding = ''): string | Promise<string> {
    const [only] = this.#chunks
    const bytes = this.#chunks.length === 1 && only ? only : Buffer.concat(this.#chunks)
    if (encoding === '' || this.#size === 0) return textOf(bytes)
    return unpack(bytes, encoding, LARGEST_ANSWER).then(textOf, () => {
      throw unreadable()
    })
  }
}

const BYTE_ORDER_MARK = 0xfeff

function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text
}
