import type { AxiosInstance, CreateAxiosDefaults } from 'axios'
import { OneAccessError, unexpectedAnswer } from '../errors.js'
import { agentsFor, MOST_CONNECTIONS } from '../transport/agents.js'
import { LimitedTransport } from '../transport/limit.js'
import { loadTransport } from '../transport/load.js'
import { type HttpCall, LARGEST_ANSWER, type RawResponse } from '../transport/message.js'
import { isObject, parseJson } from '../util/json.js'
import { isLoopback } from '../util/loopback.js'
import { startCallEvent } from './call-events.js'
import { ClockSkew } from './clock-skew.js'
import { refusalOf, UNREADABLE } from './error-codes.js'
import { networkErrorOf } from './network-errors.js'

interface HttpOptions {
  /** An axios instance, or settings for one. */
  custom?: AxiosInstance | CreateAxiosDefaults | undefined
  /** How many connections may be open at a time; further calls queue. Default 256. */
  maxConnections?: number | undefined
}

/**
 * The only place that makes HTTP calls. Connections are kept alive, every call has a deadline, redirects
 * are not followed, responses are limited in size, and every failure is a `OneAccessError`: an
 * `AxiosError` contains the secret, the code and the bearer token, and never leaves this module.
 *
 * All calls go through axios: the package's own instance, the app's, or one with the app's settings.
 */
export class Http {
  readonly #transport: LimitedTransport
  readonly #clock = new ClockSkew()

  /** Throws a `TypeError` for plain http to another machine. */
  constructor(address: string, { custom, maxConnections = MOST_CONNECTIONS }: HttpOptions = {}) {
    const origin = secureOriginOf(address)
    const transport = loadTransport(async () => {
      if (custom === undefined) {
        const { defaultTransport } = await import('../transport/default.js')
        return defaultTransport(origin, maxConnections)
      }
      const { axiosTransport } = await import('../transport/axios.js')
      return axiosTransport(origin, custom, agentsFor(maxConnections))
    })
    this.#transport = new LimitedTransport(transport, maxConnections)
  }

  /** Sends the call and resolves with the parsed body of a 2xx response, or undefined if it is empty. */
  async send(call: HttpCall): Promise<unknown> {
    const ended = startCallEvent(call, this.#transport)
    const askedAt = Date.now()
    try {
      const body = this.#read(call, await this.#transport.send(call), askedAt)
      ended?.()
      return body
    } catch (error) {
      const failure = error instanceof OneAccessError ? error : networkErrorOf(call, error)
      ended?.(failure)
      throw failure
    }
  }

  #read(call: HttpCall, answer: RawResponse, askedAt: number): unknown {
    // an interceptor of the app may return something else
    if (!isWhole(answer)) {
      throw unexpectedAnswer(
        call.step,
        'the response',
        'has no status and headers: an interceptor in the option http must return the whole response',
      )
    }
    const { status, headers, data } = answer
    // an adapter of the app may not know the limit
    if (typeof data === 'string' && data.length > LARGEST_ANSWER) {
      throw unexpectedAnswer(call.step, 'the body', 'is too large')
    }
    this.#clock.note(Reflect.get(headers, 'date'), askedAt)
    const body = bodyOf(data)
    if (status < 200 || status > 299 || body === UNREADABLE || hasErrorCode(body)) {
      throw refusalOf(call, status, String(Reflect.get(headers, 'retry-after')), body)
    }
    return body
  }
}

function secureOriginOf(address: string): string {
  const url = new URL(address)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url))) {
    throw new TypeError(`${url.origin} must be https: plain http is allowed only for loopback`)
  }
  return url.origin
}

function isWhole(answer: RawResponse | undefined | null): answer is RawResponse {
  return typeof answer?.status === 'number' && typeof (answer.headers ?? '') === 'object'
}

function bodyOf(data: unknown): unknown {
  if (typeof data !== 'string') return UNREADABLE
  if (data.trim() === '') return undefined
  try {
    return parseJson(data)
  } catch {
    return UNREADABLE
  }
}

function hasErrorCode(body: unknown): boolean {
  if (!isObject(body)) return false
  const { error_code: code } = body
  return typeof code === 'string' && code !== '' && code !== '0'
}
