import type { Endpoint } from '../endpoints.js'
import type { Answer } from '../transport/answer.js'
import type { Route } from '../transport/exchange.js'
import type { Received } from '../transport/received.js'
import type { World } from '../world.js'
import { AUTHORIZE_PATH, decideConsent, showConsent } from './authorize.js'
import { captcha, sendCode, verifyCaptcha } from './captcha.js'
import { bind, mobileByToken, registerBind, secondFactor } from './complete.js'
import { credential } from './credential.js'
import { keys } from './jwks.js'
import { login, loginWithCode } from './login.js'
import { logout, webLogout } from './logout.js'
import { refreshIDToken, refreshSessionToken, refreshSigned } from './refresh.js'
import { publicKey, serverDate } from './signature.js'
import { ticket, verify } from './ticket.js'

type Handler = (request: Received, world: World) => Answer

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
  [
    'refresh-signed-id-token',
    '/api/v2/sdk/session-token/refresh-id-token',
    { POST: refreshSigned },
  ],
  ['jwks', '/api/v1/oauth2/keys', { GET: keys }],
  ['captcha', '/api/v2/sdk/captcha', { GET: captcha }],
  ['captcha-verify', '/api/v2/sdk/captcha/verify', { POST: verifyCaptcha }],
  ['sms-send', '/api/v2/sdk/sms/send', { POST: sendCode }],
  ['social-bind', '/api/v2/sdk/social/bind', { POST: bind }],
  ['register-bind', '/api/v2/sdk/social/register-bind', { POST: registerBind }],
  ['mobile-by-token', '/api/v2/sdk/mobile-by-token', { GET: mobileByToken }],
  ['mfa-sms', '/api/v2/sdk/mfa/sms', { POST: secondFactor }],
  ['public-key', '/api/v2/sdk/public-key', { GET: publicKey }],
  ['server-date', '/api/v2/sdk/server-date', { GET: serverDate }],
  ['logout', '/api/v2/sdk/logout', { GET: logout }],
  ['web-logout', '/api/v1/logout', { GET: webLogout }],
]

/** The routes of all documented paths, which share one world. */
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
