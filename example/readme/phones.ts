import type { RequestHandler } from 'express'
import passport from 'passport'
import type { FailureInfo } from 'passport-oneaccess-alipay'

/** The start route: on a phone, a page with a button that opens Alipay. */
export const startLogin: RequestHandler = (req, res, next) => {
  const decide = passport.authenticate('oneaccess-alipay', {}, (error, _user, info) => {
    if (error) return next(error)
    const { code, link } = info as FailureInfo
    if (link) res.send(`<a href="${link}">Open Alipay</a>`)
    else res.redirect(`/login?failed=${code}`)
  })
  decide(req, res, next)
}
