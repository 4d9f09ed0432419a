import type { Request } from 'express'
import { isLinking } from '../authenticate-options.js'
import { headerOf, isLoggedIn, isNavigation, urlOf } from '../incoming-request.js'
import type { Settings } from '../options.js'
import { readEntry, writeEntry } from '../session/session-entry.js'
import { environmentOf } from './environment.js'
import { fail, type Outcome } from './outcome.js'

/**
 * The outcome of a login that starts where Alipay's page does not work: on a phone, the user must go to
 * Alipay's own app, and start the login there, because its WebView has separate cookies. Undefined where
 * the page works, and for requests that are not navigations.
 */
export function phoneOutcome(
  req: Request,
  options: { state?: unknown },
  { phones, web, stateTTL }: Settings,
  sessionKey: string,
): Outcome | undefined {
  if (phones === 'page' || !web || isLinking(options) || !isNavigation(req) || isLoggedIn(req))
    return undefined
  const { state } = options
  const environment = environmentOf(headerOf(req, 'user-agent'))
  if (environment === 'wechat') return fail('open_in_browser', { state })
  const link = environment === 'phone' ? walletLink(urlOf(req), web.callbackURL) : undefined
  if (link === undefined) return undefined
  if (phones === 'wallet' && isFirstTime(req, sessionKey, stateTTL))
    return { verb: 'redirect', url: link }
  return fail('open_in_alipay', { link, state })
}

/** Alipay's app opens the URL in this link in its WebView. */
const WALLET = 'alipays://platformapi/startapp?appId=20000067&url='

const LONGEST_ADDRESS = 2_048

/**
 * A link that opens this same route in Alipay's app. The origin is that of the callback, never one from
 * the request. Undefined if the URL is too long for a link.
 */
function walletLink(url: string, { origin }: URL): string | undefined {
  const [path = '', ...query] = url.split('?')
  const own = path.replace(/^https?:\/\/[^/]*/i, '') // the request line may hold an absolute URL
  const rooted = `/${own.replace(/^[/\\]+/, '')}`.replaceAll('\\', '%5C')
  const address = new URL(`${origin}${[rooted, ...query].join('?')}`)
  address.hash = ''
  if (address.origin !== origin || address.href.length > LONGEST_ADDRESS) return undefined
  return WALLET + encodeURIComponent(address.href)
}

/** Without Alipay's app the link opens nothing, so the next attempt fails with a message instead. */
function isFirstTime(req: Request, sessionKey: string, once: number): boolean {
  const entry = readEntry(req, sessionKey)
  const { sentToWalletAt = 0 } = entry
  if (Math.abs(Date.now() - sentToWalletAt) < once) return false
  writeEntry(req, sessionKey, { ...entry, sentToWalletAt: Date.now() })
  return true
}
