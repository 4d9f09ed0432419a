import type { Request } from 'express'
import type { Strategy } from 'passport-strategy'
import { isLinking } from '../authenticate-options.js'
import { responseOf } from '../incoming-request.js'
import type { Localizer } from '../localize.js'
import type { PendingLogins } from '../session/pending-logins.js'
import { warnAboutSetup } from '../session/session-errors.js'
import type { Outcome } from './outcome.js'

/**
 * How one request is told to Passport. The verbs are taken at once: an app may hand Passport the
 * strategy itself in place of its name, and then Passport puts each request's verbs on that one
 * object, where the next request's replace them.
 */
export function verbsFor(
  strategy: Strategy,
  req: Request,
  pendingLogins: PendingLogins,
  options: object,
  messages: Localizer,
): (outcome: Outcome) => void {
  const localized = messages.for(req)
  const success = strategy.success.bind(strategy)
  const fail = strategy.fail.bind(strategy)
  const redirect = strategy.redirect.bind(strategy)
  const error = strategy.error.bind(strategy)
  return (outcome) => {
    switch (outcome.verb) {
      case 'success':
        // what is linked must not become the tokens of whoever is logged in
        if (!isLinking(options)) pendingLogins.prepare(req, outcome.login)
        if (isForSession(req, options)) warnAboutSetup(pendingLogins, pendingLogins.isMounted)
        success(outcome.user, outcome.info)
        break
      case 'fail':
        fail(localized.info(outcome.info), outcome.status as number) // without one, Passport's own: 401
        break
      case 'redirect':
        redirect(outcome.url)
        break
      case 'error':
        error(localized.error(outcome.error as Error))
        break
      case 'hold-off':
        holdOff(req, error)
    }
  }
}

/** Whether Passport puts the login into a session; `authorize()` does not. */
function isForSession(req: Request, options: object): boolean {
  const { session } = options as { session?: unknown }
  return Boolean(req.session) && session !== false && !isLinking(options)
}

/** Tells a browser that only looks ahead to come again: a verb would redirect it. */
function holdOff(req: Request, error: (error: Error) => void): void {
  const res = responseOf(req)
  if (res === undefined) {
    error(Object.assign(new Error('nothing is spent by looking ahead'), { status: 503 }))
    return
  }
  res.statusCode = 503
  res.end()
}
