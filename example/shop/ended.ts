import type { RequestHandler } from 'express'

declare module 'express-session' {
  interface SessionData {
    /** The login ended elsewhere, and the user has not been told yet. */
    hasEnded?: true
  }
}

/** Before `backgroundRefresh()`: notes whether the user was logged in. */
export const rememberUser: RequestHandler = (req, res, next) => {
  res.locals.wasLoggedIn = Boolean(req.user)
  next()
}

/**
 * After it: if the user is no longer logged in, the next page says so, whichever request found out.
 */
export const rememberEnd: RequestHandler = (req, res, next) => {
  if (res.locals.wasLoggedIn && !req.user) req.session.hasEnded = true
  next()
}
