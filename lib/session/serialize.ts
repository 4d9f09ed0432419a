import type { Request } from 'express'
import { passToErrorHandler } from '../incoming-request.js'
import { omitUndefined } from '../util/omit-undefined.js'
import { noteSerializerWrapped, type SessionChange, takePendingLogin } from './pending-logins.js'
import { KeptTokens } from './request-tokens.js'
import { keepReturnTo } from './return-to.js'
import { writeEntry } from './session-entry.js'
import { sessionKept } from './session-errors.js'
import { markOtherLogin, unmarkOtherLogin, userIDIn } from './session-owner.js'

/** In the serializer: saves the tokens, puts their id into the new session, and ends the old login. */
async function completeLogin(req: Request, kept: unknown): Promise<void> {
  // for anything else, Passport asks its next serializer, which may be ours too
  const change = kept || kept === 0 ? takePendingLogin(req) : undefined
  const present = req.oneaccess instanceof KeptTokens ? req.oneaccess : undefined
  if (change === undefined) {
    await present?.leave().catch(() => {})
    markOtherLogin(req)
    return
  }
  const { login, former, managers } = change
  await storeTokens(req, change, kept).catch((error: unknown) => {
    throw managers.messages.for(req).error(error)
  })
  const { records } = managers.for(req)
  // nothing refers to the old record any more; failing to end it must not fail the login
  if (former !== undefined) await records.end(former, 'login').catch(() => {})
  if (present && present.id !== former && present.id !== login.id) {
    await present.leave().catch(() => {}) // from another strategy
  }
}

async function storeTokens(req: Request, change: SessionChange, kept: unknown): Promise<void> {
  const { login, key, entry } = change
  if (req.sessionID === change.previousID)
    throw sessionKept(
      'npm install passport@^0.7, or call req.session.regenerate() in the logIn of your own authenticator',
    )
  const manager = change.managers.for(req)
  await login.createIn(manager.records)
  change.clearOld()
  unmarkOtherLogin(req)
  writeEntry(req, key, omitUndefined({ ...entry, user: userIDIn(kept) }))
  if (change.returnTo !== undefined) keepReturnTo(req, change.returnTo)
  req.oneaccess = new KeptTokens(login.id, manager, req, key)
}

/** Passport passes the request to a serializer that takes three parameters. */
export type Serializer = (
  req: Request,
  user: object,
  done: (error: unknown, kept?: unknown) => void,
) => void

export function serializerOf(serialize: (user: object, req: Request) => unknown): Serializer {
  if (typeof serialize !== 'function') {
    throw new TypeError(
      'serializeUser: pass a function that takes the user, such as (user) => user.id',
    )
  }
  noteSerializerWrapped()
  // the app first: nothing is stored for a login that it refuses
  const keep = async (user: object, req: Request) => {
    const kept = await serialize(user, req)
    await completeLogin(req, kept)
    return kept
  }
  return (req, user, done) => {
    keep(user, req)
      .then(
        (kept) => done(null, kept),
        (error: unknown) => done(error),
      )
      .catch((error: unknown) => passToErrorHandler(req, error)) // thrown by the app's code after done
  }
}
