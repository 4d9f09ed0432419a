import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { error, type Finding, ok, warning } from './finding.js'
import type { Env } from './settings.js'

/** The packages that an app brings itself, and which versions of them fit. */
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

/** Node's version, and those of the packages that the app in `folder` brings. */
export function lookAtSurroundings(folder: string, nodeVersion = process.versions.node): Finding[] {
  return [lookAtNode(nodeVersion), ...PEERS.map((peer) => lookAtPeer(peer, folder))]
}

/** One variable makes every certificate right, for every connection of the process. */
export function lookAtTLSChecks({ NODE_TLS_REJECT_UNAUTHORIZED: reject }: Env): Finding[] {
  if (reject !== '0') return []
  return [
    warning(
      'NODE_TLS_REJECT_UNAUTHORIZED',
      'is 0: no certificate is checked, and whoever is on the way to OneAccess reads the secret and every token',
      "unset it; for a company's own certificate set NODE_EXTRA_CA_CERTS",
    ),
  ]
}

function lookAtNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19)) {
    return ok('Node', `is ${version}`)
  }
  return error(
    'Node',
    `is ${version}`,
    'use Node 20.19 or later, or 22.12 or later: older ones cannot require() this package',
  )
}

function lookAtPeer(
  { name, fits, range, needed }: (typeof PEERS)[number],
  folder: string,
): Finding {
  const version = versionOf(name, folder)
  if (version === undefined) {
    const change = `npm install ${name}`
    return needed
      ? error(
          name,
          `is not installed in ${folder}`,
          `${change}, or run the doctor in the app's folder`,
        )
      : warning(
          name,
          'is not installed',
          `${change}, or bring a session middleware that can regenerate`,
        )
  }
  if (fits.test(version)) return ok(name, `is ${version}`)
  return error(name, `is ${version}`, `install ${range}`)
}

/** By the package's own file, which its `exports` may hide from `require`. */
function versionOf(name: string, folder: string): string | undefined {
  const places = createRequire(join(folder, 'package.json')).resolve.paths(name) ?? []
  for (const place of places) {
    try {
      const { version } = JSON.parse(readFileSync(join(place, name, 'package.json'), 'utf8'))
      return String(version)
    } catch {
      // not in this one of the places where Node looks
    }
  }
  return undefined
}
