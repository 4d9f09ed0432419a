import type { Words } from '../language.js'
import { html, type Markup } from './html.js'
import { page, type View } from './layout.js'
import { qrCode } from './qr-code.js'

const inAlipay: Words<
  Record<'title' | 'lead' | 'open' | 'scan' | 'code' | 'none' | 'demo', string>
> = {
  zh: {
    title: '请在支付宝里继续',
    lead: '手机浏览器里不能用支付宝登录，请在支付宝里打开本店继续。',
    open: '打开支付宝',
    scan: '支付宝在另一部手机上？用支付宝“扫一扫”：',
    code: '二维码：在支付宝里打开本店',
    none: '点了没有反应？请先安装支付宝，或者在电脑上打开本店。',
    demo: '演示环境没有接入真实的支付宝。把浏览器的 User-Agent 改成含有 AlipayClient 的值，就相当于在支付宝里打开本页。',
  },
  en: {
    title: 'Please continue in Alipay',
    lead: 'A phone’s browser cannot log in with Alipay. The button opens this shop inside the Alipay app and logs you in there.',
    open: 'Open Alipay',
    scan: 'Is Alipay on another phone? Scan this code with it:',
    code: 'QR code: opens this shop in Alipay',
    none: 'Nothing happens? Please install Alipay first, or open this shop on a computer.',
    demo: 'Demo: there is no Alipay app to open here. Set your browser’s User-Agent to one that contains AlipayClient to see this page as in the Alipay app.',
  },
}

/**
 * For a phone's browser: the login starts inside Alipay, after a tap on the button or a scan from
 * another phone.
 */
export function openInAlipayPage(view: View, link: string): Markup {
  const text = inAlipay[view.language]
  const address = new URL(link).searchParams.get('url') ?? ''
  const body = html`<section class="panel">
<div><h1>${text.title}</h1><p class="lead">${text.lead}</p></div>
<a class="alipay" href="${link}"><span class="glyph" aria-hidden="true">支</span>${text.open}</a>
<figure class="scan"><figcaption>${text.scan}</figcaption>${qrCode(address, text.code)}</figure>
<p class="lead">${text.none}</p>
${view.demo && html`<p class="note">${text.demo}</p>`}
<a class="quiet" href="/">${view.language === 'zh' ? '回到首页' : 'Back to the shop'}</a>
</section>`
  return page(view, { title: text.title, body })
}

const inBrowser: Words<{ title: string; lead: string; steps: string[]; address: string }> = {
  zh: {
    title: '请在浏览器里打开',
    lead: '微信里打不开支付宝。换到浏览器，就可以用支付宝登录。',
    steps: ['点右上角的“···”', '选“在浏览器中打开”', '再点“用支付宝登录”'],
    address: '也可以复制这个地址，粘贴到浏览器里：',
  },
  en: {
    title: 'Please open this in a browser',
    lead: 'WeChat cannot open Alipay. In a browser you can log in with it.',
    steps: ['Tap “···” at the top right', 'Choose “Open in browser”', 'Log in with Alipay there'],
    address: 'Or copy this address into a browser:',
  },
}

/** For WeChat, which does not open Alipay links. */
export function openInBrowserPage(view: View, origin: string): Markup {
  const text = inBrowser[view.language]
  const body = html`<section class="panel">
<div><h1>${text.title}</h1><p class="lead">${text.lead}</p></div>
<ol class="steps">${text.steps.map((step) => html`<li>${step}</li>`)}</ol>
<p class="lead">${text.address}<br><b class="address">${origin}/login</b></p>
<a class="quiet" href="/">${view.language === 'zh' ? '回到首页' : 'Back to the shop'}</a>
</section>`
  return page(view, { title: text.title, body })
}
