import type { RequestHandler } from 'express'
import type { OneAccessError } from '../errors.js'
import { isLoggedIn, isNavigation, urlOf } from '../incoming-request.js'
import type { Settings } from '../options.js'
import { isSafeRedirect } from '../util/safe-redirect.js'
import { keepReturnTo } from './return-to.js'
import { notLoggedIn } from './session-errors.js'

/**
 * Stops requests without a login: a browser is redirected to `loginPath`, and the path that it requested is
 * kept in the session as `returnTo`, which Passport's `successReturnToOrRedirect` reads; any other client
 * gets 401 with JSON.
 */
export function requireLogin({
  loginPath,
  messages,
}: Pick<Settings, 'loginPath' | 'messages'>): RequestHandler {
  if (loginPath === undefined) {
    throw new TypeError('OneAccessAlipayStrategy: requireLogin() needs the option loginPath')
  }
  return function oneaccessRequireLogin(req, res, next) {
    if (isLoggedIn(req)) {
      next()
      return
    }
    const error = messages.for(req).error(notLoggedIn(req)) as OneAccessError
    // a user who has just logged in would be sent to the login again and again
    if (error.code === 'passport_session_missing') {
      next(error)
      return
    }
    res.setHeader('Cache-Control', 'no-store')
    const path = urlOf(req)
    // an app that guards the login route itself would redirect in circles
    if (isNavigation(req) && pathOf(path) !== pathOf(loginPath)) {
      if (req.session && isSafeRedirect(path)) keepReturnTo(req, path)
      res.statusCode = 302
      res.setHeader('Location', loginPath)
      res.end()
      return
    }
    const { code, publicMessage: message } = error
    res.statusCode = 401
    res.setHeader('Content-Type', 'application/json; charset=utf-8')
    res.end(JSON.stringify({ code, message }))
  }
}

function pathOf(url: string): string | undefined {
  return url.split(/[?#]/)[0]
}
