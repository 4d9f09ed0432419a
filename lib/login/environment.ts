/** What a person holds, as far as Alipay's page is concerned. */
export type Environment =
  /** Alipay's page shows a QR code and takes passwords. */
  | 'desktop'
  /** Alipay's own app, in which the page works at once. */
  | 'wallet'
  /** A browser on a phone, or inside another app there: the page tells people to open it in Alipay. */
  | 'phone'
  /** WeChat, which opens no links to Alipay. */
  | 'wechat'

const PHONE = /Android|iPhone|iPad|iPod|Windows Phone|\b(?:Phone|Tablet); OpenHarmony|\bMobile\b/i

/** Reads a User-Agent. Whatever it does not know is a desktop, on which nothing is in the way. */
export function environmentOf(agent: string): Environment {
  if (/AlipayClient/i.test(agent)) return 'wallet'
  if (/MicroMessenger/i.test(agent)) return 'wechat'
  return PHONE.test(agent) ? 'phone' : 'desktop'
}
