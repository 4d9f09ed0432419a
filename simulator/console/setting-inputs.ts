import { html, type Markup, say } from '../pages/html.js'
import type { SimulatorSettings } from '../settings.js'

/** How a setting is shown: a list of values, a number, or a checkbox. */
type Kind = readonly (string | number)[] | 'number' | 'flag'

const inputs: [keyof SimulatorSettings, Kind, string, string][] = [
  ['rotation', ['never', 'always', 'grace'], '会话令牌轮换', 'session token rotation'],
  ['graceSeconds', 'number', '宽限期（秒）', 'grace period, seconds'],
  ['reuse', ['refuse', 'end'], '使用已轮换的令牌时', 'reuse of a replaced token'],
  ['omitSessionToken', 'flag', '刷新不返回会话令牌', 'refresh omits session_token'],
  ['idTokenAtLogin', 'flag', '登录返回 id_token', 'id_token at login'],
  ['idTokenLife', 'number', 'id_token 有效期（秒）', 'id_token lifetime, seconds'],
  ['sessionLife', 'number', '会话有效期（秒）', 'session lifetime, seconds'],
  ['accessTokenLife', 'number', '访问凭据有效期（秒）', 'access token lifetime, seconds'],
  ['idTokenShape', ['claims', 'api'], 'id_token 格式', 'id_token shape'],
  ['idTokenAlgorithm', ['RS256', 'RS512'], '签名算法', 'algorithm'],
  ['userShape', ['data.user', 'data', 'flat'], '用户信息格式', 'user shape'],
  ['credentialErrors', [400, 401], '访问凭据失效的状态码', 'status for an expired access token'],
  ['product', ['oneaccess', 'ciam'], '产品', 'product'],
]

/** The values whose meaning is an English word, in Chinese. */
const valueNames: Partial<Record<string | number, string>> = {
  never: '不轮换（never）',
  always: '每次轮换（always）',
  grace: '有宽限期（grace）',
  refuse: '拒绝（refuse）',
  end: '结束会话（end）',
  claims: '单独声明（claims）',
  api: '声明 api（api）',
}

/** The tenant's settings as form controls. The page sends each one when it changes. */
export function settingInputs(settings: SimulatorSettings): Markup {
  return html`${inputs.map(
    ([name, kind, zh, en]) =>
      html`<label><span>${say(zh, en)}</span>${control(name, kind, settings[name])}</label>`,
  )}`
}

function control(name: string, kind: Kind, value: unknown): Markup {
  if (kind === 'flag') {
    const checked = html`${value === true ? html`checked` : ''}`
    return html`<input type="checkbox" data-setting="${name}" ${checked}>`
  }
  if (kind === 'number') {
    return html`<input type="number" min="0" data-setting="${name}" value="${String(value)}">`
  }
  const options = kind.map((one) => {
    const selected = html`${one === value ? html`selected` : ''}`
    const zh = valueNames[one]
    const names = html`${zh ? html`data-zh="${zh}" data-en="${one}"` : ''}`
    return html`<option value="${one}" ${selected} ${names}>${one}</option>`
  })
  const type = typeof kind[0] === 'number' ? 'number' : 'text'
  return html`<select data-setting="${name}" data-type="${type}">${options}</select>`
}
