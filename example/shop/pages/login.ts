import type { Words } from '../language.js'
import { alipayButton } from './alipay-button.js'
import { type Failure, failureTextFor } from './failures.js'
import { html, type Markup } from './html.js'
import { page, type View } from './layout.js'

const words: Words<{
  title: string
  lead: string
  promises: string[]
  look: string
  home: string
  still: string
}> = {
  zh: {
    title: '登录',
    lead: '用支付宝登录，享受会员价。',
    promises: [
      '你在支付宝的页面上确认，我们看不到你的密码',
      '本店只读取你的姓名和联系方式',
      '随时可以退出',
    ],
    look: '先逛逛',
    home: '回到首页',
    still: '{name}，你仍然处于登录状态。',
  },
  en: {
    title: 'Log in',
    lead: 'Log in with Alipay for the member price.',
    promises: [
      'You confirm on Alipay’s own page; we never see your password',
      'We only get your name and contact details',
      'Log out at any time',
    ],
    look: 'Look around first',
    home: 'Back to the shop',
    still: 'You are still logged in as {name}.',
  },
}

/** The login page. After a failed login it says why, and what to do next. */
export function loginPage(view: View, failed?: unknown): Markup {
  const text = words[view.language]
  const failure = failureTextFor(failed, view.language)
  const body = html`<section class="panel">
${failure ? alert(failure, view) : html`<div><h1>${text.title}</h1><p class="lead">${text.lead}</p></div>`}
${nextSteps(view, failure)}
${!failure && html`<ul class="promises">${text.promises.map((one) => html`<li>${one}</li>`)}</ul>`}
</section>`
  return page(view, { title: failure?.title ?? text.title, body })
}

/** A user who is already logged in more likely wants the shop than another login. */
function nextSteps({ language, user }: View, failure: Failure | undefined): Markup {
  const text = words[language]
  if (failure && user) {
    return html`<a class="solid" href="/">${text.home}</a><a class="quiet" href="/auth/alipay">${failure.again}</a>`
  }
  return html`${alipayButton(language, failure?.again)}<a class="quiet" href="/">${failure ? text.home : text.look}</a>`
}

function alert({ title, what, isCalm }: Failure, { language, user }: View): Markup {
  const still = user && words[language].still.replace('{name}', () => user.name)
  return html`<div role="alert">${!isCalm && html`<span class="mark" aria-hidden="true">!</span>`}
<h1>${title}</h1><p class="lead">${what}</p>${still && html`<p class="lead">${still}</p>`}</div>`
}
