import type { AxiosInstance, CreateAxiosDefaults } from 'axios'
import { OneAccessError, type Step, unexpectedAnswer } from '../errors.js'
import { AccessCredential, type ApiCredential } from './credential.js'
import { type Device, deviceFields, deviceHeaders } from './device.js'
import { Http } from './http.js'
import { Answer, isObject, type Json, parseJson } from './read.js'

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

/** What every call of one login has in common. */
export interface CallContext {
  device: Device
  /** For the header `X-tenant-id` of an ISV application. */
  tenantID?: string
}

/** What a session at OneAccess is held by. */
export interface SessionAnswer {
  sessionToken: string
  idToken?: string
  /** The session token's life in seconds, from now. */
  expiresIn?: number
}

/** A login that OneAccess wants more for, or refuses. */
export interface IncompleteLogin {
  status: string
  session?: undefined
  stateToken?: string
  /** What is offered, such as `VERIFY_PHONE`. */
  flows: string[]
}

/** A login is complete only when it has a session. */
export type LoginAnswer = { status: 'SUCCESS'; session: SessionAnswer } | IncompleteLogin

/** A user as OneAccess gives it; only `id` is sure (contract 1.6). */
export interface OneAccessUser extends Json {
  id: string
}

const JSON_TYPE = { 'Content-Type': 'application/json;charset=utf8' }

/**
 * OneAccess's API, one method an endpoint. Knows nothing of Express or Passport. Every failure is a
 * `OneAccessError`. Nothing is retried, but that a spent access credential is renewed once.
 */
export class OneAccessClient {
  readonly #http: Http
  readonly #credential: AccessCredential
  readonly #options: Required<Omit<OneAccessClientOptions, 'language' | 'http' | 'origin'>> &
    Pick<OneAccessClientOptions, 'language'>

  constructor(options: OneAccessClientOptions) {
    const { origin, http, ...rest } = options
    this.#options = {
      loginVersion: 'v3',
      refreshWith: 'id-token',
      callDeadline: 10_000,
      refreshDeadline: 15_000,
      ...rest,
    }
    this.#http = new Http(origin, http)
    this.#credential = new AccessCredential(
      this.#http,
      options.credential,
      this.#options.callDeadline,
    )
  }

  /** Fetches the access credential ahead of the tenant calls, unless it is at hand. */
  async prepare(): Promise<void> {
    await this.#credential.get()
  }

  /** Contract 1.3: `POST /api/v3/sdk/login/alipay`. The code is spent, whatever comes back. */
  async loginWithAlipay(code: string, context: CallContext): Promise<LoginAnswer> {
    const answer = await this.#http.send({
      step: 'login',
      method: 'POST',
      path: `/api/${this.#options.loginVersion}/sdk/login/alipay`,
      headers: { ...JSON_TYPE, ...this.#sdkHeaders(context) },
      body: JSON.stringify({ code }),
      deadline: this.#options.callDeadline,
      secrets: [code],
    })
    return readLogin('login', answer)
  }

  /** Contract 1.5: `POST /api/v2/tenant/sso/session-token/sso-ticket`. The ticket works once. */
  async ssoTicket(sessionToken: string, context: CallContext): Promise<string> {
    const answer = await this.#tenantCall('ticket', '/sso/session-token/sso-ticket', context, {
      session_token: sessionToken,
      client_id: this.#options.clientID,
    })
    return new Answer('ticket', answer).token('sso_ticket')
  }

  /** Contract 1.6: `POST /api/v2/tenant/sso/sso-ticket/verify`. Takes all three documented answers. */
  async verifyTicket(ticket: string, context: CallContext): Promise<OneAccessUser> {
    const answer = await this.#tenantCall('verify', '/sso/sso-ticket/verify', context, {
      sso_ticket: ticket,
    })
    return readUser(answer)
  }

  /** Contract 1.7, the documented call that `refreshWith` names. */
  async refresh(sessionToken: string, context: CallContext): Promise<SessionAnswer> {
    const answer =
      this.#options.refreshWith === 'id-token'
        ? await this.#refreshIDToken(sessionToken, context)
        : await this.#tenantCall('refresh', '/sso/session-token/refresh', context, {
            session_token: sessionToken,
          })
    return readSession(new Answer('refresh', answer), sessionToken)
  }

  /** `POST /api/v2/sdk/sso/session-token/id-token`: no body, the token goes in a header. */
  #refreshIDToken(sessionToken: string, context: CallContext): Promise<unknown> {
    return this.#http.send({
      step: 'refresh',
      method: 'POST',
      path: '/api/v2/sdk/sso/session-token/id-token',
      headers: {
        'Content-Type': 'application/json',
        ...this.#sdkHeaders(context),
        'session-token': sessionToken,
      },
      deadline: this.#options.refreshDeadline,
      secrets: [sessionToken],
    })
  }

  #sdkHeaders({ device, tenantID }: CallContext): Record<string, string> {
    const { clientID, language } = this.#options
    return {
      ...deviceHeaders(device),
      'X-client-id': clientID,
      ...(language === undefined ? {} : { 'X-L': language }),
      ...(tenantID === undefined ? {} : { 'X-tenant-id': tenantID }),
    }
  }

  /** `POST /api/v2/tenant…`, with the bearer, and the device values in the body. */
  #tenantCall(
    step: Step,
    path: string,
    { device, tenantID }: CallContext,
    fields: Record<string, string>,
  ): Promise<unknown> {
    const { callDeadline, refreshDeadline } = this.#options
    return this.#credential.use((accessToken) =>
      this.#http.send({
        step,
        method: 'POST',
        path: `/api/v2/tenant${path}`,
        headers: {
          ...JSON_TYPE,
          Authorization: `Bearer ${accessToken}`,
          ...(tenantID === undefined ? {} : { 'X-tenant-id': tenantID }),
        },
        body: JSON.stringify({ ...fields, ...deviceFields(device) }),
        deadline: step === 'refresh' ? refreshDeadline : callDeadline,
        secrets: [accessToken, ...Object.values(fields)],
      }),
    )
  }
}

/** 200 is not a login: only `SUCCESS` with a session token is (contract 1.3). */
function readLogin(step: Step, body: unknown): LoginAnswer {
  const answer = new Answer(step, body)
  const status = answer.text('status')
  if (status === 'SUCCESS') return { status, session: readSession(answer) }
  const stateToken = answer.optionalToken('state_token')
  return {
    status: status.replace(/[^\w.-]/g, '?').slice(0, 64),
    ...(stateToken === undefined ? {} : { stateToken }),
    flows: flowsOf(answer.optionalText('data')),
  }
}

function readSession(answer: Answer, formerToken?: string): SessionAnswer {
  const sessionToken =
    formerToken === undefined
      ? answer.token('session_token')
      : (answer.optionalToken('session_token') ?? formerToken)
  const idToken = answer.optionalToken('id_token')
  const expiresIn = answer.optionalSeconds('expire')
  return {
    sessionToken,
    ...(idToken === undefined ? {} : { idToken }),
    ...(expiresIn === undefined ? {} : { expiresIn }),
  }
}

/** `data` is JSON in a string, such as `{"socialBindOrRegisterFlow":["VERIFY_PHONE"]}`. */
function flowsOf(data: string | undefined): string[] {
  try {
    const parsed = parseJson(data ?? '')
    const lists = isObject(parsed) ? Object.values(parsed) : [parsed]
    return lists
      .flat()
      .filter((flow): flow is string => typeof flow === 'string' && /^\w{1,40}$/.test(flow))
      .slice(0, 10)
  } catch {
    return []
  }
}

function readUser(body: unknown): OneAccessUser {
  if (!isObject(body)) throw unexpectedAnswer('verify', 'the body', 'is not a JSON object')
  const { code, data } = body
  if (code !== undefined && code !== null && String(code) !== '0') {
    throw new OneAccessError('refused', {
      step: 'verify',
      status: 502,
      errorCode: String(code)
        .replace(/[^\w.-]/g, '?')
        .slice(0, 64),
      hint: 'OneAccess did not give the user for a ticket that it has just given out',
    })
  }
  const outer = isObject(data) ? data : body
  const user = isObject(outer.user) ? outer.user : outer
  if (typeof user.id !== 'string' || user.id === '') {
    throw unexpectedAnswer('verify', 'id', 'is missing, empty or not a string')
  }
  return user as OneAccessUser
}
