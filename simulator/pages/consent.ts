import type { Person } from '../people.js'
import type { Answer } from '../transport/answer.js'
import { html, type Markup, pageAnswer } from './html.js'

export interface Consent {
  people: Person[]
  /** Of the page's own address; the form posts to it again. */
  query: URLSearchParams
  redirectURI: string
  scope: string
}

/** Alipay's question: who are you, and may this app know it? */
export function consentPage({ people, query, redirectURI, scope }: Consent): Answer {
  const app = new URL(redirectURI).host
  const body = html`<main>
<header><span class="logo" aria-hidden="true">支</span>
<div><strong>支付宝 Alipay</strong><small>模拟环境 simulated</small></div></header>
<form method="post" action="?${query.toString()}">
<h1>登录授权 <span lang="en">Authorize</span></h1>
<p><b>${app}</b> 申请获取以下信息：<br><span lang="en">asks for:</span></p>
<ul>${scope.split(',').map(scopeLine)}</ul>
<fieldset><legend>选择登录用户 <span lang="en">Who are you?</span></legend>
${people.map(personChoice)}
</fieldset>
<div class="decide">
<button name="decision" value="agree" class="agree">同意 <span lang="en">Agree</span></button>
<button name="decision" value="refuse" class="refuse">拒绝 <span lang="en">Refuse</span></button>
</div>
</form>
<footer>这里不是支付宝，也不是身份提供商：谁都可以用任何身份登录。<br>
<span lang="en">This is neither Alipay nor an identity provider: anybody can be anybody here.</span></footer>
</main>`
  return pageAnswer({ title: '支付宝登录授权（模拟） · Alipay, simulated', style, body })
}

/** What an ordinary phone browser sees: the page works on a desktop and in the wallet. */
export function openInWalletPage(query: URLSearchParams, status = 200): Answer {
  const app = query.get('redirect_uri') ?? ''
  const host = URL.canParse(app) ? new URL(app).host : ''
  const body = html`<main><header><span class="logo" aria-hidden="true">支</span>
<div><strong>支付宝 Alipay</strong><small>模拟环境 simulated</small></div></header>
<h1>请在支付宝客户端打开链接 <span lang="en">Please open this link in the Alipay app</span></h1>
<p>支付宝授权页不能在手机浏览器和微信里登录，只能在电脑上和支付宝客户端内使用。<br>
<span lang="en">Alipay's page logs nobody in on a phone's browser or in WeChat, only on a desktop and inside the Alipay app.</span></p>
<p>${host} 应当让用户在支付宝客户端内打开登录路由，见选项 <code>phones</code>。支付宝客户端的 User-Agent 含有 <code>AlipayClient</code>。<br>
<span lang="en">${host} should let the login start at its own start route inside Alipay: see the option <code>phones</code>. There the User-Agent holds <code>AlipayClient</code>.</span></p></main>`
  return pageAnswer(
    { title: '请在支付宝客户端打开（模拟） · Open in Alipay, simulated', style, body },
    status,
  )
}

/** What is wrong with the address that led here. It never redirects: the address is not trusted. */
export function refusedPage(problems: string[], status = 400): Answer {
  const body = html`<main><header><span class="logo" aria-hidden="true">支</span>
<div><strong>支付宝 Alipay</strong><small>模拟环境 simulated</small></div></header>
<h1>请求有误 <span lang="en">This request is not right</span></h1>
<ul>${problems.map((problem) => html`<li lang="en">${problem}</li>`)}</ul></main>`
  return pageAnswer({ title: '请求有误 · Bad request', style, body }, status)
}

function scopeLine(scope: string): Markup {
  return scope === 'auth_user'
    ? html`<li>你的昵称、头像等 <span lang="en">your profile</span></li>`
    : html`<li>你的支付宝用户标识 <span lang="en">your Alipay user id</span></li>`
}

function personChoice(person: Person, index: number): Markup {
  const note = person.note ?? { zh: person.outcome, en: person.outcome }
  const checked = html`${index === 0 ? html`checked` : ''}`
  return html`<label><input type="radio" name="person" value="${person.id}" ${checked}>
<span class="avatar" aria-hidden="true">${person.avatar ?? [...person.name][0] ?? '?'}</span>
<span class="who"><b>${person.name}</b><small>${note.zh} <span lang="en">${note.en}</span></small></span>
</label>`
}

const style = `
:root{color-scheme:light dark;--blue:#1677ff;--text:#1f2329;--soft:#5b6470;--line:#e3e7ed;--page:#eef3fa;--card:#fff}
@media(prefers-color-scheme:dark){:root{--blue:#4c9bff;--text:#e8ebf0;--soft:#a3acb8;--line:#343b46;--page:#14181f;--card:#1d232c}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 system-ui,"PingFang SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif}
main{max-width:27rem;margin:0 auto;min-height:100vh;background:var(--card);padding:1.25rem 1.25rem 2rem}
@media(min-width:32rem){main{margin:2rem auto;min-height:0;border-radius:1rem;box-shadow:0 .5rem 2rem #0b2a5a1f}}
header{display:flex;gap:.75rem;align-items:center;padding-bottom:1rem;border-bottom:1px solid var(--line)}
header small{display:block;color:var(--soft)}
.logo{display:grid;place-items:center;width:2.75rem;height:2.75rem;border-radius:.7rem;background:#1677ff;color:#fff;font-size:1.6rem}
h1{font-size:1.25rem;margin:1.25rem 0 .5rem}
p{margin:.5rem 0}
ul{margin:.25rem 0 1rem;padding-left:1.2rem}
[lang=en]{color:var(--soft);font-size:.875em}
fieldset{border:0;margin:0;padding:0}
legend{padding:0;margin-bottom:.5rem;font-weight:600}
label{display:flex;gap:.75rem;align-items:center;padding:.6rem .75rem;border:1px solid var(--line);border-radius:.75rem;margin-bottom:.5rem;cursor:pointer}
label:has(:checked){border-color:var(--blue);box-shadow:inset 0 0 0 1px var(--blue)}
input{accent-color:var(--blue);width:1.1rem;height:1.1rem;margin:0;flex:none}
.avatar{display:grid;place-items:center;flex:none;width:2.25rem;height:2.25rem;border-radius:50%;background:#1677ff22;color:var(--blue);font-weight:600}
.who small{display:block;color:var(--soft)}
.decide{display:grid;gap:.6rem;margin-top:1rem}
button{font:inherit;padding:.8rem;border-radius:.75rem;border:1px solid var(--line);cursor:pointer;background:transparent;color:inherit}
button.agree{background:#0958d9;border-color:#0958d9;color:#fff;font-weight:600}
button.agree [lang=en]{color:#e6f0ff}
:focus-visible{outline:3px solid var(--blue);outline-offset:2px}
footer{margin-top:1.25rem;font-size:.8rem;color:var(--soft)}
`
