import { type Agent, Agent as HttpAgent, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'

/** Connections at a time to one OneAccess domain, unless the app says otherwise. */
export const MOST_CONNECTIONS = 256

/** The connections of one client. */
export interface Agents {
  httpAgent: HttpAgent
  httpsAgent: HttpsAgent
}

/**
 * Kept alive, and bounded: what comes above queues. Idle connections are dropped after 4 seconds: a
 * server that closes one in the very moment in which it is used again costs a login, because a call
 * that may have spent a code is never retried.
 */
export function agentsFor(maxSockets: number): Agents {
  const options = { keepAlive: true, timeout: 4_000, maxSockets }
  return { httpAgent: new HttpAgent(options), httpsAgent: new HttpsAgent(options) }
}

/** A server as `node:http` is told of it. */
export type Server = Pick<RequestOptions, 'protocol' | 'host' | 'port' | 'agent'>

export function serverAt(origin: string, agent: Agent): Server {
  const { protocol, hostname, port } = new URL(origin)
  const host = hostname.replace(/^\[|\]$/g, '')
  return { protocol, host, ...(port === '' ? {} : { port }), agent }
}

/** Whether the environment names a proxy for such a URL; whether it applies is for axios to say. */
export function hasProxy(url: string): boolean {
  const names = [url.startsWith('https:') ? 'https_proxy' : 'http_proxy', 'all_proxy']
  return names.some((name) => process.env[name] || process.env[name.toUpperCase()])
}
