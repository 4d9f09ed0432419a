/** Where a login starts, as far as Alipay's page is concerned. */
export type Environment =
  /** A computer: Alipay's page shows a QR code and accepts passwords. */
  | 'desktop'
  /** Alipay's own app, where the page works directly. */
  | 'wallet'
  /** A phone's browser, or another app: the page asks the user to open Alipay. */
  | 'phone'
  /** WeChat, which does not open links to Alipay. */
  | 'wechat'

const PHONE = /Android|iPhone|iPad|iPod|Windows Phone|\b(?:Phone|Tablet); OpenHarmony|\bMobile\b/i

/** Reads a User-Agent. An unknown one counts as a desktop, where the login goes straight to Alipay. */
export function environmentOf(agent: string): Environment {
  if (/AlipayClient/i.test(agent)) return 'wallet'
  if (/MicroMessenger/i.test(agent)) return 'wechat'
  return PHONE.test(agent) ? 'phone' : 'desktop'
}
