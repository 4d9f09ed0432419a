import express, { type Express } from 'express'
import passport from 'passport'
import type { FailureInfo } from 'passport-oneaccess-alipay'

export function addAppLogin(app: Express): void {
  app.post('/auth/alipay/app', express.json(), (req, res, next) => {
    const options = { flow: 'app' } as const
    const decide = passport.authenticate(
      'oneaccess-alipay',
      options,
      (error, user, info, status) => {
        if (error) return next(error)
        const { code, message, challenge, retryAfter } = (info ?? {}) as FailureInfo
        if (!user)
          return res.status(Number(status) || 401).json({ code, message, challenge, retryAfter })
        req.logIn(user, (failure) => (failure ? next(failure) : res.json(user)))
      },
    )
    decide(req, res, next)
  })
}
