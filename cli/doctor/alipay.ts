import { isLoopback } from '../../lib/loopback.js'
import type { Settings } from '../../lib/options.js'
import { error, type Finding, ok, warning } from './finding.js'
import type { Env } from './settings.js'

const PAGES: Record<string, string> = {
  'https://openauth.alipay.com/oauth2/publicAppAuthorize.htm': "Alipay's production",
  'https://openauth-sandbox.dl.alipaydev.com/oauth2/publicAppAuthorize.htm': "Alipay's sandbox",
}

/** What is sent to Alipay's consent page (docs/wire.md#alipays-consent-page), beyond the form that the strategy checks. */
export function lookAtAlipay({ web, origin }: Settings, env: Env): Finding[] {
  if (web === undefined) return []
  const simulated = isLoopback(new URL(origin))
  return [
    lookAtAppID(web.alipayAppID),
    lookAtPage(web.authorizationURL, simulated),
    lookAtCallback(web.callbackURL, env.NODE_ENV === 'production', simulated),
  ]
}

function lookAtAppID(appID: string): Finding {
  if (!/^\d+$/.test(appID)) {
    return error(
      'the Alipay app_id',
      'holds more than digits',
      'copy the app_id of the Alipay app again',
    )
  }
  if (appID.length !== 16) {
    const says = `has ${appID.length} digits, where Alipay's usually have 16`
    return warning('the Alipay app_id', says, 'compare it with the app_id of the Alipay app')
  }
  return ok('the Alipay app_id', 'has 16 digits')
}

function lookAtPage(page: URL, simulated: boolean): Finding {
  const about = "Alipay's consent page"
  const known = PAGES[page.href]
  if (simulated && known !== undefined) {
    const change =
      "set ALIPAY_AUTHORIZATION_URL to the simulator's consent page, which it prints when it starts"
    return error(about, `is ${known} page, but OneAccess is simulated`, change)
  }
  if (simulated) return ok(about, `is ${page.href}`)
  if (isLoopback(page)) {
    return error(
      about,
      'is on loopback, but OneAccess is not',
      'leave ALIPAY_AUTHORIZATION_URL unset',
    )
  }
  if (known === undefined) {
    return warning(
      about,
      `is ${page.href}, none of Alipay's`,
      'leave ALIPAY_AUTHORIZATION_URL unset, unless this is meant',
    )
  }
  return ok(about, `is ${known} page`)
}

function lookAtCallback(callback: URL, production: boolean, simulated: boolean): Finding {
  const about = 'the callback route'
  const onLoopback = isLoopback(callback)
  if (callback.pathname === '/') {
    const change =
      'give it a path of its own: any request to its path is taken for Alipay coming back'
    return error(about, 'is the root of the site', change)
  }
  if (callback.search !== '') {
    return warning(
      about,
      'has a query',
      'leave the query out: Alipay adds its own, and compares the address',
    )
  }
  if (onLoopback && (production || !simulated)) {
    const change =
      'set CALLBACK_URL to the public https address, unless you only try it on this machine'
    return warning(about, `is on ${callback.host}`, change)
  }
  return ok(about, `is ${callback.pathname} on ${callback.host}`)
}
