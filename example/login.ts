import type { Request, RequestHandler } from 'express'
import type passport from 'passport'
import type { FailureInfo } from 'passport-oneaccess-alipay'
import { isProduct } from './pages/products.js'
import type { User } from './users.js'

const STRATEGY = 'oneaccess-alipay'

type Outcome = (user: User | undefined, info: FailureInfo, status: number) => void

/**
 * Off to Alipay and back. Passport's `successRedirect` and `failureRedirect` would do; the shop has a
 * page for each reason, and brings people back to the product that they came from.
 */
export function alipayLogin(auth: passport.Authenticator): RequestHandler {
  return (req, res, next) => {
    const { product } = req.query
    const options = isProduct(product) ? { state: { product } } : {}
    const outcome = loggedIn(req, next, (user, info) => {
      if (info.code === 'state_spent' && req.user) res.redirect('/')
      else res.redirect(wayOn(user, info))
    })
    auth.authenticate(STRATEGY, options, outcome)(req, res, next)
  }
}

/** The code that a person was sent; a wrong one can be tried again. */
export function finishLogin(auth: passport.Authenticator): RequestHandler {
  return (req, res, next) => {
    const outcome = loggedIn(req, next, (user, info) => {
      const again = ['verify_code_wrong', 'verify_code_malformed'].includes(info.code)
      res.redirect(303, again ? `/login/verify?step=code&failed=${info.code}` : wayOn(user, info))
    })
    auth.authenticate(STRATEGY, { flow: 'challenge' }, outcome)(req, res, next)
  }
}

/** Where a login leads: back to the shop, on to what OneAccess wants more, or to the reason. */
function wayOn(user: User | undefined, { code, challenge, state }: FailureInfo): string {
  if (user) return `/${productIn(state)}`
  return challenge ? '/login/verify' : `/login?failed=${encodeURIComponent(code)}`
}

/** A native app or a mini program posts its code, and gets the user or the reason. */
export function appLogin(auth: passport.Authenticator): RequestHandler {
  return (req, res, next) => {
    const outcome = loggedIn(req, next, (user, info, status) => {
      if (user) res.json(user)
      else res.status(status).json(reasonOf(info))
    })
    auth.authenticate(STRATEGY, { flow: 'app' }, outcome)(req, res, next)
  }
}

/** What Passport does when it is given no callback, up to the answer. */
function loggedIn(
  req: Request,
  next: (error: unknown) => void,
  outcome: Outcome,
): passport.AuthenticateCallback {
  return (error: unknown, user, info, status) => {
    if (error) return next(error)
    const told = info as FailureInfo
    if (!user) return outcome(undefined, told, typeof status === 'number' ? status : 401)
    req.logIn(user, (failed) => (failed ? next(failed) : outcome(user as User, told, 200)))
  }
}

/** The app's own value is of no use to a program. */
function reasonOf({ state: _, code, ...rest }: FailureInfo) {
  return { error: code, ...rest }
}

/** The part of the page to come back to. */
function productIn(state: unknown): string {
  const { product } = Object(state) as { product?: unknown }
  return isProduct(product) ? `#${product}` : ''
}
