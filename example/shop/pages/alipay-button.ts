import type { Language } from '../language.js'
import { html, type Markup } from './html.js'

/** The button that starts a login. */
export function alipayButton(language: Language, label?: string): Markup {
  const text = label ?? (language === 'zh' ? '用支付宝登录' : 'Log in with Alipay')
  return html`<a class="alipay" href="/auth/alipay"><span class="glyph" aria-hidden="true">支</span>${text}</a>`
}
