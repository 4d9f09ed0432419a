import type { OneAccessError } from '../errors.js'
import { ResponseReader } from '../util/json.js'
import { omitUndefined } from '../util/omit-undefined.js'
import type { Http } from './http.js'

/** How the API credential is sent: in the form, or by HTTP Basic. */
export type CredentialAuth = 'body' | 'basic'

/** The credential for OneAccess's tenant API. */
export interface ApiCredential {
  clientID: string
  clientSecret: string
  /** `body`: in the form (default). `basic`: by HTTP Basic (docs/wire.md#access-token). */
  auth: CredentialAuth
}

/** Seconds that a token lives if the response does not say. */
const DEFAULT_LIFE = 300

/**
 * The access token (docs/wire.md#access-token): cached for its lifetime minus a margin, and fetched once
 * no matter how many calls wait for it.
 */
export class AccessTokenProvider {
  readonly #http: Http
  readonly #credential: ApiCredential
  readonly #deadline: number
  #token: string | undefined
  #goodUntil = 0
  #flight: Promise<string> | undefined

  constructor(http: Http, credential: ApiCredential, deadline: number) {
    this.#http = http
    this.#credential = credential
    this.#deadline = deadline
  }

  /** The cached token, if it is still valid. */
  get cached(): string | undefined {
    return Date.now() < this.#goodUntil ? this.#token : undefined
  }

  async get(): Promise<string> {
    const { cached } = this
    if (cached !== undefined) return cached
    this.#flight ??= this.#fetch().finally(() => {
      this.#flight = undefined
    })
    return this.#flight
  }

  /**
   * Makes the call with the access token and, if OneAccess says that the token has expired, once more
   * with a new one. OneAccess checks the token first, so the refused call has not spent a ticket.
   */
  async use<T>(call: (accessToken: string) => Promise<T>): Promise<T> {
    const token = this.cached ?? (await this.get())
    try {
      return await call(token)
    } catch (error) {
      if ((error as Partial<OneAccessError>).code !== 'credential_spent') throw error
      if (this.#token === token) this.#token = undefined
      return call(await this.get())
    }
  }

  async #fetch(): Promise<string> {
    const askedAt = Date.now()
    const { clientID, clientSecret, auth } = this.#credential
    const grant = 'grant_type=client_credentials'
    const basic = auth === 'basic'
    const pair = `${encodeURIComponent(clientID)}:${encodeURIComponent(clientSecret)}`
    const form = new URLSearchParams({ client_id: clientID, client_secret: clientSecret })
    const base64 = Buffer.from(pair).toString('base64')
    const answer = new ResponseReader(
      'credential',
      await this.#http.send({
        step: 'credential',
        method: 'POST',
        path: basic ? `/api/v2/tenant/token?${grant}` : '/api/v2/tenant/token',
        headers: omitUndefined({
          'Content-Type': 'application/x-www-form-urlencoded',
          Authorization: basic ? `Basic ${base64}` : undefined,
        }) as Record<string, string>,
        body: basic ? undefined : `${grant}&${form}`,
        deadline: this.#deadline,
        secrets: [clientSecret, base64],
      }),
    )
    const token = answer.token('access_token')
    const life = answer.optionalSeconds('expires_in') ?? DEFAULT_LIFE
    this.#token = token
    this.#goodUntil = askedAt + (life - Math.min(60, life / 10)) * 1000
    return token
  }
}
