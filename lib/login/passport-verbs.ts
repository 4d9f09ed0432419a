import type { Request } from 'express'
import type { Strategy } from 'passport-strategy'
import { isLinking } from '../authenticate-options.js'
import { responseOf } from '../incoming-request.js'
import type { Localizer } from '../localize.js'
import type { PendingLogins } from '../session/pending-logins.js'
import { warnAboutSetup } from '../session/session-errors.js'
import type { Outcome } from './outcome.js'

/**
 * Returns the function that tells Passport the outcome of one request. The verbs are bound at once: if an
 * app passes Passport the strategy itself instead of its name, Passport sets the verbs of each request on
 * that one object, where those of the next request replace them.
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
        // the tokens of a linked account must not replace those of the current user
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
        answerPrefetch(req, error)
    }
  }
}

/** Whether Passport saves the login in a session; `authorize()` does not. */
function isForSession(req: Request, options: object): boolean {
  const { session } = options as { session?: unknown }
  return Boolean(req.session) && session !== false && !isLinking(options)
}

/** Answers a prefetch with 503, because a verb would redirect it. */
function answerPrefetch(req: Request, error: (error: Error) => void): void {
  const res = responseOf(req)
  if (res === undefined) {
    error(Object.assign(new Error('a prefetch does not start or finish a login'), { status: 503 }))
    return
  }
  res.statusCode = 503
  res.end()
}
