import type { Request } from 'express'
import { OneAccessError } from '../errors.js'
import { headerOf } from '../incoming-request.js'
import type { Settings } from '../options.js'
import { sha256 } from '../util/digest.js'
import { isObject, type Json } from '../util/json.js'
import { warnOnce } from '../util/warnings.js'
import { isOfAnotherUser } from './session-owner.js'

/** Everything that this package keeps in the app's session. It holds no tokens. */
export interface SessionEntry {
  /** The id of the token record. */
  record?: string
  /** The id of the user whose record it is, as the app keeps it in Passport's session. */
  user?: string
  /** The id of the challenge's record. */
  challenge?: string
  /** Names of this browser's previous sessions, which may have open attempts. */
  formerly?: string[]
  /** When this browser was last sent into Alipay's app, in milliseconds since the epoch. */
  sentToWalletAt?: number
}

/** How many previous sessions are remembered: as many as attempts may be open. */
const MOST_FORMER = 8

/**
 * The key of a strategy's entry in the session. An app may have several strategies: none may read the
 * entry of one for another application or tenant, or it would present its tokens there. The domain is
 * not part of the key: a tenant that moves to a new one must not log everyone out.
 */
export function sessionKeyOf({ clientID, tenantID }: Settings): string {
  return typeof tenantID === 'string'
    ? `oneaccess:${clientID}/${tenantID}`
    : `oneaccess:${clientID}`
}

/** Reads the entry of one strategy, whoever is logged in; anything malformed reads as empty. */
export function readEntry(req: Request, key: string): SessionEntry {
  const read: SessionEntry = {}
  const found = entryIn(req, key)
  if (found === undefined) return read
  const { record, user, formerly, challenge, sentToWalletAt } = found
  if (isName(record)) read.record = record
  if (typeof user === 'string') read.user = user
  if (typeof challenge === 'string') read.challenge = challenge
  if (typeof sentToWalletAt === 'number') read.sentToWalletAt = sentToWalletAt
  const names = Array.isArray(formerly) ? formerly.filter((one) => typeof one === 'string') : []
  if (names.length > 0) read.formerly = names.slice(0, MOST_FORMER)
  return read
}

/**
 * The id of the token record, unless the entry is another user's. Every request of the app reads it, so it
 * must be fast.
 */
export function recordNameIn(req: Request, key: string): string | undefined {
  const entry = entryIn(req, key)
  return entry && isName(entry.record) && !isOfAnotherUser(req, entry) ? entry.record : undefined
}

/** The id of the token record in a session that is read from its store. */
export function recordNameStored(session: Json, key: string): string | undefined {
  const entry = session[key]
  return isObject(entry) && isName(entry.record) ? entry.record : undefined
}

function isName(record: unknown): record is string {
  return typeof record === 'string' && record !== ''
}

function entryIn(req: Request, key: string): Json | undefined {
  const entry: unknown = (req.session as unknown as Json | undefined)?.[key]
  return isObject(entry) ? entry : undefined
}

export function writeEntry(req: Request, key: string, entry: SessionEntry): void {
  const session = req.session as unknown as Record<string, unknown>
  session[key] = entry
}

/** Before a redirect to Alipay: puts an entry into the session, so that express-session saves it and sets its cookie. */
export function prepareSession(req: Request, key: string, owner: object): void {
  requireSessionCookie(req, owner)
  writeEntry(req, key, readEntry(req, key))
}

/** The entry for the session that replaces this one. */
export function nextEntry(
  req: Request,
  key: string,
  entry: { record: string } | { challenge: string },
): SessionEntry {
  const { formerly = [] } = readEntry(req, key)
  return { ...entry, formerly: [sessionNameOf(req, key), ...formerly].slice(0, MOST_FORMER) }
}

/** The names of all sessions where this browser may have open attempts, the current one first. */
export function sessionNamesOf(req: Request, key: string): [string, ...string[]] {
  return [sessionNameOf(req, key), ...(readEntry(req, key).formerly ?? [])]
}

/** A name for one strategy's part of the session. It is a hash, so that reading the store gives no access to the session. */
function sessionNameOf(req: Request, key: string): string {
  return sha256(`${key} ${req.sessionID}`).slice(0, 32)
}

/** Throws if there is no session that can keep a login; the hint says which line to add. */
export function requireSession(req: Request): void {
  const hint = missingIn(req)
  if (hint === undefined) return
  throw new OneAccessError('session_missing', { step: 'session', status: 500, hint })
}

/** Whether there is a session that can keep a login. */
export function hasSession(req: Request): boolean {
  return missingIn(req) === undefined
}

function missingIn(req: Request): string | undefined {
  const { session, sessionID, sessionStore } = req as Partial<Request>
  if (session === undefined || session === null) {
    return 'no session: add app.use(session({ … })) of express-session before this route'
  }
  if (typeof session.regenerate !== 'function' || typeof session.save !== 'function') {
    return 'the session cannot be regenerated: use express-session instead of cookie-session'
  }
  if (typeof sessionID !== 'string' || sessionStore === undefined) {
    return 'the session has no id or no store: use express-session, and Passport itself instead of an adapter such as koa-passport'
  }
  return undefined
}

/**
 * Throws if the user would come back from Alipay without their session: express-session sets no
 * `secure` cookie on a request that does not look like https. It only warns about a proxy that
 * reports https but is not trusted, because the option `proxy` of express-session cannot be seen
 * from here; and about a `strict` cookie, because the app may have a page that receives the user
 * and continues to the callback itself.
 */
function requireSessionCookie(req: Request, owner: object): void {
  const { sameSite } = req.session.cookie ?? {}
  if (sameSite === true || sameSite === 'strict') {
    const message =
      "cookie.sameSite is 'strict', so the browser comes back from Alipay without its session and every login " +
      "fails with state_unknown: set cookie.sameSite to 'lax'"
    warnOnce(owner, 'ONEACCESS_SAME_SITE', message)
  }
  const encrypted = Reflect.get(req.socket ?? {}, 'encrypted') === true
  if (req.session.cookie?.secure !== true || encrypted || req.secure === true) return
  const trust = "app.set('trust proxy', 1), where 1 is the number of proxies"
  if (headerOf(req, 'x-forwarded-proto').startsWith('https')) {
    const message = `Express does not trust the proxy's X-Forwarded-Proto, so no session cookie is set: add ${trust}`
    warnOnce(owner, 'ONEACCESS_TRUST_PROXY', message)
    return
  }
  throw new OneAccessError('session_missing', {
    step: 'session',
    status: 500,
    hint:
      'the session cookie is secure but this request is not https, so the browser gets no session: behind a ' +
      `proxy, make it send X-Forwarded-Proto: https and add ${trust}; on plain http, set cookie.secure to false`,
  })
}
