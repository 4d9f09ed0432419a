import { types } from 'node:util'
import type { Request } from 'express'
import { OneAccessError } from '../errors.js'
import type { CallContext } from '../oneaccess/requests.js'
import type { Settings } from '../options.js'
import { callContextOf, type TokenRecord } from '../tokens/record.js'
import { startDeadline } from '../util/deadline.js'
import { isObject } from '../util/json.js'
import { omitUndefined } from '../util/omit-undefined.js'
import { timers } from '../util/timers.js'
import type { Profile } from './profile.js'

/** The tokens of a login. The session token opens the person's account: keep it on the server. */
export interface Tokens {
  sessionToken: string
  /** A JWT; a tenant may give none at login. */
  idToken?: string
  /** When the id_token ends, in milliseconds since the epoch. */
  expiresAt?: number
  /** When the session token ends, in milliseconds since the epoch, where OneAccess says so. */
  sessionExpiresAt?: number
  /**
   * The device values and the tenant that each later call for this login must repeat; nothing in it is
   * secret. An app that keeps the tokens by itself keeps it too, for `OneAccessClient`'s `refresh()`.
   */
  context: CallContext
}

/** No user, as Passport has it. */
export type NoUser = false | null | undefined

/** Passport's callback: an error, or a user, or no user and why. */
export type Done<User> = (error?: unknown, user?: User | NoUser, info?: unknown) => void

/**
 * What a `verify` may return: a promise of the user, or of `false` or `null` when it knows nobody; or
 * nothing, when it calls `done`. What it returns besides a promise is never a user.
 */
export type Verified<User> = Promise<User | false | null> | Promise<void> | void

/**
 * The app's function that turns a profile into one of its users. Return a promise of the user, or call
 * `done`. A function that declares `done` decides by it alone, or by throwing or rejecting.
 *
 * @example async (tokens, profile) => (await users.find(profile.id)) ?? false
 * @example
 * new OneAccessAlipayStrategy(options, (_tokens, profile, done) => {
 *   setTimeout(() => done(null, { id: profile.id }), 100)
 * })
 */
export type VerifyFunction<User> = (
  tokens: Tokens,
  profile: Profile,
  done: Done<User>,
) => Verified<User>

/** The same with the request first: option `passReqToCallback: true`. */
export type VerifyFunctionWithRequest<User> = (
  req: Request,
  tokens: Tokens,
  profile: Profile,
  done: Done<User>,
) => Verified<User>

/** What the app's `verify` came to. */
interface Verification {
  user: object | undefined
  info: object
}

/** The app's `verify`, in one shape. */
export type Verify = (req: Request, record: TokenRecord, profile: Profile) => Promise<Verification>

export function verifyBy(
  verify: unknown,
  { passReqToCallback, timeouts }: Pick<Settings, 'passReqToCallback' | 'timeouts'>,
): Verify {
  if (typeof verify !== 'function') {
    throw new TypeError('OneAccessAlipayStrategy: verify is required and must be a function')
  }
  const takesDone = verify.length > (passReqToCallback ? 3 : 2)
  return (req, record, profile) => {
    const given = passReqToCallback ? [req, tokensOf(record), profile] : [tokensOf(record), profile]
    return settleOnce((done) => verify(...given, done), takesDone, timeouts.verify)
  }
}

function tokensOf(record: TokenRecord): Tokens {
  const { sessionToken, idToken, expiresAt, sessionExpiresAt } = record
  const { device, ...context } = callContextOf(record)
  return omitUndefined({
    sessionToken,
    idToken,
    expiresAt,
    sessionExpiresAt,
    context: { ...context, device: { ...device } },
  }) // the app may change it
}

/**
 * Settles once, whatever the app's function does. What code in callback style returns means nothing: a
 * database, a timer, or a query that runs when its `then` is called. So a returned value decides only
 * as a real promise's, and not at all when the function declares `done`. A function that declares
 * none may still take it (`arguments`, a rest parameter, a default, a wrapper), so that a promise of
 * undefined does not say that there is no user.
 */
function settleOnce(
  verify: (done: Done<unknown>) => unknown,
  takesDone: boolean,
  deadline: number,
): Promise<Verification> {
  let todo = takesDone ? 'call done' : 'return a promise of the user, or call done'
  return new Promise<Verification>((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined
    let isSettled = false
    const finish: Done<unknown> = (error, user, info) => {
      isSettled = true
      timers.clearTimeout(timer)
      if (error) reject(error)
      else resolve(verificationOf(user, info))
    }
    const threw = (error: unknown) => finish(error || new Error('verify failed and gave no reason'))
    const resolved = (user: unknown) => {
      if (takesDone) return
      if (user !== undefined) finish(undefined, user as object)
      else todo = 'resolve with the user, or with false or null for none, and not with undefined'
    }
    try {
      const returned = verify(finish)
      if (types.isPromise(returned)) returned.then(resolved, threw)
    } catch (error) {
      threw(error)
    }
    if (!isSettled) timer = startDeadline(deadline, () => reject(tooLate(deadline, todo)))
  })
}

function verificationOf(user: unknown, info: unknown): Verification {
  if (!user) return { user: undefined, info: infoOf(info) }
  const wrong = wrongUser(user)
  if (wrong === undefined) return { user: user as object, info: infoOf(info) }
  const detail = `verify gave ${wrong} for the user, which must be an object`
  return { user: undefined, info: { ...infoOf(info), detail } }
}

/** What is no user although it is not false; undefined for an object, or for a text, which Passport takes. */
function wrongUser(user: unknown): string | undefined {
  if (user === true) return 'true'
  if (typeof user === 'string') return undefined
  if (typeof user !== 'object') return `a ${typeof user}`
  // all rows of a query, and what should have been the first argument of done
  if (Array.isArray(user)) return 'an array'
  if (user instanceof Error) return 'an error'
  return typeof (user as { then?: unknown }).then === 'function' ? 'a promise' : undefined
}

/** As Passport has it, a text is a message. An error's message is not among what can be copied of it. */
function infoOf(info: unknown): object {
  if (typeof info === 'string') return { message: info }
  if (info instanceof Error) return { message: info.message }
  return isObject(info) ? info : {}
}

function tooLate(deadline: number, todo: string): OneAccessError {
  return new OneAccessError('verify_timeout', {
    step: 'app',
    status: 504,
    hint: `the app's verify gave no answer within ${deadline} ms: it must ${todo}; raise timeouts.verify if it is only slow`,
  })
}
