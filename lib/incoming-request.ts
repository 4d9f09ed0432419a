import type { ServerResponse } from 'node:http'
import { isIP, isIPv4 } from 'node:net'
import type { Request } from 'express'
import { isObject } from './util/json.js'

/*
 * Reads the request and sets headers on its response. `get`, `is`, `ip`, `res` and `next` exist only in
 * Express, and Passport runs in other hosts: everything here falls back on Node's own request.
 */

/** The value of a header, by its name in lower case; empty if it was not sent. */
export function headerOf(req: Request, name: string): string {
  const value: string | string[] | undefined = req.headers[name]
  return Array.isArray(value) ? value.join(', ') : (value ?? '')
}

/** The URL of the request, without its origin. */
export function urlOf(req: Request): string {
  return req.originalUrl ?? req.url
}

/**
 * The client's IP address: Express's `req.ip`, which depends on `trust proxy`; if that is not an address,
 * because a proxy wrote `unknown` or a name, the socket's. Empty if neither is known; never from a header.
 */
export function addressOf(req: Request): string {
  return addressIn(req.ip) ?? addressIn(req.socket?.remoteAddress) ?? ''
}

/** Strips what proxies and systems add to an IP address: a port, brackets, a zone, the IPv6 mapping of an IPv4 address. */
export function addressIn(text: unknown): string | undefined {
  if (typeof text !== 'string' || text.length > 100) return undefined
  if (isIPv4(text)) return text
  const [, bracketed, plain] =
    /^"?(?:\[([^\]]+)\]|(\d+(?:\.\d+){3}|[^[\]"]*))(?::\d+)?"?$/.exec(text.trim()) ?? []
  const address = (bracketed ?? plain ?? '').replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '')
  return isIP(address) === 0 ? undefined : address
}

/**
 * Whether a page on another origin, including a sibling subdomain, sent the request, according to the
 * browser: `Sec-Fetch-Site` decides if present, otherwise `Origin`. Other clients send neither.
 */
export function isFromAnotherSite(req: Request, site: URL | undefined): boolean {
  const { 'sec-fetch-site': relation, origin } = req.headers
  if (relation !== undefined) return relation !== 'same-origin' && relation !== 'none'
  return origin !== undefined && origin !== site?.origin
}

/** Whether Passport has a user for this request, whatever property the app keeps it in. */
export function isLoggedIn(req: Request): boolean {
  return typeof req.isAuthenticated === 'function' ? req.isAuthenticated() : Boolean(req.user)
}

/** The key under which Passport keeps its login in the session. */
export function passportKeyOf(req: Request): string {
  const { _sessionManager: manager } = req as { _sessionManager?: { _key?: unknown } }
  return typeof manager?._key === 'string' ? manager._key : 'passport'
}

/** What the app keeps of the user in Passport's session; undefined if nobody is logged in there. */
export function keptByPassport(req: Request): unknown {
  const mark = (req.session as unknown as Record<string, unknown> | undefined)?.[passportKeyOf(req)]
  return isObject(mark) ? mark.user : undefined
}

/** Whether Passport has read the session of this request, and nobody is logged in. */
export function isLoggedOut(req: Request): boolean {
  if (typeof req.isAuthenticated !== 'function' || isLoggedIn(req)) return false
  // passport.authenticate() reads no session
  return keptByPassport(req) === undefined
}

/** Whether the session holds a Passport login that neither Passport nor the app has read on this route. */
export function hasUnreadPassportLogin(req: Request): boolean {
  const session = req.session as { passport?: unknown } | undefined
  const mark = session?.passport
  const isRead = typeof req.isAuthenticated === 'function' || Boolean(req.user)
  return !isRead && isObject(mark) && 'user' in mark
}

/** Whether a user navigated to a page, rather than a script or a frame requesting it. */
export function isNavigation(req: Request): boolean {
  if (req.method !== 'GET' || !/\btext\/html\b/i.test(headerOf(req, 'accept'))) return false
  const destination = headerOf(req, 'sec-fetch-dest')
  return destination === '' || destination === 'document'
}

/** Whether the body came as JSON. */
export function isJSON(req: Request): boolean {
  return /^application\/json\s*(;|$)/i.test(headerOf(req, 'content-type'))
}

/** Keeps the response out of caches, and its URL, which may contain a code, from the next site. */
export function setPrivateHeaders(req: Request, flow: string): void {
  const res = responseOf(req)
  res?.setHeader('Cache-Control', 'no-store')
  // only Alipay's callback has a code in its URL; forms on a page with no-referrer would send no origin
  if (flow === 'web') res?.setHeader('Referrer-Policy', 'no-referrer')
}

/** The response, if the host attaches it to the request as Express does. */
export function responseOf(req: Request): ServerResponse | undefined {
  return typeof req.res?.setHeader === 'function' ? req.res : undefined
}

/** Passes on what the app threw after its verb was called, when nothing else can. */
export function passToErrorHandler(req: Request, error: unknown): void {
  if (typeof req.next === 'function') {
    req.next(error)
    return
  }
  // outside Express the host's own error handler can no longer be reached
  process.emitWarning(
    error instanceof Error ? error : new Error('the app threw something that is not an Error'),
  )
  const res = responseOf(req)
  if (res === undefined || res.headersSent) return
  res.statusCode = 500
  res.end()
}

/**
 * Reads now, and returns or throws later: the request may have ended by then, and an error from a
 * function in the options must not keep a `state` from being spent.
 */
export function readEagerly<T>(read: () => T): () => T {
  try {
    const value = read()
    return () => value
  } catch (error) {
    return () => {
      throw error
    }
  }
}
