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
}

export function unknownFlow(flow: unknown): TypeError {
  return new TypeError(
    `authenticate: option flow must be web, app or challenge, not ${inspect(flow)}`,
  )
}

export function noWeb(): TypeError {
  return new TypeError('the web flow needs the options alipayAppID and callbackURL')
}

export function noReason(): Error {
  return new Error('the login failed, and an option of the app gave no reason')
}
