import type { Request } from 'express'
import { OneAccessError } from '../errors.js'
import { isObject } from '../json.js'
import type { Settings } from '../options.js'
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
}

/** No user, as Passport has it. */
export type NoUser = false | null | undefined

/** Passport's callback: an error, or a user, or no user and why. */
export type Done<User> = (error?: unknown, user?: User | NoUser, info?: unknown) => void

/** What a `verify` may return: the user, a promise of one, or nothing, when it calls `done`. */
// biome-ignore lint/suspicious/noConfusingVoidType: a function that calls done returns nothing
export type Verified<User> = User | NoUser | void | Promise<User | NoUser | void>

/** The app's function that turns a profile into one of its users. */
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
export type Verify = (req: Request, record: Tokens, profile: Profile) => Promise<Verification>

export function verifyBy(
  verify: unknown,
  { passReqToCallback, timeouts }: Pick<Settings, 'passReqToCallback' | 'timeouts'>,
): Verify {
  if (typeof verify !== 'function') {
    throw new TypeError('OneAccessAlipayStrategy: verify must be a function, and is missing')
  }
  const takesDone = verify.length > (passReqToCallback ? 3 : 2)
  return (req, record, profile) => {
    const given = passReqToCallback ? [req, tokensOf(record), profile] : [tokensOf(record), profile]
    return settleOnce((done) => verify(...given, done), takesDone, timeouts.verify)
  }
}

function tokensOf({ sessionToken, idToken, expiresAt, sessionExpiresAt }: Tokens): Tokens {
  return {
    sessionToken,
    ...(idToken === undefined ? {} : { idToken }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(sessionExpiresAt === undefined ? {} : { sessionExpiresAt }),
  }
}

/**
 * Settles once, whatever the app's function does: by the first of a returned value, a promise, the
 * callback, something thrown, and the deadline.
 */
function settleOnce(
  verify: (done: Done<unknown>) => unknown,
  takesDone: boolean,
  deadline: number,
): Promise<Verification> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(tooLate(deadline)), deadline)
    const finish: Done<unknown> = (error, user, info) => {
      clearTimeout(timer)
      if (error) reject(error)
      else resolve({ user: isUser(user) ? user : undefined, info: infoOf(info) })
    }
    const threw = (error: unknown) => finish(error || new Error('verify failed and gave no reason'))
    // with a parameter for done, nothing or a promise of nothing may come before it is called
    const returned = (user: unknown) => {
      if (user !== undefined || !takesDone) finish(undefined, user as object)
    }
    try {
      Promise.resolve(verify(finish)).then(returned, threw)
    } catch (error) {
      threw(error)
    }
  })
}

function isUser(user: unknown): user is object {
  return Boolean(user) && (typeof user === 'object' || typeof user === 'string')
}

function infoOf(info: unknown): object {
  if (typeof info === 'string') return { message: info }
  return isObject(info) || info instanceof Error ? info : {}
}

function tooLate(deadline: number): OneAccessError {
  return new OneAccessError('verify_timeout', {
    step: 'app',
    status: 504,
    hint: `the app's verify gave no user within ${deadline} ms: look at it, or raise timeouts.verify`,
  })
}
