import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { hasUnreadPassportLogin, isLoggedIn, isLoggedOut } from '../incoming-request.js'
import type { Settings } from '../options.js'
import { publish } from '../tokens/events.js'
import type { TokenManager, TokenManagers } from '../tokens/manager.js'
import { type EndReason, publicNameOf, type TokenRecord } from '../tokens/record.js'
import { watchDestroyed } from './destroyed-sessions.js'
import { KeptTokens, NoTokens, renewInBackground } from './request-tokens.js'
import { readEntry, recordNameIn, writeEntry } from './session-entry.js'
import { missingTokensError, notLoggedIn } from './session-errors.js'
import type { UpstreamLogout } from './upstream-logout.js'

/**
 * Sets `req.oneaccess`, and refreshes the id_token of the current user before it expires. While the
 * record that this process has cached is fresh, there is no I/O, except that a session store with
 * the tokens is touched now and then (usually once a minute). A record that is not cached yet is
 * read once. The request never waits for OneAccess.
 */
export function backgroundRefresh(
  managers: TokenManagers,
  settings: Settings,
  key: string,
): RequestHandler {
  const { whenEnded } = settings
  return function oneaccessBackgroundRefresh(req, _res, next) {
    const id = recordNameIn(req, key)
    if (id === undefined) {
      setNoTokens(managers, req, key)
      next()
      return
    }
    const manager = managers.for(req)
    watchDestroyed(req, key, manager)
    req.oneaccess = new KeptTokens(id, manager, req, key)
    const proceed = (record: TokenRecord | undefined) => {
      if (record?.ended && whenEnded === 'logout') {
        publishIfMissing(id, record.ended.reason)
        req.oneaccess = new NoTokens(notLoggedIn, req, managers.messages)
        logOutOf(req, key, next)
        return
      }
      if (record && !record.ended && !isLoggedOut(req)) {
        manager.activity.note(id, record)
        renewInBackground(manager, id, record)
      }
      next()
    }
    const known = manager.records.known(id)
    // before a user is logged out, the store is asked: the login may have been refreshed after all
    if (known && !(known.ended && whenEnded === 'logout')) proceed(known)
    else readOnce(manager, id).then(proceed).catch(next) // a session store may throw
  }
}

/** For a request without a login by this strategy. */
function setNoTokens(managers: TokenManagers, req: Request, key: string): void {
  dropOthersTokens(managers, req, key)
  // the middleware of another strategy may have set it
  if (req.oneaccess instanceof KeptTokens) return
  const hadSession = Boolean(req.session)
  const why = () => missingTokensError(req, hadSession)
  req.oneaccess = new NoTokens(why, req, managers.messages)
}

/**
 * Ends the tokens of another user that were copied into this session: nothing else refers to them
 * any more.
 */
function dropOthersTokens(managers: TokenManagers, req: Request, key: string): void {
  const { record, ...rest } = readEntry(req, key)
  if (record === undefined) return
  writeEntry(req, key, rest)
  const end = async () => managers.for(req).records.end(record, 'login')
  end().catch(() => {}) // the record expires anyway
}

/** A store that is down logs nobody out: the request continues, and `idToken()` rejects with 503. */
async function readOnce(manager: TokenManager, id: string): Promise<TokenRecord | undefined> {
  try {
    return (await manager.records.read(id)).record
  } catch {
    return undefined
  }
}

/**
 * Publishes the end of a record that is missing; any other end is published where it is written.
 */
function publishIfMissing(id: string, reason: EndReason): void {
  if (reason !== 'missing') return
  publish.end({ login: publicNameOf(id), reason })
}

function logOutOf(req: Request, key: string, next: NextFunction): void {
  forget(req, key)
  if (isLoggedIn(req) || hasUnreadPassportLogin(req)) leaveSession(req, next)
  else next()
}

/** Logs out of Passport, even on a route where Passport has not read the session. */
function leaveSession(req: Request, next: NextFunction): void {
  const done = (error?: unknown) => next(error)
  if (hasUnreadPassportLogin(req)) {
    delete (req.session as { passport?: unknown }).passport
    regenerate(req, done)
  } else if (typeof req.logout !== 'function') next()
  else if (callsBack(req)) req.logout(done)
  else {
    Reflect.apply(req.logout, req, [])
    regenerate(req, done)
  }
}

function regenerate(req: Request, done: (error?: unknown) => void): void {
  if (typeof req.session?.regenerate === 'function') req.session.regenerate(done)
  else done()
}

/** Passport 0.5 and older log out at once, keep the session id, and never call back. */
function callsBack(req: Request): boolean {
  const { _sessionManager: manager } = req as { _sessionManager?: { logOut?: unknown } }
  const { logOut } = manager ?? {}
  return typeof logOut === 'function' ? logOut.length > 2 : req.logout.length > 0
}

/** Ends the record first, so that no refresh in progress can restore it; then the Passport session. */
export function logout(
  managers: TokenManagers,
  key: string,
  upstream: UpstreamLogout | undefined,
): RequestHandler {
  return function oneaccessLogout(req: Request, _res: Response, next: NextFunction) {
    const { record: id } = readEntry(req, key)
    const ended = id === undefined ? leaveOther(req) : endLogin(managers.for(req), id, upstream)
    const loggedOut = ended.then(() => {
      req.oneaccess = new NoTokens(notLoggedIn, req, managers.messages)
      if (req.session) forget(req, key)
      leaveSession(req, next)
    })
    // a token store may be down, and a session store may throw
    loggedOut.catch((error: unknown) => next(managers.messages.for(req).error(error)))
  }
}

/** The user may have logged in with a strategy other than the one whose `logout()` this is. */
async function leaveOther(req: Request): Promise<void> {
  if (req.oneaccess instanceof KeptTokens) await req.oneaccess.leave('logout')
}

async function endLogin(
  manager: TokenManager,
  id: string,
  upstream: UpstreamLogout | undefined,
): Promise<void> {
  const record = await manager.records.end(id, 'logout')
  if (record) upstream?.logOut(publicNameOf(id), record)
}

function forget(req: Request, key: string): void {
  delete (req.session as unknown as Record<string, unknown>)[key]
}
