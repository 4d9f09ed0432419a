// Every call of the client, for tests that apply to all of them.
import type { OneAccessClient, OneAccessClientOptions, Step } from '../../lib/index.js'
import type { Upstream } from '../support/upstream.js'
import {
  appKey,
  CONTEXT,
  CREDENTIAL,
  createClient,
  GRANTED,
  LOGIN_V3,
  PUBLIC_KEY,
  REFRESH_ID_TOKEN,
  REFRESH_SESSION_TOKEN,
  REFRESH_SIGNED,
  SERVER_DATE,
  TICKET,
  VERIFY,
} from './support.js'

/** The secrets that the calls send: short, and some with characters that forms encode. */
export const SECRETS = {
  code: 'cO-4f9b2c7d',
  sessionToken: 'sT~8d1e.77a',
  ticket: 'ssoTicket-r5TC',
  accessToken: 'aT-334963fc',
  clientSecret: 'cS+p&w=d/9x',
}

/** A call of the client. */
export interface AnyCall {
  name: string
  step: Step
  path: string
  make(client: OneAccessClient): Promise<unknown>
  options: Partial<OneAccessClientOptions>
}

export const FETCH: AnyCall = {
  name: 'credential',
  step: 'credential',
  path: CREDENTIAL,
  make: (client) => client.prepare(),
  options: {},
}
export const LOGIN: AnyCall = {
  name: 'login',
  step: 'login',
  path: LOGIN_V3,
  make: (client) => client.loginWithAlipay(SECRETS.code, CONTEXT),
  options: {},
}
export const GET_TICKET: AnyCall = {
  name: 'ticket',
  step: 'ticket',
  path: TICKET,
  make: (client) => client.ssoTicket(SECRETS.sessionToken, CONTEXT),
  options: {},
}
export const GET_USER: AnyCall = {
  name: 'verify',
  step: 'verify',
  path: VERIFY,
  make: (client) => client.verifyTicket(SECRETS.ticket, CONTEXT),
  options: {},
}
export const REFRESH: AnyCall = {
  name: 'refresh with id-token',
  step: 'refresh',
  path: REFRESH_ID_TOKEN,
  make: (client) => client.refresh(SECRETS.sessionToken, CONTEXT),
  options: {},
}
export const REFRESH_BY_BEARER: AnyCall = {
  ...REFRESH,
  name: 'refresh with session-token',
  path: REFRESH_SESSION_TOKEN,
  options: { refreshWith: 'session-token' },
}

export const REFRESH_BY_SIGNATURE: AnyCall = {
  ...REFRESH,
  name: 'refresh with signed-id-token',
  path: REFRESH_SIGNED,
  options: { refreshWith: 'signed-id-token' },
}

/** The calls that send the access token. */
export const BEARER_CALLS: readonly AnyCall[] = [GET_TICKET, GET_USER, REFRESH_BY_BEARER]
export const EVERY_CALL: readonly AnyCall[] = [
  FETCH,
  LOGIN,
  REFRESH,
  REFRESH_BY_SIGNATURE,
  ...BEARER_CALLS,
]

const KEY = appKey()

/** Makes the call, with the access token and the keys that it may need. */
export function makeCall(
  call: AnyCall,
  upstream: Upstream,
  options: Partial<OneAccessClientOptions> = {},
): Promise<unknown> {
  if (call !== FETCH) {
    upstream.script(CREDENTIAL, {
      body: { ...(GRANTED.body as object), access_token: SECRETS.accessToken },
    })
  }
  if (call === REFRESH_BY_SIGNATURE) {
    upstream.script(PUBLIC_KEY, KEY.answer)
    upstream.script(SERVER_DATE, { body: { timestamp: String(Date.now()) } })
  }
  const credential = {
    clientID: 'api-1',
    clientSecret: SECRETS.clientSecret,
    auth: 'body',
  } as const
  return call.make(createClient(upstream, { credential, ...call.options, ...options }))
}
