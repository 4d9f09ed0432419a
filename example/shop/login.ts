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
 * Off to Alipay and back. Passport's `successRedirect` and `failureRedirect` would do; the shop has a
 * page for each reason, and brings people back to the product that they came from.
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
      else if (info.challenge) res.redirect('/challenge')
      else if (info.link) res.send(openInAlipayPage(viewOf(req), info.link).text)
      else if (info.code === 'open_in_browser')
        res.send(openInBrowserPage(viewOf(req), origin).text)
      else res.redirect(`/login?failed=${encodeURIComponent(info.code)}`)
    })
    auth.authenticate(STRATEGY, options, outcome)(req, res, next)
  }
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

/** What came of a code that a person typed to finish a challenge. */
export interface Tried {
  user: User | undefined
  info: FailureInfo
  status: number
}

/** Tries the code in the body; rejects as Passport's `error` does. */
export function tryCode(auth: passport.Authenticator, req: Request, res: Response): Promise<Tried> {
  return new Promise((resolve, reject) => {
    const outcome = loggedIn(req, reject, (user, info, status) => resolve({ user, info, status }))
    auth.authenticate(STRATEGY, { flow: 'challenge' }, outcome)(req, res, reject)
  })
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
export function reasonOf({ state: _, code, ...rest }: FailureInfo) {
  return { error: code, ...rest }
}

/** The part of the page to come back to. */
export function productIn(state: unknown): string {
  const { product } = Object(state) as { product?: unknown }
  return isProduct(product) ? `#${product}` : ''
}
