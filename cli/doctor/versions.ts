import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { error, type Finding, ok, warning } from './finding.js'
import type { Env } from './settings.js'

/** The packages that the app installs itself, and the versions of them that work. */
const PEERS: { name: string; fits: RegExp; range: string; needed: boolean }[] = [
  { name: 'express', fits: /^[45]\./, range: '4 or 5', needed: true },
  { name: 'passport', fits: /^0\.[67]\./, range: '0.6 or 0.7', needed: true },
  {
    name: 'express-session',
    fits: /^1\.(1[5-9]|[2-9]\d)\./,
    range: '1.15 or later',
    needed: false,
  },
]

/** Checks the version of Node, and of the packages that the app in `folder` installs. */
export function checkVersions(folder: string, nodeVersion = process.versions.node): Finding[] {
  return [checkNode(nodeVersion), ...PEERS.map((peer) => checkPeer(peer, folder))]
}

/** This variable turns off certificate checks for every connection of the process. */
export function checkTLSChecks({ NODE_TLS_REJECT_UNAUTHORIZED: reject }: Env): Finding[] {
  if (reject !== '0') return []
  return [
    warning(
      'NODE_TLS_REJECT_UNAUTHORIZED',
      {
        en: 'is 0: certificates are not checked, so anyone between here and OneAccess can read the secret and every token',
        zh: '设为 0，不校验任何证书：网络上的中间人可以读取密钥和全部令牌',
      },
      {
        en: "unset it; for a company's own certificate, set NODE_EXTRA_CA_CERTS",
        zh: '请删除该变量；使用公司自有证书时，请设置 NODE_EXTRA_CA_CERTS',
      },
    ),
  ]
}

function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19)) {
    return ok('Node', { en: `is ${version}`, zh: version })
  }
  return error(
    'Node',
    { en: `is ${version}`, zh: version },
    {
      en: 'use Node 20.19 or later, or 22.12 or later: older ones cannot require() this package',
      zh: '请使用 Node 20.19 或 22.12 及以上的版本，更早的版本不能 require() 本组件',
    },
  )
}

function checkPeer({ name, fits, range, needed }: (typeof PEERS)[number], folder: string): Finding {
  const version = versionOf(name, folder)
  if (version === undefined) {
    const change = `npm install ${name}`
    return needed
      ? error(
          name,
          { en: `is not installed in ${folder}`, zh: `${folder} 中没有安装` },
          {
            en: `${change}, or run the doctor in the app's folder`,
            zh: `请执行 ${change}，或在应用目录中运行 doctor`,
          },
        )
      : warning(
          name,
          { en: 'is not installed', zh: '没有安装' },
          {
            en: `${change}, or use a session middleware that can regenerate sessions`,
            zh: `请执行 ${change}，或使用能重新生成会话的中间件`,
          },
        )
  }
  if (fits.test(version)) return ok(name, { en: `is ${version}`, zh: version })
  return error(
    name,
    { en: `is ${version}`, zh: version },
    {
      en: `install ${range}`,
      zh: `请安装 ${range.replace(' or later', ' 及以上').replace(' or ', ' 或 ')}`,
    },
  )
}

/** Reads package.json directly, because the package's `exports` may hide it from `require`. */
function versionOf(name: string, folder: string): string | undefined {
  const places = createRequire(join(folder, 'package.json')).resolve.paths(name) ?? []
  for (const place of places) {
    try {
      const { version } = JSON.parse(readFileSync(join(place, name, 'package.json'), 'utf8'))
      return String(version)
    } catch {
      // not in this folder: try the next one
    }
  }
  return undefined
}
