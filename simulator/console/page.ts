import type { Control } from '../control.js'
import { endpoints } from '../endpoints.js'
import { html, type Markup, pageAnswer, say } from '../pages/html.js'
import type { Answer } from '../transport/answer.js'
import { callNames, callRow, lanes, SHOWN_CALLS } from './diagram.js'
import { script } from './script.js'
import { scriptedFaults } from './scripted-faults.js'
import { settingInputs } from './setting-inputs.js'
import { style } from './style.js'

/**
 * The page, with the calls so far; the rest arrives by events. So phone numbers and codes, which
 * people need to try things out, never appear in a document that could be stored.
 */
export function consolePage(control: Control, lang: string): Answer {
  const body = html`<header><h1>${say('OneAccess + 支付宝 模拟器', 'OneAccess + Alipay simulator')}</h1>
<p>${say('这不是身份提供商：谁都可以用任何身份登录。', 'Not an identity provider: anyone can log in as anyone.')}</p>
<nav><output id="connection" data-on="true"><span class="on">${say('实时', 'Live')}</span><span class="off">${say('连接已断开', 'Disconnected')}</span></output>
<button data-lang="zh-CN" lang="zh">中文</button><button data-lang="en">English</button></nav></header>
<main><section class="diagram" data-zh="调用" data-en="calls"><ol class="lanes">${lanes.map(
    ([lane, zh, en]) => html`<li class="${lane}">${say(zh, en)}</li>`,
  )}</ol>
<ol id="calls" aria-live="polite" tabindex="0">${control.calls.list.slice(-SHOWN_CALLS).map(callRow)}</ol>
<p class="empty">${say('还没有调用。请按“接入”中的内容配置应用，然后登录。', 'No calls yet. Configure your app as shown under “Connect”, and log in.')}</p>
</section>
<aside>${[connectSection(control), ...dataSections(), clockSection(), faultSection(), settingSection(control)]}</aside></main>`
  return pageAnswer({ title: 'OneAccess + Alipay simulator', lang, style, script, body })
}

function section(zh: string, en: string, content: Markup): Markup {
  return html`<details open><summary><h2>${say(zh, en)}</h2></summary>${content}</details>`
}

function connectSection({ world }: Control): Markup {
  const { url, clientID, alipayAppID } = world.identity
  const lines = [
    `ONEACCESS_DOMAIN=${url}`,
    `ONEACCESS_CLIENT_ID=${clientID}`,
    `ALIPAY_APP_ID=${alipayAppID}`,
    `ALIPAY_AUTHORIZATION_URL=${url}/oauth2/publicAppAuthorize.htm`,
  ]
  return section('接入', 'Connect', html`<pre class="env">${lines.join('\n')}</pre>`)
}

function dataSections(): Markup[] {
  return [
    section('验证码', 'Codes sent', html`<ul id="codes"></ul>`),
    section(
      '会话',
      'Sessions',
      html`<ul id="sessions"></ul><p class="row">
<button data-do="end-sessions">${say('全部结束', 'End all')}</button>
<button data-do="expire-credential">${say('使访问凭据失效', 'Expire the access token')}</button></p>`,
    ),
    section('用户', 'People', html`<ul id="people"></ul>`),
  ]
}

function clockSection(): Markup {
  const steps: [zh: string, en: string, ms: number][] = [
    ['+1 分钟', '+1 min', 60_000],
    ['+5 分钟', '+5 min', 300_000],
    ['+1 小时', '+1 h', 3_600_000],
    ['+1 天', '+1 d', 86_400_000],
    ['+7 天', '+7 d', 604_800_000],
  ]
  return section(
    '时钟',
    'Clock',
    html`<p><output id="clock"></output></p><p class="row">${steps.map(
      ([zh, en, ms]) => html`<button data-do="advance" data-value="${ms}">${say(zh, en)}</button>`,
    )}</p><p class="row"><button data-do="reset">${say('全部重置', 'Start over')}</button></p>`,
  )
}

function faultSection(): Markup {
  return section(
    '故障',
    'Faults',
    html`<form id="fault" class="row"><select name="endpoint" data-zh="接口" data-en="call">${endpoints.map(
      (endpoint) =>
        html`<option value="${endpoint}" data-zh="${callNames[endpoint][0]} ${endpoint}" data-en="${endpoint}" ${endpoint === 'login' ? 'selected' : ''}>${endpoint}</option>`,
    )}</select>
<select name="fault" data-zh="故障" data-en="fault">${scriptedFaults.map(
      ({ name, zh, en }) =>
        html`<option value="${name}" data-zh="${zh}" data-en="${en}">${en}</option>`,
    )}</select>
<select name="times" data-zh="次数" data-en="times"><option value="1">× 1</option><option value="3">× 3</option><option value="always">∞</option></select>
<button>${say('添加', 'Add')}</button></form>
<ul id="faults"></ul><p class="row"><button data-do="clear-faults">${say('清除', 'Clear')}</button></p>`,
  )
}

function settingSection(control: Control): Markup {
  return section(
    '租户配置',
    'Tenant settings',
    html`<div class="settings">${settingInputs(control.world.settings)}</div>`,
  )
}
