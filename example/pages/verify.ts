import type { Captcha } from 'passport-oneaccess-alipay'
import type { Language, Words } from '../language.js'
import { failureOf } from './failures.js'
import { html, type Markup } from './html.js'
import { page, type View } from './layout.js'

/** What is asked of the person. */
export interface Asked {
  /** OneAccess's word for it. */
  status: string
  flows: readonly string[]
  puzzle: Captcha
  /** Where a second factor's code goes. */
  mobile?: string
}

const words = {
  zh: {
    bind: ['关联你的账户', '第一次用这个支付宝账号登录？请用手机号或邮箱关联你在本店的账户。'],
    second: ['再确认一下是你', '为了你的安全，我们会发一条短信验证码到 '],
    contact: { both: '手机号或邮箱', phone: '手机号', mail: '邮箱' },
    choose: '你在本店有账户了吗？',
    fresh: '还没有，帮我新建',
    known: '有，关联到它',
    puzzle: '拖动滑块，把拼图放到缺口处',
    noScript: '这道拼图需要打开浏览器的 JavaScript。',
    send: '发送验证码',
    code: ['输入验证码', '验证码已经发出，请照收到的填写。'],
    field: '验证码',
    finish: '完成登录',
    resend: '没有收到？重新发送',
    leave: '换一个支付宝账号',
    tip: '演示模式：已有账户的手机号例如 ',
    console: '演示模式不会真的发送，验证码在这里：',
    where: '模拟器的页面',
  },
  en: {
    bind: [
      'Link your account',
      'Is this your first login with this Alipay account? Link it to you by mobile number or email.',
    ],
    second: [
      'One more check that it is you',
      'To keep you safe we send a code by text message to ',
    ],
    contact: { both: 'Mobile number or email', phone: 'Mobile number', mail: 'Email' },
    choose: 'Do you have an account with us?',
    fresh: 'Not yet, make one',
    known: 'Yes, link it',
    puzzle: 'Move the slider until the piece fills the gap',
    noScript: 'This puzzle needs JavaScript.',
    send: 'Send the code',
    code: ['Enter the code', 'It has been sent. Type it as you received it.'],
    field: 'Code',
    finish: 'Finish the login',
    resend: 'Nothing came? Send it again',
    leave: 'Use another Alipay account',
    tip: 'Demo: a number that has an account is ',
    console: 'The demo sends nothing. The code is here: ',
    where: 'the simulator’s page',
  },
} satisfies Words<object>

const problems: Record<string, Words<string>> = {
  input_malformed: {
    zh: '手机号或邮箱格式不对，请检查后再试。',
    en: 'That is no mobile number or email address. Please check it.',
  },
  puzzle_refused: {
    zh: '拼图没有对准，请再试一次。',
    en: 'The piece was not in its place. Please try once more.',
  },
  code_not_sent: {
    zh: '验证码没有发出。也许刚刚发过一次，请等一分钟再试。',
    en: 'No code was sent. Perhaps one was just before: please wait a minute.',
  },
}

/** First: to whom a code shall go, and the puzzle that OneAccess wants solved before. */
export function puzzlePage(view: View, asked: Asked, failed?: unknown): Markup {
  const text = words[view.language]
  const [title = '', lead = ''] = asked.mobile === undefined ? text.bind : text.second
  const { token, picture, piece } = asked.puzzle
  const body = html`<section class="panel">
<div><h1>${title}</h1><p class="lead">${lead}${asked.mobile && html`<b>${asked.mobile}</b>`}</p></div>
${problem(failed, view.language)}
<form class="steps" method="post" action="/login/verify/code">
${asked.mobile === undefined && contactField(asked.flows, view)}
${asked.status === 'USER_REGISTER' && actionChoice(view.language)}
<div class="puzzle" id="puzzle"><img id="picture" src="${picture}" alt=""><img id="piece" src="${piece}" alt=""></div>
<label>${text.puzzle}<input type="range" id="slider" name="x" value="0" min="0" step="1"></label>
<noscript><p class="problem">${text.noScript}</p></noscript>
<input type="hidden" name="token" value="${token}">
<button class="solid">${text.send}</button>
</form>
<a class="quiet" href="/auth/alipay">${text.leave}</a>
</section>`
  return page(view, { title, body, script: 'puzzle.js' })
}

/** Then: the code. */
export function codePage(view: View, failed?: unknown): Markup {
  const text = words[view.language]
  const [title = '', lead = ''] = text.code
  const body = html`<section class="panel">
<div><h1>${title}</h1><p class="lead">${lead}</p></div>
${problem(failed, view.language)}
${view.demo && html`<p class="hint">${text.console}<a href="${view.demo.consoleURL}" target="_blank" rel="noopener">${text.where}</a></p>`}
<form class="steps" method="post" action="/login/verify">
<label>${text.field}<input name="verify_code" inputmode="numeric" autocomplete="one-time-code"
required maxlength="20" autofocus></label>
<button class="solid">${text.finish}</button>
</form>
<a class="quiet" href="/login/verify">${text.resend}</a>
</section>`
  return page(view, { title, body })
}

function problem(failed: unknown, language: Language): Markup | undefined {
  if (typeof failed !== 'string') return undefined
  const failure = failureOf(failed, language)
  const own = Object.hasOwn(problems, failed) ? problems[failed]?.[language] : undefined
  const told =
    own ?? (failure && `${failure.title}${language === 'zh' ? '。' : '. '}${failure.what}`)
  return told === undefined ? undefined : html`<p class="problem" role="alert">${told}</p>`
}

function contactField(flows: readonly string[], { language, demo }: View): Markup {
  const { both, phone, mail } = words[language].contact
  const [byPhone, byMail] = [flows.includes('VERIFY_PHONE'), flows.includes('VERIFY_EMAIL')]
  const label = byPhone === byMail ? both : byPhone ? phone : mail
  return html`<label>${label}<input name="contact" autocomplete="${byPhone && !byMail ? 'tel' : 'on'}"
required maxlength="254"></label>
${demo && html`<p class="hint">${words[language].tip}${demo.mobile}</p>`}`
}

function actionChoice(language: Language): Markup {
  const { choose, fresh, known } = words[language]
  return html`<fieldset><legend>${choose}</legend>
<label><input type="radio" name="action" value="register" checked> ${fresh}</label>
<label><input type="radio" name="action" value="bind"> ${known}</label></fieldset>`
}
