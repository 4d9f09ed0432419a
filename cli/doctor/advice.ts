import type { OneAccessError, OneAccessErrorCode } from '../../lib/errors.js'
import type { Words } from './finding.js'

/** What to check in the app or in the consoles, by the code of the failed call. */
const ADVICE: Partial<Record<OneAccessErrorCode, Words>> = {
  unreachable: {
    en: 'check ONEACCESS_DOMAIN, DNS, the firewall and the proxy',
    zh: '请检查 ONEACCESS_DOMAIN、DNS、防火墙和代理',
  },
  tls_untrusted: {
    en: "check ONEACCESS_DOMAIN and this machine's clock; for a company's own certificate set NODE_EXTRA_CA_CERTS",
    zh: '请检查 ONEACCESS_DOMAIN 和本机时钟；使用公司自有证书时，请设置 NODE_EXTRA_CA_CERTS',
  },
  connection_lost: {
    en: "try again; if it persists, check that the IP allowlist in the tenant's console contains this machine's public address",
    zh: '请重试；如果持续出现，请核对租户控制台的 IP 白名单是否包含本机的出口 IP',
  },
  timeout: {
    en: "check the network path to the tenant, and the IP allowlist in the tenant's console",
    zh: '请检查本机到租户的网络，以及租户控制台的 IP 白名单',
  },
  busy: { en: 'OneAccess is busy: try again later', zh: 'OneAccess 系统繁忙，请稍后重试' },
  rate_limited: {
    en: 'OneAccess is limiting the rate of calls: wait, then try again',
    zh: 'OneAccess 限制了调用频率，请稍后再试',
  },
  upstream_failed: {
    en: 'OneAccess failed: try again later; if it persists, contact its support',
    zh: 'OneAccess 出错，请稍后重试；如果持续出现，请联系华为云技术支持',
  },
  misconfigured: {
    en: 'check ONEACCESS_DOMAIN and ONEACCESS_CLIENT_ID, and that the authentication integration of the application is SDK/API',
    zh: '请检查 ONEACCESS_DOMAIN 和 ONEACCESS_CLIENT_ID，并确认应用的认证集成方式是 SDK/API',
  },
  credential_refused: {
    en: 'check ONEACCESS_CLIENT_ID and ONEACCESS_CLIENT_SECRET',
    zh: '请检查 ONEACCESS_CLIENT_ID 和 ONEACCESS_CLIENT_SECRET',
  },
  request_incomplete: {
    en: 'OneAccess says a value is missing from the request; for an ISV application, set ONEACCESS_TENANT_ID',
    zh: 'OneAccess 认为请求缺少参数；ISV 应用请设置 ONEACCESS_TENANT_ID',
  },
  unexpected_answer: {
    en: "look for a firewall or a proxy in front of OneAccess, and check the IP allowlist in the tenant's console",
    zh: '请检查 OneAccess 前面是否有防火墙或代理，以及租户控制台的 IP 白名单',
  },
  signature_refused: {
    en: 'OneAccess refused a signature made with its own public key: try again; if it persists, contact its support',
    zh: 'OneAccess 拒绝了用它的公钥生成的签名，请重试；如果持续出现，请联系华为云技术支持',
  },
}

const OTHERWISE: Words = {
  en: "look up the code in OneAccess's documentation, and check the application in the tenant's console",
  zh: '请在 OneAccess 的文档中查找该错误码，并在租户控制台检查该应用',
}

/** The library's hints that say more than the code does, and their Chinese translations. */
const HINTS: [pattern: RegExp, zh: string][] = [
  [
    /^the outbound proxy \(.*\) refused the connection with (\d+): check its user and password$/,
    '出站代理（HTTPS_PROXY）返回 $1，拒绝了连接：请检查代理的用户名和密码',
  ],
  [
    /^the outbound proxy \(.*\) refused the connection with (\d+): ask its operator to allow the domain$/,
    '出站代理（HTTPS_PROXY）返回 $1，拒绝了连接：请联系代理的管理员放行该域名',
  ],
  [
    /^the certificate is for another host name: .*$/,
    '证书属于另一个主机名：请检查 ONEACCESS_DOMAIN，以及该域名解析到哪里',
  ],
  [
    /^the certificate has expired or is not valid yet: .*$/,
    '证书已过期或尚未生效：请先检查本机时钟，再联系该域名的管理员',
  ],
  [
    /^the server requires a client certificate, or refused yours: .*$/,
    '服务器要求客户端证书，或拒绝了所用的证书：请在选项 http 中传入带有 cert 和 key 的 httpsAgent',
  ],
  [
    /^no TLS version in common, or the port does not speak TLS: .*$/,
    '双方没有共同的 TLS 版本，或该端口不支持 TLS：请检查 ONEACCESS_DOMAIN 中的端口，并确认服务器支持 TLS 1.2',
  ],
]

/** What to check after this refusal: the error's own hint if it says more than the code. */
export function adviceOn(refusal: OneAccessError | undefined): Words {
  if (refusal === undefined) return OTHERWISE
  const { code, hint } = refusal
  const [said, zh] = HINTS.find(([pattern]) => pattern.test(hint)) ?? []
  return said && zh ? { en: hint, zh: hint.replace(said, zh) } : (ADVICE[code] ?? OTHERWISE)
}
