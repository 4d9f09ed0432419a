import { generateKeyPairSync } from 'node:crypto'
import { jwks, signJWT } from '../../../simulator/state/keys.js'

/** Each endpoint of OneAccess that the package calls. */
export type Endpoint =
  | 'credential'
  | 'login'
  | 'ticket'
  | 'verify'
  | 'refresh-id-token'
  | 'refresh-session-token'
  | 'refresh-signed-id-token'
  | 'keys'
  | 'captcha'
  | 'captcha-verify'
  | 'send-code'
  | 'bind'
  | 'register'
  | 'second-factor'
  | 'mobile'
  | 'public-key'
  | 'server-date'
  | 'logout'

const PATHS: Record<string, Endpoint> = {
  '/api/v2/tenant/token': 'credential',
  '/api/v3/sdk/login/alipay': 'login',
  '/api/v2/tenant/sso/session-token/sso-ticket': 'ticket',
  '/api/v2/tenant/sso/sso-ticket/verify': 'verify',
  '/api/v2/sdk/sso/session-token/id-token': 'refresh-id-token',
  '/api/v2/tenant/sso/session-token/refresh': 'refresh-session-token',
  '/api/v2/sdk/session-token/refresh-id-token': 'refresh-signed-id-token',
  '/api/v1/oauth2/keys': 'keys',
  '/api/v2/sdk/captcha': 'captcha',
  '/api/v2/sdk/captcha/verify': 'captcha-verify',
  '/api/v2/sdk/sms/send': 'send-code',
  '/api/v2/sdk/social/bind': 'bind',
  '/api/v2/sdk/social/register-bind': 'register',
  '/api/v2/sdk/mfa/sms': 'second-factor',
  '/api/v2/sdk/mobile-by-token': 'mobile',
  '/api/v2/sdk/public-key': 'public-key',
  '/api/v2/sdk/server-date': 'server-date',
  '/api/v2/sdk/logout': 'logout',
}

export function endpointAt(url: string): Endpoint | undefined {
  const [path = ''] = url.split('?')
  return PATHS[path]
}

/** A completed login without an id_token, as in the documented sample. */
export const SUCCESS = { status: 'SUCCESS', session_token: 'st-first', expire: 604_800 }

/** A login that ends in a challenge. */
export function challenge(status: string): object {
  const data = JSON.stringify({ socialBindOrRegisterFlow: ['VERIFY_PHONE'] })
  return { status, state_token: 'state-token', data }
}

const now = Math.floor(Date.now() / 1000)
/** An id_token of this tenant that is valid for a day. */
export const ID_TOKEN = signJWT({ id: 'u1', iat: now, exp: now + 86_400 }, 'RS256')

const REFRESHED = { session_token: 'st-second', expire: 604_800, id_token: ID_TOKEN }
const PUZZLE = { originalImageBase64: 'aGVsbG8=', jigsawImageBase64: 'aGVsbG8=' }
const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

/** The responses of a healthy tenant. */
export const ANSWERS: Record<Endpoint, unknown> = {
  credential: { access_token: 'at', token_type: 'Bearer', expires_in: 1800, scope: 'all' },
  login: SUCCESS,
  ticket: { expire: 300, sso_ticket: 'ticket' },
  verify: { code: '0', message: 'success', data: { user: { id: 'u1', userName: 'u', name: 'U' } } },
  'refresh-id-token': REFRESHED,
  'refresh-session-token': REFRESHED,
  'refresh-signed-id-token': { id_token: ID_TOKEN },
  keys: jwks(),
  captcha: { token: 'puzzle', ...PUZZLE, secretKey: null, captchaId: 'c1' },
  'captcha-verify': { captcha_token: 'ct' },
  'send-code': undefined,
  bind: SUCCESS,
  register: SUCCESS,
  'second-factor': SUCCESS,
  mobile: { mobile: '15200000001' },
  'public-key': { publicKey: publicKey.export({ format: 'pem', type: 'spki' }) },
  'server-date': { timestamp: Date.now() },
  logout: {},
}
