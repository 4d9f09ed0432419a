import type { Language } from '../../lib/messages.js'

/** What a finding is about, in Chinese. Variables and packages keep their names. */
const NAMES: Record<string, string> = {
  'the tenant': '租户',
  'the Alipay app_id': '支付宝 APPID',
  "Alipay's consent page": '支付宝授权页',
  'the callback route': '回调路由',
  'the proxy': '出站代理',
  'the connection': '连接租户',
  'the clock': '时钟',
  'the API credential': '访问凭据',
  'the client id': 'ClientId',
  'the ticket call': '获取票据的接口',
  'the user call': '获取用户信息的接口',
  'the refresh call': '刷新接口',
  'the login version': '登录接口版本',
  'the id_token': 'id_token',
  "the id_token's audience": 'id_token 的受众',
  "the id_token's user": 'id_token 中的用户',
  DNS: 'DNS 解析',
  TLS: 'TLS 证书',
  JWKS: '签名公钥（JWKS）',
}

/** What a finding is about, as people read it. */
export function nameOf(about: string, language: Language): string {
  return language === 'zh' ? (NAMES[about] ?? about) : about
}
