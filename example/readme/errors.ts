import type { ErrorRequestHandler } from 'express'
import { OneAccessError } from 'passport-oneaccess-alipay'

/** The last `app.use`: logs the whole error, and sends the user a sentence. */
export const onError: ErrorRequestHandler = (error, _req, res, next) => {
  if (!(error instanceof OneAccessError)) return next(error)
  console.error(error)
  res.status(error.status).set(error.headers ?? {})
  res.json({ message: error.publicMessage })
}
