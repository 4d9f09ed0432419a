import { html, type Markup, say } from '../pages/html.js'
import type { SimulatorSettings } from '../settings.js'

/** How a setting is shown: values to choose from, a number, or yes and no. */
type Kind = readonly (string | number)[] | 'number' | 'flag'

const inputs: [keyof SimulatorSettings, Kind, string, string][] = [
  ['rotation', ['never', 'always', 'grace'], '会话令牌轮换', 'session token rotation'],
  ['graceSeconds', 'number', '宽限期（秒）', 'grace, seconds'],
  ['reuse', ['refuse', 'end'], '使用已轮换的令牌时', 'replaced token reused'],
  ['omitSessionToken', 'flag', '刷新不返回会话令牌', 'refresh omits session_token'],
  ['idTokenAtLogin', 'flag', '登录返回 id_token', 'id_token at login'],
  ['idTokenLife', 'number', 'id_token 有效期（秒）', 'id_token life, seconds'],
  ['sessionLife', 'number', '会话有效期（秒）', 'session life, seconds'],
  ['accessTokenLife', 'number', '访问凭据有效期（秒）', 'credential life, seconds'],
  ['idTokenShape', ['claims', 'api'], 'id_token 格式', 'id_token shape'],
  ['idTokenAlgorithm', ['RS256', 'RS512'], '签名算法', 'algorithm'],
  ['userShape', ['data.user', 'data', 'flat'], '用户信息格式', 'user shape'],
  ['credentialErrors', [400, 401], '访问凭据失效的状态码', 'spent credential, status'],
  ['product', ['oneaccess', 'ciam'], '产品', 'product'],
]

/** The tenant's settings as form controls; the page sends each one as it is changed. */
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
    return html`<option value="${one}" ${selected}>${one}</option>`
  })
  const type = typeof kind[0] === 'number' ? 'number' : 'text'
  return html`<select data-setting="${name}" data-type="${type}">${options}</select>`
}
