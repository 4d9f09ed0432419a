import { inspect } from 'node:util'

/** Options of `passport.authenticate('oneaccess-alipay', …)`, in addition to Passport's own. */
export interface AuthenticateOptions {
  /**
   * `web` (default) redirects to Alipay and handles its callback. `app` takes the `auth_code` that a
   * native app or a mini program posts as JSON. `challenge` completes a first login or a second
   * factor with the `verify_code` that the user submits.
   */
  flow?: 'web' | 'app' | 'challenge'
  /** In the `app` flow: the code comes from a mini program, for which CIAM has a separate path. */
  miniProgram?: boolean
  /** The app's own value, kept on the server while the user is at Alipay and returned as `info.state`. */
  state?: unknown
  /** In the `web` flow: what Alipay asks the user to consent to; overrides the strategy's option. */
  scope?: string | readonly string[]
  /**
   * In the `web` flow: where Alipay sends the user back to; overrides the strategy's option. A URL with
   * the same origin, or a path. Pass it both to the route that starts the login and to the callback
   * route: a login that was started for one callback is refused by every other.
   */
  callbackURL?: string
}

/** Whether `passport.authorize()` made the call, which links an account to the current user and logs nobody in. */
export function isLinking(options: object): boolean {
  return (options as { assignProperty?: unknown }).assignProperty !== undefined
}

/** Throws for an unknown flow. */
export function checkFlow(flow: string, options: AuthenticateOptions): void {
  if (flow !== 'web' && flow !== 'app' && flow !== 'challenge') {
    throw new TypeError(
      `authenticate: option flow must be web, app or challenge, not ${inspect(flow)}`,
    )
  }
  if (flow === 'challenge' && isLinking(options)) {
    throw new TypeError("authorize: flow 'challenge' is not supported; use authenticate()")
  }
}

export function webFlowNotConfigured(): TypeError {
  return new TypeError('the web flow needs the options alipayAppID and callbackURL')
}

export function noReason(): Error {
  return new Error('a function in the options threw or rejected without an error')
}
