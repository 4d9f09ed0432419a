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

/** Redirects to the page that the user asked for; after a failure, to where they can continue, with the reason. */
function login(oneaccess: OneAccessAlipayStrategy, flow: 'web' | 'challenge'): RequestHandler {
  return (req, res, next) => {
    const continueAfter = async ({ code, challenge, triesLeft }: FailureInfo) => {
      const isOpen = flow === 'web' ? challenge : await oneaccess.challenge(req)
      const reason = triesLeft ? `${code}&left=${triesLeft}` : code
      res.redirect(303, `${isOpen ? '/bind.html' : '/login'}?failed=${reason}`)
    }
    const decide = passport.authenticate('oneaccess-alipay', { flow }, (error, user, info) => {
      if (error) return next(error)
      if (!user) return continueAfter(info as FailureInfo).catch(next)
      req.logIn(user, (failure) => {
        if (failure) return next(failure)
        const kept = req.session as { returnTo?: string } // where requireLogin() puts it
        const { returnTo = '/' } = kept
        delete kept.returnTo
        res.redirect(303, returnTo)
      })
    })
    decide(req, res, next)
  }
}

export function addChallenge(app: Express, oneaccess: OneAccessAlipayStrategy): void {
  app.get('/auth/alipay/callback', login(oneaccess, 'web')) // replaces the callback route above
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
  app.post('/bind', ownPages, express.urlencoded(), login(oneaccess, 'challenge'))
}
