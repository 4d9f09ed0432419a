import type { Step } from '../errors.js'
import { unpack } from './unpack.js'

/** The whole of an answer. */
export interface RawResponse {
  status: number
  headers: object
  /** The body: text, unless an interceptor of the app has made something else of it. */
  data: unknown
}

/** One call as it goes over the wire. */
export interface HttpCall {
  step: Step
  method: 'GET' | 'POST'
  path: string
  headers: Record<string, string>
  /** A JSON body as text, or a form; sent whole. */
  body?: string | undefined
  /** Milliseconds until the call is given up, from its start to the last byte of its answer. */
  deadline: number
  /** Values in this call that no error may repeat. */
  secrets: readonly string[]
  /** By `performance.now()`; set when the call gets its place among the connections. */
  sentAt?: number
}

/** One call on its way. */
export interface Exchange {
  /** The whole answer. Settles no earlier than the connection can be used again, or is closed. */
  response: Promise<RawResponse>
  /** Gives the call up; `response` then rejects. */
  cancel(): void
}

/**
 * Takes one call to the server. Nothing is sent after `end`, which is a time of `performance.now()`.
 * Rejects with an `ExchangeError`, or with the system's own error.
 */
export type Transport = (call: HttpCall, end: number) => Exchange

/** Answers over this size, in bytes after unpacking, are refused. */
export const LARGEST_ANSWER = 1024 * 1024

/** Answers in more pieces are refused: each piece, however small, holds on to memory of its own. */
const MOST_PIECES = 16_384

/** What every call accepts. */
export const ACCEPT = 'application/json'

/** Some gateways turn away who does not say who they are. */
export const USER_AGENT = 'passport-oneaccess-alipay'

/** Why there is no answer; the first two codes are those that axios has for the same. */
export type ExchangeErrorCode =
  | 'ERR_CANCELED'
  | 'ERR_BAD_RESPONSE'
  /** The environment names a proxy in a way that cannot be used; the message says what to change. */
  | 'ERR_PROXY_SETTING'
  /** The proxy made no tunnel; the message says what to look at. */
  | 'ERR_PROXY_REFUSED'

/** A failure of an exchange that is none of the system's. Its message holds no secret. */
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

/** The proxy on the way makes no tunnel. */
export function proxyRefused(status: number): ExchangeError {
  const what =
    status === 407 ? 'check its user and password' : 'ask whoever runs it to allow the domain'
  const hint = `the outbound proxy (HTTPS_PROXY, or the option http) refused the connection with ${status}: ${what}`
  return new ExchangeError('ERR_PROXY_REFUSED', hint)
}

/** The body of an answer as it comes in, capped. */
export class Body {
  readonly #chunks: Buffer[] = []
  #size = 0

  /** Throws an `ExchangeError` as soon as there is too much of it. */
  add(chunk: Buffer): void {
    this.#size += chunk.length
    if (this.#size > LARGEST_ANSWER || this.#chunks.length === MOST_PIECES) throw unreadable()
    this.#chunks.push(chunk)
  }

  /** All of it, as text; a promise only where it has to be unpacked. */
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
