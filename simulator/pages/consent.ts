import type { Person } from '../people.js'
import type { Answer } from '../transport/answer.js'
import type { Words } from '../words.js'
import { html, type langOf, type Markup, pageAnswer, say } from './html.js'

interface Consent {
  people: Person[]
  /** The page's own query; the form posts to the same URL. */
  query: URLSearchParams
  redirectURI: string
  scope: string
  lang: Lang
}

type Lang = ReturnType<typeof langOf>

/** Alipay's question: who are you, and may this app know? */
export function consentPage({ people, query, redirectURI, scope, lang }: Consent): Answer {
  const { host } = new URL(redirectURI)
  const content = html`<form method="post" action="?${query.toString()}">
<h1>${say('登录授权', 'Log in and authorize')}</h1>
<p>${say(html`<b>${host}</b> 申请获取以下信息：`, html`<b>${host}</b> asks for:`)}</p>
<ul>${scope.split(',').map(scopeLine)}</ul>
<fieldset><legend>${say('选择登录用户', 'Who are you?')}</legend>
${people.map(personChoice)}
</fieldset>
<div class="decide">
<button name="decision" value="agree" class="agree">${say('同意', 'Agree')}</button>
<button name="decision" value="refuse" class="refuse">${say('拒绝', 'Refuse')}</button>
</div>
</form>
<footer>${say(
    '这里不是支付宝，也不是身份提供商：谁都可以用任何身份登录。',
    'This is neither Alipay nor an identity provider: anyone can log in as anyone.',
  )}</footer>`
  const title = { 'zh-CN': '支付宝登录授权（模拟）', en: 'Alipay, simulated: log in' }
  return alipayPage({ title, lang, content })
}

/** What an ordinary phone browser sees: the page works on a desktop and in the wallet. */
export function openInWalletPage(query: URLSearchParams, lang: Lang, status = 200): Answer {
  const app = query.get('redirect_uri') ?? ''
  const host = URL.canParse(app) ? new URL(app).host : ''
  const phones = html`<code>phones</code>`
  const client = html`<code>AlipayClient</code>`
  const content = html`<h1>${say('请在支付宝客户端打开链接', 'Please open this link in the Alipay app')}</h1>
<p>${say(
    '支付宝授权页不能在手机浏览器和微信里登录，只能在电脑上和支付宝客户端内使用。',
    'Alipay’s login page does not work in a phone’s browser or in WeChat, only on a desktop and inside the Alipay app.',
  )}</p>
<p class="note">${say(
    html`${host} 应当让用户在支付宝客户端内打开登录路由，见选项 ${phones}。支付宝客户端的 User-Agent 含有 ${client}。`,
    html`${host} should start the login at its own start route inside the Alipay app, whose User-Agent contains ${client}: see the option ${phones}.`,
  )}</p>`
  const title = { 'zh-CN': '请在支付宝客户端打开（模拟）', en: 'Open in Alipay, simulated' }
  return alipayPage({ title, lang, content }, status)
}

/** Says what is wrong with the URL that led here. It never redirects: the URL is not trusted. */
export function refusedPage(problems: Words[], lang: Lang, status = 400): Answer {
  const content = html`<h1>${say('请求有误', 'Bad request')}</h1>
<ul>${problems.map(({ zh, en }) => html`<li>${say(zh, en)}</li>`)}</ul>`
  return alipayPage({ title: { 'zh-CN': '请求有误', en: 'Bad request' }, lang, content }, status)
}

function alipayPage(
  { title, lang, content }: { title: Record<Lang, string>; lang: Lang; content: Markup },
  status = 200,
): Answer {
  const body = html`<main><header><span class="logo" aria-hidden="true">支</span>
<div><strong>${say('支付宝', 'Alipay')}</strong><small>${say('模拟环境', 'simulated')}</small></div></header>
${content}</main>`
  return pageAnswer({ title: title[lang], lang, style, body }, status)
}

function scopeLine(scope: string): Markup {
  return scope === 'auth_user'
    ? html`<li>${say('你的昵称、头像等', 'your profile')}</li>`
    : html`<li>${say('你的支付宝用户标识', 'your Alipay user id')}</li>`
}

function personChoice(person: Person, index: number): Markup {
  const note = person.note ?? { zh: person.outcome, en: person.outcome }
  const checked = html`${index === 0 ? html`checked` : ''}`
  return html`<label><input type="radio" name="person" value="${person.id}" ${checked}>
<span class="avatar" aria-hidden="true">${person.avatar ?? [...person.name][0] ?? '?'}</span>
<span class="who"><b>${person.name}</b><small>${say(note.zh, note.en)}</small></span>
</label>`
}

const style = `
:root{color-scheme:light dark;--blue:#1677ff;--text:#1f2329;--soft:#5b6470;--line:#e3e7ed;--page:#eef3fa;--card:#fff}
@media(prefers-color-scheme:dark){:root{--blue:#4c9bff;--text:#e8ebf0;--soft:#a3acb8;--line:#343b46;--page:#14181f;--card:#1d232c}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 system-ui,"PingFang SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif}
main{max-width:27rem;margin:0 auto;min-height:100svh;background:var(--card);padding:1.25rem 1.25rem 2rem}
@media(min-width:32rem){main{margin:2rem auto;min-height:0;border-radius:1rem;box-shadow:0 .5rem 2rem #0b2a5a1f}}
header{display:flex;gap:.75rem;align-items:center;padding-bottom:1rem;border-bottom:1px solid var(--line)}
header small{display:block;color:var(--soft)}
.logo{display:grid;place-items:center;width:2.75rem;height:2.75rem;border-radius:.7rem;background:#1677ff;color:#fff;font-size:1.6rem}
h1{font-size:1.25rem;margin:1.25rem 0 .5rem;text-wrap:balance}
p{margin:.5rem 0}
ul{margin:.25rem 0 1rem;padding-left:1.2rem}
html[lang=zh-CN] span[lang=en],html[lang=en] span[lang=zh]{display:none}
fieldset{border:0;margin:0;padding:0}
legend{padding:0;margin-bottom:.5rem;font-weight:600}
label{display:flex;gap:.75rem;align-items:center;min-height:3.5rem;padding:.4rem .75rem;border:1px solid var(--line);border-radius:.75rem;margin-bottom:.5rem;cursor:pointer}
label:has(:checked){border-color:var(--blue);box-shadow:inset 0 0 0 1px var(--blue)}
input{accent-color:var(--blue);width:1.1rem;height:1.1rem;margin:0;flex:none}
.avatar{display:grid;place-items:center;flex:none;width:2.25rem;height:2.25rem;border-radius:50%;background:#1677ff22;color:var(--blue);font-weight:600}
.who{min-width:0;overflow-wrap:anywhere;line-height:1.4}
.who small{display:block;color:var(--soft)}
.decide{display:grid;gap:.75rem;margin-top:1rem}
button{font:inherit;min-height:3rem;padding:.75rem;border-radius:.75rem;border:1px solid var(--line);cursor:pointer;background:transparent;color:inherit}
button.agree{background:#0958d9;border-color:#0958d9;color:#fff;font-weight:600}
:focus-visible{outline:3px solid var(--blue);outline-offset:2px}
code{font:.9em ui-monospace,monospace}
.note{padding:.75rem 1rem;border-radius:.75rem;background:var(--page);font-size:.875rem;overflow-wrap:anywhere}
footer{margin-top:1rem;font-size:.875rem;color:var(--soft);text-wrap:balance}
footer [lang=zh]{word-break:keep-all;overflow-wrap:anywhere}
`
