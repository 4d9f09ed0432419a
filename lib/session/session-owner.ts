import type { Request } from 'express'
import { keptByPassport } from '../incoming-request.js'
import { isObject, type Json } from '../util/json.js'

/*
 * With `keepSessionInfo`, Passport copies the old session over the new one after the serializer has run.
 * An entry of ours from the old session then names the tokens of the previous user, whom the new user
 * may not even know: an attacker can plant a session of their own.
 */

/** Set in a session when someone logs in by other means than this package; a copied entry is then not theirs. */
const OTHER_LOGIN = 'oneaccess:#other-login'

/**
 * Longer strings are not ids. What an app keeps instead, such as a token, may change while the user
 * stays the same.
 */
const LONGEST_ID = 128

/**
 * The id of the user whom the app keeps in Passport's session: the value itself, or its `id`. Undefined if
 * there is none. The rest of an object does not count: apps change it while the user stays logged in.
 */
export function userIDIn(kept: unknown): string | undefined {
  const id = isObject(kept) ? kept.id : kept
  if (typeof id === 'number') return String(id)
  return typeof id === 'string' && id.length <= LONGEST_ID ? id : undefined
}

/** Whether the entry of a login came into this session from another user's. */
export function isOfAnotherUser(req: Request, { user }: Json): boolean {
  if (OTHER_LOGIN in req.session) return true // Reflect.has takes three times as long, and every request asks
  if (typeof user !== 'string') return false
  const present = userIDIn(keptByPassport(req))
  return present !== undefined && present !== user
}

/** After a login that is not ours, in the session that it has opened. */
export function markOtherLogin(req: Request): void {
  if (req.session) Reflect.set(req.session, OTHER_LOGIN, true)
}

/** In the new session of a login of ours, which another serializer may have passed on. */
export function unmarkOtherLogin(req: Request): void {
  Reflect.deleteProperty(req.session, OTHER_LOGIN)
}

/** Before a login of ours: removes from the old session what `keepSessionInfo` must not pass on. */
export function removeLogins(session: Json, ownKey: string): void {
  delete session[OTHER_LOGIN]
  delete session[ownKey]
  for (const [name, entry] of Object.entries(session)) {
    if (name.startsWith('oneaccess:') && isObject(entry)) delete entry.record
  }
}
