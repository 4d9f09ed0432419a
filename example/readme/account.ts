import type { Express } from 'express'
import passport from 'passport'
import type { OneAccessAlipayStrategy } from 'passport-oneaccess-alipay'

export function addAccount(app: Express, oneaccess: OneAccessAlipayStrategy): void {
  // replaces the callback route above
  app.get(
    '/auth/alipay/callback',
    passport.authenticate('oneaccess-alipay', {
      successReturnToOrRedirect: '/',
      failureRedirect: '/login',
    }),
  )
  app.get('/account', oneaccess.requireLogin(), (req, res) => {
    res.json(req.user)
  })
}
