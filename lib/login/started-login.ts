import type { CallContext } from '../oneaccess/requests.js'
import type { Person } from '../session/current-login.js'

/** What a login's later steps need of its beginning. */
export interface BegunLogin {
  context: CallContext
  /** The app's own value. */
  state?: unknown
  /** The only person whom it may log in, where it was begun before the present login. */
  only?: Person | undefined
  /** `passport.authorize()`: nobody is logged in by it. */
  linking?: boolean
}
