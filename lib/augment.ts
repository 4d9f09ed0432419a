/// <reference path="./fallback-types.d.cts" preserve="true" />
import type Passport from 'passport'
import type { AuthenticateOptions } from './authenticate-options.js'
import type { RequestTokens } from './session/request-tokens.js'

/** Passport's options together with this strategy's, whose `state` may be any JSON value. */
type Options = Omit<Passport.AuthenticateOptions, 'state' | 'scope'> & AuthenticateOptions

/** What `req.authInfo` holds. An app that declares more keeps its own types. */
interface LoginInfo {
  /** The value passed to `authenticate(name, { state })`. */
  state?: unknown
}

declare global {
  namespace Express {
    interface AuthInfo extends LoginInfo {}
    interface Request {
      /** The tokens of the user who is logged in; set by `oneaccess.backgroundRefresh()`. */
      oneaccess: RequestTokens
    }
  }
}

declare module 'passport' {
  interface Authenticator<InitializeRet, AuthenticateRet, AuthorizeRet, AuthorizeOptions> {
    /** With the options of `OneAccessAlipayStrategy`. */
    authenticate(
      strategy: string | string[] | Passport.Strategy,
      options: Options,
      callback?: Passport.AuthenticateCallback,
    ): AuthenticateRet
    /** With the options of `OneAccessAlipayStrategy`. */
    authorize(
      strategy: string | string[],
      options: Options,
      callback?: Passport.AuthorizeCallback,
    ): AuthorizeRet
  }
}
