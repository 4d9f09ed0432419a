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

/** Milliseconds within which a connection is made, or is not. */
export const CONNECT_TIMEOUT = 5_000

/**
 * Milliseconds for one address of several. Node's own 250 is less than a first packet that is lost
 * costs, which is sent again after a second: a slow address would be given up for a dead one.
 */
export const ATTEMPT_TIMEOUT = 1_500

/** The connections of one client. */
export interface Agents {
  httpAgent: HttpAgent
  httpsAgent: HttpsAgent
}

/** Kept alive, and bounded: what comes above queues. */
export function agentsFor(maxSockets: number): Agents {
  const attempts = { autoSelectFamilyAttemptTimeout: ATTEMPT_TIMEOUT }
  const options = { keepAlive: true, timeout: LONGEST_IDLE, maxSockets, ...attempts }
  return { httpAgent: new HttpAgent(options), httpsAgent: new HttpsAgent(options) }
}
