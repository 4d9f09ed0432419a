/// <reference path="./fallback-types.d.cts" preserve="true" />
import type Passport from 'passport'
import type { AuthenticateOptions } from './authenticate-options.js'
import type { RequestTokens } from './session/request-tokens.js'

/** Passport's options and this strategy's, of which `state` may be any JSON value. */
type Options = Omit<Passport.AuthenticateOptions, 'state' | 'scope'> & AuthenticateOptions

/** What a login hands on beside the user. An app that declares more of it keeps its own types. */
interface LoginInfo {
  /** The value that `authenticate(name, { state })` was given. */
  state?: unknown
}

declare global {
  namespace Express {
    interface AuthInfo extends LoginInfo {}
    interface Request {
      /** The tokens of the person who is logged in; set by `oneaccess.backgroundRefresh()`. */
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
