import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'

/** Connections at a time to one OneAccess domain, unless the app says otherwise. */
export const MOST_CONNECTIONS = 256

/**
 * Idle connections are dropped after so many milliseconds, whatever the server says: one that it
 * closes in the very moment in which it is used again costs a login, because a call that may have
 * spent a code is never retried.
 */
export const LONGEST_IDLE = 4_000

/** The connections of one client. */
export interface Agents {
  httpAgent: HttpAgent
  httpsAgent: HttpsAgent
}

/** Kept alive, and bounded: what comes above queues. */
export function agentsFor(maxSockets: number): Agents {
  const options = { keepAlive: true, timeout: LONGEST_IDLE, maxSockets }
  return { httpAgent: new HttpAgent(options), httpsAgent: new HttpsAgent(options) }
}

/** Whether the environment names a proxy for such a URL; whether it applies is for axios to say. */
export function hasProxy(url: string): boolean {
  const names = [url.startsWith('https:') ? 'https_proxy' : 'http_proxy', 'all_proxy']
  return names.some((name) => process.env[name] || process.env[name.toUpperCase()])
}
