import type { RequestHandler } from 'express'
import { httpError } from './errors.js'

const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self' data:", // puzzle images are data: URLs
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const A_YEAR = 365 * 24 * 60 * 60

/**
 * The headers that helmet would set: nothing from other origins, nothing inline and, in production,
 * https only from the first visit on. `form-action` also applies to where a form's response
 * redirects to: an app with a form that posts to the start of a login must list Alipay's origin
 * there. Here the start is a link.
 */
export function securityHeaders(production: boolean): RequestHandler {
  const headers = {
    'Content-Security-Policy': POLICY,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Origin-Agent-Cluster': '?1',
    'Referrer-Policy': 'same-origin', // helmet's no-referrer would make the Origin of our own forms null
    'X-Content-Type-Options': 'nosniff',
    'X-DNS-Prefetch-Control': 'off',
    'X-Download-Options': 'noopen',
    'X-Frame-Options': 'SAMEORIGIN',
    'X-Permitted-Cross-Domain-Policies': 'none',
    'X-XSS-Protection': '0', // the filters that it enabled were themselves exploitable
    ...(production ? { 'Strict-Transport-Security': `max-age=${A_YEAR}` } : {}),
  }
  return (_req, res, next) => {
    res.set(headers)
    next()
  }
}

/**
 * Accepts forms only from our own pages. The SameSite cookie keeps other sites out; this also keeps
 * other hosts of the same site out. Clients other than browsers send no origin, and carry no
 * victim's cookie.
 */
export const sameOriginOnly: RequestHandler = (req, _res, next) => {
  const site = req.get('sec-fetch-site')
  const origin = req.get('origin')
  const ours =
    (site === undefined || site === 'same-origin' || site === 'none') &&
    (origin === undefined || origin === `${req.protocol}://${req.host}`)
  next(ours ? undefined : httpError(403))
}

const LOOPBACK = /^(([a-z0-9-]+\.)*localhost|127(\.\d{1,3}){3}|\[::1\])$/

/**
 * In development the shop answers to both `localhost` and `127.0.0.1`, which do not share cookies.
 * So users who arrive under another name than the callback's are redirected to that one first.
 */
export function oneName(callbackURL: string): RequestHandler {
  const ours = new URL(callbackURL)
  return (req, res, next) => {
    const asked = URL.canParse(`http://${req.host}`) ? new URL(`http://${req.host}`) : ours
    const elsewhere = asked.hostname !== ours.hostname && asked.port === ours.port
    const local = LOOPBACK.test(asked.hostname) && LOOPBACK.test(ours.hostname)
    if (elsewhere && local && req.method === 'GET') res.redirect(ours.origin + req.originalUrl)
    else next()
  }
}
