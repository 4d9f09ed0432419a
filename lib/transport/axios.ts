import { Socket } from 'node:net'
import axios, {
  type Axios,
  type AxiosInstance,
  type AxiosRequestConfig,
  type CreateAxiosDefaults,
  type RawAxiosRequestHeaders,
} from 'axios'
import { omitUndefined } from '../util/omit-undefined.js'
import type { Agents } from './agents.js'
import { ACCEPT, LARGEST_ANSWER, proxyRefused, type Transport } from './message.js'
import { proxyFor } from './proxy.js'

/**
 * The app's axios instance, or one with the app's settings: interceptors, proxies, adapters and agents
 * work as usual. Settings do not inherit from `axios.defaults`.
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
    // what an app has put around an instance may throw, or return no promise
    const send = async () =>
      instance.request<unknown>({
        url: origin + path,
        method,
        headers: { ...OWN_HEADERS, ...headers } as RawAxiosRequestHeaders,
        data: body,
        signal: controller.signal,
        ...agents,
        ...BOUNDS,
      })
    const response = send()
    return {
      response: isSecure ? response.then(fromServer) : response,
      cancel: () => controller.abort(),
    }
  }
}

/**
 * `axios.create` would start from `axios.defaults`, which any part of the app may have changed. axios also
 * reads a proxy from the environment, but does not decode its password.
 */
function instanceWith(settings: CreateAxiosDefaults, origin: string): Axios {
  const { adapter = 'http', httpAgent, httpsAgent } = settings
  const isPlain = settings.adapter === undefined && !httpAgent && !httpsAgent
  const proxy = isPlain && settings.proxy === undefined ? proxyOf(origin) : {}
  return new axios.Axios({ ...settings, adapter, ...proxy } as AxiosRequestConfig)
}

/** The proxy for settings that have no agent, adapter or proxy of their own. */
export function proxyOf(
  origin: string,
  env = process.env,
): Pick<AxiosRequestConfig, 'proxy' | 'adapter'> {
  try {
    const proxy = proxyFor(origin, env)
    if (proxy === undefined) return { proxy: false }
    const { protocol, hostname: host, port } = new URL(proxy.origin)
    const usual = protocol === 'https:' ? 443 : 80
    const { auth } = proxy
    return { proxy: { ...omitUndefined({ auth }), protocol, host, port: Number(port) || usual } }
  } catch (error) {
    return { adapter: () => Promise.reject(error) } // each call reports it
  }
}

/**
 * If a proxy refuses a tunnel, axios' agent returns the proxy's response as if it were the server's, on a
 * socket that was never connected. It must be recognized here, because a 403 from OneAccess has a meaning.
 */
function fromServer<T extends { status: number; request?: unknown }>(response: T): T {
  // an interceptor of the app may return nothing at all
  const { socket } = ((response as T | undefined)?.request ?? {}) as { socket?: unknown }
  if (socket instanceof Socket && !('encrypted' in socket) && !socket.bytesWritten) {
    throw proxyRefused(response.status)
  }
  return response
}

const unchanged = (data: unknown) => data

/** The app's instance may send credentials elsewhere, but not its own to OneAccess. */
const OWN_HEADERS = { Accept: ACCEPT, Authorization: false }

/**
 * These apply to every call, whatever the app has set. `null` takes back a default of the instance;
 * `undefined` would leave it. Older releases of axios' fetch adapter ignore `maxRedirects`.
 */
const BOUNDS = {
  allowAbsoluteUrls: true,
  auth: null,
  params: null,
  maxRedirects: 0,
  fetchOptions: { redirect: 'manual' },
  maxContentLength: LARGEST_ANSWER,
  responseType: 'text',
  transformRequest: [unchanged],
  transformResponse: [unchanged],
  validateStatus: () => true,
} as unknown as AxiosRequestConfig
