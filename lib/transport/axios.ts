import { Socket } from 'node:net'
import axios, {
  type Axios,
  type AxiosAdapter,
  AxiosHeaders,
  type AxiosInstance,
  type AxiosRequestConfig,
  type CreateAxiosDefaults,
  type RawAxiosRequestHeaders,
} from 'axios'
import { omitUndefined } from '../util/omit-undefined.js'
import type { Agents } from './agents.js'
import {
  ACCEPT,
  LARGEST_ANSWER,
  proxyRefused,
  type RawResponse,
  type Transport,
} from './message.js'
import { proxyFor } from './proxy.js'
import { UndiciConnections, UndiciExchange } from './undici.js'

/**
 * Calls through an axios instance of the package's own, which nobody else can reach, over undici's
 * connections.
 *
 * A call is handed on as a whole, behind axios' back: axios copies and merges whatever a config
 * holds, each header by itself. With method, address, headers and body as fields of the config a call
 * took 44 µs of processor time, as one object 28, without axios 20 (the row "a call as fields of an
 * axios config" of `npm run bench` shows the difference).
 */
export function defaultTransport(origin: string, maxConnections: number): Transport {
  const connections = new UndiciConnections(origin, maxConnections)
  const instance = new axios.Axios({})
  return (call, end) => {
    const exchange = new UndiciExchange(connections, call, end)
    const adapter: AxiosAdapter = (config) =>
      exchange.send().then((data) => ({
        status: data.status,
        statusText: '',
        headers: NO_HEADERS,
        data,
        config,
      }))
    const response = instance.request<RawResponse>({ adapter }).then(({ data }) => data)
    return { response, cancel: () => exchange.cancel() }
  }
}

const NO_HEADERS = new AxiosHeaders()

/**
 * Calls through the app's axios instance, or one with its settings: interceptors, proxies, adapters
 * and agents do their work. Settings alone do not inherit what the app has set for all of axios.
 */
export function axiosTransport(
  origin: string,
  custom: AxiosInstance | CreateAxiosDefaults,
  { httpAgent, httpsAgent }: Agents,
): Transport {
  const instance = typeof custom === 'function' ? custom : instanceWith(custom, origin)
  const { defaults } = instance
  const isSecure = origin.startsWith('https:')
  const agents = {
    httpAgent: defaults.httpAgent ?? httpAgent,
    httpsAgent: defaults.httpsAgent ?? httpsAgent,
  }
  return ({ path, method, headers, body }) => {
    const controller = new AbortController()
    const response = instance.request<unknown>({
      url: origin + path,
      method,
      headers: { Accept: ACCEPT, ...headers } as RawAxiosRequestHeaders,
      data: body,
      signal: controller.signal,
      ...agents,
      ...BOUNDS,
    })
    return {
      response: isSecure ? response.then(fromServer) : response,
      cancel: () => controller.abort(),
    }
  }
}

/**
 * `axios.create` would begin with `axios.defaults`, which any part of the app may have changed. axios
 * reads a proxy from the environment too, but takes its password as it is written there.
 */
function instanceWith(settings: CreateAxiosDefaults, origin: string): Axios {
  const { adapter = 'http', httpAgent, httpsAgent } = settings
  const isPlain = settings.adapter === undefined && !httpAgent && !httpsAgent
  const proxy = isPlain && settings.proxy === undefined ? proxyOf(origin) : {}
  return new axios.Axios({ ...settings, adapter, ...proxy } as AxiosRequestConfig)
}

/** An agent or an adapter of the app's knows its own way out; for what is left, this is it. */
function proxyOf(origin: string): Pick<AxiosRequestConfig, 'proxy' | 'adapter'> {
  try {
    const proxy = proxyFor(origin)
    if (proxy === undefined) return { proxy: false }
    const { protocol, hostname: host, port } = new URL(proxy.origin)
    const usual = protocol === 'https:' ? 443 : 80
    const { auth } = proxy
    return { proxy: { ...omitUndefined({ auth }), protocol, host, port: Number(port) || usual } }
  } catch (error) {
    return { adapter: () => Promise.reject(error) } // each call tells it
  }
}

/**
 * Where a proxy makes no tunnel, axios' agent hands its answer on as the server's, on a socket that never
 * was connected. That it is not the server's must be said here: a 403 means something there.
 */
function fromServer<T extends { status: number; request?: unknown }>(response: T): T {
  const { socket } = (response.request ?? {}) as { socket?: unknown }
  if (socket instanceof Socket && !('encrypted' in socket) && !socket.bytesWritten) {
    throw proxyRefused(response.status)
  }
  return response
}

const asItIs = (data: unknown) => data

/** What holds for every call, whatever the app has set. */
const BOUNDS: AxiosRequestConfig = {
  maxRedirects: 0,
  maxContentLength: LARGEST_ANSWER,
  responseType: 'text',
  transformRequest: [asItIs],
  transformResponse: [asItIs],
  validateStatus: () => true,
}
