import express, { type Express, type RequestHandler } from 'express'
import passport from 'passport'
import type { FailureInfo, OneAccessAlipayStrategy } from 'passport-oneaccess-alipay'

/** Accepts forms only from this app's own pages, like the logout route above. */
const ownPages: RequestHandler = (req, res, next) => {
  const from = req.get('sec-fetch-site') ?? req.get('origin') ?? 'none'
  const own = new URL(process.env.CALLBACK_URL ?? '').origin
  if (['same-origin', 'none', own].includes(from)) next()
  else res.sendStatus(403)
}

export function addChallenge(app: Express, oneaccess: OneAccessAlipayStrategy): void {
  // replaces the callback route above: it also redirects to the challenge page
  app.get('/auth/alipay/callback', (req, res, next) => {
    const decide = passport.authenticate('oneaccess-alipay', {}, (error, user, info) => {
      if (error) return next(error)
      if ((info as FailureInfo | undefined)?.challenge) return res.redirect('/bind.html')
      if (!user) return res.redirect('/login')
      req.logIn(user, (failure) => (failure ? next(failure) : res.redirect('/')))
    })
    decide(req, res, next)
  })
  app.get('/bind/puzzle', async (req, res) => {
    const challenge = await oneaccess.challenge(req)
    if (challenge) res.json(await challenge.captcha())
    else res.status(403).json({ error: 'challenge_missing' })
  })
  app.post('/bind/code', ownPages, express.json(), async (req, res) => {
    const { token, x, mobile } = req.body
    const challenge = await oneaccess.challenge(req)
    if (!challenge) {
      res.status(403).json({ error: 'challenge_missing' })
      return
    }
    const contact = mobile || undefined // empty for a second factor, whose number OneAccess knows
    const { captchaToken } = await challenge.solveCaptcha({ token, x, contact })
    await challenge.sendCode({ captchaToken })
    res.json({ sent: true })
  })
  app.post(
    '/bind',
    ownPages,
    express.urlencoded(),
    passport.authenticate('oneaccess-alipay', {
      flow: 'challenge',
      successRedirect: '/',
      failureRedirect: '/bind.html',
    }),
  )
}
