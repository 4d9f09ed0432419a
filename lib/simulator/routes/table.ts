import type { Endpoint } from '../endpoints.js'
import type { Answer } from '../transport/answer.js'
import type { Route } from '../transport/exchange.js'
import type { Received } from '../transport/received.js'
import type { World } from '../world.js'
import { decideConsent, showConsent } from './authorize.js'
import { credential } from './credential.js'
import { keys } from './jwks.js'
import { login, loginWithCode } from './login.js'
import { refreshIDToken, refreshSessionToken } from './refresh.js'
import { ticket, verify } from './ticket.js'

type Handler = (request: Received, world: World) => Answer

export const AUTHORIZE_PATH = '/oauth2/publicAppAuthorize.htm'

const table: [Endpoint, string, Record<string, Handler>][] = [
  ['authorize', AUTHORIZE_PATH, { GET: showConsent, POST: decideConsent }],
  ['login', '/api/v3/sdk/login/alipay', { POST: login('v3') }],
  ['login', '/api/v2/sdk/login/alipay', { POST: login('v2') }],
  ['login-miniprogram', '/api/v2/sdk/login/alipay-miniprogram', { POST: loginWithCode }],
  ['credential', '/api/v2/tenant/token', { POST: credential }],
  ['ticket', '/api/v2/tenant/sso/session-token/sso-ticket', { POST: ticket }],
  ['verify', '/api/v2/tenant/sso/sso-ticket/verify', { POST: verify }],
  ['refresh-id-token', '/api/v2/sdk/sso/session-token/id-token', { POST: refreshIDToken }],
  [
    'refresh-session-token',
    '/api/v2/tenant/sso/session-token/refresh',
    { POST: refreshSessionToken },
  ],
  ['jwks', '/api/v1/oauth2/keys', { GET: keys }],
]

/** Every path of the contract, each answering from one world. */
export function routesOf(world: World): Map<string, Route> {
  return new Map(
    table.map(([endpoint, path, handlers]) => {
      const methods = Object.entries(handlers).map(
        ([method, handler]) => [method, (request: Received) => handler(request, world)] as const,
      )
      return [path, { endpoint, methods: Object.fromEntries(methods) }]
    }),
  )
}
