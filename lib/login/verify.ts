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

/** The tokens of a login. The session token gives access to the user's account: keep it on the server. */
export interface Tokens {
  sessionToken: string
  /** A JWT; some tenants return none at login. */
  idToken?: string
  /** When the id_token expires, in milliseconds since the epoch. */
  expiresAt?: number
  /** When the session token expires, in milliseconds since the epoch, if OneAccess says so. */
  sessionExpiresAt?: number
  /**
   * The device values and the tenant, which every later call for this login must repeat; none of it is
   * secret. An app that stores the tokens itself must store this too, for `refresh()` of `OneAccessClient`.
   */
  context: CallContext
}

/** What Passport takes to mean that there is no user. */
export type NoUser = false | null | undefined

/** Passport's callback: takes an error; or a user; or no user, and why. */
export type Done<User> = (error?: unknown, user?: User | NoUser, info?: unknown) => void

/**
 * What `verify` may return: a promise of the user, or of `false` or `null` for no user; or nothing, if it
 * calls `done`. A returned value that is not a promise is ignored.
 */
export type Verified<User> = Promise<User | false | null> | Promise<void> | void

/**
 * The app's function that finds or creates the user for a profile. Return a promise of the user, or call
 * `done`. If the function declares `done`, only `done` counts, or an error that it throws or rejects with.
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

/** As `VerifyFunction`, with the request as the first argument; for the option `passReqToCallback: true`. */
export type VerifyFunctionWithRequest<User> = (
  req: Request,
  tokens: Tokens,
  profile: Profile,
  done: Done<User>,
) => Verified<User>

/** The result of the app's `verify`. */
interface Verification {
  user: object | undefined
  info: object
  /** What is wrong with the value that it gave as the user. */
  detail?: string
}

/** The app's `verify`, as a function that returns a promise. */
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
  }) // copies, because the app may change them
}

/**
 * Settles once, whatever the app's function does. The value that callback-style code returns means
 * nothing: it may be a database, a timer, or a query that runs when its `then` is called. So a
 * returned value counts only if it is a real promise, and never if the function declares `done`. A
 * function that does not declare `done` may still use it (`arguments`, a rest parameter, a default,
 * a wrapper), so a promise of undefined does not mean that there is no user.
 */
function settleOnce(
  verify: (done: Done<unknown>) => unknown,
  takesDone: boolean,
  deadline: number,
): Promise<Verification> {
  let todo: string | undefined
  let returned: unknown
  return new Promise<Verification>((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined
    let isSettled = false
    const finish: Done<unknown> = (error, user, info) => {
      isSettled = true
      timers.clearTimeout(timer)
      try {
        if (error) throw error
        resolve(verificationOf(user, info))
      } catch (reason) {
        reject(reason) // a getter of the user may throw
      }
    }
    const threw = (error: unknown) =>
      finish(error || new Error('verify threw or rejected without an error'))
    const resolved = (user: unknown) => {
      if (takesDone) return
      if (user !== undefined) finish(undefined, user as object)
      else todo = 'resolve with the user, or with false or null for no user, but not with undefined'
    }
    try {
      returned = verify(finish)
      if (types.isPromise(returned)) returned.then(resolved, threw)
    } catch (error) {
      threw(error)
    }
    const late = () => reject(tooLate(deadline, todo ?? missing(takesDone, returned)))
    if (!isSettled) timer = startDeadline(deadline, late)
  })
}

function verificationOf(user: unknown, info: unknown): Verification {
  if (!user) return { user: undefined, info: infoOf(info) }
  const wrong = describeNonUser(user)
  if (wrong === undefined) return { user: user as object, info: infoOf(info) }
  const detail = `verify gave ${wrong} as the user, which must be an object`
  return { user: undefined, info: infoOf(info), detail }
}

/** Describes a truthy value that cannot be a user; undefined for an object, and for a string, which Passport accepts. */
function describeNonUser(user: unknown): string | undefined {
  if (user === true) return 'true'
  if (typeof user === 'string') return undefined
  if (typeof user !== 'object') return `a ${typeof user}`
  // such as the rows of a query, or an error passed as the second argument of done
  if (Array.isArray(user)) return 'an array'
  if (user instanceof Error) return 'an error'
  return typeof (user as { then?: unknown }).then === 'function' ? 'a promise' : undefined
}

/** In Passport, a string is a message. The message of an Error is not enumerable, so it is copied here. */
function infoOf(info: unknown): object {
  if (typeof info === 'string') return { message: info }
  if (info instanceof Error) return { message: info.message }
  return isObject(info) ? info : {}
}

/** What `verify` has not done yet, and what it has done instead. */
function missing(takesDone: boolean, returned: unknown): string {
  if (types.isPromise(returned)) {
    return takesDone
      ? 'call done, which it declares: the promise that it returned does not count'
      : 'settle the promise that it returned, or call done'
  }
  if (takesDone) return 'call done'
  const todo = 'return a promise of the user, or call done'
  return returned === undefined
    ? `${todo}: it returned nothing`
    : `${todo}: it returned a value that is not a promise`
}

function tooLate(deadline: number, todo: string): OneAccessError {
  return new OneAccessError('verify_timeout', {
    step: 'app',
    status: 504,
    hint: `verify did not finish within ${deadline} ms: it must ${todo}; if it is only slow, raise timeouts.verify`,
  })
}
