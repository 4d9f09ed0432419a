import { STATUS_CODES } from 'node:http'
import axios, {
  type AxiosAdapter,
  AxiosError,
  AxiosHeaders,
  type AxiosInstance,
  type AxiosRequestConfig,
  type AxiosResponse,
  CanceledError,
  type CreateAxiosDefaults,
  type InternalAxiosRequestConfig,
  type RawAxiosRequestHeaders,
} from 'axios'
import { type Agents, hasProxy, requestTo, serverAt } from './connections.js'
import { type Exchange, ExchangeError, exchange, LARGEST_ANSWER } from './exchange.js'
import { ACCEPT, type Transport } from './http.js'
import { isObject } from './read.js'

/**
 * Calls through an axios instance of the package's own. It is made from the class, with the few
 * defaults that these calls need: merging all of axios' own into every call takes as long as the
 * rest of what axios does. Its adapter is node's HTTP as it is.
 */
export function overOwnAxios(origin: string, agents: Agents): Transport {
  const server = serverAt(origin, agents[origin.startsWith('https:') ? 'httpsAgent' : 'httpAgent'])
  const adapter: AxiosAdapter = async (config) => {
    const { url = '', data: body, timeout: deadline = 0 } = config
    const method = config.method === 'get' ? 'GET' : 'POST'
    const headers = config.headers.toJSON() as Record<string, string>
    const options = requestTo(server, { method, path: url, headers, body })
    const {
      status,
      headers: told,
      data,
    } = await exchange({
      options,
      body,
      largest: LARGEST_ANSWER,
      deadline,
    })
    const retryAfter = Reflect.get(told, 'retry-after')
    const kept = new AxiosHeaders(
      retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
    )
    return { status, statusText: '', headers: kept, data, config }
  }
  const instance = new axios.Axios({ adapter })
  return ({ path: url, method, headers, body: data, deadline: timeout }) =>
    instance.request<unknown>({ url, method, headers: { ...ACCEPT, ...headers }, data, timeout })
}

/**
 * Calls through the app's axios instance, or one with its settings: interceptors, proxies, adapters and
 * agents do their work. Only the last step is ours, where nothing that the app set is left for
 * axios' own adapter to do, which costs more than all the rest of a call.
 */
export function overCustomAxios(
  origin: string,
  custom: AxiosInstance | CreateAxiosDefaults,
  agents: Agents,
): Transport {
  const instance = typeof custom === 'function' ? custom : axios.create(custom)
  const { defaults } = instance
  const own = {
    ...(defaults.httpAgent ? {} : { httpAgent: agents.httpAgent }),
    ...(defaults.httpsAgent ? {} : { httpsAgent: agents.httpsAgent }),
    ...(isUsual(defaults.adapter) ? { adapter: lean } : {}),
  }
  return async ({ path, method, headers, body, deadline }) => {
    const config: AxiosRequestConfig = {
      ...own,
      url: origin + path,
      method,
      headers: { ...ACCEPT, ...headers } as RawAxiosRequestHeaders,
      ...(body === undefined ? {} : { data: body }),
      signal: AbortSignal.timeout(deadline),
      ...BOUNDS,
    }
    return instance.request<unknown>(config)
  }
}

const everyStatus = () => true
const asItIs = [(data: unknown) => data]

/** What holds for every call, whatever the app has set. */
const BOUNDS = {
  maxRedirects: 0,
  maxContentLength: LARGEST_ANSWER,
  responseType: 'text',
  transformRequest: asItIs,
  transformResponse: asItIs,
  validateStatus: everyStatus,
} as const

/** Whether an adapter is the one that axios takes by itself in Node. */
function isUsual(adapter: unknown): boolean {
  return adapter === undefined || ['xhr,http,fetch', 'http'].includes(String(adapter))
}

const byAxios = axios.getAdapter('http')

/** Over node's own HTTP; with a setting that it does not know, or behind a proxy, by axios. */
const lean: AxiosAdapter = async (config) => {
  const plain = exchangeOf(config)
  if (plain === undefined) return byAxios(config)
  try {
    return await answerOf(config, plain)
  } catch (error) {
    throw asAxiosError(error, config)
  }
}

async function answerOf(
  config: InternalAxiosRequestConfig,
  plain: Exchange,
): Promise<AxiosResponse> {
  const { status, headers, data } = await exchange(plain)
  const statusText = STATUS_CODES[status] ?? ''
  return { status, statusText, headers: AxiosHeaders.from({ ...headers }), data, config }
}

/** Interceptors of the app may look at these. */
function asAxiosError(error: unknown, config: InternalAxiosRequestConfig): unknown {
  if (!(error instanceof Error)) return error
  if (!(error instanceof ExchangeError)) return AxiosError.from(error, undefined, config)
  return error.code === 'ERR_CANCELED'
    ? new CanceledError(error.message, config)
    : new AxiosError(error.message, error.code, config)
}

/** The settings under which the lean way does what axios would; an absent one always is. */
const FITS = new Map<string, (value: unknown) => boolean>(
  Object.entries({
    url: (value) => typeof value === 'string' && /^https?:\/\/[^@]+$/.test(value),
    method: (value) => value === 'post' || value === 'get',
    data: (value) => typeof value === 'string',
    headers: isObject,
    proxy: (value) => value === false,
    timeout: (value) => value === 0,
    maxBodyLength: (value) => value === -1,
    maxRedirects: (value) => value === 0,
    maxContentLength: (value) => value === LARGEST_ANSWER,
    responseType: (value) => value === 'text',
    validateStatus: (value) => value === everyStatus,
    adapter: always,
    allowAbsoluteUrls: always,
    env: always,
    httpAgent: always,
    httpsAgent: always,
    signal: always,
    transformRequest: always,
    transformResponse: always,
    transitional: always,
    xsrfCookieName: always,
    xsrfHeaderName: always,
  }),
)

function always(): boolean {
  return true
}

function exchangeOf(config: InternalAxiosRequestConfig): Exchange | undefined {
  const strange = Object.entries(config).some(
    ([name, value]) => value !== undefined && value !== null && !FITS.get(name)?.(value),
  )
  const { url = '', proxy, data: body } = config
  if (strange || (proxy !== false && hasProxy(url))) return undefined
  const { origin, pathname, search } = new URL(url)
  const server = serverAt(origin, url.startsWith('https:') ? config.httpsAgent : config.httpAgent)
  const method = config.method === 'get' ? 'GET' : 'POST'
  const headers = config.headers.toJSON() as Record<string, string>
  return {
    options: requestTo(server, { method, path: pathname + search, headers, body }),
    body,
    largest: LARGEST_ANSWER,
    signal: config.signal as AbortSignal | undefined,
  }
}
