import type { Language, Words } from '../language.js'
import { alipayButton } from './alipay-button.js'
import { html, type Markup } from './html.js'
import { page, type View } from './layout.js'

/** Title, and what happened. */
type Text = [title: string, what: string]

const NOT_FOUND: Words<Text> = {
  zh: ['没有这个页面', '地址可能写错了，或者页面已不存在。'],
  en: ['Page not found', 'The address may be wrong, or the page may have moved.'],
}

const BUSY: Words<Text> = {
  zh: ['暂时打不开', '本店现在很忙，请过一会儿再试。你的登录不受影响。'],
  en: [
    'The shop is busy right now',
    'Please try again in a moment. If you were logged in, you still are.',
  ],
}

const LOGIN_BUSY: Words<Text> = {
  zh: ['暂时无法登录', '登录服务繁忙或没有响应，与你的操作无关，请稍后再登录。'],
  en: [
    'You cannot log in right now',
    'The login service is busy or not responding. This is not your fault: please try again in a moment.',
  ],
}

const texts: Record<number, Words<Text>> = {
  400: {
    zh: ['无法识别的请求', '地址可能不完整，请从首页重新进入。'],
    en: [
      'We cannot read this request',
      'The address may be incomplete. Please start from the home page.',
    ],
  },
  401: {
    zh: ['请先登录', '这一步需要你先登录。'],
    en: ['Please log in first', 'You need to be logged in to do this.'],
  },
  403: {
    zh: ['请求已拦截', '这个请求不是从本店的页面发出的。为了你的账号安全，我们没有执行。'],
    en: [
      'This request was blocked',
      'It did not come from a page of this shop. To keep you safe, we ignored it.',
    ],
  },
  404: NOT_FOUND,
  405: NOT_FOUND,
  502: BUSY,
  503: BUSY,
  504: BUSY,
}

const OUR_FAULT: Words<Text> = {
  zh: ['我们这边出了点问题', '已经记录下来了。请稍后再试；如果一直这样，请联系店家。'],
  en: [
    'Something went wrong on our side',
    'We have logged it. Please try again later, and contact the shop if it keeps happening.',
  ],
}

/** The request's method, and the status of the response. */
interface Answered {
  status: number
  method: string
}

/** The page for an error. */
export function errorPage(view: View, { status, method }: Answered): Markup {
  const { language, address } = view
  const isLogin = address.startsWith('/auth/alipay')
  const text = isLogin && texts[status] === BUSY ? LOGIN_BUSY : texts[status]
  const [title, what] = (text ?? OUR_FAULT)[language]
  const body = html`<section class="panel">
<div role="alert"><span class="mark" aria-hidden="true">!</span>
<h1>${title}</h1><p class="lead">${what}</p></div>
${nextStep(language, status, isLogin || method !== 'GET' ? undefined : address)}
<a class="quiet" href="/">${language === 'zh' ? '回到首页' : 'Back to the shop'}</a>
</section>`
  // a callback works once and a form must not be sent again, so the language link leads to another page
  const here = isLogin ? '/login' : method === 'GET' ? address : '/'
  return page({ ...view, address: here, isUserUnknown: status >= 500 }, { title, body })
}

/**
 * A link to the same page if asking twice does no harm; otherwise a button that starts the login
 * again.
 */
function nextStep(language: Language, status: number, address: string | undefined) {
  if (status === 401 || (status >= 500 && address === undefined)) {
    return alipayButton(language, language === 'zh' ? '重新登录' : 'Log in again')
  }
  if (status < 500) return undefined
  return html`<a class="solid" href="${address}">${language === 'zh' ? '再试一次' : 'Try again'}</a>`
}
