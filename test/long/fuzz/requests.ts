import fc from 'fast-check'

/** A request with everything that the strategy reads. */
export interface AnyRequest {
  flow: 'web' | 'app' | 'challenge'
  method: string
  /** With the query. `STATE` is replaced by a state that was issued to this browser. */
  url: string
  headers: Record<string, string>
  body: unknown
  session: 'usual' | 'none' | 'odd'
  /** Whether a challenge is open. */
  challenged: boolean
  /** What the app's `verify` does. */
  verify: 'user' | 'nobody' | 'throws' | 'odd'
}

/** Mostly the first value, so that most requests reach OneAccess. */
function often<T>(usual: T, ...others: T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 9, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  )
}

const NAMES = [
  ...['auth_code', 'state', 'error', 'error_code', 'error_description', 'app_id', 'source'],
  ...['auth_code[]', 'state[0]', 'state[__proto__]', '__proto__', 'constructor', 'returnTo'],
]
const anyName = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...NAMES) }, fc.string())
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 600 }),
  fc.constantFrom(
    '',
    'STATE',
    '0'.repeat(40),
    'ok',
    '%',
    '%zz',
    '%00',
    '%0d%0a',
    '😀',
    'a'.repeat(513),
  ),
)
const anyPair = fc
  .tuple(anyName, anyText, fc.boolean())
  .map(([name, value, raw]) =>
    raw
      ? `${name}=${value}`
      : `${encodeURIComponent(wellFormed(name))}=${encodeURIComponent(wellFormed(value))}`,
  )

function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udfff]/gu, '?')
}

const anyUrl = fc
  .tuple(
    fc.constantFrom('/callback', '/login', '/', '', '//evil.example/callback', '/callback/%2e%2e'),
    fc.oneof(
      { weight: 8, arbitrary: fc.constant('auth_code=ok&state=STATE') },
      { weight: 6, arbitrary: fc.array(anyPair, { maxLength: 5 }).map((pairs) => pairs.join('&')) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    ),
  )
  .map(([path, query]) => (query === '' ? path : `${path}?${query}`))

const AGENTS = ['Android Mobile', 'iPhone MicroMessenger', 'Android AlipayClient/10']
const HEADERS = [
  ...['accept', 'accept', 'sec-fetch-dest', 'user-agent'],
  ...['user-agent', 'accept-language', 'sec-purpose', 'purpose', 'x-moz', 'sec-fetch-site'],
  ...[
    'host',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
    'content-length',
    'cookie',
  ],
]
const TYPES: [string, ...string[]] = [
  'application/json',
  'text/plain',
  'application/x-www-form-urlencoded',
  'x',
  '',
]
const anyHeaders = fc
  .tuple(
    fc.dictionary(
      fc.constantFrom(...HEADERS),
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('prefetch', 'cross-site', 'x'.repeat(65_536)),
        fc.constantFrom(...AGENTS, 'text/html', 'document'),
      ),
    ),
    often(...TYPES),
  )
  .map(([headers, type]) => ({ 'content-length': '9', 'content-type': type, ...headers }))

const GOOD_BODY = { auth_code: 'ok', mobile: '15200000001', verify_code: '123456' }
const anyBody = fc.oneof(
  { weight: 6, arbitrary: fc.constant(GOOD_BODY) },
  fc.dictionary(
    fc.constantFrom(
      'auth_code',
      'authCode',
      'code',
      'mobile',
      'email',
      'verify_code',
      'verifyCode',
      '__proto__',
    ),
    fc.oneof(anyText, fc.anything()),
  ),
  fc.anything(),
)

/** Any request that a browser, an app or an attacker could send. */
export const anyRequest: fc.Arbitrary<AnyRequest> = fc.record({
  flow: fc.constantFrom('web', 'web', 'app', 'challenge'),
  method: often('GET', 'POST', 'HEAD', 'PUT'),
  url: anyUrl,
  headers: anyHeaders,
  body: anyBody,
  session: often('usual', 'none', 'odd'),
  verify: often('user', 'nobody', 'throws', 'odd'),
  challenged: often(true, false),
})
