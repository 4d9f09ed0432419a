import type { Language, Words } from '../language.js'
import { html, type Markup } from './html.js'
import { page } from './layout.js'

/** Title, what happened, and what the link says. */
type Text = [title: string, what: string]

const NOT_FOUND: Words<Text> = {
  zh: ['没有这个页面', '地址可能写错了，或者页面已经搬走。'],
  en: ['There is no such page', 'The address may be wrong, or the page has moved.'],
}

const BUSY: Words<Text> = {
  zh: ['暂时连不上', '登录服务现在很忙，或者没有响应。这不是你的问题，请过一会儿再试。'],
  en: [
    'We cannot get through just now',
    'The login service is busy or does not answer. This is not your fault: please try again in a moment.',
  ],
}

const texts: Record<number, Words<Text>> = {
  400: {
    zh: ['这个请求我们看不懂', '地址可能不完整。请回到首页再试。'],
    en: ['We cannot read this request', 'The address may be damaged. Please start from the front.'],
  },
  401: {
    zh: ['请先登录', '这一步需要你先登录。'],
    en: ['Please log in first', 'This needs you to be logged in.'],
  },
  403: {
    zh: ['这个请求被拦下了', '它不是从本店的页面发出的。为了你的安全，我们没有执行。'],
    en: [
      'This request was held back',
      'It was not sent from a page of this shop. To keep you safe we did nothing.',
    ],
  },
  404: NOT_FOUND,
  405: NOT_FOUND,
  502: BUSY,
  503: BUSY,
  504: BUSY,
}

const OURS: Words<Text> = {
  zh: ['我们这边出了点问题', '已经记录下来了。请稍后再试；如果一直这样，请联系店家。'],
  en: [
    'Something is wrong on our side',
    'It has been noted. Please try later, and tell the shop if it stays so.',
  ],
}

/** A page for an answer that is none of the expected ones. It knows nothing about who asks. */
export function errorPage(language: Language, status: number): Markup {
  const [title, what] = (texts[status] ?? OURS)[language]
  const again = status === 401 || status >= 500
  const zh = language === 'zh'
  const body = html`<section class="panel">
<div role="alert"><span class="mark" aria-hidden="true">!</span>
<h1>${title}</h1><p class="lead">${what}</p></div>
${again && html`<a class="solid" href="/login">${zh ? '再登录一次' : 'Log in again'}</a>`}
<a class="quiet" href="/">${zh ? '回到首页' : 'Back to the shop'}</a>
</section>`
  return page({ language, address: '/' }, { title, body })
}
