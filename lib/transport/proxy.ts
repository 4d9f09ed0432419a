import { BlockList, isIP } from 'node:net'
import { ExchangeError } from './message.js'

/** An outbound proxy. */
export interface ProxySetting {
  /** Scheme, host and port. */
  origin: string
  /** Decoded. */
  auth?: { username: string; password: string }
}

type Environment = Record<string, string | undefined>

/**
 * The proxy in the environment for an origin, read like curl and Go do: `https_proxy` for https,
 * `http_proxy` for http, `all_proxy` for both, lower case before upper case; `no_proxy` lists hosts
 * (including subdomains), addresses, networks or `*`, each with or without a port.
 *
 * Throws an `ExchangeError` for one that cannot be used. No error repeats the setting, which may contain
 * a password.
 */
export function proxyFor(origin: string, env: Environment = process.env): ProxySetting | undefined {
  const target = new URL(origin)
  const names = [target.protocol === 'https:' ? 'https_proxy' : 'http_proxy', 'all_proxy']
  const name = names.flatMap((one) => [one, one.toUpperCase()]).find((one) => env[one]?.trim())
  if (name === undefined || isExcepted(target, env)) return undefined
  return read(name, env[name]?.trim() ?? '')
}

/** `host:port` means plain http to the proxy, whatever is sent through it. */
function read(name: string, value: string): ProxySetting {
  const address = value.includes('://') ? value : `http://${value}`
  if (/^socks/i.test(address)) {
    throw unusable(name, 'is a SOCKS proxy; only http and https proxies are supported')
  }
  if (!URL.canParse(address) || !/^https?:\/\//i.test(address)) {
    throw unusable(
      name,
      'is not a valid URL; percent-encode special characters in user and password',
    )
  }
  const { origin, username, password } = new URL(address)
  if (username === '' && password === '') return { origin }
  return { origin, auth: { username: decoded(username), password: decoded(password) } }
}

function unusable(name: string, what: string): ExchangeError {
  const way = 'change it, set NO_PROXY, or pass a proxy or agent in the option http'
  return new ExchangeError('ERR_PROXY_SETTING', `${name} in the environment ${what}: ${way}`)
}

/** A password may contain a percent sign that does not encode anything. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function isExcepted({ hostname, port, protocol }: URL, env: Environment): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  const own = port || (protocol === 'https:' ? '443' : '80')
  const entries = (env.no_proxy || env.NO_PROXY || '').toLowerCase().split(/[\s,]+/)
  return entries.some((entry) => entry !== '' && matches(entry, host, own))
}

function matches(entry: string, host: string, ownPort: string): boolean {
  if (entry === '*') return true
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|([^:]+|.*:.*:.*?))(?::(\d+))?$/.exec(entry) ?? []
  const name = bracketed ?? plain ?? entry
  if (port !== undefined && port !== ownPort) return false
  if (isIP(host)) return name === host || isWithin(name, host)
  const suffix = name.replace(/^\*?\.?/, '')
  return host === suffix || host.endsWith(`.${suffix}`)
}

/** Whether an address is in a network such as `10.0.0.0/8`. */
function isWithin(network: string, address: string): boolean {
  const [base = '', bits = ''] = network.split('/')
  const family = isIP(base)
  if (family === 0 || family !== isIP(address) || !/^\d{1,3}$/.test(bits)) return false
  if (Number(bits) > (family === 4 ? 32 : 128)) return false
  const list = new BlockList()
  const type = family === 4 ? 'ipv4' : 'ipv6'
  list.addSubnet(base, Number(bits), type)
  return list.check(address, type)
}
