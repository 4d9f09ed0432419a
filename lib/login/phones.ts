import type { Request } from 'express'
import { isLinking } from '../authenticate-options.js'
import { headerOf, isLoggedIn, isNavigation, urlOf } from '../incoming-request.js'
import type { Settings } from '../options.js'
import { readEntry, writeEntry } from '../session/session-entry.js'
import { environmentOf } from './environment.js'
import { fail, type Outcome } from './outcome.js'

/**
 * Where a person must go to log in, when Alipay's page would turn them away here: on a phone, into
 * Alipay's own app, whose WebView has cookies of its own, so that the login must start there.
 * Undefined where the page works, and for whatever is no person's navigation.
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

/** Alipay's own app opens the address that this scheme names in its WebView. */
const WALLET = 'alipays://platformapi/startapp?appId=20000067&url='

const LONGEST_ADDRESS = 2_048

/**
 * Opens this same route in the wallet. The origin is that of the callback and of nothing that a
 * request says; undefined for an address that is too long for a link.
 */
function walletLink(url: string, { origin }: URL): string | undefined {
  const [path = '', ...query] = url.split('?')
  const own = path.replace(/^https?:\/\/[^/]*/i, '') // an address may be sent whole
  const rooted = `/${own.replace(/^[/\\]+/, '')}`.replaceAll('\\', '%5C')
  const address = new URL(`${origin}${[rooted, ...query].join('?')}`)
  address.hash = ''
  if (address.origin !== origin || address.href.length > LONGEST_ADDRESS) return undefined
  return WALLET + encodeURIComponent(address.href)
}

/** Where there is no wallet nothing opens: whoever comes again is shown what to do. */
function isFirstTime(req: Request, sessionKey: string, once: number): boolean {
  const entry = readEntry(req, sessionKey)
  const { sentToWalletAt = 0 } = entry
  if (Math.abs(Date.now() - sentToWalletAt) < once) return false
  writeEntry(req, sessionKey, { ...entry, sentToWalletAt: Date.now() })
  return true
}
