import { lookup } from 'node:dns/promises'
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import { error, type Finding, ok, skipped, warning } from './finding.js'

const TIMEOUT = 5_000
const A_DAY = 86_400_000

/**
 * Checks the DNS name and the certificate of the tenant's host. Sends nothing beyond the TLS
 * handshake.
 */
export async function checkDomain(origin: string, proxied: boolean): Promise<Finding[]> {
  const { hostname, port, protocol } = new URL(origin)
  const host = hostname.replace(/^\[|\]$/g, '')
  if (proxied) {
    const says = {
      en: 'a proxy is set in the environment: --live checks the connection',
      zh: '环境变量中设置了代理，--live 会经由代理检查',
    }
    return [skipped('DNS', says), skipped('TLS', says)]
  }
  const name = await checkDNS(host)
  if (name.result === 'error')
    return [name, skipped('TLS', { en: 'there is no host to connect to', zh: '没有可连接的地址' })]
  if (protocol === 'http:')
    return [
      name,
      skipped('TLS', {
        en: 'plain http on loopback does not use it',
        zh: '回环地址上的 http 没有 TLS',
      }),
    ]
  return [name, await checkTLS(host, Number(port || 443))]
}

async function checkDNS(host: string): Promise<Finding> {
  try {
    const { address } = await lookup(host)
    return ok('DNS', { en: `${host} resolves to ${address}`, zh: `${host} 解析到 ${address}` })
  } catch (thrown) {
    const says = {
      en: `${host} was not found (${(thrown as NodeJS.ErrnoException).code})`,
      zh: `无法解析 ${host}（${(thrown as NodeJS.ErrnoException).code}）`,
    }
    return error('DNS', says, {
      en: 'check ONEACCESS_DOMAIN for typos, and this machine’s DNS',
      zh: '请检查 ONEACCESS_DOMAIN 是否拼写有误，以及本机的 DNS',
    })
  }
}

async function checkTLS(host: string, port: number): Promise<Finding> {
  try {
    return judge(await certificateOf(host, port))
  } catch (error) {
    return tlsFailure((error as NodeJS.ErrnoException).code ?? 'UNKNOWN', host, port)
  }
}

function certificateOf(host: string, port: number): Promise<PeerCertificate> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({
      host,
      port,
      servername: /^[\d.]+$|:/.test(host) ? '' : host,
    })
    socket.setTimeout(TIMEOUT, () =>
      socket.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' })),
    )
    socket.once('secureConnect', () => {
      resolve(socket.getPeerCertificate())
      socket.destroy()
    })
    socket.once('error', reject)
  })
}

function judge({ valid_to }: PeerCertificate): Finding {
  const days = Math.floor((Date.parse(valid_to) - Date.now()) / A_DAY)
  const says = {
    en: `the certificate is trusted and expires in ${days} days`,
    zh: `证书可信，${days} 天后到期`,
  }
  return days < 14
    ? warning('TLS', says, { en: 'renew it soon', zh: '请尽快更新证书' })
    : ok('TLS', says)
}

function tlsFailure(code: string, host: string, port: number): Finding {
  const at = `${host}:${port}`
  if (/ECONNREFUSED|ETIMEDOUT|EHOST|ENET/.test(code)) {
    const change = {
      en: 'check ONEACCESS_DOMAIN, and look for a firewall or proxy in between',
      zh: '请检查 ONEACCESS_DOMAIN，以及网络中是否有防火墙或代理拦截',
    }
    return error(
      'TLS',
      { en: `nothing answers on ${at} (${code})`, zh: `${at} 没有响应（${code}）` },
      change,
    )
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return error(
      'TLS',
      { en: `the certificate is not for ${host}`, zh: `证书与域名 ${host} 不符` },
      { en: 'check ONEACCESS_DOMAIN', zh: '请检查 ONEACCESS_DOMAIN' },
    )
  }
  if (code === 'CERT_HAS_EXPIRED') {
    return error(
      'TLS',
      { en: 'the certificate has expired', zh: '证书已过期' },
      {
        en: "check this machine's clock, then ask the tenant's operator",
        zh: '请先检查本机时钟，再联系租户的管理员',
      },
    )
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO/.test(code)) {
    const change = {
      en: "set NODE_EXTRA_CA_CERTS to your company's root certificate; never disable the check",
      zh: '请把 NODE_EXTRA_CA_CERTS 设为公司的根证书，切勿关闭证书校验',
    }
    return error(
      'TLS',
      { en: `the certificate is not trusted here (${code})`, zh: `本机不信任该证书（${code}）` },
      change,
    )
  }
  return error(
    'TLS',
    {
      en: `the server on ${at} does not speak TLS (${code})`,
      zh: `${at} 上的服务不支持 TLS（${code}）`,
    },
    { en: 'check the port in ONEACCESS_DOMAIN', zh: '请检查 ONEACCESS_DOMAIN 中的端口' },
  )
}
