import type { AxiosInstance, CreateAxiosDefaults } from 'axios'
import type { Request } from 'express'
import type { Localizer, MessagesOption } from './localize.js'
import type { CredentialAuth } from './oneaccess/access-token.js'
import type { LoginVersion } from './oneaccess/client.js'
import type { Device } from './oneaccess/device.js'
import type { IDTokenOptions } from './oneaccess/id-token-check.js'
import type { RefreshWith } from './oneaccess/refresh-with.js'
import type { TokenStore } from './token-store.js'

/** A setting that often comes from an environment variable; the constructor rejects undefined if it is required. */
export type Setting = string | undefined

/** What happens to a login on a phone; see `StrategyOptions.phones`. */
export type PhonesOption = 'fail' | 'wallet' | 'page'

/** Time limits, in milliseconds. */
export interface Timeouts {
  /** One call to OneAccess, from its start to the last byte of the response. Default 10000. */
  call: number
  /** A refresh call, which is never aborted earlier. Default 15000. */
  refresh: number
  /** How long a request that needs a token waits for it before it fails with 503. Default 3000. */
  wait: number
  /** One operation of the token store. Default 1000. */
  store: number
  /** How long a process holds the lease on a record that it refreshes; extended while it does. Default 20000. */
  lease: number
  /** The app's `verify`. Default 30000. */
  verify: number
}

/** Where the tokens are kept. */
export interface TokenStoreOptions {
  /** Default: the app's own express-session store, under separate keys. */
  store?: TokenStore
  /** Encrypts records at rest (JWE, A256GCM). The first encrypts, all decrypt. At least 32 characters each. */
  secret?: string | readonly string[]
}

/** The options of `OneAccessAlipayStrategy`. The constructor throws a `TypeError` if one is wrong, missing or unknown. */
export interface StrategyOptions {
  /** The tenant's host, or its https URL; plain http only for loopback. */
  domain: Setting
  /** The application's client id at OneAccess. */
  clientID: Setting
  /** The application's client secret at OneAccess. */
  clientSecret: Setting
  /** The Alipay app that the tenant's Alipay authentication source uses. Required by the web flow. */
  alipayAppID?: Setting
  /** The absolute URL of the callback route; plain http only for loopback. Required by the web flow. */
  callbackURL?: Setting
  /** What Alipay asks the user to consent to (docs/wire.md#alipays-consent-page). Default `auth_user`. */
  scope?: string | readonly string[]
  /** Alipay's consent page. Default: production; docs/wire.md#alipays-consent-page names the sandbox. */
  authorizationURL?: string | undefined
  /** The version of the login path (docs/wire.md#log-in-with-the-code). Default `v3`. */
  loginVersion?: LoginVersion
  /** Which of the three documented calls refreshes an id_token. Default `id-token`. */
  refreshWith?: RefreshWith
  /** The API credential (docs/wire.md#access-token). Default: the app's own client id and secret, in the body. */
  credential?: { clientID: Setting; clientSecret: Setting; auth?: CredentialAuth }
  /** The tenant of an ISV application, for `X-tenant-id`. A function is called once per login. */
  tenantID?: string | ((req: Request) => string)
  /** The value of the header `X-L`, such as `zh` or `en`. Not sent by default. */
  language?: string
  /** The app's own device values (docs/wire.md#device-values), to replace those read from the request. */
  device?: (req: Request) => Partial<Device>
  /** Where the tokens are kept. Default: the app's own express-session store. */
  tokenStore?: TokenStore | TokenStoreOptions
  /** How many milliseconds before it expires an id_token is refreshed. Default: a tenth of its lifetime, at most 10 minutes. */
  refreshBefore?: number
  /** Time limits in milliseconds; see `Timeouts` for each one and its default. */
  timeouts?: Partial<Timeouts>
  /** How long the user may take at Alipay, in milliseconds. Default 600000. */
  stateTTL?: number
  /**
   * What happens when a user starts a login on a phone outside Alipay's app, where Alipay's page
   * does not work. `fail` (default): the login fails with `open_in_alipay` and `info.link`, which
   * opens the start route in Alipay's app. `wallet`: the browser is redirected to that link once, and
   * later attempts fail. `page`: goes to Alipay's page, as on a desktop. In WeChat, the first two
   * fail with `open_in_browser`.
   */
  phones?: PhonesOption
  /**
   * The messages for users, `info.message` and `publicMessage`: `en` or `zh` for everyone, or a
   * function that returns the sentence for a code, or undefined to use the built-in one. Default:
   * English or Simplified Chinese, whichever `Accept-Language` prefers.
   */
  messages?: MessagesOption
  /** The path where a login starts, such as `/auth/alipay` or a page that links to it; for `requireLogin()`. */
  loginPath?: string
  /** Whether a user whose session OneAccess has ended is logged out of the app. Default `logout`. */
  whenEnded?: 'logout' | 'keep'
  /** Whether a logout also ends the session at OneAccess (docs/wire.md#signature), best effort. Default false. */
  upstreamLogout?: boolean
  /**
   * How id_tokens are checked: signature, `exp`, audience. `true`: with the keys that the tenant
   * publishes at `https://{domain}/api/v1/oauth2/keys`. Default: they are not checked.
   */
  idToken?: true | IDTokenOptions
  /**
   * Where the user of a login comes from: `ticket`, with two more calls, or `id-token`, which requires
   * the option `idToken` and reduces a login to one round trip. If the login response has no id_token,
   * the ticket calls are made. Default `ticket`.
   */
  userFrom?: 'ticket' | 'id-token'
  /** An axios instance, or settings for one: proxies, mTLS, tracing. */
  http?: AxiosInstance | CreateAxiosDefaults
  /**
   * How many calls to OneAccess, and so connections, may be open at a time; further calls queue, and
   * queueing counts towards `timeouts.call`. A quarter is reserved for refreshes and a quarter for
   * logins. Default 256.
   */
  maxConnections?: number
  /** Whether `verify` takes the request as its first argument. Default false. */
  passReqToCallback?: boolean
}

/** The settings of the web flow. */
export interface WebSettings {
  alipayAppID: string
  callbackURL: URL
  scope: string
  authorizationURL: URL
}

/** The options after validation, with defaults. */
export interface Settings {
  origin: string
  clientID: string
  clientSecret: string
  web: WebSettings | undefined
  loginVersion: LoginVersion
  refreshWith: RefreshWith
  credential: { clientID: string; clientSecret: string; auth: CredentialAuth }
  tenantID: string | ((req: Request) => string) | undefined
  language: string | undefined
  device: ((req: Request) => Partial<Device>) | undefined
  tokenStore: TokenStoreOptions
  refreshBefore: number | undefined
  timeouts: Timeouts
  stateTTL: number
  phones: PhonesOption
  messages: Localizer
  loginPath: string | undefined
  whenEnded: 'logout' | 'keep'
  upstreamLogout: boolean
  idToken: IDTokenOptions | undefined
  userFrom: 'ticket' | 'id-token'
  http: AxiosInstance | CreateAxiosDefaults | undefined
  maxConnections: number | undefined
  passReqToCallback: boolean
}
