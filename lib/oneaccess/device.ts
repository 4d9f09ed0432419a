/**
 * The device values (docs/wire.md#device-values). They must be the same in every call for one login,
 * including its refreshes, so they are stored with the tokens.
 */
export interface Device {
  /** Operating system and version, such as `Android 10`. */
  osVersion: string
  /** Identifies this device; must stay the same for the same user on the same device. */
  fingerprint: string
  /** The IP address of the device, such as Express's `req.ip`. */
  ip: string
  /** The User-Agent. */
  agent: string
}

/** The device values as headers, for the paths under `/sdk/`. */
export function deviceHeaders(device: Device): Record<string, string> {
  return {
    'X-operating-sys-version': device.osVersion,
    'X-device-fingerprint': device.fingerprint,
    'X-device-ip': device.ip,
    'X-agent': device.agent,
  }
}

/** The device values as body fields, for the paths under `/tenant/`. */
export function deviceFields(device: Device): Record<string, string> {
  return {
    operating_sys_version: device.osVersion,
    device_fingerprint: device.fingerprint,
    device_ip: device.ip,
    agent: device.agent,
  }
}

const LONGEST = { osVersion: 64, fingerprint: 128, ip: 64, agent: 512 }
const FALLBACK: Device = {
  osVersion: 'unknown',
  fingerprint: 'unknown',
  ip: '0.0.0.0',
  agent: 'unknown',
}

/**
 * Makes values from a browser safe to send as headers: visible Latin-1, of limited length, and never
 * empty, because a tenant refuses an empty one with `SDK.COMMON.1003`.
 */
export function sanitizeDevice(raw: Partial<Device>): Device {
  return {
    osVersion: sanitize('osVersion', raw.osVersion),
    fingerprint: sanitize('fingerprint', raw.fingerprint),
    ip: sanitize('ip', raw.ip),
    agent: sanitize('agent', raw.agent),
  }
}

function sanitize(name: keyof Device, value: unknown): string {
  if (typeof value !== 'string') return FALLBACK[name]
  const visible = value
    .slice(0, LONGEST[name])
    .replace(/[^\x20-\x7e\xa1-\xff]/gu, '?')
    .trim()
  return visible === '' ? FALLBACK[name] : visible
}

const SYSTEMS: [pattern: RegExp, name: string][] = [
  [/Windows NT ([\d.]+)/, 'Windows NT'],
  [/(?:HarmonyOS|OpenHarmony)[ /]?([\d.]*)/, 'HarmonyOS'],
  [/Android ?([\d.]*)/, 'Android'],
  [/(?:CPU OS|CPU iPhone OS|iPhone OS) ([\d_]+)/, 'iOS'],
  [/Mac OS X ([\d_.]+)/, 'macOS'],
  [/CrOS \S+ ([\d.]+)/, 'ChromeOS'],
  [/Linux/, 'Linux'],
]

/** Reads the operating system and its version from a User-Agent; `unknown` if it does not say. */
export function osVersionOf(agent: string): string {
  for (const [pattern, name] of SYSTEMS) {
    const match = pattern.exec(agent)
    if (match) return `${name} ${(match[1] ?? '').replaceAll('_', '.')}`.trim()
  }
  return FALLBACK.osVersion
}
