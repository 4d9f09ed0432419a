import type { AxiosInstance, CreateAxiosDefaults } from 'axios'
import type { Request } from 'express'
import type { Localizer, MessagesOption } from './localize.js'
import type { CredentialAuth } from './oneaccess/access-token.js'
import type { LoginVersion } from './oneaccess/client.js'
import type { Device } from './oneaccess/device.js'
import type { IDTokenOptions } from './oneaccess/id-token-check.js'
import type { RefreshWith } from './oneaccess/refresh-with.js'
import type { TokenStore } from './token-store.js'

/** A setting that often comes from the environment: undefined is refused, at construction. */
export type Setting = string | undefined

/** What a login does on a phone; see `StrategyOptions.phones`. */
export type PhonesOption = 'fail' | 'wallet' | 'page'

/** How long things may take, in milliseconds. */
export interface Timeouts {
  /** One call to OneAccess, from its start to the last byte of the answer. Default 10000. */
  call: number
  /** A refresh call. It is never abandoned before. Default 15000. */
  refresh: number
  /** How long a request that needs a token waits for one before it is answered 503. Default 3000. */
  wait: number
  /** One read of the token store on a request's way. Default 1000. */
  store: number
  /** For how long one process may refresh alone; renewed while it does. Default 20000. */
  lease: number
  /** The app's `verify`. Default 30000. */
  verify: number
}

/** Where the tokens are kept. */
export interface TokenStoreOptions {
  /** Default: the app's own express-session store, under keys of its own. */
  store?: TokenStore
  /** Seals the records at rest (JWE, A256GCM). The first seals, all open. At least 32 characters. */
  secret?: string | readonly string[]
}

/** The options of `OneAccessAlipayStrategy`. A wrong, missing or unknown one is a `TypeError`. */
export interface StrategyOptions {
  /** The tenant's host, or its https URL; plain http only to loopback. */
  domain: Setting
  /** The application's client id at OneAccess. */
  clientID: Setting
  /** The application's client secret at OneAccess. */
  clientSecret: Setting
  /** The Alipay app that the tenant's Alipay source is set up with. Needed by the web flow. */
  alipayAppID?: Setting
  /** The absolute address of the callback route; plain http only to loopback. Needed by the web flow. */
  callbackURL?: Setting
  /** What Alipay asks the person for (docs/wire.md#alipays-consent-page). Default `auth_user`. */
  scope?: string | readonly string[]
  /** Alipay's consent page. Default is production; docs/wire.md#alipays-consent-page names the sandbox. */
  authorizationURL?: string | undefined
  /** Which of the two documented login paths (docs/wire.md#log-in-with-the-code). Default `v3`. */
  loginVersion?: LoginVersion
  /** Which of the three documented calls renews an id_token. Default `id-token`. */
  refreshWith?: RefreshWith
  /** The API credential (docs/wire.md#access-token). Default: the app's own client id and secret, in the body. */
  credential?: { clientID: Setting; clientSecret: Setting; auth?: CredentialAuth }
  /** The tenant of an ISV application, for `X-tenant-id`. Read once a login. */
  tenantID?: string | ((req: Request) => string)
  /** For `X-L`, such as `zh` or `en`. Not sent by default. */
  language?: string
  /** Device values of the app's own (docs/wire.md#device-values), in place of those read from the request. */
  device?: (req: Request) => Partial<Device>
  /** Where the tokens are kept. Default: the app's own express-session store. */
  tokenStore?: TokenStore | TokenStoreOptions
  /** Milliseconds before its end at which an id_token is renewed. Default: a tenth of its life, at most 10 minutes. */
  refreshBefore?: number
  /** Milliseconds; see `Timeouts` for each and its default. */
  timeouts?: Partial<Timeouts>
  /** Milliseconds for which a person may stay at Alipay. Default 600000. */
  stateTTL?: number
  /**
   * What happens to a person who begins a login on a phone outside of Alipay's app, where Alipay's
   * page does not work. `fail` (default): the login fails with `open_in_alipay` and `info.link`,
   * which opens the start route in the app. `wallet`: the browser is sent to that link once, and
   * later tries fail. `page`: Alipay's page, as on a desktop. In WeChat the first two fail with
   * `open_in_browser`.
   */
  phones?: PhonesOption
  /**
   * In which words people are told: `info.message` and `publicMessage`. `en` or `zh` for everybody,
   * or a function that gives a sentence for a code, and undefined for those that it leaves to the
   * built-in ones. Default: English or Simplified Chinese, as `Accept-Language` would have it.
   */
  messages?: MessagesOption
  /** The path at which a login starts, such as `/auth/alipay` or a page that links there: for `requireLogin()`. */
  loginPath?: string
  /** Whether somebody whose session OneAccess has ended is logged out of the app. Default `logout`. */
  whenEnded?: 'logout' | 'keep'
  /** Whether a logout ends the session at OneAccess too (docs/wire.md#signature), best effort. Default false. */
  upstreamLogout?: boolean
  /**
   * How id_tokens are checked: signature, `exp`, audience. `true`: by the keys that the tenant
   * publishes at `https://{domain}/api/v1/oauth2/keys`. Default: they are passed on as they came.
   */
  idToken?: true | IDTokenOptions
  /**
   * Where a login's user comes from: `ticket`, by two further calls, or `id-token`, which needs the
   * option `idToken` and makes a login one round trip. Where the answer to the login has no id_token,
   * the ticket calls are made. Default `ticket`.
   */
  userFrom?: 'ticket' | 'id-token'
  /** An axios instance, or settings for one: proxies, mTLS, tracing. */
  http?: AxiosInstance | CreateAxiosDefaults
  /**
   * Calls to OneAccess at a time, and so connections; further calls queue, and queueing counts towards
   * `timeouts.call`. A quarter of them is kept for refreshes, and a quarter for logins. Default 256.
   */
  maxConnections?: number
  /** Whether `verify` gets the request first. Default false. */
  passReqToCallback?: boolean
}

/** What the web flow needs. */
export interface WebSettings {
  alipayAppID: string
  callbackURL: URL
  scope: string
  authorizationURL: URL
}

/** The options, checked and complete. */
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
