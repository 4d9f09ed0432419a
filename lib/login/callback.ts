import type { Request } from 'express'
import { OneAccessError } from '../errors.js'
import { headerOf, urlOf } from '../incoming-request.js'
import type { WebSettings } from '../options.js'
import { type Failure, fail, malformed, type Outcome } from './outcome.js'

/** The URL of Alipay's consent page (docs/wire.md#alipays-consent-page): `app_id`, not `client_id`, and no `response_type`. */
export function consentPage(web: WebSettings, state: string): string {
  const [beforeState, afterState] = partsOf(web)
  return beforeState + encodeURIComponent(state) + afterState
}

/** For each setting, the URL before and after the state: built once instead of at each login. */
const parts = new WeakMap<WebSettings, [beforeState: string, afterState: string]>()

function partsOf(web: WebSettings): [beforeState: string, afterState: string] {
  const known = parts.get(web)
  if (known) return known
  const url = new URL(web.authorizationURL)
  url.searchParams.set('app_id', web.alipayAppID)
  url.searchParams.set('scope', web.scope)
  url.searchParams.set('redirect_uri', web.callbackURL.href)
  url.searchParams.delete('state')
  url.searchParams.append('state', '')
  const { hash } = url
  url.hash = ''
  const made: [string, string] = [url.href, hash]
  parts.set(web, made)
  return made
}

/** The parameters of a callback from Alipay. */
export interface Callback {
  state: string | undefined
  code: string | undefined
  /** The Alipay app that the user has authorized. */
  appID: string | undefined
  /** Alipay's error code; empty if there is only a description. */
  error: string | undefined
  /** The failure for the first parameter that is repeated, nested, too long or has control characters. */
  malformed?: Failure | undefined
}

/** Reads the request as Alipay's callback; undefined if it is not one. */
export function callbackIn(req: Request, callbackURL: URL): Callback | undefined {
  const query = queryOf(req)
  return isCallback(req, callbackURL, query) ? readCallback(req, query) : undefined
}

const MARKS = ['auth_code', 'state', 'error', 'error_code', 'error_description'] as const
const PARAMETERS = [...MARKS, 'app_id'] as const

/**
 * Whether this is Alipay's callback: it has one of its parameters, or the callback's path. A callback
 * without parameters is then a failure instead of another redirect, which would loop.
 */
export function isCallback(req: Request, callbackURL: URL, query = queryOf(req)): boolean {
  if (MARKS.some((name) => query.has(name))) return true
  const [path = ''] = urlOf(req).split('?')
  return isSamePath(segmentsOf(path), segmentsOf(callbackURL.pathname))
}

/**
 * Whether two paths may belong to one route. A router may ignore case and a trailing slash, and a proxy
 * may strip or add a prefix: then one path ends with the other.
 */
function isSamePath(one: string[], other: string[]): boolean {
  const length = Math.min(one.length, other.length)
  if (length === 0) return one.length === other.length
  return one.slice(-length).join('/') === other.slice(-length).join('/')
}

function segmentsOf(path: string): string[] {
  return path
    .toLowerCase()
    .split('/')
    .filter((segment) => segment !== '')
}

/** Reads a callback. A malformed parameter reads as absent, and is reported in `malformed`. */
export function readCallback(req: Request, query = queryOf(req)): Callback {
  const values = new Map<string, string>()
  const bad = new Set<string>()
  const nested = new Set<string>()
  query.forEach((value, key) => {
    const [name = '', inner] = key.split('[', 2)
    if (inner !== undefined) nested.add(name)
    else if (values.has(name) || !isSane(value)) bad.add(name)
    values.set(key, value)
  })
  const read = (name: string) => (bad.has(name) ? undefined : values.get(name) || undefined)
  const wrong = PARAMETERS.find((name) => bad.has(name) || nested.has(name))
  return {
    state: read('state'),
    code: read('auth_code'),
    appID: read('app_id'),
    error: read('error') ?? read('error_code') ?? (read('error_description') && ''),
    malformed: wrong && malformed(`${wrong} must be given once, as a short string.`),
  }
}

/** Why a callback is not a login, regardless of its code; undefined if there is no problem. */
export function problemOf(
  { malformed, appID, error }: Callback,
  { alipayAppID }: WebSettings,
  state?: unknown,
): Outcome | undefined {
  if (malformed) return malformed
  // a truncated id does not show which app it belongs to
  if (appID && !alipayAppID.startsWith(appID)) return fail('app_id_mismatch', { state })
  if (error === undefined) return undefined
  if (REFUSALS.has(error.toLowerCase())) return fail('declined', { state })
  return { verb: 'error', error: alipayError(error) }
}

/** The errors that mean that the user refused. Alipay documents none, and usually sends none. */
const REFUSALS = new Set([
  ...['access_denied', 'auth_denied', 'user_denied', 'user_refused', 'user_cancel'],
  ...['user_canceled', 'user_cancelled', 'cancel', 'canceled', 'cancelled'],
])

/** Any other error is one that the user cannot fix, such as an app without the permission. */
function alipayError(error: string): OneAccessError {
  // anyone can put anything into the URL, and the code goes into logs
  const isCode = /^([a-z][\w.-]{2,63}|\d{1,6})$/i.test(error)
  return new OneAccessError('alipay_error', {
    step: 'consent',
    status: 500,
    ...(isCode ? { errorCode: error } : { detail: 'no readable error code' }),
    hint:
      "Alipay's consent page returned this error: check that the Alipay app in the option alipayAppID " +
      'is online, is allowed to read user information, and lists this callback address',
  })
}

/** Parses the URL itself, because apps configure `query parser` in different ways. */
function queryOf(req: Request): URLSearchParams {
  const url = urlOf(req)
  const start = url.indexOf('?')
  return new URLSearchParams(start === -1 ? '' : url.slice(start + 1))
}

const LONGEST_PARAMETER = 512

/** Whether a parameter is short enough and has no control characters. */
export function isSane(value: string): boolean {
  return value.length <= LONGEST_PARAMETER && !/\p{Cc}/u.test(value)
}

/** Whether the browser is prefetching; such a request spends nothing. */
export function isPrefetch(req: Request): boolean {
  if (req.method === 'HEAD') return true
  return PURPOSES.some((name) => /prefetch|prerender|preview/i.test(headerOf(req, name)))
}

const PURPOSES = ['sec-purpose', 'purpose', 'x-moz', 'x-purpose']
