import { STATUS_CODES } from 'node:http'
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import { OneAccessError } from 'passport-oneaccess-alipay'
import { errorPage } from './pages/error.js'
import type { View } from './pages/layout.js'
import type { Reports } from './reports.js'

/** An error for Express: the status that it is answered with, and headers that go along. */
export function httpError(status: number, headers: Record<string, string> = {}): Error {
  return Object.assign(new Error(`answered ${status}`), { status, headers })
}

/** The last of the routes: there is no such page. */
export const notFound: RequestHandler = (_req, _res, next) => next(httpError(404))

/** Behind the routes of an address: it does not take this method. */
export function only(...methods: string[]): RequestHandler {
  return (_req, _res, next) => next(httpError(405, { Allow: methods.join(', ') }))
}

/** For people: a page in their language, that says what happened and leads on. */
export function answerWithPage(viewOf: (req: Request) => View): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    if (!begin(error, req, res)) return next(error)
    res.send(errorPage(viewOf(req), { status: res.statusCode, method: req.method }).text)
  }
}

/** For programs: JSON. A `OneAccessError` says by its code what is wrong. */
export const answerWithJSON: ErrorRequestHandler = (error: unknown, req, res, next) => {
  if (!begin(error, req, res)) return next(error)
  const known = error instanceof OneAccessError
  res.json({ error: known ? error.code : inWords(res.statusCode) })
}

/** Status and headers; false when an answer is under way already, which only Express can cut off. */
function begin(error: unknown, req: Request, res: Response): boolean {
  const { status, headers } = Object(error) as Record<string, unknown>
  const sane = Number.isInteger(status) && Number(status) >= 400 && Number(status) < 600
  const answered = sane ? Number(status) : 500
  if (answered >= 500) note(error, req)
  if (res.headersSent) return false
  res.status(answered).set('Cache-Control', 'no-store')
  if (typeof headers === 'object' && headers !== null) res.set(headers as Record<string, string>)
  return true
}

/** For the operator, by the reports that the app was made with. */
export function note(error: unknown, { app }: Request): void {
  const { reports }: { reports?: Reports } = app.locals
  reports?.report(error)
}

/** `payload_too_large` and the like. */
function inWords(status: number): string {
  return (STATUS_CODES[status] ?? 'failed').toLowerCase().replaceAll(/\W+/g, '_')
}
