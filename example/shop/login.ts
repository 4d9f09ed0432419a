import type { Request, RequestHandler, Response } from 'express'
import type passport from 'passport'
import type { FailureInfo } from 'passport-oneaccess-alipay'
import type { Config } from './config.js'
import type { View } from './pages/layout.js'
import { openInAlipayPage, openInBrowserPage } from './pages/phones.js'
import { isProduct } from './pages/products.js'
import type { User } from './users.js'

const STRATEGY = 'oneaccess-alipay'

type Outcome = (user: User | undefined, info: FailureInfo, status: number) => void

/**
 * Sends the user to Alipay, and logs them in on their return. Passport's `successRedirect` and
 * `failureRedirect` would be enough, but the shop has a page for each reason, and returns users to
 * the product that they came from.
 */
export function alipayLogin(
  auth: passport.Authenticator,
  { oneaccess }: Config,
  viewOf: (req: Request) => View,
): RequestHandler {
  const { origin } = new URL(oneaccess.callbackURL)
  return (req, res, next) => {
    const { product } = req.query
    const options = isProduct(product) ? { state: { product } } : {}
    const outcome = loggedIn(req, next, (user, info) => {
      if (user) res.redirect(`/${productIn(info.state)}`)
      else if (info.code === 'state_spent' && req.user) res.redirect('/')
      else if (info.challenge) {
        delete req.session.isLinked
        res.redirect('/challenge')
      } else if (info.link) res.send(openInAlipayPage(viewOf(req), info.link).text)
      else if (info.code === 'open_in_browser')
        res.send(openInBrowserPage(viewOf(req), origin).text)
      else res.redirect(`/login?failed=${encodeURIComponent(info.code)}`)
    })
    auth.authenticate(STRATEGY, options, outcome)(req, res, next)
  }
}

/**
 * A native app or a mini program posts its code, and gets the user or the reason for the failure.
 */
export function appLogin(auth: passport.Authenticator): RequestHandler {
  return (req, res, next) => {
    const outcome = loggedIn(req, next, (user, info, status) => {
      if (user) res.json(user)
      else res.status(status).json(reasonOf(info))
    })
    auth.authenticate(STRATEGY, { flow: 'app' }, outcome)(req, res, next)
  }
}

/** The result of a code that the user typed to finish a challenge. */
interface Tried {
  user: User | undefined
  info: FailureInfo
  status: number
}

/** Tries the code in the body; rejects where Passport would call `error`. */
export function tryCode(auth: passport.Authenticator, req: Request, res: Response): Promise<Tried> {
  return new Promise((resolve, reject) => {
    const outcome = loggedIn(req, reject, (user, info, status) => resolve({ user, info, status }))
    auth.authenticate(STRATEGY, { flow: 'challenge' }, outcome)(req, res, reject)
  })
}

/** Does what Passport does without a callback, except for the response. */
function loggedIn(
  req: Request,
  next: (error: unknown) => void,
  outcome: Outcome,
): passport.AuthenticateCallback {
  return (error: unknown, user, info, status) => {
    if (error) return next(error)
    const details = info as FailureInfo
    if (!user) return outcome(undefined, details, typeof status === 'number' ? status : 401)
    req.logIn(user, (failed) => (failed ? next(failed) : outcome(user as User, details, 200)))
  }
}

/** The reason without `state`, which is of no use to a program. */
export function reasonOf({ state: _, code, ...rest }: FailureInfo) {
  return { error: code, ...rest }
}

/** The fragment of the product to return to. */
export function productIn(state: unknown): string {
  const { product } = Object(state) as { product?: unknown }
  return isProduct(product) ? `#${product}` : ''
}
