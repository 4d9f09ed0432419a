import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'

/** The default number of connections to a OneAccess domain. */
export const MOST_CONNECTIONS = 256

/**
 * Idle connections are closed after this many milliseconds, whatever the server allows: if the server
 * closed one just as it is reused, that would cost a login, because a call that may have spent a code is
 * never retried.
 */
export const LONGEST_IDLE = 4_000

/** Milliseconds that connecting may take. */
export const CONNECT_TIMEOUT = 5_000

/**
 * Milliseconds for one of several addresses. With Node's default of 250, a lost first packet, which
 * is retransmitted after a second, would make Node treat a slow address as unreachable.
 */
export const ATTEMPT_TIMEOUT = 1_500

/** The connections of one client. */
export interface Agents {
  httpAgent: HttpAgent
  httpsAgent: HttpsAgent
}

/** Keep-alive agents with at most `maxSockets` connections; further requests queue. */
export function agentsFor(maxSockets: number): Agents {
  const attempts = { autoSelectFamilyAttemptTimeout: ATTEMPT_TIMEOUT }
  const options = { keepAlive: true, timeout: LONGEST_IDLE, maxSockets, ...attempts }
  return { httpAgent: new HttpAgent(options), httpsAgent: new HttpsAgent(options) }
}
