import { inspect } from 'node:util'

/** Options of `passport.authenticate('oneaccess-alipay', …)`, beside Passport's own. */
export interface AuthenticateOptions {
  /**
   * `web` (default) starts at Alipay and handles its callback. `app` takes the `auth_code` that a
   * native app or a mini program posts as JSON. `challenge` finishes a first login or a second
   * factor with the `verify_code` that a person posts.
   */
  flow?: 'web' | 'app' | 'challenge'
  /** In the `app` flow: the code is a mini program's, for which CIAM has a path of its own. */
  miniProgram?: boolean
  /** A value of the app's own, kept on the server while the person is at Alipay: `info.state`. */
  state?: unknown
  /** What Alipay asks the person for, in place of the strategy's option; in the `web` flow. */
  scope?: string | readonly string[]
  /**
   * Where Alipay sends the person back to, in place of the strategy's option; in the `web` flow. An
   * address of the same origin, or a path. Give it to the route that starts and to the route that it
   * names: what was begun for one route is refused by every other.
   */
  callbackURL?: string
}

/** Whether `passport.authorize()` calls: it links an account to whoever is logged in, and logs nobody in. */
export function isLinking(options: object): boolean {
  return (options as { assignProperty?: unknown }).assignProperty !== undefined
}

/** Throws for a flow that there is not. */
export function checkFlow(flow: string, options: AuthenticateOptions): void {
  if (flow !== 'web' && flow !== 'app' && flow !== 'challenge') {
    throw new TypeError(
      `authenticate: option flow must be web, app or challenge, not ${inspect(flow)}`,
    )
  }
  if (flow === 'challenge' && isLinking(options)) {
    throw new TypeError('authorize: there is no flow challenge; use authenticate')
  }
}

export function webFlowNotConfigured(): TypeError {
  return new TypeError('the web flow needs the options alipayAppID and callbackURL')
}

export function noReason(): Error {
  return new Error('the login failed, and an option of the app gave no reason')
}
