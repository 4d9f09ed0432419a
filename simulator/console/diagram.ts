import { html, type Markup, say } from '../pages/html.js'
import type { Call } from '../transport/calls.js'

/** How many of the last calls the page shows. */
export const SHOWN_CALLS = 200

type Lane = 'alipay' | 'browser' | 'app' | 'oneaccess'

/** From left to right, so that parties that talk to each other are neighbours. */
export const lanes: [Lane, string, string][] = [
  ['alipay', '支付宝', 'Alipay'],
  ['browser', '浏览器', 'Browser'],
  ['app', '你的应用', 'Your app'],
  ['oneaccess', 'OneAccess', 'OneAccess'],
]

/** In Chinese and in English. */
export const callNames: Record<Call['endpoint'], [zh: string, en: string]> = {
  authorize: ['授权页', 'consent page'],
  login: ['用授权码登录', 'log in with the code'],
  'login-miniprogram': ['小程序登录', 'mini program login'],
  credential: ['获取访问凭据', 'access token'],
  ticket: ['获取票据', 'session → ticket'],
  verify: ['获取用户信息', 'ticket → user'],
  'refresh-id-token': ['刷新 id_token', 'refresh id_token'],
  'refresh-session-token': ['刷新 session_token', 'refresh session_token'],
  'refresh-signed-id-token': ['刷新 id_token（签名）', 'refresh id_token, signed'],
  jwks: ['签名公钥', 'signing keys'],
  captcha: ['滑块拼图', 'slider puzzle'],
  'captcha-verify': ['校验拼图', 'check the puzzle'],
  'sms-send': ['发送验证码', 'send a code'],
  'social-bind': ['绑定用户', 'bind'],
  'register-bind': ['注册并绑定', 'register and bind'],
  'mobile-by-token': ['查询手机号', 'which mobile?'],
  'mfa-sms': ['二次认证', 'second factor'],
  'public-key': ['应用公钥', "app's public key"],
  'server-date': ['服务器时间', 'server time'],
  logout: ['退出登录', 'log out'],
  'web-logout': ['网页退出', 'web logout'],
  unknown: ['未知路径', 'unknown path'],
}

/** One call: an arrow there, an arrow back, and the details, which unfold. */
export function callRow(call: Call): Markup {
  const [from, to] = endsOf(call)
  const [zh, en] = callNames[call.endpoint]
  return html`<li id="call-${call.n}"><details><summary>
<span class="n">${call.n}</span>
<span class="arrow ${way(from, to)}"><span class="label"><b>${call.method}</b> ${say(zh, en)}</span></span>
<span class="arrow back ${way(to, from)} ${mood(call)}"><span class="label">${outcome(call)}</span></span>
${followUp(call)}
</summary>
<dl>${detail('时间', 'time', new Date(call.at).toISOString())}${detail('路径', 'path', call.path)}${detail('查询参数', 'query', call.query)}
${detail('请求头', 'headers', call.headers)}${detail('请求体', 'body', call.body)}${detail('响应体', 'answer', call.answer)}</dl></details></li>`
}

function endsOf({ endpoint }: Call): [Lane, Lane] {
  if (endpoint === 'authorize') return ['browser', 'alipay']
  return endpoint === 'web-logout' ? ['browser', 'oneaccess'] : ['app', 'oneaccess']
}

/** A class for each pair of lanes, because the page's policy allows no inline style. */
function way(from: Lane, to: Lane): string {
  return `${from}-${to}`
}

function mood({ status }: Call): string {
  if (status === 0 || status === 'hanging') return 'waiting'
  return typeof status === 'number' && status < 400 ? 'good' : 'bad'
}

function outcome(call: Call): Markup {
  if (call.status === 0) return say('处理中…', 'under way…')
  if (call.status === 'hanging') return say('不响应', 'never answered')
  if (call.status === 'dropped') return say('连接断开', 'connection dropped')
  const { status, error_code, error } = Object(call.answer)
  const reason = [status, error_code, error].find((one) => typeof one === 'string') ?? ''
  return html`<b>${call.status}</b> ${reason} <small>${call.ms ?? 0} ms</small>`
}

/**
 * The redirect from the consent page: not one of the simulator's calls, but the next step of the
 * login.
 */
function followUp({ endpoint, method, status }: Call): Markup {
  if (endpoint !== 'authorize' || method !== 'POST' || status !== 302) return html``
  return html`<span class="arrow implied ${way('browser', 'app')}"><span class="label">${say('回调', 'callback')}</span></span>`
}

function detail(zh: string, en: string, value: unknown): Markup {
  const isEmpty =
    value === undefined || (Object(value) === value && Object.keys(Object(value)).length === 0)
  if (isEmpty) return html``
  const text = typeof value === 'string' ? value : JSON.stringify(value, undefined, 2)
  return html`<dt>${say(zh, en)}</dt><dd><pre>${text}</pre></dd>`
}
