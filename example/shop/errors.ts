import { STATUS_CODES } from 'node:http'
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import { OneAccessError } from 'passport-oneaccess-alipay'
import { errorPage } from './pages/error.js'
import type { View } from './pages/layout.js'
import type { Reports } from './reports.js'

/** An error for Express, with the status and headers of its response. */
export function httpError(status: number, headers: Record<string, string> = {}): Error {
  return Object.assign(new Error(`answered ${status}`), { status, headers })
}

/** After all routes: there is no such page. */
export const notFound: RequestHandler = (_req, _res, next) => next(httpError(404))

/** After the routes of an address: it does not support this method. */
export function only(...methods: string[]): RequestHandler {
  return (_req, _res, next) => next(httpError(405, { Allow: methods.join(', ') }))
}

/** For people: a page in their language that says what happened and what to do next. */
export function answerWithPage(viewOf: (req: Request) => View): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    if (!begin(error, req, res)) return next(error)
    res.send(errorPage(viewOf(req), { status: res.statusCode, method: req.method }).text)
  }
}

/** For programs: JSON with the code of a `OneAccessError`. */
export const answerWithJSON: ErrorRequestHandler = (error: unknown, req, res, next) => {
  if (!begin(error, req, res)) return next(error)
  const known = error instanceof OneAccessError
  res.json({ error: known ? error.code : codeOf(res.statusCode) })
}

/**
 * Sets status and headers. False if a response is already under way, which only Express can cut
 * off.
 */
function begin(error: unknown, req: Request, res: Response): boolean {
  const { status, headers } = Object(error) as Record<string, unknown>
  const sane = Number.isInteger(status) && Number(status) >= 400 && Number(status) < 600
  const answered = sane ? Number(status) : 500
  if (answered >= 500) report(error, req)
  if (res.headersSent) return false
  res.status(answered).set('Cache-Control', 'no-store')
  if (typeof headers === 'object' && headers !== null) res.set(headers as Record<string, string>)
  return true
}

/** Reports an error to the operator. */
export function report(error: unknown, { app }: Request): void {
  const { reports }: { reports?: Reports } = app.locals
  reports?.report(error)
}

/** The status as a code, such as `payload_too_large`. */
function codeOf(status: number): string {
  return (STATUS_CODES[status] ?? 'failed').toLowerCase().replaceAll(/\W+/g, '_')
}
