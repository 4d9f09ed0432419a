import type { Request } from 'express'
import { OneAccessError } from '../errors.js'
import { isLoggedIn } from '../incoming-request.js'
import type { Localizer } from '../localize.js'
import { readIDToken } from '../oneaccess/id-token.js'
import { backoffLeft } from '../tokens/backoff.js'
import type { TokenManager } from '../tokens/manager.js'
import type { TokenRecord } from '../tokens/record.js'
import { hasValidToken, isFresh } from '../tokens/refresh.js'
import { within } from '../util/deadline.js'
import { notLoggedIn } from './session-errors.js'

/** `req.oneaccess`: the tokens of the user who is logged in. */
export interface RequestTokens {
  /**
   * Resolves with an id_token that is valid for at least 5 more seconds, refreshed first if necessary.
   *
   * Rejects with a `OneAccessError`: `status` 401 if nobody is logged in or OneAccess has ended the
   * session, 503 or 504 with `Retry-After` if no token can be obtained right now.
   *
   * @example
   * const answer = await fetch('https://orders.example', {
   *   headers: { authorization: `Bearer ${await req.oneaccess.idToken()}` },
   * })
   */
  idToken(): Promise<string>
  /**
   * Resolves with the claims of a valid id_token, and whether it was checked: `verified` is true only
   * with the option `idToken`. Rejects like `idToken()`.
   *
   * @example
   * const { claims, verified } = await req.oneaccess.claims()
   */
  claims(): Promise<{ claims: Record<string, unknown>; verified: boolean }>
  /**
   * Refreshes the id_token now, even if it is still valid. Rejects like `idToken()`.
   *
   * @example
   * await req.oneaccess.refresh()
   */
  refresh(): Promise<void>
  /** When the id_token expires, in milliseconds since the epoch; undefined if not known. */
  readonly expiresAt: number | undefined
  /** When OneAccess ends the session, in milliseconds since the epoch; undefined if not known. */
  readonly sessionExpiresAt: number | undefined
}

/** For a request without a login, or with a login by another strategy. */
export class NoTokens implements RequestTokens {
  readonly expiresAt = undefined
  readonly sessionExpiresAt = undefined
  readonly #why: () => OneAccessError
  readonly #req: Request
  readonly #messages: Localizer

  constructor(why: () => OneAccessError, req: Request, messages: Localizer) {
    this.#why = why
    this.#req = req
    this.#messages = messages
  }

  async idToken(): Promise<never> {
    throw this.#error()
  }

  async claims(): Promise<never> {
    throw this.#error()
  }

  async refresh(): Promise<never> {
    throw this.#error()
  }

  #error(): Error {
    return this.#messages.for(this.#req).error(this.#why())
  }
}

/** The tokens of the login that the session names. */
export class KeptTokens implements RequestTokens {
  readonly id: string
  readonly #manager: TokenManager
  readonly #req: Request
  readonly #key: string
  readonly #session: object

  constructor(id: string, manager: TokenManager, req: Request, key: string) {
    this.id = id
    this.#manager = manager
    this.#req = req
    this.#key = key
    this.#session = req.session
  }

  /**
   * Before another login, or a logout, with any strategy: removes these tokens from the old session,
   * because `keepSessionInfo` would pass them on to the next user, and ends their record.
   */
  async leave(reason: 'login' | 'logout' = 'login'): Promise<void> {
    delete (this.#session as Record<string, unknown>)[this.#key]
    await this.#manager.records.end(this.id, reason)
  }

  get expiresAt(): number | undefined {
    return this.#manager.records.known(this.id)?.expiresAt
  }

  get sessionExpiresAt(): number | undefined {
    return this.#manager.records.known(this.id)?.sessionExpiresAt
  }

  async idToken(): Promise<string> {
    this.#needLogin()
    const { records, refresher } = this.#manager
    const known = records.known(this.id)
    const good =
      known && hasValidToken(known) ? known : await this.#within(refresher.obtain(this.id))
    renewInBackground(this.#manager, this.id, good)
    return good.idToken
  }

  async claims() {
    const idToken = await this.idToken()
    const verified = await this.#within(this.#manager.check(idToken))
    return { claims: readIDToken(idToken)?.claims ?? {}, verified }
  }

  async refresh(): Promise<void> {
    this.#needLogin()
    const asked = Date.now()
    const isLater = (record: TokenRecord) => record.refreshedAt > asked
    const { refresher } = this.#manager
    const renewed = await this.#within(refresher.refresh(this.id, isLater))
    // the refresh that was joined may have found one from before this call
    if (renewed.refreshedAt < asked) await this.#within(refresher.refresh(this.id, isLater))
  }

  /** The session may still name tokens after the app has logged the user out or deleted them. */
  #needLogin(): void {
    if (!isLoggedIn(this.#req)) throw this.#localized(notLoggedIn(this.#req))
  }

  /** The caller has its own deadline; the refresh continues after it. */
  #within<T>(flight: Promise<T>): Promise<T> {
    const { wait } = this.#manager
    return within(flight, wait, () => tooLate(wait)).catch((error: unknown) => {
      throw this.#localized(error)
    })
  }

  #localized(error: unknown): unknown {
    return this.#manager.messages.for(this.#req).error(error)
  }
}

/** Starts a refresh if it is due. Nothing waits for it, and its errors are published as events. */
export function renewInBackground(manager: TokenManager, id: string, record: TokenRecord): void {
  if (isFresh(record)) return
  if (backoffLeft(record) > 0) return
  if (!manager.refresher.hasTurn()) return
  manager.refresher.refresh(id).catch(() => {})
}

function tooLate(wait: number): OneAccessError {
  return new OneAccessError('timeout', {
    step: 'refresh',
    status: 503,
    retryAfter: 1,
    hint: `the id_token was not refreshed within ${wait} ms (timeouts.wait); the refresh continues in the background: try again`,
  })
}
