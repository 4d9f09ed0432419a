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
import { isObject } from '../json.js'
import { type Agents, hasProxy, type Server, serverAt } from './agents.js'
import { exchangeByAgent } from './by-agent.js'
import {
  ACCEPT,
  type Exchange,
  ExchangeError,
  type HttpCall,
  LARGEST_ANSWER,
  type RawResponse,
  type Transport,
} from './message.js'
import { UndiciConnections } from './undici.js'

/** A call as it travels through axios: it copies plain objects field by field, but not these. */
class Carried {
  readonly call: HttpCall

  constructor(call: HttpCall) {
    this.call = call
  }
}

/**
 * Calls through an axios instance of the package's own, which nobody else can reach. Most of what
 * axios costs is that it merges all of its defaults, and each header, into every call. So this one
 * is made from the class, with an adapter for its only default, and takes a call as a whole.
 */
export function defaultTransport(origin: string, maxConnections: number): Transport {
  const exchanges = new UndiciConnections(origin, maxConnections)
  const adapter: AxiosAdapter = async (config) => {
    const { call } = config.data as Carried
    const answer = await exchanges.exchange(call, call.deadline)
    return { status: answer.status, statusText: '', headers: NO_HEADERS, data: answer, config }
  }
  const instance = new axios.Axios({ adapter })
  return async (call) => {
    const { data } = await instance.request<RawResponse>({ data: new Carried(call) })
    return data
  }
}

const NO_HEADERS = new AxiosHeaders()

/**
 * Calls through the app's axios instance, or one with its settings: interceptors, proxies, adapters and
 * agents do their work. Only the last step is ours, where nothing that the app set is left for
 * axios' own adapter to do, which costs more than all the rest of a call.
 */
export function axiosTransport(
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
      headers: { Accept: ACCEPT, ...headers } as RawAxiosRequestHeaders,
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
  const plain = plainOf(config)
  if (plain === undefined) return byAxios(config)
  try {
    return await answerOf(config, plain)
  } catch (error) {
    throw asAxiosError(error, config)
  }
}

async function answerOf(
  config: InternalAxiosRequestConfig,
  { server, what }: Plain,
): Promise<AxiosResponse> {
  const signal = config.signal as AbortSignal | undefined
  const { status, headers, data } = await exchangeByAgent(server, what, signal)
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

/** A call that needs nothing of axios. */
interface Plain {
  server: Server
  what: Exchange
}

function plainOf(config: InternalAxiosRequestConfig): Plain | undefined {
  const strange = Object.entries(config).some(
    ([name, value]) => value !== undefined && value !== null && !FITS.get(name)?.(value),
  )
  const { url = '', proxy, data: body } = config
  if (strange || (proxy !== false && hasProxy(url))) return undefined
  const { origin, pathname, search } = new URL(url)
  const server = serverAt(origin, url.startsWith('https:') ? config.httpsAgent : config.httpAgent)
  const method = config.method === 'get' ? 'GET' : 'POST'
  const headers = config.headers.toJSON() as Record<string, string>
  return { server, what: { method, path: pathname + search, headers, body } }
}
