import { lookup } from 'node:dns/promises'
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import { error, type Finding, ok, skipped, warning } from './finding.js'

const PATIENCE = 5_000
const A_DAY = 86_400_000

/** Name and certificate of the tenant's host. Nothing is sent but TLS's greeting. */
export async function lookAtDomain(origin: string, proxied: boolean): Promise<Finding[]> {
  const { hostname, port, protocol } = new URL(origin)
  const host = hostname.replace(/^\[|\]$/g, '')
  if (proxied) {
    const says = 'a proxy is set in the environment: --live tries the way through it'
    return [skipped('DNS', says), skipped('TLS', says)]
  }
  const name = await lookAtName(host)
  if (name.result === 'error') return [name, skipped('TLS', 'there is no address to ask')]
  if (protocol === 'http:') return [name, skipped('TLS', 'plain http on loopback has none')]
  return [name, await lookAtTLS(host, Number(port || 443))]
}

async function lookAtName(host: string): Promise<Finding> {
  try {
    const { address } = await lookup(host)
    return ok('DNS', `${host} is ${address}`)
  } catch (thrown) {
    const says = `${host} is not found (${(thrown as NodeJS.ErrnoException).code})`
    return error('DNS', says, 'check ONEACCESS_DOMAIN for typing errors, and this machine’s DNS')
  }
}

async function lookAtTLS(host: string, port: number): Promise<Finding> {
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
    socket.setTimeout(PATIENCE, () =>
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
  const says = `the certificate is trusted, for ${days} more days`
  return days < 14 ? warning('TLS', says, 'renew it soon') : ok('TLS', says)
}

function tlsFailure(code: string, host: string, port: number): Finding {
  const at = `${host}:${port}`
  if (/ECONNREFUSED|ETIMEDOUT|EHOST|ENET/.test(code)) {
    const change = 'check ONEACCESS_DOMAIN, and whether a firewall or proxy stands between'
    return error('TLS', `nobody answers on ${at} (${code})`, change)
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return error(
      'TLS',
      `the certificate is for another name than ${host}`,
      'check ONEACCESS_DOMAIN',
    )
  }
  if (code === 'CERT_HAS_EXPIRED') {
    return error(
      'TLS',
      'the certificate has expired',
      "look at this machine's clock, then ask the tenant's operator",
    )
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO/.test(code)) {
    const change =
      "set NODE_EXTRA_CA_CERTS to your company's root certificate, never switch the check off"
    return error('TLS', `the certificate is not trusted here (${code})`, change)
  }
  return error(
    'TLS',
    `what answers on ${at} speaks no TLS (${code})`,
    'check the port in ONEACCESS_DOMAIN',
  )
}
