import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import axios, {
  type AxiosInstance,
  type AxiosRequestConfig,
  type CreateAxiosDefaults,
  type RawAxiosRequestHeaders,
} from 'axios'
import type { Step } from '../errors.js'
import { failureOf, refusalOf } from './failure.js'
import { isObject, parseJson } from './read.js'

/** One call as it goes over the wire. */
export interface HttpCall {
  step: Step
  method: 'GET' | 'POST'
  path: string
  headers: Record<string, string>
  /** A JSON body as text, or a form. */
  body?: string
  /** Milliseconds until the call is given up, from its start to the last byte of its answer. */
  deadline: number
  /** Values in this call that no error may repeat. */
  secrets: readonly string[]
}

/** Answers over this size, in bytes after unpacking, are refused. */
export const LARGEST_ANSWER = 1024 * 1024

/** Connections to one OneAccess domain at a time; further calls queue. */
export const MOST_CONNECTIONS = 256

/**
 * The one place that touches axios. Connections are kept alive, every call has a deadline, no
 * redirect is followed, answers are capped, and any failure is a `OneAccessError`: an `AxiosError`
 * carries the secret, the code and the bearer, and never leaves this module.
 */
export class Http {
  readonly #axios: AxiosInstance
  readonly #origin: string

  constructor(origin: string, custom: AxiosInstance | CreateAxiosDefaults = {}) {
    this.#origin = origin
    this.#axios = typeof custom === 'function' ? custom : axios.create({ ...agents(), ...custom })
  }

  /** Sends the call; answers what the JSON of a 2xx says, `undefined` for an empty body. */
  async send(call: HttpCall): Promise<unknown> {
    const { status, headers, data } = await this.#axios
      .request<unknown>(this.#requestOf(call))
      .catch((error: unknown) => {
        throw failureOf(call, error)
      })
    const body = bodyOf(data)
    if (status < 200 || status > 299 || (isObject(body) && hasErrorCode(body))) {
      throw refusalOf(call, status, String(headers['retry-after'] ?? ''), body)
    }
    if (body === UNREADABLE) throw refusalOf(call, status, '', body)
    return body
  }

  #requestOf(call: HttpCall): AxiosRequestConfig {
    return {
      url: this.#origin + call.path,
      method: call.method,
      headers: { Accept: 'application/json', ...call.headers } as RawAxiosRequestHeaders,
      ...(call.body === undefined ? {} : { data: call.body }),
      signal: AbortSignal.timeout(call.deadline),
      maxRedirects: 0,
      maxContentLength: LARGEST_ANSWER,
      responseType: 'text',
      transformRequest: [(data: unknown) => data],
      transformResponse: [(data: unknown) => data],
      validateStatus: () => true,
    }
  }
}

/** What stands for a body that is no JSON. */
export const UNREADABLE: unique symbol = Symbol('unreadable')

function bodyOf(data: unknown): unknown {
  if (typeof data !== 'string') return UNREADABLE
  if (data.trim() === '') return undefined
  try {
    return parseJson(data)
  } catch {
    return UNREADABLE
  }
}

function hasErrorCode(body: Record<string, unknown>): boolean {
  return typeof body.error_code === 'string' && body.error_code !== '' && body.error_code !== '0'
}

/**
 * Idle connections are dropped after 4 seconds: a server that closes one in the very moment in
 * which it is used again costs a login, because a call that may have spent a code is never retried.
 */
function agents(): Pick<CreateAxiosDefaults, 'httpAgent' | 'httpsAgent'> {
  const options = { keepAlive: true, timeout: 4_000, maxSockets: MOST_CONNECTIONS }
  return { httpAgent: new HttpAgent(options), httpsAgent: new HttpsAgent(options) }
}
