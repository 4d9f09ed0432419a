import {
  type AuthenticateOptions,
  isLinking,
  webFlowNotConfigured,
} from '../authenticate-options.js'
import type { Settings, WebSettings } from '../options.js'
import { callbackOf, scopeOf } from '../web-options.js'
import { type Failure, fail } from './outcome.js'

/** A route of the web flow, according to the options of `authenticate()` or `authorize()`. */
export interface WebRoute {
  /** The strategy's settings, overridden by the route's own. */
  web: WebSettings
  /** Stored with an attempt, so that it must return to a matching route; undefined for a plain login. */
  purpose: string | undefined
  /** Whether it links an account instead of logging the user in. */
  linking: boolean
}

export function webRouteOf(web: Settings['web'], options: AuthenticateOptions): WebRoute {
  if (!web) throw webFlowNotConfigured()
  const { scope, callbackURL } = options
  const linking = isLinking(options)
  if (scope === undefined && callbackURL === undefined) {
    return { web, linking, purpose: linking ? 'authorize' : undefined }
  }
  const own = {
    ...web,
    scope: scope === undefined ? web.scope : scopeOf(scope),
    callbackURL: callbackURL === undefined ? web.callbackURL : ownCallbackOf(callbackURL, web),
  }
  const address = own.callbackURL.href === web.callbackURL.href ? '' : own.callbackURL.href
  const verb = linking ? 'authorize' : ''
  return { web: own, linking, purpose: `${verb} ${address}`.trim() || undefined }
}

/** Accepts only a URL of the app itself: any other would send the code to another host. */
function ownCallbackOf(value: unknown, { callbackURL }: WebSettings): URL {
  const isPath = typeof value === 'string' && value.startsWith('/')
  const absolute =
    isPath && URL.canParse(value, callbackURL.href) ? new URL(value, callbackURL.href).href : value
  const own = callbackOf(absolute)
  if (own.origin !== callbackURL.origin) {
    throw new TypeError(
      `authenticate: option callbackURL must have the origin ${callbackURL.origin}, like the strategy's own`,
    )
  }
  return own
}

/** For a link that returns to a login's callback, or the reverse: neither succeeds. */
export function startedForAnotherRoute(state: unknown): Failure {
  const detail =
    'the login was started for another route: pass the same callbackURL where it starts and where it ' +
    'ends, and give authorize() its own callbackURL'
  return fail('state_unknown', { state, detail })
}
