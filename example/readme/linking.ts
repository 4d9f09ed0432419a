import type { Express, RequestHandler } from 'express'
import passport from 'passport'

declare const accounts: { link(user: unknown, account: unknown): Promise<void> } // yours

/** Requires a login: `authorize()` itself does not check for one. */
const loggedIn: RequestHandler = (req, res, next) => {
  if (req.user) next()
  else res.redirect('/login')
}

export function addLinking(app: Express): void {
  const link = passport.authorize('oneaccess-alipay', {
    callbackURL: '/account/alipay/callback',
    failureRedirect: '/account?linked=no',
  })
  app.get('/account/alipay', loggedIn, link)
  app.get('/account/alipay/callback', loggedIn, link, async (req, res) => {
    const { account } = req as { account?: unknown } // the user that verify gave
    await accounts.link(req.user, account)
    res.redirect('/account')
  })
}
