import { Localizer, type MessagesOption } from './localize.js'
import { type IDTokenOptions, SIGNATURES } from './oneaccess/id-token-check.js'
import { REFRESH_WITH } from './oneaccess/refresh-with.js'
import {
  bool,
  count,
  func,
  given,
  headerText,
  oneOf,
  onlyKnown,
  optional,
  optionError,
  secureURL,
  span,
  text,
} from './option-checks.js'
import type { Settings, StrategyOptions, Timeouts, TokenStoreOptions } from './options.js'
import { isTokenStore, missingMethodOf } from './token-store.js'
import { isObject } from './util/json.js'
import { isSafeRedirect } from './util/safe-redirect.js'
import { callbackOf, scopeOf } from './web-options.js'

const ALIPAY = 'https://openauth.alipay.com/oauth2/publicAppAuthorize.htm'

const TIMEOUTS: Timeouts = {
  call: 10_000,
  refresh: 15_000,
  wait: 3_000,
  store: 1_000,
  lease: 20_000,
  verify: 30_000,
}

const KNOWN: Record<keyof StrategyOptions, true> = {
  domain: true,
  clientID: true,
  clientSecret: true,
  alipayAppID: true,
  callbackURL: true,
  scope: true,
  authorizationURL: true,
  loginVersion: true,
  refreshWith: true,
  credential: true,
  tenantID: true,
  language: true,
  device: true,
  tokenStore: true,
  refreshBefore: true,
  timeouts: true,
  stateTTL: true,
  phones: true,
  messages: true,
  loginPath: true,
  whenEnded: true,
  upstreamLogout: true,
  idToken: true,
  userFrom: true,
  http: true,
  maxConnections: true,
  passReqToCallback: true,
}

/** Options that Node-RED passes to every strategy, but reads itself. */
interface HostOptions {
  verify?: unknown
  callbackMethod?: unknown
}

/** Checks the options in the constructor; throws a `TypeError` that names what is wrong. */
export function validateOptions(options: StrategyOptions): Settings {
  if (!isObject(options)) throw optionError('options', 'must be an object')
  const { verify, callbackMethod, ...ours } = options as StrategyOptions & HostOptions
  onlyKnown(ours, KNOWN, '')
  checkHost({ verify, callbackMethod })
  const clientID = headerText(options.clientID, 'clientID')
  const clientSecret = text(options.clientSecret, 'clientSecret')
  return {
    origin: originOf(options.domain),
    clientID,
    clientSecret,
    web: webOf(options),
    loginVersion: oneOf(options.loginVersion, 'loginVersion', ['v3', 'v2']),
    refreshWith: oneOf(options.refreshWith, 'refreshWith', REFRESH_WITH),
    credential: credentialOf(options.credential, clientID, clientSecret),
    tenantID: tenantOf(options.tenantID),
    language: optional(options.language, (value) => headerText(value, 'language')),
    device: optional(options.device, (value) => func(value, 'device')),
    tokenStore: tokenStoreOf(options.tokenStore),
    refreshBefore: optional(options.refreshBefore, (value) => span(value, 'refreshBefore')),
    timeouts: timeoutsOf(options.timeouts),
    stateTTL: span(given(options.stateTTL, 600_000), 'stateTTL'),
    phones: oneOf(options.phones, 'phones', ['fail', 'wallet', 'page']),
    messages: new Localizer(optional(options.messages, messagesOf)),
    loginPath: optional(options.loginPath, loginPathOf),
    whenEnded: oneOf(options.whenEnded, 'whenEnded', ['logout', 'keep']),
    upstreamLogout: bool(given(options.upstreamLogout, false), 'upstreamLogout'),
    idToken: optional(options.idToken, idTokenOf),
    userFrom: userFromOf(options),
    http: httpOf(options.http),
    maxConnections: optional(options.maxConnections, (value) => count(value, 'maxConnections')),
    passReqToCallback: bool(given(options.passReqToCallback, false), 'passReqToCallback'),
  }
}

function messagesOf(value: MessagesOption): MessagesOption {
  if (value !== 'en' && value !== 'zh' && typeof value !== 'function') {
    throw optionError('messages', 'must be en, zh or a function')
  }
  return value
}

/** Rejects a host's options if this strategy cannot work with them. */
function checkHost({ verify, callbackMethod }: HostOptions): void {
  if (verify !== undefined) func(verify, 'verify')
  if (callbackMethod !== undefined && !/^get$/i.test(String(callbackMethod))) {
    throw optionError('callbackMethod', 'must be GET: Alipay redirects the browser back')
  }
}

function originOf(domain: unknown): string {
  const string = text(domain, 'domain')
  const parsed = secureURL(string.includes('://') ? string : `https://${string}`, 'domain')
  if (parsed.pathname !== '/' || parsed.search !== '' || parsed.hash !== '') {
    throw optionError('domain', 'must be a host or an origin, without a path')
  }
  return parsed.origin
}

function webOf(options: StrategyOptions): Settings['web'] {
  const { alipayAppID, callbackURL } = options
  const authorizationURL = secureURL(given(options.authorizationURL, ALIPAY), 'authorizationURL')
  const scope = scopeOf(given(options.scope, 'auth_user'))
  if (alipayAppID === undefined && callbackURL === undefined) return undefined
  return {
    alipayAppID: headerText(alipayAppID, 'alipayAppID'),
    callbackURL: callbackOf(callbackURL),
    scope,
    authorizationURL,
  }
}

function credentialOf(
  value: StrategyOptions['credential'],
  clientID: string,
  clientSecret: string,
): Settings['credential'] {
  if (value === undefined) return { clientID, clientSecret, auth: 'body' }
  if (!isObject(value)) throw optionError('credential', 'must be { clientID, clientSecret, auth }')
  onlyKnown(value, { clientID: true, clientSecret: true, auth: true }, 'credential.')
  return {
    clientID: headerText(value.clientID, 'credential.clientID'),
    clientSecret: text(value.clientSecret, 'credential.clientSecret'),
    auth: oneOf(value.auth, 'credential.auth', ['body', 'basic']),
  }
}

function tenantOf(value: StrategyOptions['tenantID']): Settings['tenantID'] {
  if (value === undefined || typeof value === 'function') return value
  return headerText(value, 'tenantID')
}

function tokenStoreOf(value: StrategyOptions['tokenStore']): TokenStoreOptions {
  if (value === undefined) return {}
  if (!isObject(value))
    throw optionError('tokenStore', 'must be a TokenStore, or { store, secret }')
  if (isTokenStore(value)) return { store: value }
  if (!('store' in value) && !('secret' in value)) {
    throw optionError('tokenStore', `lacks the method ${missingMethodOf(value)}()`)
  }
  onlyKnown(value, { store: true, secret: true }, 'tokenStore.')
  const { store, secret } = value as TokenStoreOptions
  if (store !== undefined && !isTokenStore(store)) {
    throw optionError('tokenStore.store', `lacks the method ${missingMethodOf(store)}()`)
  }
  const secrets = secret === undefined ? [] : typeof secret === 'string' ? [secret] : secret
  if (!Array.isArray(secrets) || (secret !== undefined && secrets.length === 0)) {
    throw optionError('tokenStore.secret', 'must be a string, or an array of them')
  }
  for (const one of secrets) {
    if (typeof one !== 'string' || one.length < 32) {
      throw optionError(
        'tokenStore.secret',
        'must have at least 32 characters: generate one with openssl rand -hex 32',
      )
    }
  }
  return value as TokenStoreOptions
}

function timeoutsOf(value: Partial<Timeouts> | undefined): Timeouts {
  if (value !== undefined && !isObject(value)) throw optionError('timeouts', 'must be an object')
  onlyKnown(value ?? {}, TIMEOUTS, 'timeouts.')
  const timeouts = { ...TIMEOUTS, ...value }
  for (const [name, span_] of Object.entries(timeouts)) span(span_, `timeouts.${name}`)
  if (timeouts.lease <= timeouts.refresh) {
    throw optionError(
      'timeouts.lease',
      'must be longer than timeouts.refresh: the lease must outlast the call',
    )
  }
  if (timeouts.store >= timeouts.lease) {
    throw optionError(
      'timeouts.store',
      'must be shorter than timeouts.lease: the lease must be renewed before it expires',
    )
  }
  if (timeouts.wait > timeouts.refresh) {
    throw optionError('timeouts.wait', 'must not be longer than timeouts.refresh')
  }
  return timeouts
}

const ID_TOKEN: Record<keyof IDTokenOptions, true> = {
  jwksUri: true,
  issuer: true,
  audience: true,
  algorithms: true,
  clockTolerance: true,
}

function idTokenOf(value: true | IDTokenOptions): IDTokenOptions {
  if (value === true) return {}
  if (!isObject(value)) throw optionError('idToken', 'must be true or an object')
  const { jwksUri, issuer, audience, algorithms = SIGNATURES, clockTolerance } = value
  onlyKnown(value, ID_TOKEN, 'idToken.')
  optional(jwksUri, (one) => secureURL(one, 'idToken.jwksUri'))
  optional(issuer, (one) => text(one, 'idToken.issuer'))
  optional(audience, (one) => text(one, 'idToken.audience'))
  optional(clockTolerance, (one) => span(one, 'idToken.clockTolerance'))
  if (
    !Array.isArray(algorithms) ||
    algorithms.length === 0 ||
    !algorithms.every((one) => SIGNATURES.includes(one))
  ) {
    throw optionError('idToken.algorithms', `must contain one or more of: ${SIGNATURES.join(', ')}`)
  }
  return value
}

function loginPathOf(value: unknown): string {
  const path = text(value, 'loginPath')
  if (!isSafeRedirect(path)) {
    throw optionError('loginPath', 'must be a path of this app, such as /auth/alipay')
  }
  return path
}

/** An id_token that has not been checked does not prove who the user is. */
function userFromOf({ userFrom, idToken }: StrategyOptions): Settings['userFrom'] {
  const from = oneOf(userFrom, 'userFrom', ['ticket', 'id-token'])
  if (from === 'id-token' && idToken === undefined) {
    throw optionError('userFrom', "'id-token' needs the option idToken, such as idToken: true")
  }
  return from
}

function httpOf(value: StrategyOptions['http']): Settings['http'] {
  if (value === undefined || isObject(value)) return value
  if (typeof value === 'function' && 'request' in value && 'defaults' in value) return value
  throw optionError('http', 'must be an axios instance, or settings for one')
}
