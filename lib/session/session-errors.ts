import type { Request } from 'express'
import { OneAccessError, type OneAccessErrorCode } from '../errors.js'
import { hasUnreadPassportLogin, isLoggedIn } from '../incoming-request.js'
import { warnOnce } from '../util/warnings.js'
import { isSerializerOfOtherCopy, isSerializerWrapped, whyNotStored } from './pending-logins.js'

/** The error for a request that asks for tokens when there are none: each cause has its own. */
export function missingTokensError(req: Request, hadSession: boolean): OneAccessError {
  if (!hadSession && req.session) return middlewareOrder()
  if (!isLoggedIn(req)) return notLoggedIn(req)
  if (!req.session) return noSession()
  const reason = whyNotStored(req)
  if (reason === 'no-session') return noSession()
  return reason === 'unwrapped' || !isSerializerWrapped() ? notWrapped() : otherStrategy()
}

/** The error if nobody is logged in, or if Passport has not read the login that is in the session. */
export function notLoggedIn(req?: Request): OneAccessError {
  if (req && hasUnreadPassportLogin(req)) {
    return missing(
      'passport_session_missing',
      'the session holds a login, but passport.session() did not run: add app.use(passport.session()) after express-session',
    )
  }
  return new OneAccessError('not_logged_in', {
    step: 'session',
    status: 401,
    hint: 'nobody is logged in: send the user to the login route',
  })
}

function otherStrategy(): OneAccessError {
  return new OneAccessError('other_strategy', {
    step: 'session',
    status: 401,
    hint: 'the user logged in with another strategy or by other means: send them to the login route',
  })
}

const WRAP =
  'wrap the serializer with passport.serializeUser(oneaccess.serializeUser((user) => user.id))'
const INSTALL_ONCE =
  'the serializer comes from another copy of passport-oneaccess-alipay than this strategy: ' +
  'install it once (npm ls passport-oneaccess-alipay)'

function notWrapped(): OneAccessError {
  const remedy = isSerializerOfOtherCopy() ? INSTALL_ONCE : WRAP
  const hint = `a user is logged in, but their tokens were not stored: ${remedy}`
  return missing('serializer_missing', hint)
}

function noSession(): OneAccessError {
  return missing(
    'session_missing',
    'a login with session: false stores no tokens: keep the ones passed to verify',
  )
}

/** An attacker who planted that session in the browser would be logged in too. */
export function sessionKept(remedy: string): OneAccessError {
  const hint = `the session id has not changed, so anyone who planted it would be logged in too: ${remedy}`
  return missing('session_not_regenerated', hint)
}

function middlewareOrder(): OneAccessError {
  return missing(
    'middleware_order',
    'backgroundRefresh() ran before there was a session: mount it after express-session and passport.session()',
  )
}

function missing(code: OneAccessErrorCode, hint: string): OneAccessError {
  return new OneAccessError(code, { step: 'session', status: 500, hint })
}

/**
 * Warns once, at the first login rather than at the first `idToken()`. An app that does not want
 * its tokens stored says so with `session: false`.
 */
export function warnAboutSetup(owner: object, isMounted: boolean): void {
  if (!isSerializerWrapped()) {
    const remedy = isSerializerOfOtherCopy() ? INSTALL_ONCE : WRAP
    const message = `tokens are not stored at login: ${remedy}, or authenticate with session: false`
    warnOnce(owner, 'ONEACCESS_SERIALIZER_MISSING', message)
  }
  if (!isMounted) {
    const message =
      'req.oneaccess will be undefined: add app.use(oneaccess.backgroundRefresh()) after passport.session(), ' +
      'or authenticate with session: false'
    warnOnce(owner, 'ONEACCESS_MIDDLEWARE_MISSING', message)
  }
}
