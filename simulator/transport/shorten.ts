// The list of calls shows the first and last three characters of a secret, and nothing of a short one.

const SECRET_NAMES = new Set(
  [
    ...[
      'code',
      'auth_code',
      'authCode',
      'state',
      'verify_code',
      'token',
      'access_token',
      'id_token',
    ],
    ...[
      'session_token',
      'session-token',
      'sso_ticket',
      'state_token',
      'x-state-token',
      'captcha_token',
    ],
    ...['client_secret', 'authorization', 'x-signature', 'cookie', 'set-cookie', 'mobile', 'email'],
    ...['sender', 'api', 'secretKey', 'originalImageBase64', 'jigsawImageBase64', 'captchaId'],
  ].map((name) => name.toLowerCase()),
)
/**
 * A code in an answer's envelope (docs/wire.md#sso_ticket-to-user) or an error code: not a secret.
 */
const PUBLIC_CODE = /^(0|[A-Z]+(\.[A-Z0-9]+)+)$/

/** A copy with secrets shortened at any depth, by the name of the member. */
export function shorten(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return SECRET_NAMES.has(name.toLowerCase()) ? short(value) : value
  if (Array.isArray(value)) return value.map((one) => shorten(one, name))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shorten(one, key)]))
}

export function shortenRecord(entries: Iterable<[string, string]>): Record<string, string> {
  const record: Record<string, string> = {}
  for (const [name, value] of entries) record[name] = String(shorten(value, name))
  return record
}

/** A URL with its query shortened. */
export function shortenAddress(address: string): string {
  if (!URL.canParse(address)) return address
  const url = new URL(address)
  const query = shortenRecord(url.searchParams)
  const shown = Object.entries(query).map(([name, value]) => `${name}=${value}`)
  return `${url.origin}${url.pathname}${shown.length > 0 ? `?${shown.join('&')}` : ''}`
}

/** A request's body: JSON and forms member by member, anything else as its size. */
export function shortenBody(body: Buffer, type: string): unknown {
  if (body.length === 0) return undefined
  const text = body.toString()
  if (type.startsWith('application/x-www-form-urlencoded')) {
    return shortenRecord(new URLSearchParams(text))
  }
  try {
    return shorten(JSON.parse(text))
  } catch {
    return `(${body.length} bytes)`
  }
}

function short(secret: string): string {
  if (PUBLIC_CODE.test(secret)) return secret
  return secret.length >= 16 ? `${secret.slice(0, 3)}***${secret.slice(-3)}` : '***'
}
