import type { CallContext } from '../oneaccess/requests.js'
import type { ExpectedUser } from '../session/current-login.js'

/** What a login's later steps need of its beginning. */
export interface StartedLogin {
  context: CallContext
  /** The app's own value. */
  state?: unknown
  /** The only person whom it may log in, where it was begun before the present login. */
  expectedUser?: ExpectedUser | undefined
  /** `passport.authorize()`: nobody is logged in by it. */
  linking?: boolean
}
