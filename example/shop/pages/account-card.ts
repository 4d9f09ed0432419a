import type { Language, Words } from '../language.js'
import type { User } from '../users.js'
import { alipayButton } from './alipay-button.js'
import { breakable, html, type Markup } from './html.js'
import type { View } from './layout.js'

/** When the tokens expire, in milliseconds since the epoch, if known. */
export interface Ends {
  expiresAt: number | undefined
  sessionExpiresAt: number | undefined
}

const words: Words<Record<string, string>> = {
  zh: {
    head: '欢迎回来，',
    first: '欢迎，',
    number: '会员号',
    username: '用户名',
    mobile: '手机',
    email: '邮箱',
    pass: '身份凭证',
    until: '有效至',
    left: '后到期',
    asking: '正在续期…',
    renewed: '已自动续期 {n} 次，你不用做任何事',
    fresh: '到期前会自动续期，你不用做任何事',
    away: '暂时连不上，稍后会自动重试',
    session: '登录保持至',
    raw: '以 JSON 查看',
    over: '你的登录已经结束',
    overWhy: '你可能在别处退出了，或者登录已经到期。重新登录即可继续。',
    again: '重新登录',
  },
  en: {
    head: 'Welcome back, ',
    first: 'Welcome, ',
    number: 'Member no.',
    username: 'User name',
    mobile: 'Mobile',
    email: 'Email',
    pass: 'Your pass',
    until: 'valid until',
    left: 'left',
    asking: 'Renewing…',
    renewed: 'Renewed automatically ({n}×): nothing for you to do',
    fresh: 'It renews automatically before it expires: nothing for you to do',
    away: 'Cannot connect right now; it will retry automatically',
    session: 'Logged in until',
    raw: 'As JSON',
    over: 'Your login has ended',
    overWhy: 'You may have logged out elsewhere, or it has expired. Log in again to continue.',
    again: 'Log in again',
  },
}

/** Who is logged in, and for how long. `assets/account.js` keeps the times up to date. */
export function accountCard(user: User, ends: Ends, { language, demo }: View): Markup {
  const text = words[language]
  return html`<div id="over" role="alert"><template>${endedCard(language)}</template></div>
<section class="account" id="account" aria-labelledby="welcome">
<div class="who"><span class="avatar" aria-hidden="true">${[...user.name][0]}</span>
<h1 id="welcome">${user.returning ? text.head : text.first}${breakable(user.name)}</h1>
<dl>${row(text.username, user.username)}${row(text.mobile, user.mobile)}${row(text.email, user.email)}
${row(text.number, user.id)}</dl></div>
${pass(ends, language)}
${demo && html`<p class="raw">${text.raw} <a href="/me">/me</a> <a href="/token">/token</a></p>`}
</section>`
}

export function endedTitle(language: Language): string {
  return words[language].over ?? ''
}

/** Replaces the account when the login has ended elsewhere. */
export function endedCard(language: Language): Markup {
  const text = words[language]
  return html`<section class="ended"><h1>${text.over}</h1><p>${text.overWhy}</p>
${alipayButton(language, text.again)}</section>`
}

function row(name: string | undefined, value: string | undefined): Markup | undefined {
  return value === undefined
    ? undefined
    : html`<div><dt>${name}</dt><dd>${breakable(value)}</dd></div>`
}

/**
 * The id_token's remaining lifetime: a countdown, or without a script the time at which it expires.
 */
function pass({ expiresAt, sessionExpiresAt }: Ends, language: Language): Markup {
  const text = words[language]
  return html`<div class="pass" id="pass" data-expires-at="${expiresAt}" data-now="${Date.now()}"
data-asking="${text.asking}" data-renewed="${text.renewed}" data-away="${text.away}">
<h2>${text.pass} <small>id_token</small></h2>
<p class="count">${expiresAt !== undefined && html`<noscript>${text.until}</noscript> `}<b id="count" role="timer">${expiresAt === undefined ? '—' : time(expiresAt)}</b>
<span id="left" hidden>${text.left}</span></p>
<progress id="bar" value="1" max="1" aria-label="${text.pass}"></progress>
<p class="news" id="news" role="status">${text.fresh}</p>
${sessionExpiresAt !== undefined && html`<p class="until">${text.session} ${time(sessionExpiresAt)}</p>`}
</div>`
}

function time(at: number): Markup {
  const date = new Date(at)
  return html`<time datetime="${date.toISOString()}">${date.toISOString().slice(0, 16).replace('T', ' ')} UTC</time>`
}
