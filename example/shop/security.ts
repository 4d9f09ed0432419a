import type { RequestHandler } from 'express'
import { httpError } from './errors.js'

const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self' data:", // puzzles come as data
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const A_YEAR = 365 * 24 * 60 * 60

/**
 * What helmet sets, by hand. Nothing from elsewhere, nothing inline; and in production nothing but https, from the
 * first visit on. `form-action` also holds for where a form is redirected to: an app whose form posts to
 * the start of a login must name Alipay's origin there. Here that start is a link.
 */
export function securityHeaders(production: boolean): RequestHandler {
  const headers = {
    'Content-Security-Policy': POLICY,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Origin-Agent-Cluster': '?1',
    'Referrer-Policy': 'same-origin', // helmet says no-referrer, which makes the Origin of our own forms null
    'X-Content-Type-Options': 'nosniff',
    'X-DNS-Prefetch-Control': 'off',
    'X-Download-Options': 'noopen',
    'X-Frame-Options': 'SAMEORIGIN',
    'X-Permitted-Cross-Domain-Policies': 'none',
    'X-XSS-Protection': '0', // the filters that this turned on were themselves a hole
    ...(production ? { 'Strict-Transport-Security': `max-age=${A_YEAR}` } : {}),
  }
  return (_req, res, next) => {
    res.set(headers)
    next()
  }
}

/**
 * Lets a form through from our own pages only. The SameSite cookie holds other sites off; this holds
 * off other hosts of the same site. What is no browser names no origin, and has no victim's cookie.
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
 * On one's own machine the shop answers to `localhost` and to `127.0.0.1`, and a cookie of one is not
 * sent to the other. Who begins at another name than the callback's is taken there first.
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
