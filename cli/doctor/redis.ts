import { connect, isIP } from 'node:net'
import { connect as connectTLS } from 'node:tls'
import { error, type Finding, ok, skipped, type Words, warning } from './finding.js'

const ABOUT = 'Redis'
const TIMEOUT = 5_000

/** Checks the form of REDIS_URL. Prints no password. */
export function checkRedisURL(url: string): Finding {
  const parsed = redisURL(url)
  if (parsed === undefined) {
    return error(
      'REDIS_URL',
      { en: 'is not a redis:// or rediss:// URL', zh: '不是 redis:// 或 rediss:// 地址' },
      {
        en: 'set it to one, such as redis://127.0.0.1:6379',
        zh: '请设为 redis:// 地址，例如 redis://127.0.0.1:6379',
      },
    )
  }
  return ok('REDIS_URL', { en: `is on ${parsed.host}`, zh: parsed.host })
}

/**
 * Checks that Redis answers a PING, without the user and password of the URL. Connects only if
 * `live`.
 */
export async function checkRedis(url = '', live: boolean): Promise<Finding[]> {
  const parsed = redisURL(url)
  if (parsed === undefined) return []
  if (!live) {
    const says = { en: 'pass --live to connect to it', zh: '未连接，加上 --live 才会检查' }
    return [skipped(ABOUT, says)]
  }
  try {
    return [judge(parsed.host, await ping(parsed))]
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    return [noAnswer(parsed.host, code ?? 'UNKNOWN')]
  }
}

function redisURL(url: string): URL | undefined {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  return parsed && /^rediss?:$/.test(parsed.protocol) ? parsed : undefined
}

/** The first bytes of Redis's reply. */
function ping({ protocol, hostname, port }: URL): Promise<string> {
  const host = hostname.replace(/^\[|\]$/g, '') || '127.0.0.1'
  const to = { host, port: Number(port || 6379) }
  const servername = isIP(host) ? '' : host
  const socket = protocol === 'rediss:' ? connectTLS({ ...to, servername }) : connect(to)
  const fail = (code: string) => socket.destroy(Object.assign(new Error(), { code }))
  const timer = setTimeout(fail, TIMEOUT, 'ETIMEDOUT')
  const reply = new Promise<string>((resolve, reject) => {
    socket.once('data', (bytes) => resolve(bytes.toString('latin1')))
    socket.once('end', () => fail('ECONNRESET'))
    socket.once('error', reject)
    socket.write('PING\r\n')
  })
  return reply.finally(() => {
    clearTimeout(timer)
    socket.destroy()
  })
}

function judge(host: string, reply: string): Finding {
  if (/^(\+PONG|-NOAUTH)/.test(reply)) {
    return ok(ABOUT, {
      en: `${host} answers; the user and password were not tried`,
      zh: `${host} 有响应；没有验证用户名和密码`,
    })
  }
  const [, code] = /^-([A-Z]+)/.exec(reply) ?? []
  if (code !== undefined) {
    return warning(
      ABOUT,
      { en: `${host} refuses commands (${code})`, zh: `${host} 拒绝执行命令（${code}）` },
      {
        en: 'look up the code in Redis’s documentation, and check its configuration',
        zh: '请在 Redis 的文档中查找该错误码，并检查 Redis 的配置',
      },
    )
  }
  return error(
    ABOUT,
    { en: `${host} answers, but not as Redis does`, zh: `${host} 有响应，但不像是 Redis` },
    REACH,
  )
}

function noAnswer(host: string, code: string): Finding {
  const says = { en: `no answer from ${host} (${code})`, zh: `${host} 没有响应（${code}）` }
  return error(ABOUT, says, /CERT|SELF_SIGNED|UNABLE_TO/.test(code) ? TRUST : REACH)
}

const REACH: Words = {
  en: 'check the host and port of REDIS_URL, and that Redis runs and no firewall blocks it; for Redis over TLS, start the URL with rediss://',
  zh: '请检查 REDIS_URL 中的主机和端口、Redis 是否已启动、是否被防火墙拦截；如果 Redis 使用 TLS，地址应以 rediss:// 开头',
}

const TRUST: Words = {
  en: "check that REDIS_URL has the name in the certificate; for a company's own certificate set NODE_EXTRA_CA_CERTS",
  zh: '请确认 REDIS_URL 中的主机名与证书一致；使用公司自有证书时，请设置 NODE_EXTRA_CA_CERTS',
}
