import type { Settings } from '../../lib/options.js'
import { isLoopback } from '../../lib/util/loopback.js'
import { error, type Finding, ok, type Words, warning } from './finding.js'
import type { Env } from './settings.js'

const PAGES: Record<string, Words> = {
  'https://openauth.alipay.com/oauth2/publicAppAuthorize.htm': {
    en: "Alipay's production",
    zh: '支付宝正式环境',
  },
  'https://openauth-sandbox.dl.alipaydev.com/oauth2/publicAppAuthorize.htm': {
    en: "Alipay's sandbox",
    zh: '支付宝沙箱',
  },
}

/**
 * Checks what the app sends to Alipay's consent page (docs/wire.md#alipays-consent-page), beyond
 * the form that the strategy checks itself.
 */
export function checkAlipay({ web, origin }: Settings, env: Env): Finding[] {
  if (web === undefined) return []
  const simulated = isLoopback(new URL(origin))
  return [
    checkAppID(web.alipayAppID),
    checkConsentPage(web.authorizationURL, simulated),
    checkCallback(web.callbackURL, env.NODE_ENV === 'production', simulated),
  ]
}

function checkAppID(appID: string): Finding {
  if (!/^\d+$/.test(appID)) {
    return error(
      'the Alipay app_id',
      { en: 'contains characters other than digits', zh: '含有数字以外的字符' },
      { en: 'copy the app_id of the Alipay app again', zh: '请重新复制支付宝应用的 APPID' },
    )
  }
  if (appID.length !== 16) {
    const says = {
      en: `has ${appID.length} digits, where Alipay's usually have 16`,
      zh: `长度是 ${appID.length} 位，支付宝的 APPID 一般是 16 位`,
    }
    return warning('the Alipay app_id', says, {
      en: 'compare it with the app_id of the Alipay app',
      zh: '请与支付宝应用的 APPID 核对',
    })
  }
  return ok('the Alipay app_id', { en: 'has 16 digits', zh: '16 位数字' })
}

function checkConsentPage(page: URL, simulated: boolean): Finding {
  const about = "Alipay's consent page"
  const known = PAGES[page.href]
  if (simulated && known !== undefined) {
    const change = {
      en: "set ALIPAY_AUTHORIZATION_URL to the simulator's consent page, which it prints when it starts",
      zh: '请把 ALIPAY_AUTHORIZATION_URL 设为模拟器启动时打印的授权页地址',
    }
    return error(
      about,
      {
        en: `is ${known.en} page, but OneAccess is simulated`,
        zh: `用的是${known.zh}，而 OneAccess 是模拟的`,
      },
      change,
    )
  }
  if (simulated) return ok(about, { en: `is ${page.href}`, zh: page.href })
  if (isLoopback(page)) {
    return error(
      about,
      { en: 'is on loopback, but OneAccess is not', zh: '是本机回环地址，而 OneAccess 不是' },
      { en: 'unset ALIPAY_AUTHORIZATION_URL', zh: '请删除 ALIPAY_AUTHORIZATION_URL' },
    )
  }
  if (known === undefined) {
    return warning(
      about,
      { en: `is ${page.href}, which is not Alipay's`, zh: `${page.href} 不是支付宝的授权页` },
      {
        en: 'unset ALIPAY_AUTHORIZATION_URL, unless this is intended',
        zh: '如果不是有意设置的，请删除 ALIPAY_AUTHORIZATION_URL',
      },
    )
  }
  return ok(about, { en: `is ${known.en} page`, zh: known.zh })
}

function checkCallback(callback: URL, production: boolean, simulated: boolean): Finding {
  const about = 'the callback route'
  const onLoopback = isLoopback(callback)
  if (callback.pathname === '/') {
    const change = {
      en: 'give it its own path: every request to it counts as a callback from Alipay',
      zh: '请使用单独的路径：访问该路径的请求都会被当作支付宝的回调',
    }
    return error(about, { en: 'is the root of the site', zh: '是网站的根路径' }, change)
  }
  if (callback.search !== '') {
    return warning(
      about,
      { en: 'has a query', zh: '带有查询参数' },
      {
        en: 'remove the query: Alipay adds its own, and compares the URL',
        zh: '请去掉查询参数：支付宝会加上自己的参数，并且会比对地址',
      },
    )
  }
  if (onLoopback && (production || !simulated)) {
    const change = {
      en: 'set CALLBACK_URL to the public https address, unless you are only trying it on this machine',
      zh: '请把 CALLBACK_URL 设为公网 https 地址；如果只在本机试用，可以忽略',
    }
    return warning(
      about,
      { en: `is on ${callback.host}`, zh: `是本机地址（${callback.host}）` },
      change,
    )
  }
  return ok(about, {
    en: `is ${callback.pathname} on ${callback.host}`,
    zh: `${callback.host} 的 ${callback.pathname}`,
  })
}
