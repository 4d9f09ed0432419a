import type { AxiosInstance, CreateAxiosDefaults } from 'axios'
import type { OneAccessError } from '../errors.js'
import { ResponseReader } from '../util/json.js'
import { AccessTokenProvider, type ApiCredential } from './access-token.js'
import {
  type CaptchaSolution,
  COMPLETIONS,
  type CodeOrder,
  type Completion,
} from './challenge-calls.js'
import { Http } from './http.js'
import { IDTokenCheck, type IDTokenOptions } from './id-token-check.js'
import { type RefreshCall, refreshCall } from './refresh-calls.js'
import { mayRotate, type RefreshWith } from './refresh-with.js'
import { RequestSigner } from './request-signature.js'
import { type CallContext, OneAccessRequests, type SdkCall } from './requests.js'
import {
  type CaptchaResponse,
  type LoginResponse,
  readCaptcha,
  readLogin,
  type SessionResponse,
} from './responses.js'
import { type OneAccessUser, readUser } from './user.js'

/** The version of the login path; both are documented. */
export type LoginVersion = 'v3' | 'v2'

/** The options of `OneAccessClient`. */
export interface OneAccessClientOptions {
  /** Scheme and host, such as `https://acme.huaweioneaccess.com`. */
  origin: string
  /** The application's client id, for the header `X-client-id`. */
  clientID: string
  /** The credential for the access token. */
  credential: ApiCredential
  /** The version of the login path (docs/wire.md#log-in-with-the-code). Default `v3`. */
  loginVersion?: LoginVersion
  /** Which of the documented calls refreshes an id_token. Default `id-token`. */
  refreshWith?: RefreshWith
  /** The value of the header `X-L`, such as `zh`. Not sent by default. */
  language?: string
  /** Milliseconds that a call may take in total. Default 10000. */
  callDeadline?: number
  /** Milliseconds that a refresh call may take in total. Default 15000. */
  refreshDeadline?: number
  /** How id_tokens are checked; `true` for the defaults. Not checked by default. */
  idToken?: true | IDTokenOptions
  /** An axios instance, or settings for one: proxies, mTLS, tracing. */
  http?: AxiosInstance | CreateAxiosDefaults
  /** How many calls may be open at a time; further calls queue, and queueing counts towards their deadline. Default 256. */
  maxConnections?: number
}

/**
 * A client for OneAccess's API, with one method per endpoint. Does not depend on Express or Passport.
 * Every failure is a `OneAccessError`. Nothing is retried, except that a call is repeated once if OneAccess
 * says that the access token has expired or refuses a signature.
 * @example
 * const credential = { clientID: 'shop', clientSecret: 'secret', auth: 'body' } as const
 * const client = new OneAccessClient({ origin: 'https://acme.example', clientID: 'shop', credential })
 */
export class OneAccessClient {
  /** Whether a refresh may replace the session token, so that a lost response may cost the session. */
  readonly rotates: boolean
  readonly #requests: OneAccessRequests
  readonly #credential: AccessTokenProvider
  readonly #signer: RequestSigner
  readonly #clientID: string
  readonly #loginVersion: LoginVersion
  readonly #refresh: RefreshCall
  readonly #idTokens: IDTokenCheck | undefined

  constructor(options: OneAccessClientOptions) {
    const { origin, clientID, language, callDeadline: deadline = 10_000 } = options
    const http = new Http(origin, { custom: options.http, maxConnections: options.maxConnections })
    this.#credential = new AccessTokenProvider(http, options.credential, deadline)
    this.#requests = new OneAccessRequests(http, this.#credential, { clientID, language, deadline })
    this.#signer = new RequestSigner(this.#requests)
    this.#clientID = clientID
    this.#loginVersion = options.loginVersion ?? 'v3'
    const { refreshWith = 'id-token', refreshDeadline = 15_000 } = options
    this.rotates = mayRotate(refreshWith)
    this.#refresh = refreshCall(refreshWith, this.#requests, this.#signer, refreshDeadline)
    if (options.idToken) {
      const given = options.idToken === true ? {} : options.idToken
      const checked = { ...given, jwksUri: given.jwksUri ?? `${origin}/api/v1/oauth2/keys` }
      const home = new URL(checked.jwksUri).origin
      const { http: custom, maxConnections } = options
      const keys =
        home === new URL(origin).origin ? http : new Http(home, { custom, maxConnections })
      this.#idTokens = new IDTokenCheck(keys, checked, clientID, deadline)
    }
  }

  /**
   * Fetches the access token, and the keys for id_tokens, before they are needed, unless they are cached.
   * @example
   * await client.prepare()
   */
  async prepare(): Promise<void> {
    const keys = this.#idTokens?.prepare()
    if (this.#credential.cached === undefined) await Promise.all([this.#credential.get(), keys])
    else await keys
  }

  /**
   * Checks an id_token against the option `idToken`; resolves with false if the option is not set. Rejects
   * with `id_token_invalid` if the token does not meet it.
   * @example
   * const isChecked = await client.checkIDToken(idToken)
   */
  async checkIDToken(idToken: string): Promise<boolean> {
    await this.#idTokens?.verify(idToken)
    return this.#idTokens !== undefined
  }

  /**
   * Fetches the keys for id_tokens before they are needed, unless they are cached or id_tokens are not checked.
   * @example
   * await client.prepareKeys()
   */
  async prepareKeys(): Promise<void> {
    await this.#idTokens?.prepare()
  }

  /**
   * `POST /api/v3/sdk/login/alipay`, or `v2`. Spends the code, whatever the response. See docs/wire.md#log-in-with-the-code.
   * @example
   * const { session } = await client.loginWithAlipay(code, context)
   */
  loginWithAlipay(code: string, context: CallContext): Promise<LoginResponse> {
    const call = loginCall(`/api/${this.#loginVersion}/sdk/login/alipay`, code)
    return this.#logIn(call, context)
  }

  /**
   * `POST /api/v2/sdk/login/alipay-miniprogram`, CIAM's path for mini programs. See docs/wire.md#native-apps-and-mini-programs.
   * @example
   * const { session } = await client.loginWithMiniProgram(code, context)
   */
  loginWithMiniProgram(code: string, context: CallContext): Promise<LoginResponse> {
    const call = loginCall('/api/v2/sdk/login/alipay-miniprogram', code)
    return this.#logIn(call, context)
  }

  /**
   * `POST /api/v2/tenant/sso/session-token/sso-ticket`. The ticket works once. See docs/wire.md#session_token-to-sso_ticket.
   * @example
   * const ticket = await client.ssoTicket(sessionToken, context)
   */
  ssoTicket(sessionToken: string, context: CallContext): Promise<string> {
    const path = '/api/v2/tenant/sso/session-token/sso-ticket'
    const fields = { session_token: sessionToken, client_id: this.#clientID }
    return this.#requests.tenant({ step: 'ticket', path, fields, read: readTicket }, context)
  }

  /**
   * `POST /api/v2/tenant/sso/sso-ticket/verify`. See docs/wire.md#sso_ticket-to-user.
   * @example
   * const user = await client.verifyTicket(await client.ssoTicket(sessionToken, context), context)
   */
  verifyTicket(ticket: string, context: CallContext): Promise<OneAccessUser> {
    const fields = { sso_ticket: ticket }
    const path = '/api/v2/tenant/sso/sso-ticket/verify'
    return this.#requests.tenant({ step: 'verify', path, fields, read: readUser }, context)
  }

  /** Rejects a login whose id_token the tenant has not signed. */
  async #logIn(call: SdkCall, context: CallContext): Promise<LoginResponse> {
    const login = readLogin(call.step, await this.#requests.sdk(call, context))
    const idToken = login.session?.idToken
    if (idToken && this.#idTokens) await this.#idTokens.verify(idToken)
    return login
  }

  /**
   * Makes the call that `refreshWith` names. An id_token that fails its check is left out, and
   * `idTokenError` says why: the response may still contain a new session token, which must be saved.
   * @example
   * const { sessionToken: next, idToken: renewed } = await client.refresh(sessionToken, context)
   */
  async refresh(sessionToken: string, context: CallContext): Promise<SessionResponse> {
    // before the session token is presented: no other call may come between its response and saving it
    await this.#idTokens?.prepare()
    const session = await this.#refresh(sessionToken, context)
    const { idToken, ...rest } = session
    if (idToken === undefined || this.#idTokens === undefined) return session
    return this.#idTokens.verifyAtOnce(idToken).then(
      () => session,
      (idTokenError: OneAccessError) => ({ ...rest, idTokenError }),
    )
  }

  /**
   * `GET /api/v2/sdk/captcha`, a slider puzzle. See docs/wire.md#first-logins-and-second-factors.
   * @example
   * const { token, picture, piece } = await client.captcha(context)
   */
  async captcha(context: CallContext): Promise<CaptchaResponse> {
    const path = '/api/v2/sdk/captcha'
    const call = { step: 'captcha', method: 'GET', path, secrets: [] } as const
    return readCaptcha(await this.#requests.sdk(call, context))
  }

  /**
   * `POST /api/v2/sdk/captcha/verify`. Returns the token that `sendCode` requires. See docs/wire.md#first-logins-and-second-factors.
   * @example
   * const solution = { token: 'puzzle', x: 237, y: 5, sender: '15200000000' }
   * const captchaToken = await client.verifyCaptcha(solution, context)
   */
  async verifyCaptcha(solution: CaptchaSolution, context: CallContext): Promise<string> {
    const { token, x, y, sender } = solution
    const body = { token, point_json: JSON.stringify({ x, y }), sender }
    const path = '/api/v2/sdk/captcha/verify'
    const secrets = [token, sender]
    const call = { step: 'captcha-verify', method: 'POST', path, body, secrets } as const
    return new ResponseReader('captcha-verify', await this.#requests.sdk(call, context)).token(
      'captcha_token',
    )
  }

  /**
   * `POST /api/v2/sdk/sms/send`. See docs/wire.md#first-logins-and-second-factors.
   * @example
   * const contact = { mobile: '15200000000' }
   * await client.sendCode({ contact, type: 'BIND_MOBILE_SMS', captchaToken: 'solved' }, context)
   */
  async sendCode(order: CodeOrder, context: CallContext): Promise<void> {
    const { contact, type, captchaToken } = order
    const body = { ...contact, type, captcha_token: captchaToken }
    const path = '/api/v2/sdk/sms/send'
    const secrets = [captchaToken, ...Object.values(contact)]
    await this.#requests.sdk({ step: 'send-code', method: 'POST', path, body, secrets }, context)
  }

  /**
   * `POST /api/v2/sdk/social/bind`, `…/social/register-bind` or `…/mfa/sms`. Returns what a login returns, which
   * may be another challenge. See docs/wire.md#first-logins-and-second-factors.
   * @example
   * const contact = { mobile: '15200000000' }
   * const done = { action: 'bind', contact, verifyCode: '123456', stateToken: 'state' } as const
   * const { session } = await client.complete(done, context)
   */
  async complete(completion: Completion, context: CallContext): Promise<LoginResponse> {
    const { action, contact, verifyCode, stateToken } = completion
    const [step, path] = COMPLETIONS[action]
    const call: SdkCall = {
      step,
      method: 'POST',
      path,
      headers: { 'X-state-token': stateToken },
      body: { ...contact, verify_code: verifyCode },
      secrets: [stateToken, verifyCode, ...Object.values(contact)],
    }
    return this.#logIn(call, context)
  }

  /**
   * `GET /api/v2/sdk/mobile-by-token`. Returns the number for a second factor. See docs/wire.md#first-logins-and-second-factors.
   * @example
   * const mobile = await client.mobileByToken('state', context)
   */
  async mobileByToken(stateToken: string, context: CallContext): Promise<string> {
    const path = '/api/v2/sdk/mobile-by-token'
    const headers = { 'X-state-token': stateToken }
    const call = { step: 'mobile', method: 'GET', path, headers, secrets: [stateToken] } as const
    return new ResponseReader('mobile', await this.#requests.sdk(call, context)).text('mobile')
  }

  /**
   * `GET /api/v2/sdk/logout`, signed with the app's public key. Ends the session at OneAccess. See docs/wire.md#signature.
   * @example
   * await client.logout(sessionToken, context)
   */
  async logout(sessionToken: string, context: CallContext): Promise<void> {
    const call = { step: 'logout', method: 'GET', path: '/api/v2/sdk/logout' } as const
    await this.#signer.send({
      step: 'logout',
      sessionToken,
      context,
      otherwise: 'leave upstreamLogout off',
      send: (signature) => {
        const headers = { 'X-signature': signature }
        return this.#requests.sdk({ ...call, headers, secrets: [sessionToken, signature] }, context)
      },
    })
  }
}

function readTicket(answer: unknown): string {
  return new ResponseReader('ticket', answer).token('sso_ticket')
}

function loginCall(path: string, code: string): SdkCall {
  return { step: 'login', method: 'POST', path, body: { code }, secrets: [code] }
}
