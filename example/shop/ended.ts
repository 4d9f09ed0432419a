import type { RequestHandler } from 'express'

declare module 'express-session' {
  interface SessionData {
    /** The login ended elsewhere, and nobody has been told yet. */
    hasEnded?: true
  }
}

/** Before `backgroundRefresh()`: who came. */
export const whoCame: RequestHandler = (req, res, next) => {
  res.locals.cameIn = Boolean(req.user)
  next()
}

/** Behind it: who is not logged in any more is told so by the next page, whichever request found it out. */
export const rememberEnd: RequestHandler = (req, res, next) => {
  if (res.locals.cameIn && !req.user) req.session.hasEnded = true
  next()
}
