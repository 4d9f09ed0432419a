import type { CallContext } from '../oneaccess/requests.js'
import type { ExpectedUser } from '../session/current-login.js'

/** What the later steps of a login need to know about its start. */
export interface StartedLogin {
  context: CallContext
  /** The app's own value, from `authenticate(name, { state })`. */
  appState?: unknown
  /** If the login was started before the current one: the only user that it may log in. */
  expectedUser?: ExpectedUser | undefined
  /** Whether it links an account, by `passport.authorize()`, instead of logging the user in. */
  linking?: boolean
}
