import {
  type AuthenticateOptions,
  isLinking,
  webFlowNotConfigured,
} from '../authenticate-options.js'
import type { Settings, WebSettings } from '../options.js'
import { callbackOf, scopeOf } from '../web-options.js'
import { type Failure, fail } from './outcome.js'

/** What a route of the web flow is for, by the options that `authenticate()` or `authorize()` got. */
export interface WebRoute {
  /** The option's settings, with the route's own in their place. */
  web: WebSettings
  /** Kept with an attempt, so that it comes back to a route of the same kind; undefined for the usual. */
  purpose: string | undefined
  /** Whether nobody is logged in by it. */
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

/** Only an address of the app itself: anything else would hand the code to another host. */
function ownCallbackOf(value: unknown, { callbackURL }: WebSettings): URL {
  const isPath = typeof value === 'string' && value.startsWith('/')
  const absolute =
    isPath && URL.canParse(value, callbackURL.href) ? new URL(value, callbackURL.href).href : value
  const own = callbackOf(absolute)
  if (own.origin !== callbackURL.origin) {
    throw new TypeError(
      `authenticate: option callbackURL must be of ${callbackURL.origin}, as the strategy's is`,
    )
  }
  return own
}

/** A link that comes back to the login's route, or a login that comes back to a link's, is neither. */
export function startedForAnotherRoute(state: unknown): Failure {
  const detail =
    'the login was begun for another route: give authenticate() or authorize() the same callbackURL ' +
    'where it begins and where it ends, and authorize() one of its own'
  return fail('state_unknown', { state, detail })
}
