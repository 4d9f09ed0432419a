import type { ServerResponse } from 'node:http'
import { isIP, isIPv4 } from 'node:net'
import type { Request } from 'express'
import { isObject } from './util/json.js'

/*
 * What is read from a request and set on its response. `get`, `is`, `ip`, `res` and `next` belong to
 * Express, and Passport has other hosts: everything here has Node's own request to fall back on.
 */

/** A header's value, by its name in lower case; empty where it was not sent. */
export function headerOf(req: Request, name: string): string {
  const value: string | string[] | undefined = req.headers[name]
  return Array.isArray(value) ? value.join(', ') : (value ?? '')
}

/** The address that the app was asked at, without its origin. */
export function urlOf(req: Request): string {
  return req.originalUrl ?? req.url
}

/**
 * The client's address: Express's `req.ip`, which `trust proxy` governs; where that is none, because a
 * proxy wrote `unknown` or a name, the socket's. Empty when neither is known; never a header's.
 */
export function addressOf(req: Request): string {
  return addressIn(req.ip) ?? addressIn(req.socket?.remoteAddress) ?? ''
}

/** An address without what proxies and systems put around it: a port, brackets, a zone, IPv4 mapped into IPv6. */
export function addressIn(text: unknown): string | undefined {
  if (typeof text !== 'string' || text.length > 100) return undefined
  if (isIPv4(text)) return text
  const [, bracketed, plain] =
    /^"?(?:\[([^\]]+)\]|(\d+(?:\.\d+){3}|[^[\]"]*))(?::\d+)?"?$/.exec(text.trim()) ?? []
  const address = (bracketed ?? plain ?? '').replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '')
  return isIP(address) === 0 ? undefined : address
}

/**
 * Whether a page of another origin sent the request, a sibling subdomain's too, as its browser says:
 * `Sec-Fetch-Site` decides where there is one, else `Origin`. What is no browser sends neither.
 */
export function isFromAnotherSite(req: Request, site: URL | undefined): boolean {
  const { 'sec-fetch-site': relation, origin } = req.headers
  if (relation !== undefined) return relation !== 'same-origin' && relation !== 'none'
  return origin !== undefined && origin !== site?.origin
}

/** Whether Passport has somebody for this request; under which property is the app's choice. */
export function isLoggedIn(req: Request): boolean {
  return typeof req.isAuthenticated === 'function' ? req.isAuthenticated() : Boolean(req.user)
}

/** Whether Passport's own mark is in the session, and neither Passport nor the app has read it on this route. */
export function hasUnreadPassportLogin(req: Request): boolean {
  const session = req.session as { passport?: unknown } | undefined
  const mark = session?.passport
  const isRead = typeof req.isAuthenticated === 'function' || Boolean(req.user)
  return !isRead && isObject(mark) && 'user' in mark
}

/** A page that a person has asked for, and not a script of one, or a frame in one. */
export function isNavigation(req: Request): boolean {
  if (req.method !== 'GET' || !/\btext\/html\b/i.test(headerOf(req, 'accept'))) return false
  const destination = headerOf(req, 'sec-fetch-dest')
  return destination === '' || destination === 'document'
}

/** Whether the body came as JSON. */
export function isJSON(req: Request): boolean {
  return /^application\/json\s*(;|$)/i.test(headerOf(req, 'content-type'))
}

/** Keeps an answer out of caches, and its address, in which a code may be, from the next site. */
export function setPrivateHeaders(req: Request, flow: string): void {
  const res = responseOf(req)
  res?.setHeader('Cache-Control', 'no-store')
  // only Alipay's callback has a code in its address; a form on a page without a referrer has no origin
  if (flow === 'web') res?.setHeader('Referrer-Policy', 'no-referrer')
}

/** The response, where the host hangs it on the request, as Express does. */
export function responseOf(req: Request): ServerResponse | undefined {
  return typeof req.res?.setHeader === 'function' ? req.res : undefined
}

/** Hands on what the app threw after its verb was given, when nobody else can. */
export function passToErrorHandler(req: Request, error: unknown): void {
  if (typeof req.next === 'function') {
    req.next(error)
    return
  }
  // outside Express nothing leads to the host's own error handler any more
  process.emitWarning(error instanceof Error ? error : new Error('the app threw no error'))
  const res = responseOf(req)
  if (res === undefined || res.headersSent) return
  res.statusCode = 500
  res.end()
}

/**
 * Reads now, and gives or throws when it is asked: the request may be over by then, and what an
 * option of the app throws must not keep a `state` from being spent.
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
