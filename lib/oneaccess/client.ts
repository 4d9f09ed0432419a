import type { AxiosInstance, CreateAxiosDefaults } from 'axios'
import {
  type LoginAnswer,
  type OneAccessUser,
  readLogin,
  readSession,
  readUser,
  type SessionAnswer,
} from './answers.js'
import { type CallContext, Calls } from './calls.js'
import { AccessCredential, type ApiCredential } from './credential.js'
import { Http } from './http.js'
import { Answer } from './read.js'

/** What a `OneAccessClient` is made from. */
export interface OneAccessClientOptions {
  /** Scheme and host, such as `https://acme.huaweioneaccess.com`. */
  origin: string
  /** The application's client id, for the header `X-client-id`. */
  clientID: string
  /** For the access credential. */
  credential: ApiCredential
  /** Which of the two documented login paths (contract 1.3). Default `v3`. */
  loginVersion?: 'v3' | 'v2'
  /** Which of the documented refresh calls (contract 1.7). Default `id-token`. */
  refreshWith?: 'id-token' | 'session-token'
  /** Language for the header `X-L`, such as `zh`. Not sent when absent. */
  language?: string
  /** Milliseconds that one call may take as a whole. Default 10000. */
  callDeadline?: number
  /** Milliseconds that the refresh call may take as a whole. Default 15000. */
  refreshDeadline?: number
  /** An axios instance, or settings for one: proxies, mTLS, tracing. */
  http?: AxiosInstance | CreateAxiosDefaults
}

/**
 * OneAccess's API, one method an endpoint. Knows nothing of Express or Passport. Every failure is a
 * `OneAccessError`. Nothing is retried, but that a spent access credential is renewed once.
 */
export class OneAccessClient {
  readonly #calls: Calls
  readonly #credential: AccessCredential
  readonly #clientID: string
  readonly #loginVersion: 'v3' | 'v2'
  readonly #refreshWith: 'id-token' | 'session-token'
  readonly #refreshDeadline: number

  constructor(options: OneAccessClientOptions) {
    const { origin, clientID, language, callDeadline: deadline = 10_000 } = options
    const http = new Http(origin, options.http)
    this.#credential = new AccessCredential(http, options.credential, deadline)
    this.#calls = new Calls(http, this.#credential, { clientID, language, deadline })
    this.#clientID = clientID
    this.#loginVersion = options.loginVersion ?? 'v3'
    this.#refreshWith = options.refreshWith ?? 'id-token'
    this.#refreshDeadline = options.refreshDeadline ?? 15_000
  }

  /** Fetches the access credential ahead of the tenant calls, unless it is at hand. */
  async prepare(): Promise<void> {
    await this.#credential.get()
  }

  /** Contract 1.3: `POST /api/v3/sdk/login/alipay`. The code is spent, whatever comes back. */
  async loginWithAlipay(code: string, context: CallContext): Promise<LoginAnswer> {
    const path = `/api/${this.#loginVersion}/sdk/login/alipay`
    const call = { step: 'login', method: 'POST', path, body: { code }, secrets: [code] } as const
    return readLogin('login', await this.#calls.sdk(call, context))
  }

  /** Contract 1.5: `POST /api/v2/tenant/sso/session-token/sso-ticket`. The ticket works once. */
  async ssoTicket(sessionToken: string, context: CallContext): Promise<string> {
    const path = '/sso/session-token/sso-ticket'
    const fields = { session_token: sessionToken, client_id: this.#clientID }
    const answer = await this.#calls.tenant('ticket', path, context, fields)
    return new Answer('ticket', answer).token('sso_ticket')
  }

  /** Contract 1.6: `POST /api/v2/tenant/sso/sso-ticket/verify`. */
  async verifyTicket(ticket: string, context: CallContext): Promise<OneAccessUser> {
    const fields = { sso_ticket: ticket }
    return readUser(await this.#calls.tenant('verify', '/sso/sso-ticket/verify', context, fields))
  }

  /** Contract 1.7, the documented call that `refreshWith` names. */
  async refresh(sessionToken: string, context: CallContext): Promise<SessionAnswer> {
    const answer =
      this.#refreshWith === 'id-token'
        ? await this.#refreshIDToken(sessionToken, context)
        : await this.#refreshSessionToken(sessionToken, context)
    return readSession(new Answer('refresh', answer), sessionToken)
  }

  /** `POST /api/v2/sdk/sso/session-token/id-token`: no body, the token goes in a header. */
  #refreshIDToken(sessionToken: string, context: CallContext): Promise<unknown> {
    return this.#calls.sdk(
      {
        step: 'refresh',
        method: 'POST',
        path: '/api/v2/sdk/sso/session-token/id-token',
        headers: { 'Content-Type': 'application/json', 'session-token': sessionToken },
        deadline: this.#refreshDeadline,
        secrets: [sessionToken],
      },
      context,
    )
  }

  /** `POST /api/v2/tenant/sso/session-token/refresh`. */
  #refreshSessionToken(sessionToken: string, context: CallContext): Promise<unknown> {
    const path = '/sso/session-token/refresh'
    const fields = { session_token: sessionToken }
    return this.#calls.tenant('refresh', path, context, fields, this.#refreshDeadline)
  }
}
